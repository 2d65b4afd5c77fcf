import { inlineName } from '../../iam/decide/authorization-details.ts';
import { asList, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import type { Declared, DeclaredResource, Origins } from '../declared.ts';
import { INLINE_LISTS, keyOfNamed, whatStays } from '../what-stays.ts';
import type { Model } from './world.ts';

/**
 * What is declared, without what the state of a resource lists alone and what the plan takes away: the state of a role lists the policies
 * that other resources attach, as they were before. What the plan makes anew keeps nothing that was there under its name.
 */
export const apartFromState = (
  resources: readonly DeclaredResource[],
  earlier: readonly DeclaredResource[],
  { plan, ofState, origins }: Pick<Model, 'plan' | 'ofState' | 'origins'>,
): Pick<Declared, 'resources' | 'earlier'> => {
  const apart = (each: DeclaredResource): boolean => !WITH_STATE.has(each.type);
  const stays = whatStays(resources.filter(apart), earlier.filter(apart));
  const isNew = new Set(plan.resources.flatMap(({ isOld, address }) => (isOld ? [] : address)));
  const made = new Set(
    resources.flatMap((each) =>
      isNew.has(each.address) && isOfState(each) ? keyOfNamed(each.type, each.name) : [],
    ),
  );
  return {
    resources: resources.map((each) => {
      if (each.type === 'bucket' && isObject(each.cors) && ofState.has(each.cors))
        return stays.isGone(keyOfNamed('bucket-cors', each.name)) ? { ...each, cors: null } : each;
      if (each.type !== 'role' || !isObject(each.entry)) return each;
      const { type, name, arn, entry } = each;
      const left = (list: string, key: string) =>
        asList(member(entry, list)).filter(
          (one) =>
            !isObject(one) ||
            !ofState.has(one) ||
            stays.isKept({ type, name }, arn, policyName(one, key, arn)),
        );
      const lists = {
        [INLINE_LISTS.role]: left(INLINE_LISTS.role, 'PolicyName'),
        AttachedManagedPolicies: left('AttachedManagedPolicies', 'PolicyArn'),
      };
      return { ...each, entry: withLists(entry, lists, origins) };
    }),
    earlier: earlier.filter((each) => !isOfState(each) || !made.has(keyOfNamed(each.type, each.name))),
  };
};

type OfState = Extract<DeclaredResource, { type: 'role' | 'user' | 'group' | 'bucket' }>;
const WITH_STATE: ReadonlySet<string> = new Set(['role', 'user', 'group', 'bucket']);
const isOfState = (each: DeclaredResource): each is OfState => WITH_STATE.has(each.type);

const policyName = (policy: JsonObject, key: string, arn: string): string => {
  const name = String(member(policy, key) ?? '');
  return key === 'PolicyName' ? inlineName(arn, name) : name;
};

const withLists = (entry: JsonObject, lists: Record<string, Json[]>, origins: Origins): JsonObject => {
  if (Object.entries(lists).every(([name, list]) => asList(member(entry, name)).length === list.length))
    return entry;
  const made = { ...entry, ...lists };
  const origin = origins.get(entry);
  if (origin) origins.set(made, origin);
  return made;
};
