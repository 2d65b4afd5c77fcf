import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  CORS,
  definitionOf,
  described,
  type Files,
  inFolder,
  type Run,
  run,
  trainStep,
} from '../support/commands/cli.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const PLACE = ['--account', '111122223333', '--region', 'eu-west-1'];
const TAG = ['--tag-key', 'json-get', '--tag-value', 'true'];
const outside = { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } };
const scp = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*', Condition }],
});

const FILES: Files = {
  'pipeline.json': definitionOf(trainStep('fraud-train', 'steps/train')),
  'described.json': described('fraud', definitionOf(trainStep('fraud-train', 'pipelines/fraud'))),
  'open.json': definitionOf({ Name: 'Notify', Type: 'Lambda', FunctionArn: { Get: 'Parameters.F' } }),
  'large.json': definitionOf(
    ...Array.from({ length: 50 }, (_, index) =>
      trainStep(`team-${index}-train`, `steps/role-${index}`, `S${index}`),
    ),
  ),
  'queue.json': definitionOf({
    Name: 'Wait',
    Type: 'Callback',
    SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/approvals',
  }),
  'broken.json': '{\n  "Steps": [',
  'scp.json': scp(outside),
  'other.json': scp({ Bool: { 'aws:SecureTransport': 'false' } }),
  'with-tag.yaml': { version: 1, scpException: { tagKey: 'from-config', tagValue: 'yes' } },
};

const generate = (...args: string[]): Promise<Run> =>
  inFolder(FILES, (cwd) => run(['generate', ...args], { cwd }));
const documentOf = ({ stdout }: Run) => JSON.parse(stdout);
const actionsOf = (done: Run): string[] =>
  documentOf(done).Statement.flatMap(({ Action }: { Action: string[] }) => Action);

