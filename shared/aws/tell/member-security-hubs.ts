import pLimit from 'p-limit';
import { parseArn } from '../../domain/arn.ts';
import { accountOfFinding } from '../../domain/finding.ts';
import { hasDeparted } from '../../domain/judgement.ts';
import { hubSuffix, memberRoleArn } from '../../domain/member-roles.ts';
import { isRegion } from '../../domain/regions.ts';
import type { Scope } from '../../domain/scope.ts';
import {
  type DeliveryFailure,
  deliveryError,
  failAll,
  isDeliveryError,
  type Sink,
} from '../../findings/sink.ts';
import type { Change } from '../../findings/state.ts';
import { groupBy } from '../../group-by.ts';
import { keepingLatest } from '../../memo.ts';
import { assumedRole } from '../read/assumed-role.ts';
import { connectSecurityHub, type SecurityHubOptions } from './security-hub-sink.ts';

/** How many accounts and Regions are told at the same time, and how many have their clients at hand. */
const CONCURRENCY = 10;
const MOST_PLACES = 200;

/** The longest time that one member may take (milliseconds), so that it uses up the time of no other. */
const LONGEST_MS = 20_000;

/** Hears of findings that stay active in the Security Hub of an account that has left, because it refuses the hub. */
export type OnLeft = (
  place: Pick<Scope, 'account' | 'region'>,
  findings: readonly Change['finding'][],
) => Promise<void>;

type Options = Omit<SecurityHubOptions, 'credentials'> & {
  externalId: string;
  rolesBegin: string | undefined;
  onLeft: OnLeft;
};

/** Security Hub of each finding’s own account, through the role that each member gives to the hub for deliveries. */
export const connectMemberHubs = ({ externalId, rolesBegin, onLeft, ...options }: Options): Sink => {
  const { scope: own } = options;
  const credentialsOf = keepingLatest(MOST_PLACES, (account) =>
    assumedRole({
      role: memberRoleArn('delivery', { ...own, account }, hubSuffix(own), rolesBegin),
      region: own.region,
      externalId,
    }),
  );
  const connect = (scope: Scope): Sink => {
    const credentials = scope.account === own.account ? undefined : credentialsOf(scope.account);
    return connectSecurityHub({ ...options, scope, ...(credentials && { credentials }) });
  };
  return memberSecurityHubs(own, connect, onLeft);
};

/**
 * The Security Hubs of all accounts as one sink. The findings of the deployment’s own account go to its home Region, and those of
 * a member to the Region of their resource. BatchImportFindings takes findings only from the account that they name, so that
 * each account and Region is told by itself
 * (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html). One that refuses its findings keeps
 * none of another from arriving.
 */
export const memberSecurityHubs = (own: Scope, connect: (scope: Scope) => Sink, onLeft: OnLeft): Sink => {
  const home = connect(own);
  const memberIn = keepingLatest(MOST_PLACES, (key) => inTime(connect({ ...own, ...placeOf(key) })));
  const limit = pLimit(CONCURRENCY);
  return {
    name: home.name,
    takesRefreshed: true,
    deliver: async (changes) => {
      const byPlace = groupBy(changes, ({ finding }) => keyOf(finding, own));
      const failures = await limit.map([...byPlace], ([key, ofPlace]) =>
        key === HOME ? told(home, ofPlace) : toldInMember(memberIn(key), ofPlace, placeOf(key), onLeft),
      );
      if (failures.some((each) => each.length > 0)) throw deliveryError(home.name, failures.flat());
    },
  };
};

const HOME = 'home';

/** The account and Region in which a finding is imported: the home Region, where its ARN names none. */
const keyOf = (finding: Change['finding'], own: Scope): string => {
  const account = accountOfFinding(finding) ?? own.account;
  if (account === own.account) return HOME;
  const { region = '' } = parseArn(finding.resource.arn) ?? {};
  return `${account} ${isRegion(region) ? region : own.region}`;
};

const placeOf = (key: string): Pick<Scope, 'account' | 'region'> => {
  const [account = '', region = ''] = key.split(' ');
  return { account, region };
};

/**
 * What AWS says where the hub has no role in the account any more, or the account no Security Hub. The ends of findings then stay untold
 * there, because the account has left and nobody gives the role back.
 */
const REFUSED: readonly string[] = ['AccessDenied', 'AccessDeniedException', 'InvalidAccessException'];

const told = async (sink: Sink, changes: readonly Change[]): Promise<readonly DeliveryFailure[]> => {
  try {
    await sink.deliver(changes);
    return [];
  } catch (error) {
    const failures = isDeliveryError(error)
      ? error.failures
      : failAll(
          changes.map(({ finding }) => finding.id),
          error,
        );
    return failures;
  }
};

/** The failures in a member, without the ends of findings that it will never take, of which `onLeft` hears. */
const toldInMember = async (
  sink: Sink,
  changes: readonly Change[],
  place: Pick<Scope, 'account' | 'region'>,
  onLeft: OnLeft,
): Promise<readonly DeliveryFailure[]> => {
  const failures = await told(sink, changes);
  const refused = new Set(failures.flatMap(({ id, code }) => (REFUSED.includes(code) ? id : [])));
  const left = new Map(
    changes.flatMap(({ finding }) =>
      refused.has(finding.id) && hasDeparted(finding) ? [[finding.id, finding] as const] : [],
    ),
  );
  if (left.size > 0) await onLeft(place, [...left.values()]);
  return failures.filter(({ id }) => !left.has(id));
};

const inTime = (sink: Sink): Sink => ({
  ...sink,
  deliver: async (changes) => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const error = new Error(`the account gave no answer within ${LONGEST_MS / 1000} seconds`);
      timer = setTimeout(() => reject(error), LONGEST_MS);
    });
    try {
      await Promise.race([sink.deliver(changes), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  },
});
