import pLimit from 'p-limit';
import { unconnectedObservation } from '../shared/audit/observe.ts';
import { isAwsAccessError } from '../shared/aws/read/access-error.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { parseArn } from '../shared/domain/arn.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Unread } from '../shared/domain/gap.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { runLooksBuilder } from '../shared/findings/run-looks.ts';
import type { Control } from '../shared/judging/control.ts';
import type { ResultsScope } from '../shared/outputs/formats/results.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { listed } from '../shared/text/listed.ts';
import { audit } from './audit.ts';
import type { AuditedAccount, AuditInput } from './audit-input.ts';
import { type AppliedConfig, configOfAccount, configurationText, type JudgingConfig } from './config.ts';
import type { Progress } from './progress.ts';
import type { AuditThread } from './second-thread.ts';

/** What a run over accounts came to. */
export type AuditedAccounts = { findings: Finding[]; passed: number; scope: ResultsScope };

type Options = {
  all?: boolean;
  controls?: readonly Control[];
  /** Makes the thread that shares the audit of one large snapshot folder. */
  threadFor?: (dir: string, judging: JudgingConfig) => Promise<AuditThread | undefined>;
};

/** Live accounts are audited side by side; snapshots one after the other, as they wait for nothing. */
const CONCURRENCY = 4;

/**
 * Audits each account by the configuration that applies to it. An account or Region that cannot be read is a finding, and
 * stops no other; the findings of several accounts or Regions tell their account.
 * @throws {UsageError} if there is one account only, and its configuration hangs on what nothing tells.
 */
export const auditAccounts = async (
  input: AuditInput,
  applied: AppliedConfig,
  progress: Progress,
  { all = false, controls = CONTROLS, threadFor }: Options = {},
): Promise<AuditedAccounts> => {
  const { accounts, unconnected, events, recorded, unreadable } = input;
  const ids = controls.map(({ id }) => id);
  const builder = runLooksBuilder(ids);
  const isAlone = accounts.length + unconnected.length === 1;
  const isOne = isAlone && (accounts[0]?.readers.length ?? 1) === 1;
  const counting = countedTogether(progress);
  const runOf = async (account: AuditedAccount, index: number): Promise<AuditedAccounts> => {
    const [home] = account.readers;
    const { scope } = home;
    const read = isAlone ? undefined : await accountConfig(applied.config, home);
    if (read && !read.ok) return unreadOf(scope, true, read.unread);
    const judging = read ? { ...applied, config: read.value } : await configOfAccount(applied, home);
    progress.say(configurationText(judging, controls));
    progress.say(auditingText(account));
    const [dir, ...more] = account.dirs;
    const thread =
      dir !== undefined && more.length === 0 && !events ? await threadFor?.(dir, judging) : undefined;
    try {
      return await audit(account.readers, judging.config, ofAccount(events, input, index), counting(), {
        all,
        controls,
        looks: builder,
        recorded,
        // Told once, whatever the number of accounts.
        unreadable: index === 0 ? unreadable : [],
        ...(thread && { thread }),
      });
    } catch (error) {
      if (isAlone || !isAwsAccessError(error)) throw error;
      return unreadOf(scope, true, { call: 'AWS', code: 'NoAccess', message: error.message });
    } finally {
      await thread?.end();
    }
  };
  const unreadOf = (scope: Scope, isWholeAccount: boolean, unread: Unread): AuditedAccounts => {
    const context = { reader: { scope }, config: DEFAULT_CONFIG, controls: CONTROLS, now: () => new Date() };
    const observation = unconnectedObservation(scope, isWholeAccount, unread, context);
    builder.add(observation);
    const findings = observation.findings.filter(({ control }) => ids.includes(control));
    return { findings, passed: 0, scope: {} };
  };
  const limit = pLimit(accounts.some(({ dirs }) => dirs.length > 0) ? 1 : CONCURRENCY);
  const runs = await limit.map([...accounts], runOf).finally(progress.endCount);
  const failed = unconnected.map(({ scope, isWholeAccount, unread }) => ({
    account: scope.account,
    run: unreadOf(scope, isWholeAccount, unread),
  }));
  const together = [
    ...runs.map((run, index) => ({ account: accounts[index]?.readers[0].scope.account ?? '', run })),
    ...failed,
  ];
  const findings = together.flatMap(({ account, run }) =>
    isOne ? run.findings : run.findings.map((finding) => ofItsAccount(finding, account, isAlone)),
  );
  return {
    findings: withoutRepeats(findings),
    passed: runs.reduce((sum, run) => sum + run.passed, 0),
    scope: {
      ...mergedScope(runs.flatMap(({ scope }) => (scope.mode === undefined ? [] : scope))),
      looks: builder.looks(),
    },
  };
};

