import type { ControlId } from '../domain/control-ids.ts';
import { CFR_PART_11 } from './cfr-part-11.ts';
import { CIS_AWS } from './cis-aws.ts';
import { EU_AI_ACT } from './eu-ai-act.ts';
import { controlsOf, type Framework } from './framework.ts';
import { GMP_ANNEX_11 } from './gmp-annex-11.ts';
import { HIPAA } from './hipaa.ts';
import { FRAMEWORK_IDS, type FrameworkId } from './ids.ts';
import { ISO_27001 } from './iso-27001.ts';
import { ISO_42001 } from './iso-42001.ts';
import { NIST_800_53 } from './nist-800-53.ts';
import { NIST_AI_RMF } from './nist-ai-rmf.ts';
import { SOC_2 } from './soc-2.ts';
import { SR_26_2 } from './sr-26-2.ts';

const BY_ID: Readonly<Record<FrameworkId, Framework>> = {
  'nist-800-53': NIST_800_53,
  'iso-27001': ISO_27001,
  'soc-2': SOC_2,
  'cis-aws': CIS_AWS,
  'nist-ai-rmf': NIST_AI_RMF,
  'iso-42001': ISO_42001,
  'eu-ai-act': EU_AI_ACT,
  'sr-26-2': SR_26_2,
  '21-cfr-part-11': CFR_PART_11,
  'eu-gmp-annex-11': GMP_ANNEX_11,
  hipaa: HIPAA,
};

/** The framework with that id. */
export const frameworkOf = (id: FrameworkId): Framework => BY_ID[id];

/** All frameworks. Outputs that take only a few requirements of a control take those of the first ones. */
export const FRAMEWORKS: readonly Framework[] = FRAMEWORK_IDS.map(frameworkOf);

/**
 * Controls that are evidence for no requirement, each with the reason. Every other control is in a mapping, which a
 * test holds.
 */
export const NOT_MAPPED: Readonly<Partial<Record<ControlId, string>>> = {};

/** The requirements for which a control is evidence, such as “NIST 800-53 AC-6”, in the order of the frameworks. */
export const requirementsOf = (control: string): string[] =>
  citationsOf(control).map(({ name, id }) => `${name} ${id}`);

/** The names of the frameworks for which a control is evidence. */
export const standardsOf = (control: string): string[] => [
  ...new Set(citationsOf(control).map(({ name }) => name)),
];

const citationsOf = (control: string): { name: string; id: string }[] =>
  FRAMEWORKS.flatMap(({ name, requirements }) =>
    requirements.flatMap((requirement) =>
      controlsOf(requirement).some((id) => id === control) ? [{ name, id: requirement.id }] : [],
    ),
  );
