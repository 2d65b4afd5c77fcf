import { isOfAws } from '../concerns/writing-policies.ts';
import { parseArn } from '../domain/arn.ts';
import { unreadText } from '../domain/gap.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { oncePer } from '../memo.ts';
import type { AskedAccount } from './account.ts';
import type { Step } from './answer.ts';
import { type Asked, asking, type OwnAnswer, PIPELINE_ACTIONS } from './asked.ts';
import { type Outsider, outsidersOf, sharedWith } from './outsiders.ts';
import { type Hop, hopTo, isReachable } from './ways.ts';

/** Whether a principal can do something, itself or through a role, and how. */
export type Who = {
  arn: string;
  kind: 'user' | 'role' | 'root';
  /** Who makes such roles, and alone changes them: a service, or IAM Identity Center. */
  madeBy?: 'service' | 'identity-center';
  isAdministrator: boolean;
  answer: 'yes' | 'no' | 'unknown';
  /** The roles that it acts as, one after the other; empty where its own policies decide. */
  through: readonly Hop[];
  /** The requests that it takes, in order, each allowed under its conditions; empty where the answer is not a yes. */
  steps: readonly Step[];
  /** For jobs: the actions by which it creates some. */
  actions?: readonly string[];
  why?: string;
};

/** The answer for one account. */
export type WhoCan = {
  account: string;
  asked: Asked;
  principals: readonly Who[];
  outsiders: readonly Outsider[];
  notes: readonly string[];
};

/** What the questions about one principal may cost: those of a few statements cost a hundredth. */
const OWN_STEPS = 1_000_000;

/** How many pairs of a principal and a role are asked about, which takes a minute at most. Of more it is not known. */
const MOST_PAIRS = 400_000;

/** Who of an account, and whom outside of it, can do what is asked. */
export const whoCan = (asked: Asked, account: AskedAccount): WhoCan => {
  const { principals, scope } = account;
  const ask = asking(asked, principals);
  const own = new Map<AccountPrincipal, OwnAnswer>(
    principals.map((principal) => [principal, ask(principal, sharedWork(OWN_STEPS))]),
  );
  const through = throughOthers(principals, own);
  const rows = principals.map((principal) => rowOf(principal, own, through));
  const action = pipelineAction(asked);
  const shares = action === undefined ? NO_SHARES : sharesOf(asked.resource, action, account);
  const entering = principals.flatMap((role, at) =>
    outsidersOf(role, account).flatMap((outsider) => behind(outsider, rows[at])),
  );
  return {
    account: scope.account,
    asked,
    principals: rows,
    outsiders: [...shares.outsiders, ...entering],
    notes: [
      ...account.notes,
      ...(action === undefined ? [] : unlistedNotes(asked, account)),
      ...shares.notes,
    ],
  };
};

/** Somebody who may assume a role can what the role can, under the conditions of both; nobody is told of a role that cannot. */
const behind = (outsider: Outsider, role: Who | undefined): Outsider[] => {
  if (!role || role.answer === 'no') return [];
  if (outsider.answer === 'unknown') return [outsider];
  if (role.answer === 'unknown')
    return [{ ...outsider, answer: 'unknown', why: `whether ${role.arn} can is not known: ${role.why}` }];
  const ofRole = role.steps.flatMap(({ conditions }) => conditions);
  return [{ ...outsider, conditions: [...outsider.conditions, ...ofRole] }];
};

/** Where a Region’s pipelines could not be listed, the question is asked of a pipeline that may not exist. */
const unlistedNotes = ({ resource }: Asked, { pipelines }: AskedAccount): string[] => {
  const region = parseArn(resource)?.region ?? '';
  const listed = pipelines.get(region);
  return !listed || listed.ok
    ? []
    : [`whether ${region} has a pipeline of this name is not known: ${unreadText(listed.unread)}`];
};

const NO_SHARES = { outsiders: [], notes: [] };

const pipelineAction = ({ verb }: Asked): string | undefined =>
  verb === 'pass' || verb === 'create-job' ? undefined : PIPELINE_ACTIONS[verb];

const sharesOf = (
  pipelineArn: string,
  action: string,
  { shares, scope }: AskedAccount,
): Pick<WhoCan, 'outsiders' | 'notes'> => {
  const read = shares.get(parseArn(pipelineArn)?.region ?? '');
  if (read?.ok) return { outsiders: sharedWith(pipelineArn, action, read.value, scope.account), notes: [] };
  const why = read ? unreadText(read.unread) : 'its Region was not read';
  return { outsiders: [], notes: [`whether other accounts can by a share is not known: ${why}`] };
};

