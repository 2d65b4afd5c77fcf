import type { AccountPrincipal, Facts } from '../facts/facts.ts';
import type { Directory } from '../iam/decide/authorization-details.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { type SharedWork, sharedWork } from '../iam/sets/shared-work.ts';
import { remembered, rememberedPart } from '../memo.ts';
import { ACTING, actingAs } from './acting-as.ts';
import { BY_ITSELF, type Call, mayBeAllowedAny, type Reaching, reachingsOf } from './iam-calls.ts';
import { waysToMake } from './making-principals.ts';
import { waysByRunning } from './running-under.ts';
import { isAdministrator, STEPS } from './standing.ts';
import { best, callOnSome, inOrder, isSure, type Way } from './way.ts';
import { mayWrite, WRITING, waysToWrite, writtenAmong } from './writing-policies.ts';

/** The principals of an account, and what else IAM stores of it. */
type Account = Pick<Facts, 'principals' | 'directory'>;

/**
 * The first way by which a principal gets an administrator’s permissions, or perhaps gets them; undefined if there is
 * none. The ways are: being one; writing its own policies; writing, assuming or taking over another role; credentials of
 * another user; making a role or user. Boundaries and SCPs that keep the result from being an administrator count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-delegate
 */
export const wayToAdministrator = (
  by: AccountPrincipal,
  account: Account,
  shared: SharedWork,
): Way | undefined =>
  best(
    reachingsOf(by.policies).map(
      (reaching) => () =>
        best([
          () => inOrder(stackFor(by, reaching), isAdministrator(by, reaching, shared)),
          ...waysFrom(by, reaching, account, inEffect(account)),
        ]),
    ),
  );

/** The call that makes a stack, before calls that the stack makes; nothing if the principal makes them itself. */
export const stackFor = (by: AccountPrincipal, { isByStack }: Reaching): Call[] | undefined =>
  isByStack ? makingStack(by) : [];

const makingStack = remembered((by: AccountPrincipal): Call[] | undefined => {
  const { partition, account, regions } = by.scope;
  const found = best(
    regions.flatMap((region) => {
      const stacks = `arn:${partition}:cloudformation:${region}:${account}:stack/?*/?*`;
      return ['cloudformation:CreateStack', 'cloudformation:UpdateStack'].map(
        (action) => () =>
          inOrder(callOnSome(by, action, stacks, BY_ITSELF, { 'cloudformation:RoleArn': null })),
      );
    }),
  );
  return found && [...found];
});

/**
 * The first way by which a principal takes over what runs already under a role that is an administrator in effect. Roles of
 * pipelines are told of themselves.
 */
export const wayByRunning = (
  by: AccountPrincipal,
  account: Account,
  isToldOfItself: (roleArn: string) => boolean,
  shared: SharedWork,
): Way | undefined => best(waysByRunning(by, account.principals, inEffect(account), isToldOfItself, shared));

/** The principals of an account that are administrators, or become so in some way, each with the way. */
export const inEffect = ({ principals, directory }: Account): ReadonlyMap<string, Way> =>
  inEffectOf(principals)(directory);

const inEffectOf = remembered((principals: Account['principals']) =>
  rememberedPart((directory: Directory): ReadonlyMap<string, Way> => {
    const found = new Map<string, Way>();
    // Of thousands few are left by the first test. Nobody acts as the role of a service that AWS alone makes and uses.
    const own = principals.filter(
      ({ identity, policies, administrator }) =>
        (administrator.answer !== 'no' || mayBecomeOne(policies)) &&
        !isServiceLinkedRole(identity.principal.arn),
    );
    for (const each of own) {
      if (each.administrator.answer === 'no') continue;
      const call = isAdministrator(each, BY_ITSELF, sharedWork(STEPS));
      if (call) found.set(each.identity.principal.arn, [call]);
    }
    // A principal that leads to another one is found in the next round.
    const others = own.filter(({ policies }) => mayBecomeOne(policies));
    for (let round = 0; round < MOST_IN_A_ROW; round++) {
      let isSame = true;
      for (const by of others) {
        const { arn } = by.identity.principal;
        const before = found.get(arn);
        if (before && isSure(before)) continue;
        const account = { principals, directory };
        const way = best(
          reachingsOf(by.policies).flatMap((reaching) => waysFrom(by, reaching, account, new Map(found))),
        );
        if (!way || (before && !isSure(way))) continue;
        found.set(arn, way);
        isSame = false;
      }
      if (isSame) break;
    }
    return found;
  }),
);

const MOST_IN_A_ROW = 4;
const ACQUIRE = 'iam:AcquireRole';

/** Whether somebody may make one of the calls without which nobody becomes an administrator. */
const mayBecomeOne = mayBeAllowedAny([...WRITING.role, ...WRITING.user, ...ACTING, ACQUIRE]);

const waysFrom = (
  by: AccountPrincipal,
  reaching: Reaching,
  { principals, directory }: Account,
  known: ReadonlyMap<string, Way>,
): (() => Way | undefined)[] => {
  const { arn } = by.identity.principal;
  const started = (find: () => Way | undefined) => (): Way | undefined => {
    const way = find();
    return way && inOrder(stackFor(by, reaching), way);
  };
  const targets = [...known].filter(([to, way]) => to !== arn && way.every((call) => call.by !== arn));
  const byArn = byArnIn(principals);
  const isKnown = (to: string): boolean => {
    const way = known.get(to);
    return way !== undefined && isSure(way);
  };
  const written = (['role', 'user'] as const).flatMap((kind) =>
    mayWrite(by, kind)
      ? writtenAmong(by, kind, (kind === 'role' ? rolesAmong : usersAmong)(principals)).filter(
          ({ identity: { principal } }) => principal.arn !== arn && !isKnown(principal.arn),
        )
      : [],
  );
  const ways = [
    ...(mayWrite(by, by.identity.principal.kind === 'user' ? 'user' : 'role')
      ? waysToWrite(by, by, reaching, directory)
      : []),
    ...targets.map(([target, way]) => (): Way | undefined => {
      const to = byArn.get(target);
      return to && inOrder(actingAs(by, to, reaching), way);
    }),
    ...written.map((to) => (): Way | undefined => {
      const way = best(waysToWrite(by, to, reaching, directory));
      return way && inOrder(way, actingAs(by, to, reaching));
    }),
    ...waysToMake(by, reaching, directory),
    () => inOrder(acquiring(by, reaching)),
  ];
  return ways.map(started);
};

const rolesAmong = remembered((principals: Account['principals']) =>
  principals.filter(({ identity }) => identity.principal.kind === 'role'),
);

const usersAmong = remembered((principals: Account['principals']) =>
  principals.filter(({ identity }) => identity.principal.kind === 'user'),
);

const byArnIn = remembered(
  (principals: Account['principals']) =>
    new Map(principals.map((each) => [each.identity.principal.arn, each])),
);

/**
 * A role from a template has the template’s policies and trust, which IAM does not list among the account’s roles before
 * it is made, so what it may do is not known.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html
 */
const acquiring = (by: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const call = callOnSome(by, ACQUIRE, `arn:${by.scope.partition}:iam::aws:role-template/?*`, reaching);
  return (
    call && {
      ...call,
      isSure: false,
      evidence: {
        ...call.evidence,
        found: `${call.evidence.found}; what the roles of the templates may do is not known`,
      },
    }
  );
};
