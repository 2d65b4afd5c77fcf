import type { AccountPrincipal } from '../facts/facts.ts';
import type { Directory } from '../iam/decide/authorization-details.ts';
import { type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf, rolesIn, type Universe, usersIn } from '../iam/sets/universe.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { oncePer } from '../memo.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { CREDENTIALS } from './acting-as.ts';
import { type Call, EXPECTED, mayBeAllowed, type Reaching } from './iam-calls.ts';
import { STEPS, wouldBeUnbounded } from './standing.ts';
import { administratorAccess, best, giving, inOrder, type Way } from './way.ts';
import { joinings } from './writing-policies.ts';

/**
 * The ways by which a principal makes an administrator as whom it can act: a role, whose maker writes whom the role trusts,
 * or a user with credentials. The permissions come from a policy of its own, or from a group.
 */
export const waysToMake = (
  by: AccountPrincipal,
  reaching: Reaching,
  directory: Directory,
): (() => Way | undefined)[] => {
  const may = (action: GivingCall): boolean => mayBeAllowed(by.policies, action);
  const made = (universe: Universe, ...groups: Alternatives[]) =>
    sameResource(by, reaching, universe, groups);
  const [roles, users] = [rolesIn(by.scope), usersIn(by.scope)];
  const { partition, account } = by.scope;
  const groups = arnsOf(`arn:${partition}:iam::${account}:group/?*`);
  return [
    () =>
      may('iam:CreateRole') && isUnbounded(by)
        ? made(roles, ['iam:CreateRole'], ['iam:PutRolePolicy', 'iam:AttachRolePolicy'])
        : undefined,
    () =>
      may('iam:CreateUser') && isUnbounded(by)
        ? best([
            () => made(users, ['iam:CreateUser'], ['iam:PutUserPolicy', 'iam:AttachUserPolicy'], CREDENTIALS),
            () => {
              const user = made(users, ['iam:CreateUser'], CREDENTIALS);
              const joined =
                user &&
                best([
                  ...joinings(by, reaching, directory).map(
                    ({ calls }) =>
                      () =>
                        calls,
                  ),
                  () =>
                    made(
                      groups,
                      ['iam:CreateGroup'],
                      ['iam:AddUserToGroup'],
                      ['iam:PutGroupPolicy', 'iam:AttachGroupPolicy'],
                    ),
                ]);
              return inOrder(user, joined);
            },
          ])
        : undefined,
  ];
};

/** Whether an SCP leaves permissions to one that has neither boundary nor limits of its own. */
const isUnbounded = (by: AccountPrincipal): boolean => wouldBeUnbounded(by) !== 'no';

/** One of these calls is enough. */
type Alternatives = readonly [GivingCall, ...GivingCall[]];

/**
 * A call of each of the lists, all on one resource that is made without a boundary. Each call is tried on the resources that
 * another one is allowed for, because one statement may name fewer than the other.
 */
const sameResource = (
  by: AccountPrincipal,
  reaching: Reaching,
  universe: Universe,
  lists: readonly Alternatives[],
): Way | undefined => {
  const keysOf = (action: GivingCall): Readonly<Record<string, ContextValue>> => ({
    ...(!(CREDENTIALS as readonly GivingCall[]).includes(action) && { 'iam:PermissionsBoundary': null }),
    ...(/^iam:Attach/.test(action) && { 'iam:PolicyARN': administratorAccess(by) }),
  });
  const asked = oncePer((action) => {
    const context = contextOf({ ...reaching.keys, ...keysOf(action as GivingCall) });
    const request = { principal: by.identity.principal, action, context };
    return allowedBeyond({ policies: by.policies, request, universe }, sharedWork(STEPS));
  });
  const on = (resource: string, actions: Alternatives): Call | undefined => {
    const calls = actions.flatMap((action) => giving(by, action, resource, reaching, keysOf(action)) ?? []);
    return calls.find(({ isSure }) => isSure) ?? calls[0];
  };
  const found = best(
    lists.flat().map((action) => (): Way | undefined => {
      const resource = exampleIn(asked(action));
      return resource === undefined ? undefined : inOrder(...lists.map((actions) => on(resource, actions)));
    }),
  );
  if (found) return found;
  const isPossible = lists.every((actions) => actions.some((action) => !isRuledOut(asked(action))));
  const [[first] = []] = lists;
  return isPossible && first ? tooComplex(by, first, lists.flat().map(asked)) : undefined;
};

/** A resource for which a call is allowed, or perhaps is. */
const exampleIn = (found: AnyAnswer): string | undefined => {
  switch (found.answer) {
    case 'some':
      return found.example.resource;
    case 'unknown':
      return found.doubt.kind === 'hangs' ? found.doubt.example.resource : undefined;
    case 'none':
      return undefined;
  }
};

/** The first call of a way, where it was too complex to find out on which names all its calls are allowed. */
const tooComplex = (
  by: AccountPrincipal,
  action: GivingCall,
  found: readonly AnyAnswer[],
): Way | undefined => {
  const [doubt] = found.flatMap((each) =>
    each.answer === 'unknown' && each.doubt.kind === 'too-complex' ? each.doubt : [],
  );
  if (!doubt) return undefined;
  const evidence = { ...doubtEvidence(doubt, action, () => 'any name'), expected: EXPECTED };
  return [{ by: by.identity.principal.arn, action, isSure: false, evidence }];
};
