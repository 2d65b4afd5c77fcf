import type { Config } from '../config/schema.ts';
import type { Severity, Verdict } from '../domain/finding.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { FactName, Facts, SharedFactOf } from '../facts/facts.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import type { UnreadUse } from '../needs/roster.ts';
import type { Looked } from './satisfying-statements.ts';

/** The lists of the configuration without which a control cannot judge. */
export type ConfigList = 'prefixes' | 'roles.steps' | 'roles.creators' | 'versionFloors' | 'scpException';

/**
 * Code that mends the usual breach, for each way of managing resources. The user changes the names in it, and then
 * runs or copies it.
 */
export type Fix = { cli: string; cdk: string; terraform: string; python: string };

/**
 * The six systems of access management for pipelines, and the auditor's own watch.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const SYSTEMS = [
  'Execution roles',
  'Step roles',
  'CORS of image buckets',
  'Job prefixes',
  'Pipeline versions',
  'Service control policies',
  'The audit itself',
] as const;
export type System = (typeof SYSTEMS)[number];

/** The texts of a control, from `shared/controls/<id>.md`. Its page, `explain` and the reports use them. */
export type WrittenTexts = {
  description: string;
  risk: string;
  /** How the control reaches its verdict, one sentence for each step. */
  decision: readonly string[];
  /** An input that fails and one that passes, for the control's page. */
  example: { fails: string; passes: string };
  remediation: string;
  fix: Fix;
  references: readonly string[];
};

/** The texts of a control, and what `shared/frameworks` maps it to. */
export type ControlTexts = WrittenTexts & {
  /** The requirements for a part of which the control is evidence: “NIST 800-53 AC-6”, “EU AI Act Art. 12(1)”. */
  requirements: readonly string[];
  /** The names of their frameworks. */
  standards: readonly string[];
};

/**
 * The statements, fields, steps or entries of the configuration by which a control is satisfied that has passed, from the facts that are
 * known; where nothing is what is right, a word on it. An auditor looks them up.
 */
export type SatisfiedBy = (known: Partial<Facts>, config: Config, subject: string | undefined) => Looked[];

/** A control without its fact types, as the registry and the engine use it. */
export type Control = {
  id: string;
  system: System;
  /** States the compliant state: "Image buckets have the CORS configuration that pipelines need". */
  title: string;
  severity: Severity;
  on: readonly ResourceType[];
  /** Whether `lint` runs the control, because definition and configuration are all that it needs. */
  lint: boolean;
  requires: readonly FactName[];
  needs: readonly ConfigList[];
  /**
   * For roles: the kinds of use that the verdict depends on. The control passes nothing while a pipeline that may use
   * the role in such a way is unread.
   */
  hangsOn: readonly UnreadUse['as'][];
  satisfiedBy: SatisfiedBy;
  evaluate: (facts: Facts, config: Config, shared: SharedWork) => Verdict[];
};

/**
 * Defines a control. It can require only facts that are gathered of every type of resource it judges. `requires`
 * types the argument of `evaluate`, so a control reads only facts that it names. If a required fact could not be
 * read, the engine answers NOT_AVAILABLE without calling `evaluate`, which is pure: no I/O, no clock.
 */
export const defineControl = <
  const T extends ResourceType,
  const R extends readonly SharedFactOf<T>[],
>(control: {
  id: string;
  system: System;
  title: string;
  severity: Severity;
  on: readonly T[];
  lint?: boolean;
  requires: R;
  needs?: readonly ConfigList[];
  hangsOn?: readonly UnreadUse['as'][];
  satisfiedBy: SatisfiedBy;
  evaluate: (facts: Pick<Facts, R[number]>, config: Config, shared: SharedWork) => Verdict[];
}): Control => ({ lint: false, needs: [], hangsOn: [], ...control });

/** A control with its texts. */
export type DescribedControl = Control & ControlTexts;

/** A verdict, and the control that made it. */
export type ControlVerdict = { control: Control; verdict: Verdict };
