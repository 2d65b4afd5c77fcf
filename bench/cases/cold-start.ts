import { median, rounded } from '../processes/figures.ts';
import type { MeasuredProcess } from '../processes/measured-process.ts';

export type ColdStart = { totalMs: number; importMs: number; firstEventMs: number; cpuMs: number };

/** The first event of a fresh process. The total includes the start of the runtime itself. */
export const coldStart = async (
  subject: MeasuredProcess,
  firstBatch: readonly unknown[],
): Promise<ColdStart> => {
  const { importMs, wallMs, processCpuMs } = await subject.run(firstBatch);
  const totalMs = performance.now() - subject.startedAt;
  return { totalMs, importMs, firstEventMs: wallMs, cpuMs: processCpuMs };
};

export const coldStartFigures = (starts: readonly ColdStart[]) => ({
  processes: starts.length,
  coldStartMs: rounded(median(starts.map(({ totalMs }) => totalMs))),
  importMs: rounded(median(starts.map(({ importMs }) => importMs))),
  firstEventMs: rounded(median(starts.map(({ firstEventMs }) => firstEventMs))),
  cpuMs: rounded(median(starts.map(({ cpuMs }) => cpuMs))),
});