type Own = ReadonlyMap<AccountPrincipal, OwnAnswer>;

/** A way through roles: the roles one after the other, and the principal at its end, who can itself. */
type Through = { hops: readonly Hop[]; end: AccountPrincipal; isSure: boolean };

type Ways = { ways: ReadonlyMap<AccountPrincipal, Through>; isCut: boolean };

/**
 * The shortest way of each principal that cannot surely do it itself, found backwards from the roles that can: first along what
 * is sure, then along what is not known as well.
 */
const throughOthers = (principals: readonly AccountPrincipal[], own: Own): Ways => {
  const ways = new Map<AccountPrincipal, Through>();
  const hopsTo = oncePer((_role: AccountPrincipal) => new Map<AccountPrincipal, Hop | undefined>());
  let left = MOST_PAIRS;
  let isCut = false;
  const hop = (by: AccountPrincipal, role: AccountPrincipal): Hop | undefined => {
    const hops = hopsTo(role);
    if (hops.has(by)) return hops.get(by);
    if (left-- <= 0) {
      isCut = true;
      return undefined;
    }
    const found = hopTo(by, role);
    hops.set(by, found);
    return found;
  };
  const spread = (from: readonly AccountPrincipal[], isMeant: (hop: Hop) => boolean): void => {
    const queue = [...from];
    for (let role = queue.shift(); role; role = queue.shift()) {
      if (!isReachable(role)) continue;
      for (const by of principals) {
        if (by === role || ways.has(by) || own.get(by)?.answer === 'yes') continue;
        const found = hop(by, role);
        if (!found || !isMeant(found)) continue;
        const next = ways.get(role);
        ways.set(by, {
          hops: [found, ...(next?.hops ?? [])],
          end: next?.end ?? role,
          isSure: isSureHop(found) && (next?.isSure ?? own.get(role)?.answer === 'yes'),
        });
        queue.push(by);
      }
    }
  };
  const can = principals.filter((each) => own.get(each)?.answer === 'yes');
  spread(can, isSureHop);
  const perhaps = principals.filter((each) => own.get(each)?.answer === 'unknown' && !ways.has(each));
  spread([...can, ...ways.keys(), ...perhaps], () => true);
  return { ways, isCut };
};

const isSureHop = ({ step, why }: Hop): boolean => step !== undefined && why === undefined;

const rowOf = (principal: AccountPrincipal, own: Own, { ways, isCut }: Ways): Who => {
  const answered = own.get(principal) ?? { answer: 'no' };
  const way = ways.get(principal);
  const about = aboutOf(principal);
  if (answered.answer === 'yes') {
    const { steps, actions } = answered;
    return { ...about, answer: 'yes', through: [], steps, ...(actions && { actions }) };
  }
  const end = way && own.get(way.end);
  if (way?.isSure && end?.answer === 'yes') {
    const steps = [...way.hops.flatMap(({ step }) => step ?? []), ...end.steps];
    return {
      ...about,
      answer: 'yes',
      through: way.hops,
      steps,
      ...(end.actions && { actions: end.actions }),
    };
  }
  if (answered.answer === 'unknown')
    return { ...about, answer: 'unknown', through: [], steps: [], why: answered.why };
  if (way) {
    const why = [...way.hops.map((each) => each.why), end?.answer === 'unknown' ? end.why : undefined];
    const told = why.filter((each) => each !== undefined).join('; ');
    return { ...about, answer: 'unknown', through: way.hops, steps: [], why: told };
  }
  return isCut
    ? { ...about, answer: 'unknown', through: [], steps: [], why: CUT }
    : { ...about, answer: 'no', through: [], steps: [] };
};

const CUT = 'not by its own policies; ways through roles are too many to ask about all of them';

const aboutOf = ({
  identity,
  administrator,
}: AccountPrincipal): Pick<Who, 'arn' | 'kind' | 'madeBy' | 'isAdministrator'> => {
  const { arn, kind } = identity.principal;
  const madeBy = isServiceLinkedRole(arn) ? 'service' : isOfAws(arn) ? 'identity-center' : undefined;
  return {
    arn,
    kind: kind === 'user' || kind === 'root' ? kind : 'role',
    ...(madeBy && { madeBy }),
    isAdministrator: kind === 'root' || administrator.answer === 'yes',
  };
};
