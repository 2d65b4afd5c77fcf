import {
  type Aside,
  type AuditContext,
  type Audited,
  auditAll,
  configurationFindings,
  observe,
  unreadableObservation,
} from '../shared/audit.ts';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { jobKind } from '../shared/definition/job-kinds.ts';
import type { AuditRequest, ReadEvents } from '../shared/events/audit-request.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import type { Gap } from '../shared/facts/facts.ts';
import { bucketRequest } from '../shared/facts/gather.ts';
import { principalRequest } from '../shared/facts/gather-principal.ts';
import { found } from '../shared/facts/read.ts';
import type { Reader } from '../shared/facts/reader.ts';
import { rosterBuilder } from '../shared/facts/roster.ts';
import { openSnapshot } from '../shared/facts/snapshot-reader.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { memoryStore } from '../shared/findings/store.ts';
import { arnName, parseArn } from '../shared/iam/arn.ts';
import { isPattern } from '../shared/iam/glob.ts';
import { UsageError } from './errors.ts';
import type { Progress } from './progress.ts';

/** The reader of a snapshot folder. @throws {UsageError} */
export const snapshotReader = async (dir: string): Promise<Reader> => {
  const opened = await openSnapshot(dir);
  if (!opened.ok) throw new UsageError(opened.unread.message);
  return opened.value;
};

/**
 * Audits what the events are about, or everything where there are none; without `all`, what passed is only counted.
 * `aside` is another thread to share an audit of everything with.
 */
export const audit = async (
  reader: Reader,
  config: Config,
  events: ReadEvents | undefined,
  progress: Progress,
  { all = false, aside }: { all?: boolean; aside?: Aside } = {},
): Promise<{ findings: Finding[]; passed: number }> => {
  const store = memoryStore();
  const { add, addUnread, roster } = rosterBuilder();
  const context: AuditContext = {
    reader,
    config,
    controls: CONTROLS,
    now: () => new Date(),
    countsPasses: !all,
    recallExecution: (executionId) => store.recallExecution(executionId),
    // An audit of everything reads all pipelines first, and so knows them when it comes to the roles.
    evidence: events
      ? accountEvidence(reader, config)
      : accountEvidence(reader, config, async () => found(roster)),
  };
  for (const request of events?.requests ?? []) {
    for (const start of request.type === 'pipeline' ? request.executions : []) {
      const { executionArn, parameters } = start;
      if (executionArn)
        await store.rememberExecution({
          executionId: arnName(executionArn),
          executionArn,
          parameters: { ...parameters },
        });
    }
  }
  const whole = events ? { requests: events.requests, gaps: [] } : await accountRequests(reader, config);
  const passed = new Map<string, number>();
  const hasGaps = whole.gaps.length > 0;
  const onAudited = ({ use, observations }: Audited, done: number, total: number): void => {
    const [first] = observations;
    for (const { resourceArn, passed: count } of observations) if (count) passed.set(resourceArn, count);
    if (use) add(use);
    else if (first && !first.gone && isPipeline(first.resourceArn)) addUnread(arnName(first.resourceArn));
    progress.count(done, total);
  };
  const audited = await auditAll(whole.requests, context, onAudited, events || hasGaps ? undefined : aside);
  const unreadable = (events?.unreadable ?? []).flatMap(
    (record) => unreadableObservation(record, context).findings,
  );
  const account = `arn:${reader.scope.partition}:sagemaker:${reader.scope.region}:${reader.scope.account}:*`;
  const gaps =
    whole.gaps.length > 0
      ? observe({ type: 'account', arn: account }, { gaps: found(whole.gaps) }, context).findings
      : [];
  return {
    findings: [...configurationFindings(context), ...audited, ...unreadable, ...gaps],
    passed: [...passed.values()].reduce((sum, count) => sum + count, 0),
  };
};

const isPipeline = (arn: string): boolean => parseArn(arn)?.resource.startsWith('pipeline/') ?? false;

const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);

/** Every resource of an account that can still be acted on; what cannot be listed is a gap. */
const accountRequests = async (
  reader: Reader,
  config: Config,
): Promise<{ requests: AuditRequest[]; gaps: Gap[] }> => {
  const { partition, region, account } = reader.scope;
  const arn = (resource: string) => `arn:${partition}:sagemaker:${region}:${account}:${resource}`;
  const { names = [], tags } = config.imageBuckets ?? {};
  const isListing = tags !== undefined || names.some(isPattern);
  const [pipelines, jobs, buckets, identities] = await Promise.all([
    reader.listPipelines(),
    reader.listJobs(),
    isListing ? reader.listBuckets() : found([]),
    reader.readIdentities(),
  ]);
  const bucketNames = [...names.filter((name) => !isPattern(name)), ...(buckets.ok ? buckets.value : [])];
  const requests: AuditRequest[] = [
    // By name: the order in which they are listed must not show in any finding.
    ...(pipelines.ok ? pipelines.value : []).toSorted(byName).map(
      ({ name }): AuditRequest => ({
        type: 'pipeline',
        resource: { type: 'pipeline', arn: arn(`pipeline/${name}`) },
        name,
        executions: [],
        deleted: false,
      }),
    ),
    ...(jobs.ok ? jobs.value : []).map(
      ({ kind, name }): AuditRequest => ({
        type: 'job',
        resource: { type: 'job', arn: arn(`${jobKind(kind).arnType}/${name}`) },
        job: { kind, name, nameKeepsCase: true },
      }),
    ),
    ...bucketNames.map((name) => bucketRequest(name, reader)),
    ...(identities.ok ? identities.value.identities : []).flatMap(({ principal }) =>
      principalRequest(principal.arn),
    ),
    {
      type: 'organization',
      resource: { type: 'organization', arn: `arn:${partition}:organizations::${account}:organization` },
    },
  ];
  return {
    requests,
    gaps: [pipelines, jobs, buckets, identities].flatMap((read) => (read.ok ? [] : [read.unread])),
  };
};
