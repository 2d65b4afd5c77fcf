import type { ResourceType } from './resource.ts';

const PRINCIPAL = ['existence', 'policy', 'boundary', 'trust', 'tags', 'groups', 'uses'] as const;

/**
 * What can change of a resource that an audit looks at, by its type. `existence`: it was made or deleted; `uses`: what
 * pipelines ask of it; `state`: it ran on, and is what it was.
 */
export const CHANGES = {
  pipeline: ['existence', 'definition', 'version', 'execution'],
  job: ['existence', 'state'],
  bucket: ['existence', 'cors', 'policy', 'tags', 'uses'],
  role: PRINCIPAL,
  user: PRINCIPAL,
  group: ['policy'],
  policy: ['document'],
  organization: ['policy', 'membership'],
  account: [],
} as const satisfies Partial<Record<ResourceType, readonly string[]>>;

/** The types of resource that can be asked to be looked at. */
export type AuditedType = keyof typeof CHANGES;

export type ChangeOf<T extends AuditedType> = (typeof CHANGES)[T][number];

/** The changes that were told; all of that type, where one of them is not known or nobody tells any. */
export const changesTold = <T extends AuditedType>(
  type: T,
  told: readonly string[] | undefined,
): readonly ChangeOf<T>[] => {
  const all: readonly ChangeOf<T>[] = CHANGES[type];
  const known = all.filter((change) => told?.includes(change));
  return told !== undefined && known.length === new Set(told).size ? known : all;
};
