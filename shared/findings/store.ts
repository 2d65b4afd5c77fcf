import type { SeenExecution } from '../definition/execution-ref.ts';
import { acknowledge, historyOf } from './delivery.ts';
import { type Ended, endedBy, newestEndings } from './end-reason.ts';
import { expire } from './expiry.ts';
import { reconcile } from './reconcile.ts';
import { type Change, isEmpty, type Observation, type ResourceState } from './state.ts';

/**
 * Where findings are remembered between two looks. Two implementations, one contract (test/contract/store.test.ts):
 * memory, and DynamoDB. Resources are told apart by their ARN without case.
 */
export type Store = {
  /** Stores the observation, then returns everything that is to be delivered now. Throws where that is not certain. */
  observe(observation: Observation): Promise<{ state: ResourceState; changes: Change[] }>;
  /**
   * Closes what has finished and was not seen for its whole time, and tells again what was not told for long; then
   * returns everything that is to be delivered now.
   */
  expire(resourceArn: string, now: string): Promise<Change[]>;
  /** What is undelivered at this moment. */
  pending(resourceArn: string): Promise<Change[]>;
  /**
   * Remembers which sinks have taken the changes (`takenBy`), and forgets those that all `sinks` have taken. What is
   * not acknowledged comes again.
   */
  acknowledge(resourceArn: string, changes: readonly Change[], sinks: readonly string[]): Promise<void>;
  /**
   * How findings of the resource have ended since that time (ISO 8601), the newest end of each: of changes that a sink
   * has taken, so that what is still undelivered is not among them.
   */
  endings(resourceArn: string, since: string): Promise<Ended[]>;
  /**
   * Keeps a resource's changes for one deliverer, so that no two tell a sink the same at once, until what it returns is
   * called or the time is over. Undefined where another has them.
   */
  claim(resourceArn: string, milliseconds: number): Promise<(() => Promise<void>) | undefined>;
  /**
   * Every resource with something open, undelivered or passed, in no order and not all of one moment.
   * @throws at its end, where states could not be read; it has given all others then.
   */
  states(): AsyncGenerator<{ resourceArn: string; state: ResourceState }>;
  /** Keeps what the event of its start tells of an execution until its jobs have been seen. */
  rememberExecution(execution: SeenExecution): Promise<void>;
  recallExecution(executionId: string): Promise<Omit<SeenExecution, 'executionId'> | undefined>;
};

/** A store that lives as long as the process: for the CLI and for tests. */
export const memoryStore = (): Store => {
  const states = new Map<string, { resourceArn: string; state: ResourceState }>();
  const executions = new Map<string, Omit<SeenExecution, 'executionId'>>();
  const claims = new Map<string, { until: number }>();
  const history = new Map<string, Ended[]>();
  const get = (resourceArn: string): ResourceState | undefined =>
    states.get(resourceArn.toLowerCase())?.state;
  const put = (resourceArn: string, state: ResourceState): void => {
    const key = resourceArn.toLowerCase();
    const known = states.get(key);
    // Once known, a resource stays known: else a look that is late would open again what a newer one has resolved.
    if (!isEmpty(state) || state.passed !== undefined || known) {
      states.set(key, { resourceArn: known?.resourceArn ?? resourceArn, state: structuredClone(state) });
    }
  };
  return {
    async observe(observation) {
      const outcome = reconcile(get(observation.resourceArn), observation);
      put(observation.resourceArn, outcome.state);
      return structuredClone(outcome);
    },
    async expire(resourceArn, now) {
      const state = get(resourceArn);
      if (!state) return [];
      const outcome = expire(state, now);
      put(resourceArn, outcome.state);
      return structuredClone(outcome.changes);
    },
    async pending(resourceArn) {
      return structuredClone(get(resourceArn)?.undelivered ?? []);
    },
    async acknowledge(resourceArn, changes, sinks) {
      const state = get(resourceArn);
      if (!state) return;
      const key = resourceArn.toLowerCase();
      const ended = historyOf(state, changes).flatMap((change) => endedBy(change) ?? []);
      history.set(key, [...(history.get(key) ?? []), ...ended]);
      put(resourceArn, acknowledge(state, changes, sinks));
    },
    async endings(resourceArn, since) {
      return newestEndings(history.get(resourceArn.toLowerCase()) ?? [], since);
    },
    async claim(resourceArn, milliseconds) {
      const key = resourceArn.toLowerCase();
      if ((claims.get(key)?.until ?? 0) > Date.now()) return undefined;
      const mine = { until: Date.now() + milliseconds };
      claims.set(key, mine);
      return async () => {
        if (claims.get(key) === mine) claims.delete(key);
      };
    },
    async *states() {
      for (const known of [...states.values()])
        if (!isEmpty(known.state) || known.state.passed !== undefined) yield structuredClone(known);
    },
    async rememberExecution({ executionId, ...execution }) {
      executions.set(executionId, structuredClone(execution));
    },
    async recallExecution(executionId) {
      return structuredClone(executions.get(executionId));
    },
  };
};
