import * as z from 'zod/mini';
import { type Finding, SEVERITIES, type Severity, STATUSES, type Status } from '../domain/finding.ts';
import { UNJUDGED_WHYS, type UnjudgedWhy } from '../domain/judgement.ts';
import { RESOURCE_TYPES, type Resource } from '../domain/resource.ts';
import type { Trigger } from '../domain/trigger.ts';
import { END_REASONS, type EndReason } from '../findings/end-reason.ts';
import { CHANGE_KINDS, type ChangeKind } from '../findings/state.ts';

/** What every record of the history tells: when and where it was so, and by which version and configuration of the auditor. */
type Recorded = {
  /** ISO 8601, in UTC. */
  at: string;
  account: string;
  region: string;
  /** The version of Pipewarden. */
  version: string;
  /** The digest of the whole configuration (`wholeDigest`). */
  configuration: string;
};

/** A verdict of a look, whatever its status. */
export type RecordedVerdict = Pick<Finding, 'id' | 'control' | 'evidence'> & {
  status: Status;
  severity: Severity;
  subject?: string;
  /** Why nothing was to be judged. */
  because?: string;
  suppression?: { reason: string; expires: string };
};

/** A control that gave no verdict on the resource, and why. */
export type NotJudgedControl = { control: string; why: UnjudgedWhy; because: string };

/**
 * One look at one resource: that it existed then (or was gone), every verdict with what it rests on, and which controls
 * said nothing. The resources of a period are those of its looks. A look with very many verdicts is told by several
 * records of the same time and resource, each with some of the verdicts.
 */
export type LookRecord = Recorded & {
  kind: 'look';
  resource: Resource;
  gone: boolean;
  /** The time of the oldest evidence (ISO 8601), where a reader may have kept some of it for a while. */
  evidenceAt: string;
  /** The event that led to the look, and who caused it; missing for looks of a sweep. */
  trigger?: Trigger;
  principal?: string;
  /** The version of a pipeline that was judged, or that an execution ran, where AWS told it. */
  pipelineVersion?: number;
  verdicts: RecordedVerdict[];
  notJudged: NotJudgedControl[];
};

/** One change of a finding: that it opened, changed or ended, and by what. The finding is as channels were told it. */
export type ChangeRecord = Recorded & {
  kind: 'change';
  change: Exclude<ChangeKind, 'refreshed'>;
  finding: Pick<
    Finding,
    'id' | 'control' | 'status' | 'severity' | 'title' | 'resource' | 'evidence' | 'firstObservedAt'
  > &
    Partial<Pick<Finding, 'subject' | 'principal' | 'trigger' | 'suppression'>> & {
      /** The advice, without its commands. */
      remediation: string;
    };
  /** How it ended, for a change that ends it. */
  ended?: { how: EndReason; because: string };
};

/**
 * That the auditor watched: a heartbeat of a rule that came through, and what a sweep could list. Between two of these, nobody
 * knows. `configuration-in-force`: the auditor began to judge by this version and configuration.
 */
export const WATCHED = ['heartbeat', 'sweep-complete', 'sweep-incomplete', 'configuration-in-force'] as const;
export type WatchRecord = Recorded & {
  kind: 'watch';
  watched: (typeof WATCHED)[number];
  /** The rule of a heartbeat; why a sweep is incomplete. */
  because?: string;
  /** How many resources of each type a sweep has listed. */
  listed?: Record<string, number>;
};

export type HistoryRecord = LookRecord | ChangeRecord | WatchRecord;

/** To the millisecond, as Parquet keeps times: so that what is read back has the same id. */
const time = z.iso.datetime({ precision: 3 });

const recorded = {
  at: time,
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: z.string().check(z.regex(/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/)),
  version: z.string(),
  configuration: z.string(),
};

const evidence = z.array(z.strictObject({ at: z.string(), found: z.string(), expected: z.string() }));
const resource = z.strictObject({ type: z.enum(RESOURCE_TYPES), arn: z.string() });
const trigger = z.strictObject({ eventId: z.string(), eventName: z.string(), eventTime: z.string() });
const suppression = z.strictObject({ reason: z.string(), expires: z.string() });
const judged = {
  id: z.string(),
  control: z.string(),
  status: z.enum(STATUSES),
  severity: z.enum(SEVERITIES),
};

/** The schema of a record. Whatever reads a history parses it by this, because whoever may write to its bucket may write anything. */
export const historyRecordSchema: z.ZodMiniType<HistoryRecord> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...recorded,
    kind: z.literal('look'),
    resource,
    gone: z.boolean(),
    evidenceAt: time,
    trigger: z.exactOptional(trigger),
    principal: z.exactOptional(z.string()),
    pipelineVersion: z.exactOptional(z.int().check(z.minimum(1))),
    verdicts: z.array(
      z.strictObject({
        ...judged,
        evidence,
        subject: z.exactOptional(z.string()),
        because: z.exactOptional(z.string()),
        suppression: z.exactOptional(suppression),
      }),
    ),
    notJudged: z.array(
      z.strictObject({ control: z.string(), why: z.enum(UNJUDGED_WHYS), because: z.string() }),
    ),
  }),
  z.strictObject({
    ...recorded,
    kind: z.literal('change'),
    change: z.enum(CHANGE_KINDS).check(z.refine((kind) => kind !== 'refreshed')) as z.ZodMiniType<
      ChangeRecord['change']
    >,
    finding: z.strictObject({
      ...judged,
      title: z.string(),
      resource,
      evidence,
      firstObservedAt: time,
      remediation: z.string(),
      subject: z.exactOptional(z.string()),
      principal: z.exactOptional(z.string()),
      trigger: z.exactOptional(trigger),
      suppression: z.exactOptional(suppression),
    }),
    ended: z.exactOptional(
      z.strictObject({ how: z.enum([...END_REASONS, ...UNJUDGED_WHYS]), because: z.string() }),
    ),
  }),
  z.strictObject({
    ...recorded,
    kind: z.literal('watch'),
    watched: z.enum(WATCHED),
    because: z.exactOptional(z.string()),
    listed: z.exactOptional(z.record(z.string(), z.int().check(z.minimum(0)))),
  }),
]);
