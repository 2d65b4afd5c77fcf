import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateAccountCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, cloudTrail, REGION } from '../support/builders/events.ts';
import { ORGANIZATIONS } from '../support/builders/reading.ts';
import {
  CLEAN,
  definitionOf,
  described,
  type Files,
  inFolder,
  type RunOptions,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const OTHER_REGION = 'us-east-1';
const OTHER_ACCOUNT = '444455556666';
const QUIET = ['--format', 'json', '--quiet'];

/** The files of a snapshot with every mention of the account and Region replaced, in another folder. */
const elsewhere = (files: Files, folder: string, account: string, region: string): Files =>
  Object.fromEntries(
    Object.entries(files).flatMap(([path, content]) =>
      path.startsWith('account/')
        ? [
            [
              path.replace(/^account/, folder),
              JSON.parse(
                JSON.stringify(content).replaceAll(ACCOUNT, account).replaceAll(REGION, region),
              ) as unknown,
            ],
          ]
        : [],
    ),
  );

/** The same account in another Region, in which its pipeline has another name. */
const IN_OTHER_REGION = elsewhere(
  {
    ...CLEAN,
    'account/sagemaker/pipelines/fraud/pipeline.json': described(
      'fraud',
      definitionOf(trainStep('fraud-train', 'steps/train'), trainStep(undefined, 'steps/train', 'Nameless')),
    ),
  },
  'other',
  ACCOUNT,
  OTHER_REGION,
);

const audit = async (files: Files, args: readonly string[], options: RunOptions = {}) =>
  inFolder(files, async (cwd) => {
    const ran = await run(['audit', ...args], { cwd, ...options });
    return { ...ran, results: ran.stdout === '' ? undefined : resultsOf(ran) };
  });

describe('snapshot folders of one account', () => {
  const both = { ...CLEAN, ...IN_OTHER_REGION };

  test('are one account: what is known of a role counts for all Regions, and each finding comes once', async () => {
    const { results } = await audit(both, [
      '--snapshot',
      'account',
      '--snapshot',
      'other',
      ...QUIET,
      '--all',
    ]);
    expect(results).toMatchObject({
      account: ACCOUNT,
      region: `${REGION}, ${OTHER_REGION}`,
      scopes: [
        { account: ACCOUNT, region: REGION },
        { account: ACCOUNT, region: OTHER_REGION },
      ],
    });
    const ids = results?.findings.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    const pipelines = new Set(
      results?.findings.flatMap(({ resource: { type, arn } }) => (type === 'pipeline' ? arn : [])),
    );
    expect([...pipelines].map((arn) => arn.split(':')[3]).toSorted()).toEqual([REGION, OTHER_REGION]);
  });

  test('say the same in any order', async () => {
    const told = async (...dirs: string[]) => {
      const { results } = await audit(both, [...dirs.flatMap((dir) => ['--snapshot', dir]), ...QUIET]);
      return results?.findings
        .filter(({ resource }) => resource.type !== 'configuration')
        .map(({ id, status, evidence }) => JSON.stringify([id, status, evidence]))
        .toSorted();
    };
    expect(await told('account', 'other')).toEqual(await told('other', 'account'));
  });

  test('may stand in one folder, by account and Region', async () => {
    const tree = {
      'pipewarden.yaml': CLEAN['pipewarden.yaml'],
      ...elsewhere(CLEAN, `all/${ACCOUNT}/${REGION}`, ACCOUNT, REGION),
      ...Object.fromEntries(
        Object.entries(IN_OTHER_REGION).map(([path, content]) => [
          path.replace(/^other/, `all/${ACCOUNT}/${OTHER_REGION}`),
          content,
        ]),
      ),
    };
    const { results } = await audit(tree, ['--snapshot', 'all', ...QUIET]);
    expect(results?.scopes).toHaveLength(2);
  });

  test('of the same Region are refused, because they may contradict each other', async () => {
    const twice = { ...CLEAN, ...elsewhere(CLEAN, 'again', ACCOUNT, REGION) };
    const { status, stderr } = await audit(twice, ['--snapshot', 'account', '--snapshot', 'again', ...QUIET]);
    expect([status, stderr]).toEqual([
      2,
      `pipewarden: account and again are both of account ${ACCOUNT} in ${REGION}: give one of them\n`,
    ]);
  });
});

/** A clean account, and another one with a pipeline whose step has no base job name. */
const TWO_ACCOUNTS = {
  ...CLEAN,
  ...elsewhere(
    {
      ...CLEAN,
      'account/sagemaker/pipelines/fraud/pipeline.json': described(
        'fraud',
        definitionOf(trainStep(undefined, 'steps/train')),
      ),
    },
    'second',
    OTHER_ACCOUNT,
    REGION,
  ),
};

describe('snapshot folders of two accounts', () => {
  test('are judged apart, and each finding tells its account', async () => {
    const { results } = await audit(TWO_ACCOUNTS, [
      '--snapshot',
      'account',
      '--snapshot',
      'second',
      ...QUIET,
    ]);
    expect(results?.account).toBe(`${ACCOUNT}, ${OTHER_ACCOUNT}`);
    const faulty = results?.findings.filter(({ control }) => control === 'pipeline-job-prefix');
    expect(faulty?.map(({ account, resource }) => [account, resource.arn.split(':')[4]])).toEqual([
      [OTHER_ACCOUNT, OTHER_ACCOUNT],
    ]);
    const both = ['--snapshot', 'account', '--snapshot', 'second', '--quiet'];
    const shown = async (...more: string[]) =>
      (await inFolder(TWO_ACCOUNTS, (cwd) => run(['audit', ...both, ...more], { cwd }))).stdout;
    expect(await shown('--format', 'csv')).toContain(`"${OTHER_ACCOUNT}","${REGION}","pipeline-job-prefix"`);
    expect(await shown()).toContain(`pipeline fraud (${OTHER_ACCOUNT}, ${REGION})`);
    const configuration = results?.findings.filter(({ resource }) => resource.type === 'configuration') ?? [];
    expect(new Set(configuration.map(({ control, subject }) => `${control} ${subject}`)).size).toBe(
      configuration.length,
    );
  });
});

describe('an event of the whole organization', () => {
  const event = cloudTrail(
    'AttachPolicy',
    { policyId: 'p-1', targetId: 'ou-ab12-x' },
    { ...ORGANIZATIONS, recipientAccountId: '999988887777' },
  );
  test.each([
    ['one account', ['account'], [ACCOUNT]],
    ['several accounts', ['account', 'second'], [ACCOUNT, OTHER_ACCOUNT]],
  ])('leads to a look at the organization’s policies of %s', async (_, dirs, accounts) => {
    const { results } = await audit({ ...TWO_ACCOUNTS, 'events.json': [event] }, [
      ...dirs.flatMap((dir) => ['--snapshot', dir]),
      ...['--events', 'events.json', '--all', ...QUIET],
    ]);
    const seen = results?.findings.flatMap(({ resource: { type, arn } }) =>
      type === 'organization' ? arn : [],
    );
    expect([...new Set(seen)].toSorted()).toEqual(
      accounts.map((account) => `arn:aws:organizations::${account}:organization`).toSorted(),
    );
  });
});

describe('a comparison of runs over different accounts', () => {
  test('tells what one of them was not about, and takes nothing of it for mended', async () => {
    await inFolder(TWO_ACCOUNTS, async (cwd) => {
      const both = ['--snapshot', 'account', '--snapshot', 'second'];
      await run(['audit', ...both, '--format', 'json', '-o', 'both.json', '--quiet'], { cwd });
      await run(['audit', '--snapshot', 'account', '--format', 'json', '-o', 'one.json', '--quiet'], { cwd });
      const { stdout, stderr, status } = await run(['diff', 'both.json', 'one.json'], { cwd });
      expect(stderr).toContain(`only both.json is about ${OTHER_ACCOUNT} in ${REGION}`);
      expect(stdout).toContain(', 0 mended, ');
      expect(stdout).toContain(`the run was not about account ${OTHER_ACCOUNT}`);
      expect(status).toBe(3);
      await run(['audit', '--snapshot', 'second', '--format', 'json', '-o', 'two.json', '--quiet'], { cwd });
      const refused = await run(['diff', 'one.json', 'two.json'], { cwd });
      expect([refused.status, refused.stderr]).toEqual([
        2,
        `pipewarden: one.json is about account ${ACCOUNT} in ${REGION}, and two.json about account ${OTHER_ACCOUNT} in ${REGION}\n`,
      ]);
    });
  });
});

describeWith('moto', 'accounts that are read live', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const env = () => ({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_REGION: REGION,
  });
  const roleOf = (account: string) => `arn:aws:iam::${account}:role/PipewardenReader`;

  const makePipeline = async (account: string, region: string, name: string): Promise<void> => {
    const sts = new STSClient({ endpoint: moto.endpoint, region, credentials });
    const assumed = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleOf(account), RoleSessionName: 'test' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
    const own =
      account === ACCOUNT
        ? credentials
        : { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const config = { endpoint: moto.endpoint, region, credentials: own };
    const sagemaker = new SageMakerClient(config);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: name,
        RoleArn: `arn:aws:iam::${account}:role/pipelines/fraud`,
        ClientRequestToken: randomUUID(),
        PipelineDefinition: JSON.stringify(definitionOf(trainStep(undefined, 'steps/train'))),
      }),
    );
    const iam = new IAMClient(config);
    await iam
      .send(new CreateRoleCommand({ RoleName: 'fraud', Path: '/pipelines/', AssumeRolePolicyDocument: '{}' }))
      .catch(() => undefined); // the role is there from another Region
    for (const client of [sts, sagemaker, iam]) client.destroy();
  };

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    await makePipeline(ACCOUNT, REGION, 'fraud-home');
    await makePipeline(ACCOUNT, OTHER_REGION, 'fraud-abroad');
    await makePipeline(OTHER_ACCOUNT, REGION, 'fraud-member');
  });
  afterAll(() => moto?.stop());

  const pipelinesIn = (results: ReturnType<typeof resultsOf> | undefined) =>
    [
      ...new Set(
        results?.findings.flatMap(({ resource: { type, arn } }) => (type === 'pipeline' ? arn : [])),
      ),
    ].toSorted();

  test('are those that are named, each in each Region, by the role of each', async () => {
    const { results, stderr } = await audit(
      { 'pipewarden.yaml': CLEAN['pipewarden.yaml'] },
      [
        '--accounts',
        `${ACCOUNT},${OTHER_ACCOUNT}`,
        '--regions',
        `${REGION},${OTHER_REGION}`,
        '--format',
        'json',
      ],
      { env: env() },
    );
    expect(stderr).toContain(`auditing account ${OTHER_ACCOUNT} in ${REGION}, ${OTHER_REGION}`);
    expect(pipelinesIn(results)).toEqual([
      `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/fraud-home`,
      `arn:aws:sagemaker:${REGION}:${OTHER_ACCOUNT}:pipeline/fraud-member`,
      `arn:aws:sagemaker:${OTHER_REGION}:${ACCOUNT}:pipeline/fraud-abroad`,
    ]);
    expect(results?.scopes).toHaveLength(4);
  });

  test('of the credentials alone are read in several Regions', async () => {
    const { results } = await audit(
      { 'pipewarden.yaml': CLEAN['pipewarden.yaml'] },
      ['--regions', `${REGION},${OTHER_REGION}`, ...QUIET],
      { env: env() },
    );
    expect(pipelinesIn(results)).toHaveLength(2);
  });

  test('become snapshot folders by account and Region, which are audited to the same', async () => {
    const which = ['--accounts', `${ACCOUNT},${OTHER_ACCOUNT}`, '--regions', `${REGION},${OTHER_REGION}`];
    await inFolder({ 'pipewarden.yaml': CLEAN['pipewarden.yaml'] }, async (cwd) => {
      const taken = await run(['snapshot', '--out', 'all', ...which, '--quiet'], { cwd, env: env() });
      expect(taken.stdout).toBe('');
      const told = async (...args: string[]) => {
        const { findings, scopes } = resultsOf(
          await run(['audit', ...args, '--control', 'pipeline-job-prefix', ...QUIET], { cwd, env: env() }),
        );
        const faulty = findings.filter(({ control }) => control === 'pipeline-job-prefix');
        return [faulty.map(({ id, status }) => [id, status]).toSorted(), scopes];
      };
      expect(await told('--snapshot', 'all')).toEqual(await told(...which));
    });
  });

  test('say what is wrong where a role is of another account, and go on with the others', async () => {
    const { results, status } = await audit(
      { 'pipewarden.yaml': CLEAN['pipewarden.yaml'] },
      ['--accounts', OTHER_ACCOUNT, '--role-arn', roleOf('777788889999'), ...QUIET],
      { env: env() },
    );
    expect(status).toBe(3);
    expect(results?.findings).toMatchObject([
      {
        control: 'evidence-readable',
        status: 'NOT_AVAILABLE',
        resource: { type: 'account', arn: `arn:aws:iam::${OTHER_ACCOUNT}:root` },
        evidence: [{ found: expect.stringContaining('is a role of account 777788889999') }],
      },
    ]);
  });

  test('are all active ones of the organizational units in the configuration, but for those that it excludes', async () => {
    const organizations = new OrganizationsClient({ endpoint: moto.endpoint, region: REGION, credentials });
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const made = await Promise.all(
      ['one', 'two'].map((name) =>
        organizations.send(new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` })),
      ),
    );
    const { Roots: [root] = [] } = await organizations.send(new ListRootsCommand({}));
    organizations.destroy();
    const [first, second] = made.map(({ CreateAccountStatus }) => CreateAccountStatus?.AccountId ?? '');
    const config = {
      ...(CLEAN['pipewarden.yaml'] as object),
      organization: { organizationalUnits: [root?.Id], exclude: [second] },
    };
    const { results, stderr } = await audit(
      { 'pipewarden.yaml': config },
      ['--organization', '--format', 'json'],
      { env: env() },
    );
    expect(stderr).toContain(`auditing account ${first} in ${REGION}`);
    expect(results?.scopes?.map(({ account }) => account).toSorted()).toEqual([ACCOUNT, first].toSorted());
  });
  test('have their SCPs from the file that a snapshot of the organization has written', async () => {
    const snapshot = { ...CLEAN };
    delete snapshot['account/organizations/scps.json'];
    await inFolder(snapshot, async (cwd) => {
      const taken = await run(['snapshot', '--out', 'all', '--organization'], { cwd, env: env() });
      expect(taken.stderr).toContain(`accounts in ${join('all', 'organization-policies.json')}`);
      const file = join('all', 'organization-policies.json');
      const text = await readFile(join(cwd, file), 'utf8');
      expect(JSON.parse(text)).toMatchObject({
        version: 1,
        managementAccount: ACCOUNT,
        accounts: { [ACCOUNT]: expect.stringMatching(/^o-/) },
        policies: { 'p-FullAWSAccess': { name: 'FullAWSAccess', type: 'SERVICE_CONTROL_POLICY' } },
      });
      const audited = async (...more: string[]) => {
        const { stdout, status } = await run(['audit', '--snapshot', 'account', ...QUIET, '--all', ...more], {
          cwd,
        });
        return { status, text: stdout };
      };
      expect((await audited()).text).toContain('organizations/scps.json');
      const given = await audited('--organization-policies', file);
      expect(given.text).not.toContain('organizations/scps.json');
      expect(given.text).toMatch(/FullAWSAccess \(r-[a-z0-9]+, as of \d{4}-\d{2}-\d{2}\)/);

      await writeFile(join(cwd, 'wrong.json'), text.replace('"asOf"', '"asof"'));
      const wrong = await run(['audit', '--snapshot', 'account', '--organization-policies', 'wrong.json'], {
        cwd,
      });
      expect([wrong.status, wrong.stderr]).toEqual([
        2,
        expect.stringMatching(
          /wrong\.json:1:1: asOf: is missing.*\nwrong\.json:3:\d+: asof: there is no such key/s,
        ),
      ]);
    });
  });
});
