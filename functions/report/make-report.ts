import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { configurationFindings } from '../../shared/audit.ts';
import type { ReportChannel } from '../../shared/aws/report-channels.ts';
import type { Config } from '../../shared/config/schema.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import type { Finding, Scope } from '../../shared/findings/finding.ts';
import type { Store } from '../../shared/findings/store.ts';
import { parseJson } from '../../shared/json-text.ts';
import { toHtml } from '../../shared/outputs/report/report.tsx';
import { reportNotice } from '../../shared/outputs/report-notice.ts';
import { parseResults, type Results, toResults } from '../../shared/outputs/results.ts';
import { tellChannels } from './tell-channels.ts';

export type ReportDependencies = {
  store: Pick<Store, 'openStates'>;
  config: Config;
  scope: Scope;
  bucket: string;
  /** Which of the schedules has woken it: the report is compared with the one before of the same. */
  schedule?: string | undefined;
  /** The text of an object; undefined where there is none, or it is too large. */
  read: (key: string) => Promise<string | undefined>;
  write: (key: string, text: string, contentType: string) => Promise<void>;
  channels: readonly ReportChannel[];
  logger: Pick<Logger, 'info' | 'error'>;
  metrics: Metrics;
  now: () => Date;
};

/** The page is for people: of more findings the most severe are shown, and the JSON has all. */
const MAX_SHOWN = 5000;
const LATEST = 'reports/latest.json';
const latestOf = (schedule: string): string => `reports/latest/${encodeURIComponent(schedule)}.json`;

/** Writes what is open now, for programs and for people, and tells where it lies. What passed is not remembered, so not counted. */
export const makeReport = async (dependencies: ReportDependencies): Promise<{ key: string }> => {
  const { config, scope, bucket, schedule, read, write, channels, logger, metrics, now } = dependencies;
  const time = now();
  const { findings, isIncomplete } = await openFindings(dependencies);
  const ofConfiguration = configurationFindings({
    controls: CONTROLS,
    config,
    now: () => time,
    reader: { scope },
  });
  const { account, region } = scope;
  const generatedAt = time.toISOString();
  const results = toResults({
    findings: [...ofConfiguration, ...findings],
    generatedAt,
    account,
    region,
    all: false,
  });
  const folder = `reports/${generatedAt.slice(0, 16).replaceAll('-', '/').replace(':', '')}`;
  const key = `${folder}/report.html`;
  const latest = schedule === undefined ? LATEST : latestOf(schedule);
  const previous = previousResults(await read(latest));
  const json = `${JSON.stringify(results, null, 2)}\n`;
  await write(`${folder}/results.json`, json, 'application/json');
  await write(key, pageOf(results, previous), 'text/html; charset=utf-8');
  for (const each of new Set([LATEST, latest])) await write(each, json, 'application/json');
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

/** A state that cannot be read takes nothing from the others, but the report says that it is not all. */
const openFindings = async ({
  store,
  logger,
}: ReportDependencies): Promise<{ findings: Finding[]; isIncomplete: boolean }> => {
  const findings: Finding[] = [];
  try {
    for await (const { state } of store.openStates()) findings.push(...Object.values(state.open));
  } catch (error) {
    logger.error('not all states could be read', { error });
    return { findings, isIncomplete: true };
  }
  return { findings, isIncomplete: false };
};

const pageOf = (results: Results, previous: Results | undefined): string => {
  const controls = (id: string) => CONTROLS.find((control) => control.id === id)?.meta;
  const { length } = results.findings;
  const others = previous ? [previous] : [];
  if (length <= MAX_SHOWN) return toHtml(results, { controls, others });
  const title = `Pipewarden report: the ${MAX_SHOWN} most severe of ${length} findings`;
  return toHtml({ ...results, findings: results.findings.slice(0, MAX_SHOWN) }, { controls, others, title });
};

/** The one before; undefined where there is none that this version can read. */
const previousResults = (text: string | undefined): Results | undefined => {
  const parsed = text === undefined ? undefined : parseJson(text);
  const checked = parsed?.ok ? parseResults(parsed.value) : undefined;
  return checked?.ok ? checked.results : undefined;
};
