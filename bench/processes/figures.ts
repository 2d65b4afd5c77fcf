import { type Calls, isRead } from '../../test/support/emulators/counting-proxy.ts';
import type { Run } from './measured-process.ts';

/** The percentile of the values for a share from 0 to 1, by the nearest rank. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Three significant digits: more would be noise. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** The figures of one or more runs of the same case together. */
export const throughput = (runs: readonly Run[]) => {
  const events = total(runs.map((run) => run.events));
  const latenciesMs = runs.flatMap((run) => run.latenciesMs);
  return {
    events,
    failures: total(runs.map((run) => run.failures)),
    eventsPerSecond: rounded((events * 1000) / total(runs.map((run) => run.wallMs))),
    cpuMsPerEvent: rounded(total(runs.map((run) => run.cpuMs)) / events),
    latencyMsP50: rounded(percentile(latenciesMs, 0.5)),
    latencyMsP95: rounded(percentile(latenciesMs, 0.95)),
  };
};

/** Reads, writes and each operation, per event. */
export const callsPerEvent = (calls: Calls, events: number) => {
  const per = (entries: [string, number][]) => rounded(total(entries.map(([, count]) => count)) / events);
  const entries = Object.entries(calls);
  return {
    reads: per(entries.filter(([call]) => isRead(call))),
    writes: per(entries.filter(([call]) => !isRead(call))),
    operations: Object.fromEntries(entries.map(([call, count]) => [call, rounded(count / events)])),
  };
};
