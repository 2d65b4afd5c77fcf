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

/** The emulator lacks the call; this is what AWS answers. */
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

  test('of an account leads to the same findings as the account itself', async () => {
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

  test('is written as the AWS CLI puts it out', async () => {
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

  test('tells what it could not read, once for each call, and has status 3', async () => {
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

  test('of buckets that cannot be listed does not make a few look like all', async () => {
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

  test('goes into an empty folder only', async () => {
    await inFolder({ 'taken/notes.txt': 'mine' }, async (cwd) => {
      expect(await pipewarden(cwd, 'snapshot', '--out', 'taken')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: 'pipewarden: taken: is not empty: name a new folder, or empty this one\n',
      });
      expect(await readdir(join(cwd, 'taken'))).toEqual(['notes.txt']);
    });
  });

  test('of nobody’s account is none', async () => {
    await inFolder({}, async (cwd) => {
      const { status, stderr } = await run(['snapshot', '--out', 'taken', '--region', REGION], { cwd });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^pipewarden: AWS credentials cannot be loaded/);
      expect(await readdir(cwd)).toEqual([]);
    });
  });
});
