import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { tryPythonEnv } from '../../test/support/jest/prepare.ts';
import { isPythonEnvReady, pythonProgram } from '../../test/support/python/python-env.ts';
import { scaleAccount } from '../accounts/scale-account.ts';
import { writeAssembly } from '../accounts/scale-assembly.ts';
import { rounded } from '../processes/figures.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { middleOf, type WholeRun, wholeRun } from '../processes/whole-run.ts';
import { auditArguments, foundIn } from './scale-case.ts';

const STACKS = 50;
/** Four pipelines of ten steps in each stack of a team. */
const SIZE = { pipelines: 4 * (STACKS - 1), roles: 200, buckets: 60, teams: STACKS - 1 };
const RUNS = 3;
/** Templates alone do not tell what hangs on other roles of the account, which is told, and no pass. */
const UNTOLD = [3];
/** What cfn-lint ends with where it has found nothing, warnings, or errors. */
const LINTED = [0, 2, 4, 6, 8, 10, 12, 14];

/**
 * Runs the built command on a folder of the CDK with 50 stacks, and cfn-lint on its templates, in turn. Each run must find exactly what
 * was broken on purpose.
 */
export const measureTemplates = async (print: (line: Record<string, unknown>) => void): Promise<void> => {
  await tryPythonEnv('cfn-lint');
  const folder = await temporaryFolder();
  const account = scaleAccount(SIZE);
  const templates = await writeAssembly(join(folder, 'cdk.out'), account, SIZE.pipelines);
  const config = join(folder, 'pipewarden.json');
  await writeFile(config, JSON.stringify(account.config));
  const results = join(folder, 'results.json');
  const [ours, theirs]: [WholeRun[], WholeRun[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const source = ['--template', join(folder, 'cdk.out'), '--config', config];
    ours.push(await wholeRun(process.execPath, auditArguments(source, results), { statuses: UNTOLD }));
    const { findings } = await foundIn(results, ['FAILED', 'WARNING']);
    if (!isDeepStrictEqual(findings, account.expected))
      throw new Error(`found ${JSON.stringify(findings)} instead of ${JSON.stringify(account.expected)}`);
    if (isPythonEnvReady('cfn-lint'))
      theirs.push(await wholeRun(pythonProgram('cfn-lint', 'cfn-lint'), templates, { statuses: LINTED }));
  }
  const our = middleOf(ours);
  print({ case: 'templates', of: 'pipewarden', stacks: STACKS, ...SIZE, ...our });
  if (theirs.length === 0) {
    print({
      case: 'templates',
      of: 'cfn-lint',
      note: 'it could not be installed (python3 with venv is needed)',
    });
    return;
  }
  const their = middleOf(theirs);
  print({ case: 'templates', of: 'cfn-lint', stacks: STACKS, ...their });
  print({
    case: 'ratio-templates',
    seconds: `${rounded(our.seconds / their.seconds)}x`,
    peakRss: `${rounded(our.peakRssMiB / their.peakRssMiB)}x`,
  });
};
