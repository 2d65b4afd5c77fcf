import type { ControlId } from '../domain/control-ids.ts';
import { CFR_PART_11 } from './cfr-part-11.ts';
import { CIS_AWS } from './cis-aws.ts';
import { EU_AI_ACT } from './eu-ai-act.ts';
import { controlsOf, type Framework } from './framework.ts';
import { GMP_ANNEX_11 } from './gmp-annex-11.ts';
import { HIPAA } from './hipaa.ts';
import { ISO_27001 } from './iso-27001.ts';
import { ISO_42001 } from './iso-42001.ts';
import { NIST_800_53 } from './nist-800-53.ts';
import { NIST_AI_RMF } from './nist-ai-rmf.ts';
import { SOC_2 } from './soc-2.ts';
import { SR_26_2 } from './sr-26-2.ts';

/** All frameworks. Outputs that take only a few requirements of a control take those of the first ones. */
export const FRAMEWORKS: readonly Framework[] = [
  NIST_800_53,
  ISO_27001,
  SOC_2,
  CIS_AWS,
  NIST_AI_RMF,
  ISO_42001,
  EU_AI_ACT,
  SR_26_2,
  CFR_PART_11,
  GMP_ANNEX_11,
  HIPAA,
];

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
