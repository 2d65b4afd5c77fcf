import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROLS } from '../../shared/controls/index.ts';
import { startMoto } from '../../test/support/emulators/moto-server.ts';
import { tryPythonEnv } from '../../test/support/jest/prepare.ts';
import { ensurePythonEnv, isPythonEnvReady, pythonProgram } from '../../test/support/python/python-env.ts';
import { scaleAccount } from '../accounts/scale-account.ts';
import { loadIntoMoto } from '../accounts/scale-moto.ts';
import { ACCOUNT, REGION } from '../accounts/training-job.ts';
import { rounded } from '../processes/figures.ts';
import { awsEnvironment, inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { middleOf, type WholeRun, wholeRun } from '../processes/whole-run.ts';
import { auditArguments, foundIn } from './scale-case.ts';

const SIZE = { pipelines: 100, roles: 100, buckets: 40 };
const RUNS = 3;

type Line = Record<string, unknown>;

/**
 * Runs our audit and Prowler's checks of SageMaker and IAM in turn on one account in moto; the median of three runs
 * each.
 */
export const measureProwler = async (print: (line: Line) => void): Promise<void> => {
  await ensurePythonEnv('moto');
  await tryPythonEnv('bench-prowler');
  const moto = await startMoto();
  try {
    const account = scaleAccount(SIZE, { account: ACCOUNT, region: REGION });
    await loadIntoMoto(moto.endpoint, account, SIZE.pipelines);
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'pipewarden.json'), JSON.stringify(account.config));
    const ours: WholeRun[] = [];
    const theirs: WholeRun[] = [];
    let problem = isPythonEnvReady('bench-prowler')
      ? undefined
      : 'it could not be installed (python3 with venv is needed)';
    for (let run = 0; run < RUNS; run++) {
      ours.push(await auditLive(moto.endpoint, folder));
      if (problem === undefined)
        await runProwler(moto.endpoint, folder, `prowler-${run}`).then(
          (done) => theirs.push(done),
          (error: Error) => {
            problem = error.message;
          },
        );
    }
    const { evaluated, findings } = await foundIn(join(folder, 'results.json'));
    const our = middleOf(ours);
    print({
      case: 'prowler',
      of: 'pipewarden',
      ...SIZE,
      ...our,
      controls: CONTROLS.length,
      evaluated,
      findings: Object.values(findings).reduce((sum, count) => sum + count, 0),
    });
    if (problem !== undefined) {
      print({ case: 'prowler', of: 'prowler', prowler: `could not run: ${problem}` });
      return;
    }
    const their = middleOf(theirs);
    print({ case: 'prowler', of: 'prowler', ...SIZE, ...their, ...(await judgedBy(theirs, folder)) });
    print({
      case: 'prowler-ratio',
      seconds: `${rounded(their.seconds / our.seconds)}x`,
      peakRss: `${rounded(their.peakRssMiB / our.peakRssMiB)}x`,
    });
  } finally {
    await moto.stop();
  }
};

/** Sends everything that is not for moto to a proxy that does not exist. */
const environment = (endpoint: string, folder: string): NodeJS.ProcessEnv => ({
  ...awsEnvironment(endpoint),
  HOME: folder,
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
});

const auditLive = (endpoint: string, folder: string): Promise<WholeRun> =>
  wholeRun(
    process.execPath,
    auditArguments(['--live', '--config', join(folder, 'pipewarden.json')], join(folder, 'results.json')),
    { env: environment(endpoint, folder) },
  );

/** Runs Prowler. It ends with status 3 if a check failed, and appends to an existing file. */
const runProwler = (endpoint: string, folder: string, name: string): Promise<WholeRun> =>
  wholeRun(
    pythonProgram('bench-prowler', 'python'),
    [
      inCheckout('bench/rivals/prowler_aws.py'),
      ...['aws', '--service', 'iam', 'sagemaker', '--region', REGION, '--no-banner', '--no-color'],
      ...['--output-formats', 'json-ocsf', '--output-directory', folder, '--output-filename', name],
    ],
    { env: environment(endpoint, folder), statuses: [0, 3] },
  );

/** The number of checks, and the outcomes of the first run. */
const judgedBy = async (runs: readonly WholeRun[], folder: string): Promise<Line> => {
  const [, checks] = /Executing (\d+) checks/.exec(runs[0]?.stdout ?? '') ?? [];
  const judged = JSON.parse(await readFile(join(folder, 'prowler-0.ocsf.json'), 'utf8')) as {
    status_code: string;
  }[];
  return {
    checks: Number(checks),
    evaluated: judged.length,
    findings: judged.filter(({ status_code }) => status_code === 'FAIL').length,
  };
};
