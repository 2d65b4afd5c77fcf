import type { DeclaredProblem, DeclaredResource, PolicyHolder } from './declared.ts';
import { type FilledHole, isMadeUp } from './fill.ts';
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
  // One that moves to another principal changes both.
  const now = new Set(resources.map(changeKey));
  const changed = [...resources, ...earlier.filter((each) => !now.has(changeKey(each)))];
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

/** What gives permissions to whom only the deployment tells: it may be anybody of the account. */
export const untoldHolders = (
  resources: readonly DeclaredResource[],
  filled: ReadonlyMap<string, FilledHole>,
): DeclaredProblem[] => {
  const open = new Map(
    [...filled.values()].flatMap(({ hole, value, isGiven }) =>
      !isGiven && hole.by === 'given' && isMadeUp(hole, value) ? [[value, hole] as const] : [],
    ),
  );
  return resources.flatMap((each) => {
    const holder = holderOf(each);
    const hole = holder && open.get(holder.name);
    return hole
      ? {
          ...each.origin,
          message: `it changes what a ${holder.type} of the account may do, whose name is \${${hole.name}}; ${hole.tell}`,
        }
      : [];
  });
};

/** The principal whose permissions a resource changes that is declared apart from it. */
export const holderOf = (resource: DeclaredResource): PolicyHolder | undefined => {
  if (resource.type === 'attached-policy' || resource.type === 'exclusive') return resource.holder;
  return resource.type === 'membership' ? { type: 'user', name: resource.user } : undefined;
};

const changeKey = (resource: DeclaredResource): string => {
  const { type, name } = holderOf(resource) ?? {};
  return JSON.stringify([resource.address, type, name?.toLowerCase()]);
};
