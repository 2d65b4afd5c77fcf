import { contextsOf } from '../shared/audit/account-contexts.ts';
import { auditAll } from '../shared/audit/audit-all.ts';
import type { AuditContext, Audited } from '../shared/audit/audit-resource.ts';
import { configurationFindings } from '../shared/audit/configuration-findings.ts';
import { unreadableObservation } from '../shared/audit/observe.ts';
import { configurationOf, type NotInSnapshot, notInSnapshot } from '../shared/audit/run-scope.ts';
import type { Config, FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { typeOfArn } from '../shared/domain/resource.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { isFaulty } from '../shared/domain/status.ts';
import type { Recorded } from '../shared/events/recorded-uses.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import { unlistedPipelines } from '../shared/facts/read-pipeline-use.ts';
import { runResourcesBuilder } from '../shared/findings/run-resources.ts';
import type { Observation } from '../shared/findings/state.ts';
import { memoryStore } from '../shared/findings/store.ts';
import type { Control } from '../shared/judging/control.ts';
import { rosterBuilder } from '../shared/needs/roster.ts';
import { type StackOf, stackOfTags, withCauses } from '../shared/outputs/formats/causes.ts';
import type { ResultsScope } from '../shared/outputs/formats/results.ts';
import { found, unreadOf } from '../shared/reader/read-result.ts';
import type { AccountReaders, Reader } from '../shared/reader/reader.ts';
import { openSnapshot } from '../shared/reader/snapshot/reader.ts';
import { unreadReader } from '../shared/reader/unread-reader.ts';
import {
  accountRequests,
  listAccount,
  listGaps,
  listRegion,
  needsBuckets,
  regionRequests,
} from '../shared/requests/account-requests.ts';
import type { AuditRequest, ReadEvents } from '../shared/requests/audit-request.ts';
import { accountRequest } from '../shared/requests/resource-requests.ts';
import { seenExecutions } from '../shared/requests/seen-executions.ts';
import { UsageError } from './errors.ts';
import type { Progress } from './progress.ts';

/**
 * The reader of a snapshot folder.
 * @throws {UsageError} if the folder is not a snapshot.
 */
export const snapshotReader = async (dir: string): Promise<Reader> => {
  const opened = await openSnapshot(dir);
  if (!opened.ok) throw new UsageError(opened.unread.message);
  return opened.value;
};

/** A Region of an account that cannot be read. */
export type ClosedRegion = { scope: Scope; unread: Unread };

/**
 * Audits the resources of the events or, without events, the whole account in the Regions of its readers. `unlisted` are those
 * whose pipelines could not be listed. Without `all`, passed verdicts are only
 * counted.
 */
export const audit = async (
  readers: AccountReaders,
  config: Config,
  events: ReadEvents | undefined,
  progress: Progress,
  {
    all = false,
    recorded,
    unreadable = [],
    controls = CONTROLS,
    onLook = () => {},
    resources = runResourcesBuilder(),
    closed = [],
    whole = config,
  }: {
    all?: boolean;
    /** What CloudTrail records show that principals did. */
    recorded?: Recorded;
    /** Records of the snapshot that could not be read. */
    unreadable?: ReadEvents['unreadable'];
    /** Of which controls the findings are wanted. All of them judge, because a remedy is tried against all. */
    controls?: readonly Control[];
    /** Is told of each resource that was looked at. */
    onLook?: (observation: Observation) => void;
    /** Is told of the resources that were to be looked at, and that were. */
    resources?: Pick<ReturnType<typeof runResourcesBuilder>, 'ask' | 'look'>;
    /** Regions of the account that cannot be read. Their pipelines may use any role. */
    closed?: readonly ClosedRegion[];
    /** The configuration as its file has it, for all accounts. */
    whole?: FileConfig | undefined;
  } = {},
): Promise<{ findings: Finding[]; passed: number; scope: ResultsScope; unlisted: ClosedRegion[] }> => {
  const [reader, ...others] = readers;
  const unlisted: ClosedRegion[] = [];
  const ids = controls.map(({ id }) => id);
  const store = memoryStore();
  const { add, roster } = rosterBuilder();
  const shared: Omit<AuditContext, 'reader'> = {
    config,
    controls: CONTROLS,
    now: () => new Date(),
    countsPasses: !all,
    ...(recorded && { recorded }),
    recallExecution: (executionId) => store.recallExecution(executionId),
    // A full audit reads all pipelines first, so the roster is complete before it comes to the roles.
    evidence: accountEvidence(reader, config, events ? undefined : async () => found(roster), [
      ...others,
      ...closed.map(({ scope, unread }) => unreadReader(scope, unread)),
    ]),
  };
  for (const { scope, unread } of closed) add(unlistedPipelines(unread, scope));
  const contextOf = contextsOf(readers, shared);
  const context: AuditContext = { ...shared, reader };
  for (const execution of seenExecutions(events?.requests ?? [])) await store.rememberExecution(execution);
  const everything = async (): Promise<AuditRequest[]> => {
    const lists = await listAccount(reader, { buckets: needsBuckets(config), jobs: true });
    const more = await Promise.all(
      others.map(async (other) => ({ reader: other, lists: await listRegion(other, { jobs: true }) })),
    );
    const gaps = [{ reader, lists }, ...more];
    for (const {
      reader: { scope },
      lists: { pipelines },
    } of gaps) {
      const unread = unreadOf(pipelines);
      if (!unread) continue;
      add(unlistedPipelines(unread, scope));
      unlisted.push({ scope, unread });
    }
    return [
      ...accountRequests(lists, config, reader),
      ...more.flatMap((each) => regionRequests(each.lists, each.reader)),
      ...gaps.map((each) => accountRequest(each.reader.scope, listGaps(each.lists))),
    ];
  };
  const requests = events?.requests ?? (await everything());
  for (const { resource } of requests) resources.ask(resource);
  const passed = new Map<string, number>();
  const onAudited = ({ resource, use, observations }: Audited, done: number, total: number): void => {
    resources.look(resource);
    for (const { resourceArn } of observations)
      if (typeOfArn(resourceArn) === 'execution') resources.look({ type: 'execution', arn: resourceArn });
    for (const { resourceArn, passed: count } of observations) if (count) passed.set(resourceArn, count);
    observations.forEach(onLook);
    if (use) add(use);
    progress.count(done, total);
  };
  const audited = await auditAll(requests, contextOf, onAudited);
  const notRead = [...(events?.unreadable ?? []), ...unreadable].flatMap(
    (record) => unreadableObservation(record, context).findings,
  );
  const takenAt = takenAtOf(readers);
  const ofAccount =
    takenAt === undefined ? audited : audited.map((each) => ({ ...each, evidenceAt: takenAt }));
  return {
    findings: [
      ...configurationFindings({ ...context, controls }, whole),
      ...withCauses(ofAccount, await stacksIn(audited, context)),
      ...notRead,
    ].filter(({ control }) => ids.includes(control)),
    passed: [...passed.values()].reduce((sum, count) => sum + count, 0),
    scope: {
      mode: events ? 'events' : 'all',
      ...configurationOf(controls, config),
      notInSnapshot: events ? [] : await missingFiles(readers, controls, config),
    },
    unlisted,
  };
};

/** When the oldest snapshot of an account was taken; undefined where it is read live. */
const takenAtOf = (readers: AccountReaders): string | undefined =>
  readers.flatMap(({ takenAt }) => takenAt ?? []).toSorted()[0];

/** The files that any of the snapshots of the account lacks. */
const missingFiles = async (
  readers: AccountReaders,
  controls: readonly Control[],
  config: Config,
): Promise<NotInSnapshot[]> => {
  const missing = await Promise.all(readers.map((each) => notInSnapshot(each, controls, config)));
  return [...new Map(missing.flat().map((each) => [each.file, each])).values()];
};

/** The stacks of the roles that findings are about. Several such findings mean that the roles were read. */
const stacksIn = async (findings: readonly Finding[], { evidence }: AuditContext): Promise<StackOf> => {
  const arns = new Set(
    findings.flatMap(({ status, resource: { type, arn } }) =>
      isFaulty(status) && type === 'role' ? arn : [],
    ),
  );
  const read = arns.size < 2 ? undefined : await evidence.identities();
  const byArn = read?.ok ? read.value.byArn : undefined;
  return (arn) => stackOfTags(byArn?.get(arn)?.principal.tags);
};
