import pLimit from 'p-limit';
import { unconnectedObservation } from '../shared/audit/observe.ts';
import { ofSeveralConfigurations } from '../shared/audit/run-scope.ts';
import { isAwsAccessError } from '../shared/aws/read/access-error.ts';
import { unitsIn } from '../shared/config/account-selector.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { parseArn } from '../shared/domain/arn.ts';
import type { Finding } from '../shared/domain/finding.ts';
import { type Unread, unreadText } from '../shared/domain/gap.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import { runLooksBuilder } from '../shared/findings/run-looks.ts';
import type { RunPlace } from '../shared/findings/run-places.ts';
import { type RunResources, runResourcesBuilder, windowOf } from '../shared/findings/run-resources.ts';
import { groupBy } from '../shared/group-by.ts';
import type { Control } from '../shared/judging/control.ts';
import { withSharedCauses } from '../shared/outputs/formats/causes.ts';
import { isReadable } from '../shared/outputs/formats/overview.ts';
import type { ResultsScope } from '../shared/outputs/formats/results.ts';
import { type LookCounts, lookCountsBuilder } from '../shared/outputs/formats/run-coverage.ts';
import type { Read } from '../shared/reader/read-result.ts';
import type { OwnOrganization } from '../shared/reader/reader.ts';
import type { AuditRequest, ReadEvents } from '../shared/requests/audit-request.ts';
import { organizationRequest } from '../shared/requests/resource-requests.ts';
import { listed } from '../shared/text/listed.ts';
import { audit, type ClosedRegion } from './audit.ts';
import { type AuditedAccount, type AuditInput, scopesOf } from './audit-input.ts';
import { type AppliedConfig, configOfAccount, configurationText } from './config.ts';
import type { Progress } from './progress.ts';

/** What a run over accounts came to. */
export type AuditedAccounts = {
  findings: Finding[];
  passed: number;
  scope: ResultsScope;
  resources: RunResources;
  looks: LookCounts[];
};

/** The run over one account, and the Regions of it in which nothing was judged, or whose pipelines could not be listed. */
type AccountRun = Omit<AuditedAccounts, 'resources' | 'looks'> & {
  account: string;
  notJudged: readonly ClosedRegion[];
  unlisted?: readonly ClosedRegion[];
  path?: string;
};

type Options = {
  all?: boolean;
  controls?: readonly Control[];
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
  { all = false, controls = CONTROLS }: Options = {},
): Promise<AuditedAccounts> => {
  const { accounts, unconnected, events, recorded, unreadable } = input;
  const ids = controls.map(({ id }) => id);
  const builder = runLooksBuilder(ids);
  const resources = runResourcesBuilder();
  const counts = lookCountsBuilder();
  const isAlone = new Set(scopesOf(input).map(({ account }) => account)).size === 1;
  const isOne = scopesOf(input).length === 1;
  const counting = countedTogether(progress);
  const runOf = async (audited: AuditedAccount, index: number): Promise<AccountRun> => {
    const [home] = audited.readers;
    const { scope } = home;
    const { account } = scope;
    const read = isAlone ? undefined : await accountConfig(applied.config, home);
    const known = isOne ? {} : pathIn(await home.readOwnOrganization());
    if (read && !read.ok) return { ...unreadOf(scope, true, read.unread), ...known };
    const judging = read ? { ...applied, config: read.value } : await configOfAccount(applied, home);
    progress.say(configurationText(judging, controls));
    progress.say(auditingText(audited));
    const closed = unconnected.flatMap(({ scopes, unread }) =>
      scopes.flatMap((each) => (each.account === account ? { scope: each, unread } : [])),
    );
    try {
      const run = await audit(audited.readers, judging.config, ofAccount(events, input, index), counting(), {
        all,
        controls,
        onLook: (observation) => {
          builder.add(observation, isAlone ? undefined : account);
          counts.add(observation, isAlone ? undefined : account);
        },
        resources: {
          ask: (resource) => resources.ask(resource, isAlone ? undefined : account),
          look: (resource) => resources.look(resource, isAlone ? undefined : account),
        },
        closed,
        recorded,
        // Told once, whatever the number of accounts.
        unreadable: index === 0 ? unreadable : [],
        whole: applied.config,
      });
      return { ...run, account, notJudged: [], ...known };
    } catch (error) {
      if (isAlone || !isAwsAccessError(error)) throw error;
      const unread = { call: 'AWS', code: 'NoAccess', message: error.message };
      return { ...unreadOf(scope, true, unread), ...known };
    }
  };
  const unreadOf = (scope: Scope, isWholeAccount: boolean, unread: Unread): AccountRun => {
    const context = { reader: { scope }, config: DEFAULT_CONFIG, controls: CONTROLS, now: () => new Date() };
    const observation = unconnectedObservation(scope, isWholeAccount, unread, context);
    builder.add(observation);
    counts.add(observation);
    const findings = observation.findings.filter(({ control }) => ids.includes(control));
    const scopes = isWholeAccount
      ? scopesOf(input).filter(({ account }) => account === scope.account)
      : [scope];
    const notJudged = scopes.map((each) => ({ scope: each, unread }));
    return { findings, passed: 0, scope: {}, account: scope.account, notJudged };
  };
  const window = events && windowOf([...events.requests, ...events.ignored, ...events.unreadable]);
  const limit = pLimit(accounts.some(({ dirs }) => dirs.length > 0) ? 1 : CONCURRENCY);
  const runs = [
    ...(await limit.map([...accounts], runOf).finally(progress.endCount)),
    ...unconnected.map(({ scopes: [scope], isWholeAccount, unread }) =>
      unreadOf(scope, isWholeAccount, unread),
    ),
  ];
  const findings = runs.flatMap(({ account, findings: own }) =>
    isOne ? own : own.map((finding) => ofItsAccount(finding, account, isAlone)),
  );
  return {
    findings: isOne ? findings : withSharedCauses(withoutRepeats(findings)),
    passed: runs.reduce((sum, run) => sum + run.passed, 0),
    scope: {
      ...mergedScope(runs.filter(({ scope }) => scope.mode !== undefined)),
      ...(isOne ? {} : { scopes: await coverageOf(input, runs) }),
      looks: builder.looks(),
      ...(window && { window }),
    },
    resources: resources.resources(),
    looks: counts.looks(),
  };
};

