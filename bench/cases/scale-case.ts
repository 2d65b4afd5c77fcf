import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { scaleAccount } from '../accounts/scale-account.ts';
import { writeSnapshot } from '../accounts/scale-snapshot.ts';
import { inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { middleOf, type WholeRun, wholeRun } from '../processes/whole-run.ts';

const RUNS = 3;

/**
 * Runs the built command, as a process of its own, on a snapshot with this many pipelines of 10 steps, 500 roles and
 * 200 buckets. Takes the median of three runs; each run must find exactly what was broken on purpose.
 */
export const measureScale = async (pipelines: number): Promise<Record<string, unknown>> => {
  const folder = await temporaryFolder();
  const size = { pipelines, roles: 500, buckets: 200 };
  const account = scaleAccount(size);
  await writeSnapshot(folder, account, pipelines);
  const results = join(folder, 'results.json');
  const runs: WholeRun[] = [];
  let found: Found | undefined;
  for (let run = 0; run < RUNS; run++) {
    const source = ['--snapshot', folder, '--config', join(folder, 'pipewarden.json')];
    runs.push(await wholeRun(process.execPath, auditArguments(source, results)));
    found = await foundIn(results);
    if (!isDeepStrictEqual(found.findings, account.expected))
      throw new Error(
        `found ${JSON.stringify(found.findings)} instead of ${JSON.stringify(account.expected)}`,
      );
  }
  return {
    ...size,
    ...middleOf(runs),
    evaluated: found?.evaluated,
    findings: Object.values(found?.findings ?? {}).reduce((sum, count) => sum + count, 0),
  };
};

/** Arguments for an audit of a source by the built command, with the results in a file. */
export const auditArguments = (source: readonly string[], results: string): string[] => [
  inCheckout('dist/cli/pipewarden.mjs'),
  ...['audit', ...source],
  ...['--format', 'json', '-o', results, '--fail-on', 'none', '--quiet'],
];

type Found = { evaluated: number; findings: Record<string, number> };

/** The number of findings of each control in a results file. */
export const foundIn = async (results: string): Promise<Found> => {
  const { summary, findings } = JSON.parse(await readFile(results, 'utf8')) as {
    summary: { evaluated: number };
    findings: { control: string }[];
  };
  const counts: Record<string, number> = {};
  for (const { control } of findings) counts[control] = (counts[control] ?? 0) + 1;
  return { evaluated: summary.evaluated, findings: counts };
};
