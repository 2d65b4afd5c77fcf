import type { Config } from '../config/schema.ts';
import type { Severity, Verdict } from '../domain/finding.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { FactName, Facts, SharedFactOf } from '../facts/facts.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import type { UnreadUse } from '../needs/roster.ts';

/** The lists of the configuration that a control cannot judge without. */
export type ConfigList = 'prefixes' | 'roles.steps' | 'roles.creators' | 'versionFloors' | 'scpException';

/** Code that mends the usual breach, in each way that resources are kept: to be run or copied after its names were changed. */
export type Fix = { cli: string; cdk: string; terraform: string; python: string };

/**
 * The six systems of access management for pipelines, and what watches the auditor itself.
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

/**
 * What a control says to its readers: its page, `explain` and the texts of reports are made from it. It stands in
 * `shared/controls/<id>.md`.
 */
export type ControlTexts = {
  description: string;
  risk: string;
  /** How the verdict is reached, one sentence each. */
  decision: readonly string[];
  /** An input that fails and one that passes, as a reader of the page would write them. */
  example: { fails: string; passes: string };
  remediation: string;
  fix: Fix;
  /**
   * The requirements of catalogues that the control is evidence for, by their ids there: "NIST 800-53 AC-6" (revision 5),
   * "ISO 27001:2022 A.8.2", "SOC 2 CC6.3" (the criteria of 2017), "CIS AWS Foundations v3.0.0 1.16".
   */
  requirements: readonly string[];
  references: readonly string[];
};

/** A control with its fact types erased, as the registry and the engine hold it. */
export type Control = {
  id: string;
  system: System;
  /** States the compliant state: "Image buckets have the CORS configuration that pipelines need". */
  title: string;
  severity: Severity;
  on: readonly ResourceType[];
  /** The definition and the configuration are enough, so `lint` runs it. */
  lint: boolean;
  requires: readonly FactName[];
  needs: readonly ConfigList[];
  /** Of a role: as what pipelines use it for the verdict to hang on them. Nothing passes while one of those is unread. */
  hangsOn: readonly UnreadUse['as'][];
  evaluate: (facts: Facts, config: Config, shared: SharedWork) => Verdict[];
};

/**
 * A control. It can require what is gathered of each type of resource that it judges. `requires` types the argument of
 * `evaluate`, so a control reads no fact that it does not name; where a named fact could not be read, the engine answers
 * NOT_AVAILABLE in its place. `evaluate` is pure: no I/O, no clock.
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
  evaluate: (facts: Pick<Facts, R[number]>, config: Config, shared: SharedWork) => Verdict[];
}): Control => ({ lint: false, needs: [], hangsOn: [], ...control });

/** A control with its texts. */
export type DescribedControl = Control & ControlTexts;

/** A verdict, and the control that gave it. */
export type ControlVerdict = { control: Control; verdict: Verdict };
