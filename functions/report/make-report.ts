import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import pLimit from 'p-limit';
import {
  configurationFindings,
  unknownConfigurationFindings,
} from '../../shared/audit/configuration-findings.ts';
import { configurationOf, ofSeveralConfigurations } from '../../shared/audit/run-scope.ts';
import type { ReportChannel } from '../../shared/aws/tell/report-channels.ts';
import { configFor } from '../../shared/config/config-for.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import { SWEEP_SCHEDULE } from '../../shared/config/sweep-schedule.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { describedControl } from '../../shared/controls/texts.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import { accountOfFinding, type Finding } from '../../shared/domain/finding.ts';
import { typeOfArn } from '../../shared/domain/resource.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { otherRegions } from '../../shared/events/forwarded-regions.ts';
import type { ScopeCoverage } from '../../shared/facts/coverage.ts';
import { wholeDigest } from '../../shared/findings/configuration-digest.ts';
import { type Ended, endedBy } from '../../shared/findings/end-reason.ts';
import { asOf } from '../../shared/findings/evidence-time.ts';
import { accountsOf, type RunPlace } from '../../shared/findings/run-places.ts';
import { countedByType, runResourcesBuilder } from '../../shared/findings/run-resources.ts';
import type { ResourceState } from '../../shared/findings/state.ts';
import type { Store } from '../../shared/findings/store.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { withCauses, withSharedCauses } from '../../shared/outputs/formats/causes.ts';
import { exceptionsRegister } from '../../shared/outputs/formats/exceptions-register.ts';
import { type ResourceCounts, type Results, toResults } from '../../shared/outputs/formats/results.ts';
import { parseResults } from '../../shared/outputs/formats/results-schema.ts';
import { coverageRows } from '../../shared/outputs/formats/run-coverage.ts';
import { reportNotice } from '../../shared/outputs/messages/report-notice.ts';
import { toHtml } from '../../shared/outputs/report/report.tsx';
import { type Earlier, trendPoint } from '../../shared/outputs/report/trend-point.ts';
import { coveredMembers } from '../../shared/sweep/covered-members.ts';
import { historyKey, type ReportBucket, readEarlier } from './earlier-reports.ts';
import { tellChannels } from './tell-channels.ts';

export type ReportDependencies = ReportBucket & {
  store: Pick<Store, 'states' | 'endings'>;
  config: FileConfig;
  scope: Scope;
  bucket: string;
  /** The schedule that woke the function. A report is compared with earlier ones of the same schedule. */
  schedule?: string | undefined;
  write: (key: string, text: string, contentType: string) => Promise<void>;
  channels: readonly ReportChannel[];
  logger: Pick<Logger, 'info' | 'error'>;
  metrics: Metrics;
  now: () => Date;
  /** What sweeps noted of the accounts that are watched. */
  coverage: () => Promise<ScopeCoverage[]>;
};

/** The auditor itself tells what the configuration excepts, so that it is among the findings that are open. */
const OF_REPORTS = CONTROLS.filter(({ id }) => id !== 'exceptions-scoped');

const CONTROL_IDS = CONTROLS.map(({ id }) => id);

/** The page is for people, so that it shows only the most severe of more findings. The JSON contains all. */
const MAX_SHOWN = 5000;
/** In a page of several accounts, many findings are one line. */
const MAX_SHOWN_OF_SEVERAL = 10_000;
/** A larger report is not compared with the next one. */
const MAX_BYTES = 64 * 1024 * 1024;
const LATEST = 'reports/latest.json';