/** The account’s place in its organization, where that is told. */
const pathIn = (read: Read<OwnOrganization | null>): { path?: string } => {
  const path = read.ok ? read.value?.path : undefined;
  return path === undefined ? {} : { path };
};

/** What passed among the findings of an account. That of the configuration is told once for all accounts. */
const countPassed = (findings: readonly Finding[]): number =>
  findings.filter(
    (finding) =>
      finding.status === 'PASSED' && finding.resource.type !== 'configuration' && !isReadable(finding),
  ).length;

/** The accounts and Regions of the run, and where nothing was judged. */
const coverageOf = async (input: AuditInput, runs: readonly AccountRun[]): Promise<RunPlace[]> => {
  const paths = new Map(runs.flatMap(({ account, path }) => (path === undefined ? [] : [[account, path]])));
  const names = await input.unitNames?.([...paths.values()].flatMap((path) => unitsIn(path) ?? []));
  const placeIn = (regions: readonly ClosedRegion[], { account, region }: Scope): Unread | undefined =>
    regions.find(({ scope }) => scope.account === account && scope.region === region)?.unread;
  const notJudged = runs.flatMap((run) => run.notJudged);
  const unlisted = runs.flatMap((run) => run.unlisted ?? []);
  const byAccount = groupBy(runs, (run) => run.account);
  const passedIn = (account: string): number =>
    (byAccount.get(account) ?? []).reduce(
      (sum, { findings, passed }) => sum + passed + countPassed(findings),
      0,
    );
  return scopesOf(input).map((scope, index, all) => {
    const { account, region } = scope;
    const [name, path] = [input.names?.get(account), paths.get(account)];
    const [unread, partly] = [placeIn(notJudged, scope), placeIn(unlisted, scope)];
    const because = unread ?? partly;
    return {
      account,
      region,
      ...(name !== undefined && { name }),
      ...(path !== undefined && { path }),
      ...unitNamesIn(path, names),
      coverage: unread ? 'not-judged' : partly ? 'partly-judged' : 'judged',
      ...(because && { because: unreadText(because) }),
      ...(all[index - 1]?.account !== account && { passed: passedIn(account) }),
    };
  });
};

/** The names of the units in a path, as far as they are known. */
const unitNamesIn = (
  path: string | undefined,
  names: ReadonlyMap<string, string> | undefined,
): Pick<RunPlace, 'unitNames'> => {
  const known = (unitsIn(path) ?? []).flatMap((unit): [string, string][] => {
    const name = names?.get(unit);
    return name === undefined ? [] : [[unit, name]];
  });
  return known.length === 0 ? {} : { unitNames: Object.fromEntries(known) };
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

/**
 * The events of an account; those of accounts that are not audited go to the first one, which tells that it cannot read them. An
 * event of the whole organization goes to each account that it may reach.
 */
const ofAccount = (
  events: ReadEvents | undefined,
  { accounts }: AuditInput,
  index: number,
): ReadEvents | undefined => {
  if (!events) return undefined;
  const scopes = accounts.map(({ readers }) => readers[0].scope);
  const known = scopes.map(({ account }) => account);
  const requests = events.requests.flatMap((request): AuditRequest[] => {
    const [own] = scopes.slice(index);
    if (own && request.type === 'organization' && request.reach !== undefined) {
      const { reach, ...change } = request;
      const mayReach =
        accounts.length === 1 ||
        reach === 'all' ||
        reach.some((id) => id === own.account || !/^\d{12}$/.test(id));
      return mayReach ? [{ ...change, resource: organizationRequest(own).resource, scope: own }] : [];
    }
    const account = request.scope?.account ?? parseArn(request.resource.arn)?.account ?? '';
    return Math.max(known.indexOf(account), 0) === index ? [request] : [];
  });
  const isFirst = index === 0;
  return {
    requests,
    ignored: isFirst ? events.ignored : [],
    unreadable: isFirst ? events.unreadable : [],
  };
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

/** What several runs looked at. A file that one snapshot lacks is told once. */
const mergedScope = (runs: readonly Pick<AccountRun, 'account' | 'scope'>[]): ResultsScope => {
  const [first, ...others] = runs.map(({ scope }) => scope);
  if (!first || others.length === 0) return first ?? {};
  const lacking = [first, ...others].flatMap(({ notInSnapshot = [] }) => notInSnapshot);
  return {
    ...first,
    ...ofSeveralConfigurations(runs.map(({ account, scope }) => ({ account, ...scope }))),
    notInSnapshot: [...new Map(lacking.map((each) => [each.file, each])).values()],
  };
};
