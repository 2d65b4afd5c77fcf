import type { AccountPrincipal } from '../facts/facts.ts';
import type { Directory } from '../iam/decide/authorization-details.ts';
import { type ContextValue, contextOf } from '../iam/decide/context.ts';
import { parseGlob } from '../iam/policy/glob.ts';
import { type AnyAnswer, type Doubt, isRuledOut } from '../iam/sets/answers.ts';
import { globPattern } from '../iam/sets/pattern.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import { type SharedWork, sharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf, rolesIn, type Universe, usersIn } from '../iam/sets/universe.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { oncePer } from '../memo.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { CREDENTIALS } from './acting-as.ts';
import { type Call, EXPECTED, mayBeAllowed, type Reaching } from './iam-calls.ts';
import { STEPS, wouldBeUnbounded } from './standing.ts';
import { administratorAccess, best, giving, inOrder, isSure, type Way } from './way.ts';
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
 * another one is allowed for, because one statement may name fewer than the other; and if that is not enough, on those
 * that patterns of the statements of all calls mean together.
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
  const askedWithin = (action: GivingCall, within: Universe, shared: SharedWork): AnyAnswer => {
    const context = contextOf({ ...reaching.keys, ...keysOf(action) });
    const request = { principal: by.identity.principal, action, context };
    return allowedBeyond({ policies: by.policies, request, universe: within }, shared);
  };
  const asked = oncePer((action) => askedWithin(action as GivingCall, universe, sharedWork(STEPS)));
  const on = (resource: string, actions: Alternatives): Call | undefined => {
    const calls = actions.flatMap((action) => giving(by, action, resource, reaching, keysOf(action)) ?? []);
    return calls.find(({ isSure }) => isSure) ?? calls[0];
  };
  const triedOn = (answer: AnyAnswer) => (): Way | undefined => {
    const resource = exampleIn(answer);
    return resource === undefined ? undefined : inOrder(...lists.map((actions) => on(resource, actions)));
  };
  const found = best(lists.flat().map((action) => triedOn(asked(action))));
  if (found && isSure(found)) return found;
  const possible = lists.map((actions) => actions.filter((action) => !isRuledOut(asked(action))));
  if (possible.some(({ length }) => length === 0)) return found;

  const shared = sharedWork(STEPS);
  let doubt: Doubt | undefined;
  let isCut = false;
  const inCommon = (chosen: readonly GivingCall[], within: Universe): Way | undefined => {
    if (isCut) return undefined;
    const actions = possible[chosen.length];
    const latest = actions ? chosen.slice(-1) : chosen;
    const answers = latest.map((action) => askedWithin(action, within, shared));
    if (answers.some(isRuledOut)) return undefined;
    const cut = answers.flatMap((each) => (each.answer === 'unknown' ? each.doubt : [])).find(isTooComplex);
    if (cut) {
      isCut = true;
      doubt = cut;
      return undefined;
    }
    if (!actions) {
      const way = best(answers.map(triedOn));
      if (!way) doubt ??= NOT_TOGETHER;
      return way;
    }
    return best(
      actions.flatMap((action) =>
        namesOf(by, action).map((text) => () => inCommon([...chosen, action], narrowed(within, text))),
      ),
    );
  };
  const together = best([() => found, () => inCommon([], universe)]);
  const [[first] = []] = lists;
  return together ?? (doubt && first && [undecided(by, first, doubt)]);
};

/** The patterns of the statements that allow an action, each with a star from its first variable on. */
const namesOf = ({ policies: { identity } }: AccountPrincipal, action: GivingCall): string[] => [
  ...new Set(
    (identity?.candidates(action.toLowerCase()).allows ?? []).flatMap(({ statement: { resources } }) =>
      !resources || resources.isNot ? ['*'] : resources.texts.map(withoutVariables),
    ),
  ),
];

const withoutVariables = (text: string): string => {
  const at = text.indexOf('${');
  return at < 0 ? text : `${text.slice(0, at)}*`;
};

const narrowed = (within: Universe, text: string): Universe =>
  text === '*' ? within : { arn: within.arn, patterns: [...within.patterns, globPattern(parseGlob(text))] };

const isTooComplex = ({ kind }: Doubt): boolean => kind === 'too-complex';

const NOT_TOGETHER: Doubt = {
  kind: 'too-complex',
  at: 'policies',
  reason: 'whether the further calls are allowed on the same name could not be computed',
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

/** The first call of a way, where it could not be computed on which names all its calls are allowed. */
const undecided = (by: AccountPrincipal, action: GivingCall, doubt: Doubt): Call => ({
  by: by.identity.principal.arn,
  action,
  isSure: false,
  evidence: { ...doubtEvidence(doubt, action, () => 'any name'), expected: EXPECTED },
});