/** Writes the report of all open findings, as JSON and as a page, and tells the channels where it is. */
export const makeReport = async (dependencies: ReportDependencies): Promise<{ key: string }> => {
  const { config, scope, bucket, schedule, write, channels, logger, metrics, now } = dependencies;
  const time = now();
  const known = await whatIsKnown(dependencies);
  const { passed, pending, isIncomplete } = known;
  const scopes = placesOfHub(await coverageOf(dependencies), known, dependencies);
  const isOfSeveral = accountsOf({ scopes }).length > 1;
  const own = configFor(config, scope);
  const context = { controls: CONTROLS, now: () => time, reader: { scope } };
  const ofConfiguration = own.ok
    ? configurationFindings({ ...context, controls: OF_REPORTS, config: own.value })
    : unknownConfigurationFindings(own.unread, context);
  const account = isOfSeveral ? accountsOf({ scopes }).join(', ') : scope.account;
  const regions = [scope.region, ...otherRegions(scope.region, config.organization?.regions)];
  const region = [...new Set([...regions, ...scopes.map((each) => each.region)])].join(', ');
  const generatedAt = time.toISOString();
  const folder = `reports/${generatedAt.slice(0, 16).replaceAll('-', '/').replace(':', '')}`;
  const key = `${folder}/report.html`;
  const cadence = schedule === undefined ? 'unscheduled' : encodeURIComponent(schedule);
  const latest = schedule === undefined ? LATEST : `reports/latest/${cadence}.json`;
  const { previous, earlier } = await whatWasBefore(latest, cadence, dependencies);
  const told = (finding: Finding): Finding => ({
    ...finding,
    account: accountOfFinding(finding) ?? scope.account,
  });
  const all = isOfSeveral
    ? withSharedCauses([...ofConfiguration, ...withCauses(known.findings)].map(told))
    : [...ofConfiguration, ...withCauses(known.findings)];
  const configured = isOfSeveral
    ? configurationsOf(scopes, dependencies)
    : own.ok
      ? configurationOf(CONTROLS, own.value)
      : undefined;
  const results = toResults({
    findings: all,
    passed,
    generatedAt,
    account,
    region,
    all: false,
    scope: {
      ...configured,
      ...(isOfSeveral && { scopes }),
      mode: 'all',
      coverage: coverageRows({
        controls: CONTROL_IDS,
        chosen: CONTROL_IDS,
        findings: all,
        looks: [],
        controlsOff: configured?.controlsOff,
        scopes,
        isSumOnly: true,
      }),
      exceptions: exceptionsRegister(config, all),
      resources: known.resources,
      ...(previous && { window: { from: previous.generatedAt, to: generatedAt } }),
      ended: await endedSince(previous, all, pending, dependencies),
      invocation: {
        command: 'report',
        startedAt: generatedAt,
        duration: (now().valueOf() - time.valueOf()) / 1000,
        configuration: { digest: wholeDigest(config) },
      },
    },
  });
  const json = `${JSON.stringify(results, null, 2)}\n`;
  await write(`${folder}/results.json`, json, 'application/json');
  await write(key, pageOf(results, previous, earlier), 'text/html; charset=utf-8');
  for (const each of new Set([LATEST, latest])) await write(each, json, 'application/json');
  const point = `${JSON.stringify(trendPoint(results))}\n`;
  await write(historyKey(cadence, generatedAt), point, 'application/json');
  const place = { scope, bucket, key };
  const notice = reportNotice(results, { ...(previous && { previous }), isIncomplete, place });
  metrics.addMetric('ReportFindings', MetricUnit.Count, results.findings.length);
  try {
    await tellChannels(notice, channels, dependencies);
  } finally {
    metrics.publishStoredMetrics();
  }
  logger.info('reported', { key, findings: results.findings.length });
  return { key };
};

/** The coverage is told by each report; one that cannot be read keeps no finding from being told. */
const coverageOf = async ({ coverage, logger }: ReportDependencies): Promise<ScopeCoverage[]> => {
  try {
    return await coverage();
  } catch (error) {
    logger.error('the coverage of accounts could not be read', { error: error as Error });
    return [];
  }
};

/** The accounts and Regions of a hub, and where nothing is judged or a sweep is overdue; none where it watches its own account only. */
const placesOfHub = (
  coverage: readonly ScopeCoverage[],
  { findings, passedIn }: Known,
  { scope, config, now }: ReportDependencies,
): RunPlace[] => {
  const noted = new Map(coverage.map((each) => [`${each.account} ${each.region}`, each]));
  const listed = coveredMembers(
    { coverage },
    { schedule: config.sweep?.schedule ?? SWEEP_SCHEDULE, now: now() },
  ).filter(({ isUnwatched }) => !isUnwatched);
  const known = new Set(listed.map(({ account }) => account));
  const others = new Set(findings.map((finding) => accountOfFinding(finding) ?? scope.account));
  const unlisted = [scope.account, ...others].filter((account) => !known.has(account));
  const places = [
    ...listed.map(({ account, region, isCovered, why }): RunPlace => {
      const { path, unitNames, unread } = noted.get(`${account} ${region}`) ?? {};
      return {
        account,
        region,
        ...(path !== undefined && { path }),
        ...(unitNames !== undefined && { unitNames }),
        coverage: isCovered ? 'judged' : unread ? 'not-judged' : 'partly-judged',
        ...(!isCovered && { because: why ?? 'no reason is told' }),
      };
    }),
    // An account of which nothing is noted, and which has findings, was judged at some time.
    ...[...new Set(unlisted)].map(
      (account): RunPlace => ({ account, region: scope.region, coverage: 'judged' }),
    ),
  ].toSorted((one, other) => Number(one.account) - Number(other.account));
  return accountsOf({ scopes: places }).length > 1
    ? places.map((place, index) =>
        places[index - 1]?.account === place.account
          ? place
          : { ...place, passed: passedIn.get(place.account) ?? 0 },
      )
    : [];
};

