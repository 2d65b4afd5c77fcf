import type { Finding } from '../domain/finding.ts';
import type { Judgements, Subject } from '../domain/judgement.ts';
import type { ReadTimes } from '../domain/read-times.ts';
import type { FinishedEntry } from './finished-entries.ts';

/** The ways in which a finding is open. `refreshed` = it stands as it was told 30 days ago. */
const OPEN_KINDS = ['opened', 'changed', 'refreshed'] as const;

/**
 * The ways in which a finding ends. `resolved` = its control judged the resource again, and it passes or does not apply;
 * `gone` = the resource does not exist any more; `gathered` = another finding of the same control tells it; `expired` =
 * its time is over, unmended; `unjudged` = nobody judges it any more, and `unjudged` of the finding says why.
 */
export const CLOSING_KINDS = ['resolved', 'gone', 'gathered', 'expired', 'unjudged'] as const;
export type ClosingKind = (typeof CLOSING_KINDS)[number];

export const CHANGE_KINDS = [...OPEN_KINDS, ...CLOSING_KINDS] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What changed about a finding since the last observation that was delivered. */
export type Change = {
  kind: ChangeKind;
  finding: Finding;
  /** The names of the sinks that have taken it; missing where none has. */
  takenBy?: string[];
  /** Of what is opened: the sinks that have taken an earlier form of it, so that this one is only a change to them. */
  openedTo?: string[];
};

/** The kind of a change that ends the finding; undefined for any other change. */
export const closingKind = ({ kind }: Pick<Change, 'kind'>): ClosingKind | undefined =>
  CLOSING_KINDS.find((closing) => closing === kind);

/** Whether the change ends the finding. */
export const isClosing = (change: Pick<Change, 'kind'>): boolean => closingKind(change) !== undefined;

/** One look at a resource: everything that its controls say of it now. `gone` = the resource no longer exists. */
export type Observation = {
  resourceArn: string;
  observedAt: string;
  /** Where its evidence may have been kept for a while. */
  readAt?: ReadTimes;
  findings: Finding[];
  /** What each control that bears on the resource came to; one that is not there bears on it no more. */
  judged: Judgements;
  /** A digest of what the configuration tells the controls. */
  configuration: string;
  /** How many verdicts passed, where they are only counted. */
  passed?: number;
  gone: boolean;
  /** Of something finished (a job, an execution): how many days its findings stay after they were last seen. */
  expireDays?: number;
  /** The one finished thing that is observed: what is said of it adds to what stands open, and replaces only its own. */
  finishedArn?: string;
  /** Of what is gathered: the ids of findings that it is no part of, as a suppression of its own ARN covers it. */
  accepted?: readonly string[];
  /** The pipeline under which the open findings of this finished thing are gathered. */
  movedTo?: string;
};

/**
 * What is remembered of a resource: its open findings, and which changes have not been delivered yet.
 * `version` counts the writes, so that two auditors that look at the same time cannot undo each other.
 */
export type ResourceState = {
  version: number;
  /** As of when the newest look saw the resource: what an older one says adds nothing. */
  observedAt: string;
  /** Of the evidence of that look. */
  readAt?: ReadTimes;
  /** By finding id. Read through `Object.hasOwn` or `Object.entries` only. */
  open: Record<string, Finding>;
  /**
   * The digest of the configuration that all that is open was judged by, or an older one; missing where nothing is
   * open, and in what an older version stored.
   */
  configuration?: string;
  /** What the newest look could not judge; missing where it judged all. */
  unread?: UnreadPart;
  /** Since when every open finding has been told, or is undelivered; missing where none is open. */
  toldAt?: string;
  /** At most one per finding. What is undelivered of an open finding is always its form in `open`. */
  undelivered: Change[];
  /** Of something finished. `entries`, by finding id, are what its gathered findings are made of. */
  finished?: { expireDays: number; entries?: Record<string, FinishedEntry[]> };
  /** Of gathered findings, by id: how entries have left that did not pass, so that what is left of it is no mend. */
  left?: Record<string, LeftBy>;
  /** How many verdicts passed in the newest look; missing where none did, and of something finished. */
  passed?: number;
};

/**
 * What the newest look could not judge, with when it was last judged, so that a look which comes late still says what it
 * saw: the state hangs on the looks, and not on the order in which they come.
 */
export type UnreadPart = {
  controls: Record<string, UnreadControl>;
  /** By id of a finding that stands by its last verdict: what the newest look that says anything says of it instead. */
  forms: Record<string, Finding>;
};

/**
 * What the newest look says of a control that could not judge all of the resource; `ungathered` = nothing, not even what
 * could not be read. Times are ISO 8601, and missing where that never happened.
 */
export type UnreadControl = {
  is: 'unread' | 'ungathered';
  because: string;
  /** When a look last said anything of it. */
  saidAt?: string;
  /** When it last judged the whole resource. */
  judgedAt?: string;
  /** When it last judged each part, of those that it has judged since. */
  parts: [Subject, string][];
};

/** `expired` = its time was over; `gathered` = a finding of its own tells it; `unjudged` = there were too many to keep. */
export const LEFT_BY = ['expired', 'gathered', 'unjudged'] as const;
export type LeftBy = (typeof LEFT_BY)[number];

/** The state after something happened to it, and everything that is to be delivered now. */
export type Reconciled = { state: ResourceState; changes: Change[] };

/** Whether there is nothing left to tell: the state is then remembered for what passed, and for looks that come late. */
export const isEmpty = (state: ResourceState): boolean =>
  Object.keys(state.open).length === 0 && state.undelivered.length === 0;
