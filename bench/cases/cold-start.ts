import { median, rounded } from '../processes/figures.ts';
import type { MeasuredProcess } from '../processes/measured-process.ts';

export type ColdStart = { totalMs: number; importMs: number; firstEventMs: number };

/** The first event of a fresh process. The total includes the start of the runtime itself. */
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
