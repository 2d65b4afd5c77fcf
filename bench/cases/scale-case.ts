import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { scaleAccount } from '../accounts/scale-account.ts';
import { writeSnapshot } from '../accounts/scale-snapshot.ts';
import { type Cost, costOfRun } from '../processes/cost-of-run.ts';
import { median, rounded } from '../processes/figures.ts';
import { inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';

const RUNS = 3;

/** What one run of a program cost, and how long it took. */
type TimedRun = Cost & { seconds: number };

export type ScaleLine = Record<string, unknown> & { pipelines: number; cpuSeconds: number };

/**
 * Runs the built command, as a process of its own, on a snapshot with this many pipelines of 10 steps, 500 roles and
 * 200 buckets, in turn with a process that only reads and parses the same files. Takes the medians of three runs; each run must
 * find exactly what was broken on purpose.
 */
export const measureScale = async (pipelines: number): Promise<ScaleLine & { parsingCpuSeconds: number }> => {
  const folder = await temporaryFolder();
  const snapshot = join(folder, 'snapshot');
  const size = { pipelines, roles: 500, buckets: 200 };
  const account = scaleAccount(size);
  await writeSnapshot(snapshot, account, pipelines);
  const results = join(folder, 'results.json');
  const [ours, theirs]: [TimedRun[], TimedRun[]] = [[], []];
  let found: Found | undefined;
  for (let run = 0; run < RUNS; run++) {
    theirs.push(await timedRun('bench/rivals/read-and-parse.mjs', [snapshot]));
    const source = ['--snapshot', snapshot, '--config', join(snapshot, 'pipewarden.json')];
    const [program = '', ...args] = auditArguments(source, results);
    ours.push(await timedRun(program, args));
    found = await foundIn(results);
    if (!isDeepStrictEqual(found.findings, account.expected))
      throw new Error(
        `found ${JSON.stringify(found.findings)} instead of ${JSON.stringify(account.expected)}`,
      );
  }
  return {
    ...size,
    seconds: medianOf(ours, 'seconds'),
    cpuSeconds: medianOf(ours, 'cpuSeconds'),
    parsingCpuSeconds: medianOf(theirs, 'cpuSeconds'),
    peakRssMiB: Math.max(...ours.map(({ peakMiB }) => peakMiB)),
    evaluated: found?.evaluated,
    findings: Object.values(found?.findings ?? {}).reduce((sum, count) => sum + count, 0),
  };
};

const timedRun = async (program: string, args: string[]): Promise<TimedRun> => {
  const started = performance.now();
  const { cpuSeconds, peakMiB, status, stderr } = await costOfRun(resolve(inCheckout(''), program), args);
  if (status !== 0) throw new Error(`${program} ended with status ${status}\n${stderr.slice(-2000)}`);
  return { cpuSeconds, peakMiB, seconds: (performance.now() - started) / 1000 };
};

const medianOf = (runs: readonly TimedRun[], field: 'seconds' | 'cpuSeconds'): number =>
  rounded(median(runs.map((run) => run[field])));

/** Arguments for an audit of a source by the built command, with the results in a file. */
export const auditArguments = (source: readonly string[], results: string): string[] => [
  inCheckout('dist/cli/pipewarden.mjs'),
  ...['audit', ...source],
  ...['--format', 'json', '-o', results, '--fail-on', 'none', '--quiet'],
];

type Found = { evaluated: number; findings: Record<string, number> };

/** The number of findings of each control in a results file; `statuses`: of these alone. */
export const foundIn = async (results: string, statuses?: readonly string[]): Promise<Found> => {
  const { summary, findings } = JSON.parse(await readFile(results, 'utf8')) as {
    summary: { evaluated: number };
    findings: { control: string; status: string }[];
  };
  const counts: Record<string, number> = {};
  for (const { control, status } of findings)
    if (statuses?.includes(status) ?? true) counts[control] = (counts[control] ?? 0) + 1;
  return { evaluated: summary.evaluated, findings: counts };
};
