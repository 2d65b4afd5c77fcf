import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { whoCanResultsSchema } from '../../shared/outputs/formats/who-can.ts';
import { inFolder, run } from '../support/commands/cli.ts';

const SNAPSHOT = ['--snapshot', 'examples/account'];

describe('who-can', () => {
  test('tells in a table who can, by which statement, and under which conditions', async () => {
    const { status, stdout, stderr } = await run(['who-can', 'start', 'fraud-daily', ...SNAPSHOT]);
    expect(stdout).toMatch(
      /^who can start arn:aws:sagemaker:eu-west-1:111122223333:pipeline\/fraud-daily in/,
    );
    expect(stdout).toMatch(/^yes +role\/admin +administrator$/m);
    expect(stdout).toMatch(/^if +role\/data-scientist .*\(Starts\) +sagemaker:PipelineVersionId is 6$/m);
    expect(stdout).toMatch(/^yes +role\/notebook +passes admin to sagemaker\.amazonaws\.com/m);
    expect(stderr).toContain('6 principals can, 0 not known, of 14');
    // The snapshot has no shares, so that nobody knows whether other accounts can.
    expect({ status, isTold: stdout.includes('by a share is not known') }).toEqual({
      status: 3,
      isTold: true,
    });
  });

  test('writes JSON of its schema, whose requests simulate allows', async () => {
    const { status, stdout } = await run([
      'who-can',
      'create-job',
      'fraud-',
      ...SNAPSHOT,
      '--format',
      'json',
    ]);
    expect(status).toBe(0);
    const { answers } = whoCanResultsSchema.parse(JSON.parse(stdout));
    const steps = answers[0]?.principals.find(({ arn }) => arn.endsWith('/pipelines/fraud'))?.steps ?? [];
    expect(steps.map(({ action }) => action)).toEqual(['sagemaker:CreateTrainingJob', 'iam:PassRole']);
    for (const { principal, action, resource, context } of steps) {
      const keys = Object.entries(context).flatMap(([key, values]) =>
        values === null ? key : values.map((value) => `${key}=${value}`),
      );
      const request = ['--principal', principal, '--action', action, '--resource', resource];
      const simulated = await run(['simulate', ...SNAPSHOT, ...request, '--context', ...keys]);
      expect(JSON.parse(simulated.stdout)).toMatchObject({ decision: 'Allow' });
    }
  });

  test('draws a picture into a file that ends in .svg', async () => {
    const svg = await inFolder({}, async (folder) => {
      const file = join(folder, 'who.svg');
      await run(['who-can', 'update', 'fraud-daily', ...SNAPSHOT, '-o', file]);
      return readFile(file, 'utf8');
    });
    expect(svg).toContain('<title id="graph-title">Who can update fraud-daily</title>');
    expect(svg).toContain('administrator');
  });

  test.each([
    [['start', 'fraud-dialy'], 'did you mean "fraud-daily"?'],
    [['pass', 'ghost'], '111122223333 has no such role'],
    [['create-job', 'x*'], 'no name of a job begins so'],
    [['start', 'arn:aws:sagemaker:eu-west-1:444455556666:pipeline/x'], 'is in none of the accounts'],
  ])('%j is wrong usage', async (args, message) => {
    const { status, stderr } = await run(['who-can', ...args, ...SNAPSHOT]);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
  });
});
