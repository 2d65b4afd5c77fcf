import pLimit from 'p-limit';
import {
  type AuditContext,
  auditAll,
  bucketRequest,
  configurationFindings,
  observe,
  unreadableObservation,
} from '../shared/audit.ts';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { resolveScope } from '../shared/definition/expression.ts';
import { imageInputs } from '../shared/definition/image-inputs.ts';
import { jobKind } from '../shared/definition/job-kinds.ts';
import type { AuditRequest, ReadEvents } from '../shared/events/audit-request.ts';
import type { Gap } from '../shared/facts/facts.ts';
import { readDefinition } from '../shared/facts/gather.ts';
import { found } from '../shared/facts/read.ts';
import type { Reader } from '../shared/facts/reader.ts';
import { openSnapshot } from '../shared/facts/snapshot-reader.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { memoryStore } from '../shared/findings/store.ts';
import { arnName } from '../shared/iam/arn.ts';
import { isPattern } from '../shared/iam/glob.ts';
import { UsageError } from './errors.ts';
import type { Progress } from './progress.ts';

/** The reader of a snapshot folder. @throws {UsageError} */
export const snapshotReader = async (dir: string): Promise<Reader> => {
  const opened = await openSnapshot(dir);
  if (!opened.ok) throw new UsageError(opened.unread.message);
  return opened.value;
};

/** Audits what the events are about, or everything where there are none. */
export const audit = async (
  reader: Reader,
  config: Config,
  events: ReadEvents | undefined,
  progress: Progress,
): Promise<Finding[]> => {
  const store = memoryStore();
  const context: AuditContext = {
    reader,
    config,
    controls: CONTROLS,
    now: () => new Date(),
    recallExecution: (executionId) => store.recallExecution(executionId),
    imageInputs: new Map(),
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
  const isAboutBuckets = events?.requests.some(({ type }) => type === 'bucket') ?? false;
  const within = isAboutBuckets ? { ...context, imageInputs: await knownImageInputs(reader) } : context;
  const audited = await auditAll(whole.requests, within, progress.count);
  const unreadable = (events?.unreadable ?? []).flatMap(
    (record) => unreadableObservation(record, context).findings,
  );
  const account = `arn:${reader.scope.partition}:sagemaker:${reader.scope.region}:${reader.scope.account}:*`;
  const gaps =
    whole.gaps.length > 0
      ? observe({ type: 'account', arn: account }, { gaps: found(whole.gaps) }, context).findings
      : [];
  return [...configurationFindings(context), ...audited, ...unreadable, ...gaps];
};

/** Every resource of an account that can still be acted on; what cannot be listed is a gap. */
const accountRequests = async (
  reader: Reader,
  config: Config,
): Promise<{ requests: AuditRequest[]; gaps: Gap[] }> => {
  const { partition, region, account } = reader.scope;
  const arn = (resource: string) => `arn:${partition}:sagemaker:${region}:${account}:${resource}`;
  const { names = [], tags } = config.imageBuckets ?? {};
  const isListing = tags !== undefined || names.some(isPattern);
  const [pipelines, jobs, buckets] = await Promise.all([
    reader.listPipelines(),
    reader.listJobs(),
    isListing ? reader.listBuckets() : found([]),
  ]);
  const bucketNames = [...names.filter((name) => !isPattern(name)), ...(buckets.ok ? buckets.value : [])];
  const requests: AuditRequest[] = [
    ...(pipelines.ok ? pipelines.value : []).map(
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
    ...bucketNames.map((name) => bucketRequest(name, { reader })),
  ];
  return { requests, gaps: [pipelines, jobs, buckets].flatMap((read) => (read.ok ? [] : [read.unread])) };
};

/** An account may have thousands of definitions, too many to hold at once. */
const DEFINITIONS_AT_A_TIME = 8;

/** What the pipelines' definitions name as image inputs, for events about buckets. */
const knownImageInputs = async (reader: Reader): Promise<AuditContext['imageInputs']> => {
  const listed = await reader.listPipelines();
  const inputs = await pLimit(DEFINITIONS_AT_A_TIME).map(listed.ok ? listed.value : [], async ({ name }) => {
    const pipeline = await reader.describePipeline(name);
    const definition = pipeline.ok ? readDefinition(pipeline.value.definitionText) : pipeline;
    if (!pipeline.ok || !definition.ok) return [];
    const pipelineName = pipeline.value.name;
    return imageInputs(resolveScope(definition.value, pipelineName)).map(
      ({ bucket, step }) => [bucket, { pipelineName, step }] as const,
    );
  });
  return new Map(inputs.flat());
};
