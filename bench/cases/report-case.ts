import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../shared/domain/finding.ts';
import { toResults } from '../../shared/outputs/formats/results.ts';
import { manyFindings } from '../../test/support/builders/many-findings.ts';
import { ACCOUNT, REGION } from '../accounts/training-job.ts';
import { inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { middleOf, type WholeRun, wholeRun } from '../processes/whole-run.ts';

const RUNS = 3;

/**
 * The time of the built command, with its start, to make the report over two runs with this many findings; the median
 * of three.
 */
export const measureReport = async (count: number): Promise<Record<string, unknown>> => {
  const folder = await temporaryFolder();
  const findings = manyFindings(count);
  const files = await Promise.all([
    writeResults(join(folder, 'old.json'), '2026-11-20T08:00:00.000Z', findings.slice(count / 10)),
    writeResults(join(folder, 'new.json'), '2026-11-24T08:00:00.000Z', findings),
  ]);
  const page = join(folder, 'report.html');
  const runs: WholeRun[] = [];
  for (let run = 0; run < RUNS; run++)
    runs.push(
      await wholeRun(process.execPath, [
        inCheckout('dist/cli/pipewarden.mjs'),
        ...['report', '--in', ...files, '-o', page],
      ]),
    );
  return { findings: count, ...middleOf(runs), pageBytes: (await stat(page)).size };
};

const writeResults = async (file: string, generatedAt: string, findings: Finding[]): Promise<string> => {
  const results = toResults({ findings, generatedAt, account: ACCOUNT, region: REGION, all: false });
  await writeFile(file, JSON.stringify(results));
  return file;
};
