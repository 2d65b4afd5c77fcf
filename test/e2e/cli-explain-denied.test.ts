import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder, run } from '../support/commands/cli.ts';

const SNAPSHOT = join(import.meta.dirname, '../../examples/account');
const FRAUD = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const GROUP = 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/fraud';
const MESSAGE =
  'An error occurred (AccessDeniedException) when calling the DeleteEndpoint operation: ' +
  'User: arn:aws:sts::111122223333:assumed-role/fraud/maya is not authorized to perform: sagemaker:DeleteEndpoint ' +
  `on resource: ${GROUP} because no identity-based policy allows the sagemaker:DeleteEndpoint action`;

const explain = (args: string[], input?: string) =>
  inFolder({ 'error.txt': MESSAGE }, (cwd) =>
    run(['explain-denied', ...args], { cwd, ...(input !== undefined && { stdin: input }) }),
  );

describe('explain-denied', () => {
  test('tells of a message in a file what is missing, and the policy for it alone', async () => {
    const { status, stdout } = await explain(['error.txt', '--snapshot', SNAPSHOT, '--format', 'json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).denied).toMatchObject([
      {
        principalArn: FRAUD,
        steps: [],
        explanation: { decision: 'ImplicitDeny', failedLayer: { layer: 'identity' } },
        policy: { Statement: [{ Action: ['sagemaker:DeleteEndpoint'], Resource: [GROUP] }] },
      },
    ]);
  });

  test('takes the message from stdin, and tells it to a person', async () => {
    const { status, stdout, stderr } = await explain(['-', '--snapshot', SNAPSHOT], MESSAGE);
    expect(status).toBe(0);
    expect(stdout).toContain(`${FRAUD}: sagemaker:DeleteEndpoint on ${GROUP}`);
    expect(stdout).toContain('no Allow in the identity policies');
    expect(stderr).toContain('denied requests: 1');
  });

  test.each<[string, string[], string, RegExp]>([
    [
      'a text without a denied request',
      ['-', '--snapshot', SNAPSHOT],
      'all is well',
      /holds no denied request/,
    ],
    ['neither a snapshot nor an account', ['-'], MESSAGE, /--snapshot DIR or --live/],
    [
      'a Region of a snapshot',
      ['-', '--snapshot', SNAPSHOT, '--region', 'eu-west-1'],
      MESSAGE,
      /go with --live/,
    ],
  ])('is wrong usage for %s', async (_, args, input, message) => {
    const { status, stderr } = await explain(args, input);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test('says that it cannot know of a caller who was not read', async () => {
    const other = MESSAGE.replace('assumed-role/fraud/', 'assumed-role/nobody/');
    const { status, stdout } = await explain(['-', '--snapshot', SNAPSHOT], other);
    expect([status, stdout]).toEqual([
      3,
      expect.stringContaining('none of the users and roles that were read'),
    ]);
  });
});
