import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { BASE } from '../corpus/base.ts';
import { cleanAccount } from '../corpus/clean-account.ts';
import { loadDifference } from '../corpus/moto-account.ts';
import { REGION } from '../support/builders/events.ts';
import { inFolder, type Run, resultsOf, run } from '../support/commands/cli.ts';
import {
  type Call,
  type Fault,
  type FaultProxy,
  jsonFault,
  startFaultProxy,
} from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = cleanAccount(BASE);
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** Answers as AWS does, because the emulator lacks the call. */
const versions = ({ operation, body }: Call): Fault | undefined => {
  if (operation !== 'ListPipelineVersions') return undefined;
  const { PipelineName } = JSON.parse(body) as { PipelineName: string };
  const known = ACCOUNT.pipelines.find(({ name }) => name === PipelineName)?.versions ?? [];
  const summaries = known.map((PipelineVersionId) => ({ PipelineVersionId }));
  return {
    status: 200,
    type: 'application/x-amz-json-1.1',
    body: JSON.stringify({ PipelineVersionSummaries: summaries }),
  };
};

const SHARE = `arn:aws:ram:${ACCOUNT.region}:${ACCOUNT.account}:resource-share/0a1b2c3d`;
const OWN_PERMISSION = `arn:aws:ram:${ACCOUNT.region}:${ACCOUNT.account}:permission/own`;

/** Answers as RAM does for an account that shares a pipeline, because the emulator knows no shares of pipelines. */
const shares = ({ operation, body }: Call): Fault | undefined => {
  const resourceShareArn = SHARE;
  const about = { resourceShareArn, status: 'ASSOCIATED', external: true, creationTime: 1_700_000_000 };
  const pipeline = `arn:aws:sagemaker:${ACCOUNT.region}:${ACCOUNT.account}:pipeline/${ACCOUNT.pipelines[0]?.name}`;
  const answers: Record<string, object> = {
    getresourceshareassociations: {
      resourceShareAssociations: [
        { ...about, associatedEntity: body.includes('PRINCIPAL') ? '444455556666' : pipeline },
      ],
    },
    getresourceshares: {
      resourceShares: [
        { resourceShareArn, name: 'fraud', owningAccountId: ACCOUNT.account, status: 'ACTIVE' },
      ],
    },
    listresourcesharepermissions: {
      permissions: [{ arn: OWN_PERMISSION, version: '2', resourceType: 'sagemaker:Pipeline' }],
    },
    getpermission: {
      permission: {
        arn: OWN_PERMISSION,
        permission: JSON.stringify({ Effect: 'Allow', Action: ['sagemaker:StartPipelineExecution'] }),
      },
    },
  };
  const answer = answers[operation.replace('POST /', '')];
  return answer && { status: 200, type: 'application/json', body: JSON.stringify(answer) };
};

