import type { SeenExecution } from '../definition/execution-ref.ts';
import type { Departure } from '../domain/judgement.ts';
import { acknowledge, historyOf } from './delivery.ts';
import { depart } from './departing.ts';
import { type Ended, endedBy, newestEndings } from './end-reason.ts';
import { expire } from './expiry.ts';
import { reconcile } from './reconcile.ts';
import { type Change, isEmpty, type Observation, type ResourceState } from './state.ts';

/**
 * Where the states of resources are kept. Two implementations, one contract (test/contract/store.test.ts): memory and
 * DynamoDB. ARNs are compared without case.
 */
export type Store = {
  /**
   * Stores the observation and returns all changes to deliver. Throws where it is not certain that the state was
   * stored.
   */
  observe(observation: Observation): Promise<{ state: ResourceState; changes: Change[] }>;
  /** Ends findings that have expired and sends again what is due; then returns all changes to deliver. */
  expire(resourceArn: string, now: string): Promise<Change[]>;
  /** Ends all findings of a resource whose account is not watched any more. */
  depart(resourceArn: string, departure: Departure, now: string): Promise<void>;
  /** The changes that are undelivered now. */
  pending(resourceArn: string): Promise<Change[]>;
  /**
   * Notes which sinks have taken the changes (`takenBy`), and drops those that all `sinks` have taken. Changes that are
   * not acknowledged are delivered again.
   */
  acknowledge(resourceArn: string, changes: readonly Change[], sinks: readonly string[]): Promise<void>;
  /**
   * The newest end of each of the resource’s findings since a time (ISO 8601). Ends that no sink has taken are missing.
   */
  endings(resourceArn: string, since: string): Promise<Ended[]>;
  /**
   * Reserves a resource for one deliverer, so that no two deliver the same change. The reservation ends when the
   * returned function is called, or after `milliseconds`. Undefined where another deliverer has the resource.
   */
  claim(resourceArn: string, milliseconds: number): Promise<(() => Promise<void>) | undefined>;
  /**
   * Every resource that has something open, undelivered or passed, in no order. Writes may happen meanwhile.
   * @throws after the last resource, where some states could not be read.
   */
  states(): AsyncGenerator<{ resourceArn: string; state: ResourceState }>;
  /** Keeps what the event of an execution’s start says, until its jobs have been seen. */
  rememberExecution(execution: SeenExecution): Promise<void>;
  recallExecution(executionId: string): Promise<Omit<SeenExecution, 'executionId'> | undefined>;
};

/** A store that lives as long as the process, for the command line and for tests. */
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
    // A resource that is known stays known: else a late look would open a finding again that a newer look has resolved.
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
    async depart(resourceArn, departure, now) {
      const state = get(resourceArn);
      if (state) put(resourceArn, depart(state, departure, now).state);
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
