import { groupBy } from '../../group-by.ts';

/**
 * The six systems of access management for pipelines, and what watches the auditor itself.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
const SYSTEMS: readonly { title: string; controls: readonly string[] }[] = [
  {
    title: 'Execution roles',
    controls: [
      'pass-role-allowed',
      'pass-role-scoped',
      'execution-role-trust',
      'execution-role-passes-step-roles',
      'execution-role-job-permissions',
      'json-get-access',
      'execution-role-least-privilege',
    ],
  },
  {
    title: 'Step roles',
    controls: ['step-role-authorised', 'job-role-as-declared', 'step-isolation', 'step-role-data-access'],
  },
  { title: 'CORS of image buckets', controls: ['image-bucket-cors', 'image-bucket-known'] },
  {
    title: 'Job prefixes',
    controls: [
      'job-name-prefix',
      'pipeline-job-prefix',
      'job-prefix-length',
      'prefix-policy-enforced',
      'prefix-collision',
    ],
  },
  { title: 'Pipeline versions', controls: ['version-floor-enforced', 'version-floor-kept'] },
  {
    title: 'Service control policies',
    controls: ['scp-json-get-exception', 'scp-exception-unique', 'scp-exception-protected'],
  },
];

const OTHERS = 'The audit itself';

/** The systems' titles in their order, and at last what belongs to none of them. */
export const SYSTEM_TITLES: readonly string[] = [
  ...SYSTEMS.map(({ title }, index) => `${index + 1}. ${title}`),
  OTHERS,
];

const titles = new Map(
  SYSTEMS.flatMap(({ controls }, index) => controls.map((id) => [id, SYSTEM_TITLES[index] ?? OTHERS])),
);

/** The system that a control belongs to. */
export const systemOf = (control: string): string => titles.get(control) ?? OTHERS;

/** Entries by system, the systems in their order; one without entries is there, empty. */
export const bySystem = <T extends { control: string }>(entries: readonly T[]): [string, T[]][] => {
  const groups = groupBy(entries, ({ control }) => systemOf(control));
  return SYSTEM_TITLES.map((title): [string, T[]] => [title, groups.get(title) ?? []]);
};
