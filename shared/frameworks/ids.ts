/** The frameworks by their names on the command line. Who only names them loads no mapping. */
export const FRAMEWORK_IDS = [
  'nist-800-53',
  'iso-27001',
  'soc-2',
  'cis-aws',
  'nist-ai-rmf',
  'iso-42001',
  'eu-ai-act',
  'sr-26-2',
  '21-cfr-part-11',
  'eu-gmp-annex-11',
  'hipaa',
] as const;

export type FrameworkId = (typeof FRAMEWORK_IDS)[number];
