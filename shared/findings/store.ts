import { expire } from './expiry.ts';
import {
  acknowledge,
  type Change,
  isEmpty,
  type Observation,
  type ResourceState,
  reconcile,
} from './state.ts';

/** A pipeline execution, with the values that its caller chose for the pipeline's parameters. */
export type Execution = { executionId: string; executionArn: string; parameters: Record<string, string> };

/**
 * Where findings are remembered between two looks. Two implementations, one contract (test/contract/store.test.ts):
 * memory, and DynamoDB. Resources are told apart by their ARN without case.
 */
export type Store = {
  /** Stores the observation, then returns everything that is to be delivered now. Throws where that is not certain. */
  observe(observation: Observation): Promise<{ state: ResourceState; changes: Change[] }>;
  /** Closes what has finished and was not seen for its whole time, then returns everything that is to be delivered now. */
  expire(resourceArn: string, now: string): Promise<Change[]>;
  /** Forgets changes that every sink has taken. What is not acknowledged comes again with the next observation. */
  acknowledge(resourceArn: string, changes: readonly Change[]): Promise<void>;
  /** Keeps the parameters of an execution until its jobs have been seen: only the event of its start tells them. */
  rememberExecution(execution: Execution): Promise<void>;
  recallExecution(executionId: string): Promise<Omit<Execution, 'executionId'> | undefined>;
};

/** A store that lives as long as the process: for the CLI and for tests. */
export const memoryStore = (): Store => {
  const states = new Map<string, ResourceState>();
  const executions = new Map<string, Omit<Execution, 'executionId'>>();
  const put = (resourceArn: string, state: ResourceState): void => {
    const key = resourceArn.toLowerCase();
    // Once known, a resource stays known: else a look that is late would open again what a newer one has resolved.
    if (!isEmpty(state) || states.has(key)) states.set(key, structuredClone(state));
  };
  return {
    async observe(observation) {
      const outcome = reconcile(states.get(observation.resourceArn.toLowerCase()), observation);
      put(observation.resourceArn, outcome.state);
      return structuredClone(outcome);
    },
    async expire(resourceArn, now) {
      const state = states.get(resourceArn.toLowerCase());
      if (!state) return [];
      const outcome = expire(state, now);
      put(resourceArn, outcome.state);
      return structuredClone(outcome.changes);
    },
    async acknowledge(resourceArn, changes) {
      const state = states.get(resourceArn.toLowerCase());
      if (state) put(resourceArn, acknowledge(state, changes));
    },
    async rememberExecution({ executionId, executionArn, parameters }) {
      executions.set(executionId, structuredClone({ executionArn, parameters }));
    },
    async recallExecution(executionId) {
      return structuredClone(executions.get(executionId));
    },
  };
};