/** Roles of several accounts have the same names, so that a command says whose credentials it is for. */
const ofItsAccount = (finding: Finding, account: string, isOnly: boolean): Finding => {
  const { changes, ...remediation } = finding.remediation;
  const told = `To be run with credentials of account ${account}. ${changes}`;
  return isOnly || changes === undefined
    ? { ...finding, account }
    : { ...finding, account, remediation: { ...remediation, changes: told } };
};

const auditingText = ({ readers, dirs }: AuditedAccount): string => {
  const [{ scope }] = readers;
  const regions = readers.map((reader) => reader.scope.region);
  const folders = dirs.length > 0 ? ` (snapshot ${listed(dirs, 3)})` : '';
  return `auditing account ${scope.account} in ${listed(regions)}${folders}`;
};

/** The events of an account; those of accounts that are not audited go to the first one, which tells that it cannot read them. */
const ofAccount = (
  events: ReadEvents | undefined,
  { accounts }: AuditInput,
  index: number,
): ReadEvents | undefined => {
  if (!events || accounts.length < 2) return events;
  const known = accounts.map(({ readers }) => readers[0].scope.account);
  const requests = events.requests.filter((request) => {
    const account = request.scope?.account ?? parseArn(request.resource.arn)?.account ?? '';
    return Math.max(known.indexOf(account), 0) === index;
  });
  return { requests, ignored: [], unreadable: index === 0 ? events.unreadable : [] };
};

/** Adds up the counts of accounts that are audited side by side. */
const countedTogether = (progress: Progress): (() => Progress) => {
  const counts: { done: number; total: number }[] = [];
  return () => {
    const mine = { done: 0, total: 0 };
    counts.push(mine);
    return {
      ...progress,
      count: (done, total) => {
        Object.assign(mine, { done, total });
        const sum = (of: 'done' | 'total') => counts.reduce((all, each) => all + each[of], 0);
        progress.count(sum('done'), sum('total'));
      },
    };
  };
};

/** What is wrong with the configuration itself is told once, and not for each account. */
const withoutRepeats = (findings: readonly Finding[]): Finding[] => {
  const told = new Set<string>();
  return findings.filter(({ control, resource, subject, evidence, status }) => {
    if (resource.type !== 'configuration') return true;
    const key = JSON.stringify([control, subject ?? null, status, evidence]);
    if (told.has(key)) return false;
    told.add(key);
    return true;
  });
};

/** What several runs looked at: a list is told once, and what a control lacks in one account it lacks. */
const mergedScope = (scopes: readonly ResultsScope[]): ResultsScope => {
  const [first = {}, ...others] = scopes;
  if (others.length === 0) return first;
  const digests = new Set(scopes.flatMap(({ configuration }) => configuration ?? []));
  return {
    ...first,
    controlsOff: byKey(
      scopes.flatMap(({ controlsOff = [] }) => controlsOff),
      ({ control }) => control,
    ),
    notConfigured: byKey(
      scopes.flatMap(({ notConfigured = [] }) => notConfigured),
      ({ list }) => list,
    ),
    notInSnapshot: byKey(
      scopes.flatMap(({ notInSnapshot = [] }) => notInSnapshot),
      ({ file }) => file,
    ),
    configuration: [...digests].toSorted().join(' '),
  };
};

const byKey = <T>(entries: readonly T[], keyOf: (entry: T) => string): T[] => [
  ...new Map(entries.map((entry) => [keyOf(entry), entry])).values(),
];