describeWith('moto', 'pipewarden snapshot', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT.account });
    proxy = await startFaultProxy(moto.endpoint);
    const [broken] = ACCOUNT.pipelines;
    const [image = ''] = Object.keys(ACCOUNT.buckets);
    await loadDifference(
      {
        ...ACCOUNT,
        pipelines: ACCOUNT.pipelines.map((each) =>
          each === broken ? { ...each, roleArn: `arn:aws:iam::${ACCOUNT.account}:role/nobody-else` } : each,
        ),
        buckets: { ...ACCOUNT.buckets, [image]: { policy: null, cors: null, tags: { team: 'fraud' } } },
      },
      moto.endpoint,
    );
  });

  beforeEach(() => proxy.fail(versions));

  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });

  const pipewarden = (cwd: string, ...args: string[]): Promise<Run> =>
    run(args, { cwd, env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint, AWS_REGION: ACCOUNT.region } });

  const config = { 'pipewarden.yaml': ACCOUNT.config };
  const AUDIT = ['--format', 'json', '--quiet', '--all', '--fail-on', 'none'];

  const verdicts = (of: Run): string[] =>
    resultsOf(of)
      .findings.map(({ control, resource, status, subject = '' }) =>
        [control, resource.arn, status, subject].join(' ').trimEnd(),
      )
      .toSorted();

  test('of an account gives the same findings as the account itself', async () => {
    await inFolder(config, async (cwd) => {
      const taken = await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet');
      expect(taken).toEqual({ status: 0, stdout: '', stderr: '' });
      const recorded = await pipewarden(cwd, 'audit', '--snapshot', 'taken', ...AUDIT);
      const live = await pipewarden(cwd, 'audit', '--live', ...AUDIT);
      expect(verdicts(recorded)).toEqual(verdicts(live));
      expect(recorded.status).toBe(live.status);
      expect(verdicts(live).filter((verdict) => verdict.includes(' FAILED')).length).toBeGreaterThan(2);
      expect(await readdir(join(cwd, 'taken'))).toEqual(
        expect.arrayContaining(['caller-identity.json', 'iam', 'organizations', 's3', 'sagemaker']),
      );
    });
  });

  test('holds the shares of pipelines, so that they are judged as those of the account itself', async () => {
    proxy.fail((call) => shares(call) ?? versions(call));
    await inFolder(config, async (cwd) => {
      expect(await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet')).toMatchObject({ status: 0 });
      const [share] = JSON.parse(await readFile(join(cwd, 'taken', 'ram', 'resource-shares.json'), 'utf8'));
      expect(share).toMatchObject({
        ResourceShare: { resourceShareArn: SHARE },
        Resources: [{ creationTime: expect.stringMatching(/^\d{4}-/) }],
        Principals: [{ associatedEntity: '444455556666' }],
        Permissions: [{ arn: OWN_PERMISSION, permission: expect.stringContaining('StartPipelineExecution') }],
      });
      const ofShares = (of: Run) => verdicts(of).filter((verdict) => verdict.startsWith('pipeline-shared'));
      const recorded = await pipewarden(cwd, 'audit', '--snapshot', 'taken', ...AUDIT);
      const live = await pipewarden(cwd, 'audit', '--live', ...AUDIT);
      expect(ofShares(recorded)).toEqual(ofShares(live));
      expect(ofShares(live).filter((verdict) => verdict.includes(' FAILED'))).toHaveLength(1);
    });
  });

  test('of an account that may not read its shares says so once', async () => {
    proxy.fail((call) => (call.service === 'ram' ? jsonFault('AccessDeniedException') : versions(call)));
    await inFolder(config, async (cwd) => {
      const taken = await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet');
      expect([taken.status, taken.stderr.trim().split('\n')]).toEqual([
        3,
        [
          expect.stringMatching(
            /^not read: ram\/resource-shares\.json: GetResourceShareAssociations: AccessDenied/,
          ),
        ],
      ]);
      const live = await pipewarden(cwd, 'audit', '--live', ...AUDIT);
      const told = verdicts(live).filter((verdict) => / (NOT_AVAILABLE|FAILED) shares /.test(`${verdict} `));
      expect(told).toHaveLength(1);
      expect(verdicts(live).filter((verdict) => verdict.startsWith('pipeline-shared'))).toEqual(
        ACCOUNT.pipelines.map(() => expect.stringContaining('NOT_APPLICABLE')),
      );
    });
  });

  test('has the form of the AWS CLI’s outputs', async () => {
    await inFolder(config, async (cwd) => {
      await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet');
      const text = (...path: string[]) => readFile(join(cwd, 'taken', ...path), 'utf8');
      const identity = await text('caller-identity.json');
      expect(identity).toMatch(/^\{\n {4}"UserId": "/);
      expect(JSON.parse(identity)).toMatchObject({ Account: ACCOUNT.account, Region: ACCOUNT.region });
      const [{ name } = { name: '' }] = ACCOUNT.pipelines;
      const pipeline = JSON.parse(await text('sagemaker', 'pipelines', name, 'pipeline.json'));
      expect(pipeline).toMatchObject({ PipelineName: name, CreationTime: expect.stringMatching(/^\d{4}-/) });
      expect(pipeline).not.toHaveProperty('$metadata');
      const details = JSON.parse(await text('iam', 'account-authorization-details.json'));
      expect(details.RoleDetailList[0].AssumeRolePolicyDocument).toHaveProperty('Statement');
      const [bucket = ''] = Object.keys(ACCOUNT.buckets);
      expect(JSON.parse(await text('s3', bucket, 'cors.json'))).toEqual({ absent: true });
    });
  });

  test('names what could not be read, once for each call, with status 3', async () => {
    proxy.fail((call) =>
      call.operation === 'DescribePipeline' ? jsonFault('AccessDeniedException') : versions(call),
    );
    await inFolder(config, async (cwd) => {
      const taken = await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet');
      expect(taken).toMatchObject({ status: 3, stdout: '' });
      expect(taken.stderr).toMatch(
        /^not read: sagemaker\/pipelines\/\S+\/pipeline\.json(?: and \d+ more)?: DescribePipeline: AccessDeniedException: .+\n$/,
      );
      const recorded = await pipewarden(cwd, 'audit', '--snapshot', 'taken', ...AUDIT);
      const live = await pipewarden(cwd, 'audit', '--live', ...AUDIT);
      expect(recorded.status).toBe(3);
      expect(verdicts(recorded).filter((verdict) => !verdict.startsWith('evidence-readable'))).toEqual(
        verdicts(live).filter((verdict) => !verdict.startsWith('evidence-readable')),
      );
    });
  });

  test('does not present some buckets as all if buckets cannot be listed', async () => {
    proxy.fail((call) =>
      call.operation.startsWith('GET /?max-buckets')
        ? {
            status: 403,
            type: 'application/xml',
            body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
          }
        : versions(call),
    );
    const tagged = { ...ACCOUNT.config, imageBuckets: { tags: { images: 'yes' } } };
    await inFolder({ 'pipewarden.yaml': tagged }, async (cwd) => {
      expect(await pipewarden(cwd, 'snapshot', '--out', 'taken', '--quiet')).toMatchObject({ status: 3 });
      const recorded = await pipewarden(cwd, 'audit', '--snapshot', 'taken', ...AUDIT);
      const live = await pipewarden(cwd, 'audit', '--live', ...AUDIT);
      const gaps = (of: Run) => verdicts(of).filter((verdict) => verdict.includes(' NOT_AVAILABLE'));
      expect(gaps(live).length).toBeGreaterThan(0);
      expect(gaps(recorded)).toHaveLength(gaps(live).length);
    });
  });

  test('is written only into an empty folder', async () => {
    await inFolder({ 'taken/notes.txt': 'mine' }, async (cwd) => {
      expect(await pipewarden(cwd, 'snapshot', '--out', 'taken')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: 'pipewarden: taken: is not empty: name a new folder, or empty this one\n',
      });
      expect(await readdir(join(cwd, 'taken'))).toEqual(['notes.txt']);
    });
  });

  test('is refused without an account', async () => {
    await inFolder({}, async (cwd) => {
      const { status, stderr } = await run(['snapshot', '--out', 'taken', '--region', REGION], { cwd });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^pipewarden: AWS credentials cannot be loaded/);
      expect(await readdir(cwd)).toEqual([]);
    });
  });
});
