import type { Finding } from '../domain/finding.ts';
import type { Judgements, Subject } from '../domain/judgement.ts';
import type { ReadTimes } from '../domain/read-times.ts';
import type { Resource } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import type { Trigger } from '../domain/trigger.ts';
import type { FinishedEntry } from './finished-entries.ts';

/** The ways in which a finding is open. `refreshed`: unchanged, and sent again after 30 days. */
const OPEN_KINDS = ['opened', 'changed', 'refreshed'] as const;

/**
 * The ways in which a finding ends. `resolved`: its control judged the resource again, and it passes or does not apply.
 * `gone`: the resource no longer exists. `gathered`: another finding of the same control reports it. `expired`: its
 * time is over and nobody mended it. `unjudged`: nobody judges it any more; `Finding.unjudged` says why.
 */
export const CLOSING_KINDS = ['resolved', 'gone', 'gathered', 'expired', 'unjudged'] as const;
export type ClosingKind = (typeof CLOSING_KINDS)[number];

export const CHANGE_KINDS = [...OPEN_KINDS, ...CLOSING_KINDS] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What changed about a finding since the last change that was delivered. */
export type Change = {
  kind: ChangeKind;
  finding: Finding;
  /** The names of the sinks that have taken the change; missing where none has. */
  takenBy?: string[];
  /**
   * Only for `opened`: the sinks that have taken an earlier form of the finding. For those sinks this form is
   * `changed`.
   */
  openedTo?: string[];
};

/** The kind of a change that ends the finding; undefined for any other change. */
export const closingKind = ({ kind }: Pick<Change, 'kind'>): ClosingKind | undefined =>
  CLOSING_KINDS.find((closing) => closing === kind);

/** Whether the change ends its finding. */
export const isClosing = (change: Pick<Change, 'kind'>): boolean => closingKind(change) !== undefined;

/** The result of one look at a resource: all that its controls say now. `gone`: the resource no longer exists. */
export type Observation = {
  resourceArn: string;
  observedAt: string;
  /** When the evidence was read, where a reader may have kept some of it for a while. */
  readAt?: ReadTimes;
  findings: Finding[];
  /** The judgement of each control that applies to the resource. A control that is missing here no longer applies. */
  judged: Judgements;
  /** A digest of what the configuration tells the controls. */
  configuration: string;
  /** How many verdicts passed, where passes are stored as a number only. */
  passed?: number;
  /** The same by control, with what did not apply, where neither is listed. */
  counted?: Readonly<Record<string, { passed?: number; notApplicable?: number }>>;
  gone: boolean;
  /** Only for a job, an execution or an event: how many days its findings stay after they were last seen. */
  expireDays?: number;
  /**
   * Only for the group of a pipeline’s jobs: the ARN of the one job or execution that was looked at. The observation
   * replaces that job’s entries and leaves the others.
   */
  finishedArn?: string;
  /**
   * Only for a group: the ids of grouped findings that this job is not part of, as a suppression of its own ARN covers
   * it.
   */
  accepted?: readonly string[];
  /** Only for a job or an execution: the pipeline on which its open findings are grouped. */
  movedTo?: string;
  /** What the look tells the history; missing where none is kept. */
  told?: ToldLook;
};

/** A look at a resource with all its verdicts, also those that passed, before those on jobs are grouped on their pipeline. */
export type ToldLook = {
  scope: Scope;
  resource: Resource;
  verdicts: Finding[];
  trigger?: Trigger;
  principal?: string;
  /** The version of the pipeline that an execution ran, where AWS told it. */
  pipelineVersion?: number;
};

/**
 * What the store keeps of a resource: its open findings and the changes that are still to be delivered. `version`
 * counts the writes, so that two auditors that look at the same time cannot undo each other.
 */
export type ResourceState = {
  version: number;
  /** As of when the newest look saw the resource. An older look adds nothing to what the newest look could judge. */
  observedAt: string;
  /** The same for each kind of evidence of that look. */
  readAt?: ReadTimes;
  /** By finding id. Read through `Object.hasOwn` or `Object.entries` only. */
  open: Record<string, Finding>;
  /**
   * The digest of the configuration by which the open findings were judged; the oldest, where they differ. Missing
   * where nothing is open, and in states that an older version wrote.
   */
  configuration?: string;
  /** What the newest look could not judge; missing where it judged everything. */
  unread?: UnreadPart;
  /** Since when every open finding has been sent, or waits in `undelivered`; missing where nothing is open. */
  toldAt?: string;
  /** At most one change for each finding. The change of an open finding always holds the form in `open`. */
  undelivered: Change[];
  /** Only for jobs, executions and events. `entries`, by finding id, are those of the grouped findings. */
  finished?: { expireDays: number; entries?: Record<string, FinishedEntry[]> };
  /** Of grouped findings, by id: how entries have left without passing. Such a finding never ends as mended. */
  left?: Record<string, LeftBy>;
  /** How many verdicts passed in the newest look; missing where none did, and for jobs and executions. */
  passed?: number;
};

/**
 * What the newest look could not judge, with the time of each last judgement. A look that comes late can then still add
 * its verdicts, so that the state does not depend on the order in which looks arrive.
 */
export type UnreadPart = {
  controls: Record<string, UnreadControl>;
  /** Of findings whose last verdict stands, by id: the NOT_AVAILABLE finding of the newest look that made one. */
  forms: Record<string, Finding>;
};

/**
 * A control that could not judge every part of the resource in the newest look. `ungathered`: the look did not even say
 * what could not be read. Times are ISO 8601; a time is missing where the event never happened.
 */
export type UnreadControl = {
  is: 'unread' | 'ungathered';
  because: string;
  /** When a look last said anything for this control. */
  saidAt?: string;
  /** When the control last judged the whole resource. */
  judgedAt?: string;
  /** Each part of the resource with the time at which the control last judged it. */
  parts: [Subject, string][];
};

/**
 * How an entry left: `expired` after its days, `gathered` into a finding of its own, `unjudged` as there were too many.
 */
export const LEFT_BY = ['expired', 'gathered', 'unjudged'] as const;
export type LeftBy = (typeof LEFT_BY)[number];

/** The new state of a resource, and all changes that are to be delivered now. */
export type Reconciled = { state: ResourceState; changes: Change[] };

/**
 * Whether nothing is open or undelivered. The state is then kept for its number of passes and for looks that come late.
 */
export const isEmpty = (state: ResourceState): boolean =>
  Object.keys(state.open).length === 0 && state.undelivered.length === 0;
