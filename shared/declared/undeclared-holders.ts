import type { DeclaredProblem, DeclaredResource, PolicyHolder } from './declared.ts';
import { ofType } from './of-type.ts';
import { keyOfNamed } from './what-stays.ts';

/**
 * What gives permissions to principals that are not declared, or takes them away. Only the account tells what these may then, so that
 * without it nobody judges them.
 */
export const changesOfUndeclared = (
  resources: readonly DeclaredResource[],
  earlier: readonly DeclaredResource[] = [],
): DeclaredProblem[] => {
  const declared = new Set(
    ofType([...resources, ...earlier], 'role', 'user', 'group').map(({ type, name }) =>
      keyOfNamed(type, name),
    ),
  );
  const now = new Set(resources.map(({ address }) => address));
  const changed = [...resources, ...earlier.filter(({ address }) => !now.has(address))];
  return changed.flatMap((each) => {
    const holder = holderOf(each);
    if (!holder || declared.has(keyOfNamed(holder.type, holder.name))) return [];
    return [
      {
        ...each.origin,
        message: `it changes what the ${holder.type} ${holder.name} may do, which is not declared here; without --snapshot or --live this is not judged`,
      },
    ];
  });
};

/** Whose permissions hang on it. */
const holderOf = (resource: DeclaredResource): PolicyHolder | undefined => {
  if (resource.type === 'attached-policy' || resource.type === 'exclusive') return resource.holder;
  return resource.type === 'membership' ? { type: 'user', name: resource.user } : undefined;
};
