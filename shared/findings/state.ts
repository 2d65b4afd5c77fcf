import type { Finding } from '../domain/finding.ts';
import type { ReadTimes } from '../domain/read-times.ts';
import type { Entry } from './entries.ts';

/** `expired` = its time is over, unmended. `refreshed` = it stands as it was told 30 days ago. */
export const CHANGE_KINDS = ['opened', 'changed', 'resolved', 'expired', 'refreshed'] as const;

/** What changed about a finding since the last observation that was delivered. */
export type Change = {
  kind: (typeof CHANGE_KINDS)[number];
  finding: Finding;
  /** The names of the sinks that have taken it; missing where none has. */
  takenBy?: string[];
  /** Of what is opened: the sinks that have taken an earlier form of it, so that this one is only a change to them. */
  openedTo?: string[];
};

/** Whether the change ends the finding. */
export const isClosing = ({ kind }: Pick<Change, 'kind'>): boolean =>
  kind === 'resolved' || kind === 'expired';

/** One look at a resource: everything that its controls say of it now. `gone` = the resource no longer exists. */
export type Observation = {
  resourceArn: string;
  observedAt: string;
  /** Where its evidence may have been kept for a while. */
  readAt?: ReadTimes;
  findings: Finding[];
  /** How many verdicts passed, where they are only counted. */
  passed?: number;
  gone: boolean;
  /** Of something finished (a job, an execution): how many days its findings stay after they were last seen. */
  expireDays?: number;
  /** The one finished thing that is observed: what is said of it adds to what stands open, and replaces only its own. */
  gathers?: string;
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
  /** Since when every open finding has been told, or is undelivered; missing where none is open. */
  toldAt?: string;
  /** At most one per finding. What is undelivered of an open finding is always its form in `open`. */
  undelivered: Change[];
  /** Of something finished. `entries`, by finding id, are what its gathered findings are made of. */
  finished?: { expireDays: number; entries?: Record<string, Entry[]> };
  /** How many verdicts passed in the newest look; missing where none did, and of something finished. */
  passed?: number;
};

/** The state after something happened to it, and everything that is to be delivered now. */
export type Outcome = { state: ResourceState; changes: Change[] };

/** Whether there is nothing left to tell: the state is then remembered for what passed, and for looks that come late. */
export const isEmpty = (state: ResourceState): boolean =>
  Object.keys(state.open).length === 0 && state.undelivered.length === 0;
