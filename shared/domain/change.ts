import type { ResourceType } from './resource.ts';

const PRINCIPAL = ['existence', 'policy', 'boundary', 'trust', 'tags', 'groups', 'profiles', 'uses'] as const;

/**
 * What can change about each type of resource. `existence`: it was created or deleted. `profiles`: in which instance profiles a role is. `uses`: what pipelines ask of it
 * changed. `state`: a job went on running, and nothing else changed.
 */
export const CHANGES = {
  pipeline: ['existence', 'definition', 'version', 'execution', 'sharing'],
  job: ['existence', 'state'],
  bucket: ['existence', 'cors', 'policy', 'tags', 'uses'],
  role: PRINCIPAL,
  user: PRINCIPAL,
  group: ['existence', 'policy'],
  policy: ['document'],
  key: ['policy', 'alias'],
  share: ['content'],
  organization: ['policy', 'membership'],
  account: [],
} as const satisfies Partial<Record<ResourceType, readonly string[]>>;

/** The types of resource that an audit request can name. */
export type AuditedType = keyof typeof CHANGES;

export type ChangeOf<T extends AuditedType> = (typeof CHANGES)[T][number];

/** The changes that a request names. All changes of the type, where the request names none or one that is not known. */
export const changesTold = <T extends AuditedType>(
  type: T,
  told: readonly string[] | undefined,
): readonly ChangeOf<T>[] => {
  const all: readonly ChangeOf<T>[] = CHANGES[type];
  const known = all.filter((change) => told?.includes(change));
  return told !== undefined && known.length === new Set(told).size ? known : all;
};
