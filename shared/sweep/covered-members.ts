import { unitsIn } from '../config/account-selector.ts';
import { isDenied, type Unread, unreadText } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import { LEFT_ACTIVE, NOT_WATCHED, overdueSince, type ScopeCoverage } from '../facts/coverage.ts';
import { unitText } from '../text/unit-text.ts';

/** An instance of a StackSet of the hub. `status` is AWS’s word, with its reason. */
export type StackInstance = Pick<Scope, 'account' | 'region'> & {
  isCurrent: boolean;
  isDrifted: boolean;
  status: string;
};

/** An account in a Region that a hub watches: whether it is covered, else why not, and what to do. Times are ISO 8601. */
export type CoveredMember = Pick<Scope, 'account' | 'region'> & {
  isCovered: boolean;
  /** The configuration does not name the account any more. */
  isUnwatched?: true;
  /** The organizational unit that holds the account, by name and id. */
  unit?: string;
  why?: string;
  todo?: string;
  firstAt?: string;
  triedAt?: string;
  lastSweep?: string;
  lastEvent?: string;
};

/** What is known of the accounts that a hub watches. `roles` and `rules` are missing where nobody may list them. */
export type Members = {
  coverage: readonly ScopeCoverage[];
  roles?: readonly StackInstance[] | undefined;
  rules?: readonly StackInstance[] | undefined;
};

/**
 * Every account and Region that the hub has tried to read or in which AWS has set it up, by account and Region, and whether it is
 * covered: its role works, its last sweep is not overdue, and its rules are in place where this is known.
 */
export const coveredMembers = (
  { coverage, roles, rules }: Members,
  { schedule, now }: { schedule: string; now: Date },
): CoveredMember[] => {
  const known = new Map(coverage.map((each) => [keyOf(each), each]));
  const rulesIn = rules && new Map(rules.map((each) => [keyOf(each), each]));
  const rolesIn = roles && new Map(roles.map((each) => [each.account, each]));
  const places = new Map<string, Pick<Scope, 'account' | 'region'>>(
    [...coverage, ...(rules ?? [])].map((each) => [keyOf(each), each]),
  );
  return [...places.values()]
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
    .map(({ account, region }) => {
      const key = keyOf({ account, region });
      const seen = known.get(key);
      const problem =
        problemOf(seen, { schedule, now }) ??
        instanceProblem('rules', rulesIn?.get(key)) ??
        instanceProblem('roles', rolesIn?.get(account));
      const { firstAt, triedAt, lastSweep, lastEvent, path, unitNames } = seen ?? {};
      const unit = unitsIn(path)?.at(-1);
      return {
        account,
        region,
        isCovered: problem === undefined,
        ...(seen?.unread?.code === NOT_WATCHED.code && { isUnwatched: true as const }),
        ...(unit !== undefined && { unit: unitText(unit, unitNames?.[unit]) }),
        ...problem,
        ...(firstAt !== undefined && { firstAt }),
        ...(triedAt !== undefined && { triedAt }),
        ...(lastSweep !== undefined && { lastSweep }),
        ...(lastEvent !== undefined && { lastEvent }),
      };
    });
};

const keyOf = ({ account, region }: Pick<Scope, 'account' | 'region'>): string => `${account} ${region}`;

type Problem = { why: string; todo: string };

const problemOf = (
  seen: ScopeCoverage | undefined,
  { schedule, now }: { schedule: string; now: Date },
): Problem | undefined => {
  if (!seen)
    return {
      why: 'no sweep has tried to read it yet',
      todo: 'wait for the next sweep, or start one',
    };
  if (seen.unread) return { why: unreadText(seen.unread), todo: adviceOn(seen.unread) };
  const since = overdueSince(seen, schedule, now);
  return since === undefined
    ? undefined
    : {
        why: `no sweep has been complete since ${since}`,
        todo: 'see why the sweeps of the account end, in the executions of the state machine of the sweep',
      };
};

const adviceOn = ({ call, code }: Unread): string => {
  if (code === 'RegionDisabledException')
    return 'turn the home Region of the hub on in the account: the hub asks STS there for its role';
  if (call === 'AssumeRole')
    return 'see that the account has a current instance of the stack set PipewardenMemberRoles-…, and that nothing denies its role to the hub';
  if (code === 'NotActive') return 'take the account out with organization.exclude, or have it opened again';
  if (code === NOT_WATCHED.code)
    return call === LEFT_ACTIVE.call
      ? 'set the workflow of these findings to RESOLVED there, or name the account in organization again'
      : 'nothing, or name the account in organization again';
  if (code === 'NoAccess') return 'turn the Region on in the account, or take it out of organization.regions';
  if (isDenied(code))
    return `see that no SCP and no policy denies ${call} to the role PipewardenReader-… in the Region, or take the Region out of organization.regions`;
  return 'mend what AWS says, and start a sweep';
};

const instanceProblem = (
  what: 'roles' | 'rules',
  instance: StackInstance | undefined,
): Problem | undefined => {
  if (!instance || (instance.isCurrent && !instance.isDrifted)) return undefined;
  const set = what === 'roles' ? 'PipewardenMemberRoles-…' : 'PipewardenMemberRules-…';
  return instance.isCurrent
    ? { why: `its ${what} were changed by hand`, todo: `deploy its instance of the stack set ${set} again` }
    : {
        why: `its ${what} are not current: ${instance.status}`,
        todo: `retry its instance of the stack set ${set}`,
      };
};
