import { median, rounded } from '../processes/figures.ts';
import type { MeasuredProcess } from '../processes/measured-process.ts';

export type ColdStart = { totalMs: number; importMs: number; firstEventMs: number };

/** A fresh process's first event. The total begins with the process, so it holds the runtime's own start too. */
export const coldStart = async (
  subject: MeasuredProcess,
  firstBatch: readonly unknown[],
): Promise<ColdStart> => {
  const { importMs, wallMs } = await subject.run(firstBatch);
  return { totalMs: performance.now() - subject.startedAt, importMs, firstEventMs: wallMs };
};

export const coldStartFigures = (starts: readonly ColdStart[]) => ({
  processes: starts.length,
  coldStartMs: rounded(median(starts.map(({ totalMs }) => totalMs))),
  importMs: rounded(median(starts.map(({ importMs }) => importMs))),
  firstEventMs: rounded(median(starts.map(({ firstEventMs }) => firstEventMs))),
});