/** What the configuration of each account keeps from judging. */
const configurationsOf = (scopes: readonly RunPlace[], { config, scope }: ReportDependencies) => {
  const paths = new Map(scopes.map(({ account, path }) => [account, path]));
  return ofSeveralConfigurations(
    [...paths].flatMap(([account, path]) => {
      const read = configFor(config, { ...scope, account, path });
      return read.ok ? [{ account, ...configurationOf(CONTROLS, read.value) }] : [];
    }),
  );
};

type Known = {
  findings: Finding[];
  passed: number;
  /** What passed, by account. */
  passedIn: ReadonlyMap<string, number>;
  pending: Ended[];
  /** The resources of which something is known. */
  resources: ResourceCounts;
  isIncomplete: boolean;
};

/** A state that cannot be read does not affect the others. The report then says that it is incomplete. */
const whatIsKnown = async ({ store, logger, scope }: ReportDependencies): Promise<Known> => {
  const passedIn = new Map<string, number>();
  const findings: Finding[] = [];
  const pending: Ended[] = [];
  let passed = 0;
  const { look, resources } = runResourcesBuilder();
  const counted = () => countedByType({ looked: resources().looked });
  try {
    for await (const { resourceArn, state } of store.states()) {
      const account = parseArn(resourceArn)?.account || scope.account;
      passedIn.set(account, (passedIn.get(account) ?? 0) + (state.passed ?? 0));
      const type = typeOfArn(resourceArn);
      if (type && !state.finished) look({ type, arn: resourceArn });
      findings.push(...Object.values(state.open).map((finding) => datedIn(state, finding)));
      pending.push(...state.undelivered.flatMap((change) => endedBy(change) ?? []));
      passed += state.passed ?? 0;
    }
  } catch (error) {
    logger.error('not all states could be read', { error });
    return { findings, passed, passedIn, pending, resources: counted(), isIncomplete: true };
  }
  return { findings, passed, passedIn, pending, resources: counted(), isIncomplete: false };
};

/** A verdict that stands, and that on what has run, is as old as it was; all others are of the newest look. */
const datedIn = (state: ResourceState, finding: Finding): Finding =>
  finding.unjudged || state.finished ? finding : { ...finding, evidenceAt: asOf(state) };

/** A look may have begun before the previous report and been stored after it. */
const OVERLAP_MS = 60 * 60 * 1000;
/** How many resources are asked at the same time. */
const CONCURRENCY = 8;

/** How the findings of the previous report ended that are not open any more. */
const endedSince = async (
  previous: Results | undefined,
  now: readonly Finding[],
  pending: readonly Ended[],
  { store }: ReportDependencies,
): Promise<Ended[]> => {
  if (!previous) return [];
  const open = new Set(now.map(({ id }) => id));
  const missing = previous.findings.filter(({ id }) => !open.has(id));
  const since = new Date(Date.parse(previous.generatedAt) - OVERLAP_MS).toISOString();
  const arns = missing.flatMap(({ resource: { arn }, subject }) =>
    subject === 'jobs' || subject === 'executions' ? [arn, `${arn}/${subject}`] : [arn],
  );
  const limit = pLimit(CONCURRENCY);
  const remembered = await limit.map([...new Set(arns)], (arn) => store.endings(arn, since));
  const ids = new Set(missing.map(({ id }) => id));
  const all = new Map([...remembered.flat(), ...pending].map((ended) => [ended.id, ended]));
  return [...all.values()].filter(({ id }) => ids.has(id));
};

/** The previous report, where this version can read it, and the counts of the ones before. */
const whatWasBefore = async (
  latest: string,
  cadence: string,
  dependencies: ReportDependencies,
): Promise<{ previous: Results | undefined; earlier: Earlier }> => {
  const { points, unread } = await readEarlier(cadence, dependencies, dependencies.logger);
  const text = await dependencies.read(latest, MAX_BYTES);
  const previous = previousResults(text);
  const isUnread = !previous && (text !== undefined || points.length > 0);
  return { previous, earlier: { points, unread: isUnread ? [latest, ...unread] : unread } };
};

const pageOf = (results: Results, previous: Results | undefined, earlier: Earlier): string => {
  const { length } = results.findings;
  const most = results.scopes ? MAX_SHOWN_OF_SEVERAL : MAX_SHOWN;
  if (length <= most)
    return toHtml(results, { controls: describedControl, others: previous ? [previous] : [], earlier });
  const shown = { ...results, findings: results.findings.slice(0, most) };
  // The page is not compared: findings beyond the shown ones would look mended, and the trend would seem to fall.
  const counted = { ...earlier, points: [...earlier.points, trendPoint(results)] };
  const title = `Pipewarden report: the ${most} most severe of ${length} findings`;
  return toHtml(shown, { controls: describedControl, earlier: counted, title });
};

const previousResults = (text: string | undefined): Results | undefined => {
  const parsed = text === undefined ? undefined : parseJson(text);
  const checked = parsed?.ok ? parseResults(parsed.value) : undefined;
  return checked?.ok ? checked.results : undefined;
};