describe('generate', () => {
  test('execution-role: the policy allows what the steps need, and stderr says how to ask for the jobs’ roles', async () => {
    const done = await generate('execution-role', 'pipeline.json', '--region', 'eu-west-1');
    expect(done).toMatchObject({
      status: 0,
      stderr:
        'what the roles of these jobs need is told by --for job: arn:aws:iam::111122223333:role/steps/train (Train)\n',
    });
    expect(documentOf(done)).toMatchObject({
      Version: '2012-10-17',
      Statement: [
        { Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-*'] },
        { Action: ['iam:PassRole'], Resource: ['arn:aws:iam::111122223333:role/steps/train'] },
      ],
    });
  });

  test('execution-role: account and Region follow from a described pipeline', async () => {
    const done = await generate('execution-role', 'described.json');
    expect(done.status).toBe(0);
    expect(documentOf(done).Statement[1].Resource).toEqual([ROLE]);
    expect(actionsOf(done)).toEqual(
      expect.arrayContaining(['logs:PutLogEvents', 'ecr:GetAuthorizationToken']),
    );
  });

  test('execution-role: --for gives the policy of one party', async () => {
    const forParty = (party: string, ...more: string[]) =>
      generate('execution-role', 'described.json', '--for', party, ...more);
    expect(actionsOf(await forParty('creator'))).toEqual([
      'sagemaker:CreatePipeline',
      'sagemaker:UpdatePipeline',
      'sagemaker:StartPipelineExecution',
      'iam:PassRole',
    ]);
    expect(actionsOf(await forParty('execution'))).not.toContain('logs:PutLogEvents');
    const job = actionsOf(await forParty('job'));
    expect(job).toContain('logs:PutLogEvents');
    expect(job).not.toContain('sagemaker:CreateTrainingJob');
    expect(await forParty('job', '--role', ROLE)).toMatchObject({ status: 0 });
    expect(await forParty('job', '--role', `${ROLE}x`)).toMatchObject({ status: 2 });
    expect(await forParty('creator', '--role', ROLE)).toMatchObject({ status: 2 });
  });

  test('execution-role: if jobs have several roles, --role must say which', async () => {
    const several = await generate('execution-role', 'large.json', ...PLACE, '--for', 'job');
    expect(several).toMatchObject({ status: 2, stderr: expect.stringContaining('say which by --role') });
    const role = 'arn:aws:iam::111122223333:role/steps/role-7';
    expect(
      (await generate('execution-role', 'large.json', ...PLACE, '--for', 'job', '--role', role)).status,
    ).toBe(0);
  });

  test('execution-role: the policy of a creator needs the name of the pipeline', async () => {
    const done = await generate('execution-role', 'open.json', ...PLACE, '--for', 'creator');
    expect(done).toMatchObject({ status: 2, stderr: expect.stringContaining('the name of the pipeline') });
  });

  test('a Region that is not known is told, and the one that may be meant', async () => {
    const done = await generate(
      'version-policy',
      '--minimum',
      '1',
      '--account',
      '111122223333',
      '--region',
      'eu-wset-1',
    );
    expect([done.status, done.stderr]).toEqual([
      0,
      expect.stringContaining(
        '--region eu-wset-1: this version knows no such Region; did you mean "eu-west-1"?',
      ),
    ]);
  });

  test('audit-policy: a policy that IAM takes, for the account and Region or for any', async () => {
    const narrow = JSON.parse((await generate('audit-policy', ...PLACE)).stdout);
    const resources = narrow.Statement.flatMap(({ Resource }: { Resource: string[] }) => Resource);
    expect(resources).toContain('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/*');
    const wide = JSON.parse((await generate('audit-policy')).stdout);
    expect(JSON.stringify(wide)).toContain('arn:aws:sagemaker:*:*:pipeline/*');
    expect(wide.Statement.map(({ Effect }: { Effect: string }) => Effect)).not.toContain('Deny');
  });

  test('delegation-policy: the statement for one account, with the warning that it replaces another', async () => {
    const done = await generate('delegation-policy', '--account', '111122223333');
    expect(documentOf(done).Statement[0]).toMatchObject({
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: expect.arrayContaining(['organizations:ListPoliciesForTarget', 'organizations:DescribePolicy']),
    });
    expect(done.stderr).toContain('put-resource-policy replaces it');
    const refused = await generate('delegation-policy', '--account', 'me');
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining('12 digits')]);
  });

  test.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-west-1', 'aws'],
  ])('execution-role: the partition of %s is %s', async (region, partition) => {
    const done = await generate(
      'execution-role',
      'queue.json',
      '--account',
      '111122223333',
      '--region',
      region,
    );
    expect(documentOf(done).Statement[0].Resource[0]).toMatch(new RegExp(`^arn:${partition}:sqs:`));
    const wrong = partition === 'aws' ? 'aws-cn' : 'aws';
    const refused = await generate(
      ...[
        'execution-role',
        'queue.json',
        '--account',
        '111122223333',
        '--region',
        region,
        '--partition',
        wrong,
      ],
    );
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining(`--region ${region}`) });
  });

  test('execution-role: open needs are named, and the status is 3', async () => {
    const done = await generate('execution-role', 'open.json', ...PLACE);
    expect(done.status).toBe(3);
    expect(done.stderr).toContain('not in the policy: /Steps/0: Notify: the ARN of its function');
    expect(documentOf(done)).toEqual({ Version: '2012-10-17', Statement: [] });
    expect((await generate('execution-role', 'open.json', ...PLACE, '--quiet')).stderr).toBe('');
  });

  test('execution-role: a policy that is too long for IAM is reported', async () => {
    const { stderr, status } = await generate('execution-role', 'large.json', ...PLACE);
    expect({ stderr, status }).toEqual({
      status: 0,
      stderr: expect.stringContaining(
        'IAM takes 6144 characters in one managed policy: divide this one by its statements\n',
      ),
    });
  });

  test('prefix-policy', async () => {
    const args = ['prefix-policy', '--prefix', 'fraud-train', ...PLACE];
    const one = await generate(...args, '--step-types', 'Training');
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(documentOf(one).Statement).toEqual([
      {
        Sid: 'CreateTrainingJob',
        Effect: 'Allow',
        Action: ['sagemaker:CreateTrainingJob'],
        Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:*/fraud-train-*'],
      },
    ]);
    const all = await generate(...args);
    expect(documentOf(all).Statement[0].Action).toHaveLength(9); // CreateAutoMLJob in two versions
    expect(all.stderr).toContain('fraud-train is too long for Tuning steps, whose base job names have 6');
  });

  test('version-policy', async () => {
    const done = await generate('version-policy', '--minimum', '6', '--pipeline', 'fraud', ...PLACE);
    expect(done.status).toBe(0);
    expect(done.stderr).toContain('undoes the floor');
    expect(documentOf(done).Statement[0]).toMatchObject({
      Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud'],
      Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' } },
    });
  });

  test('cors, as put-bucket-cors takes it, into a file', async () => {
    await inFolder(FILES, async (cwd) => {
      expect(await run(['generate', 'cors', '-o', 'cors.json'], { cwd })).toMatchObject({
        status: 0,
        stdout: '',
      });
      expect(JSON.parse(await readFile(`${cwd}/cors.json`, 'utf8'))).toEqual(CORS);
    });
  });

  test('scp-exception: the exception is added to the SCP of a file, or to a new one', async () => {
    const added = await generate('scp-exception', 'scp.json', ...TAG);
    expect(added.status).toBe(0);
    expect(added.stderr).toContain('exception added at /Statement/0');
    const condition = { StringNotEquals: { 'aws:SourceVpc': 'vpc-1', 'aws:PrincipalTag/json-get': 'true' } };
    expect(documentOf(added)).toEqual(scp(condition));
    const made = await generate('scp-exception', '--source', 'vpc-1', 'vpce-2', '--config', 'with-tag.yaml');
    expect(made.stderr).toContain('put the tag from-config=yes on');
    expect(documentOf(made).Statement[0].Condition.StringNotEquals).toEqual({
      'aws:SourceVpc': ['vpc-1'],
      'aws:SourceVpce': ['vpce-2'],
      'aws:PrincipalTag/from-config': 'yes',
    });
  });

  test.each<[string, string[], string]>([
    [
      'no account',
      ['execution-role', 'open.json', '--region', 'eu-west-1'],
      'pipewarden: --account: give the 12 digits',
    ],
    ['no Region', ['execution-role', 'pipeline.json'], 'pipewarden: --region: give the Region'],
    [
      'another Region',
      ['version-policy', '--minimum', '1', '--account', '111122223333', '--region', 'mars'],
      '--region "mars"',
    ],
    [
      'two Regions',
      ['version-policy', '--minimum', '1', ...PLACE, '--region', 'eu-central-1'],
      '--region is given twice ("eu-west-1", "eu-central-1")',
    ],
    [
      'another partition',
      ['version-policy', '--minimum', '1', ...PLACE, '--partition', 'x'],
      '--partition "x"',
    ],
    [
      'no file',
      ['execution-role', 'gone.json', ...PLACE],
      'gone.json: cannot be read: there is no such file',
    ],
    [
      'a broken file',
      ['execution-role', 'broken.json', ...PLACE],
      'broken.json:2:13: not a pipeline definition',
    ],
    ['a pattern for a prefix', ['prefix-policy', '--prefix', 'a*', ...PLACE], '--prefix "a*"'],
    [
      'another step type',
      ['prefix-policy', '--prefix', 'a', '--step-types', 'Lambda', ...PLACE],
      'Allowed choices are',
    ],
    ['no prefix', ['prefix-policy', ...PLACE], "'--prefix <prefixes...>' not specified"],
    ['no version', ['version-policy', '--minimum', '0', ...PLACE], 'give a whole number from 1 on'],
    [
      'a pattern for a pipeline',
      ['version-policy', '--minimum', '1', '--pipeline', 'a*', ...PLACE],
      '--pipeline "a*"',
    ],
    ['no tag', ['scp-exception', 'scp.json'], 'give --tag-key and --tag-value, or scpException'],
    ['half a tag', ['scp-exception', 'scp.json', '--tag-key', 'a'], 'give --tag-key and --tag-value'],
    [
      'a pattern for a tag',
      ['scp-exception', 'scp.json', '--tag-key', 'a*', '--tag-value', 'b'],
      '--tag-key "a*"',
    ],
    ['neither SCP nor network', ['scp-exception', ...TAG], 'give either the file of an SCP, or --source'],
    ['both', ['scp-exception', 'scp.json', '--source', 'vpc-1', ...TAG], 'give either the file of an SCP'],
    ['another network', ['scp-exception', '--source', 'eni-1', ...TAG], '--source "eni-1"'],
    ['an SCP about no network', ['scp-exception', 'other.json', ...TAG], 'other.json: no Deny of it keeps'],
    ['an SCP that is no JSON', ['scp-exception', 'broken.json', ...TAG], 'broken.json:2:13: not JSON'],
    ['another document', ['everything'], "unknown command 'everything'"],
  ])('refuses %s', async (_, args, message) => {
    const { status, stdout, stderr } = await generate(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
