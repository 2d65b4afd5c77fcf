import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import { notKnown, type SomeFacts } from '../../../shared/facts/gathered.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import type { AuditRequest, RequestOf } from '../../../shared/requests/audit-request.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const TRIGGER = { eventId: 'e-1', eventName: 'PutBucketCors', eventTime: '2026-11-24T09:00:00Z' };

const request = (changes: Partial<Extract<AuditRequest, { type: 'bucket' }>> = {}): AuditRequest => ({
  type: 'bucket',
  resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' },
  name: 'acme-images',
  changed: ['cors'],
  deleted: false,
  trigger: TRIGGER,
  ...changes,
});

type Options = { config?: Partial<Config>; refused?: Parameters<typeof memoryReader>[1] };

const look = async (asked: AuditRequest, account: Account = {}, { config, refused }: Options = {}) => {
  const { reader, calls } = memoryReader(account, refused);
  const given: Config = { version: 1, ...config };
  const { facts, ...gathered } = await gather(asked, {
    reader,
    config: given,
    recallExecution: async () => undefined,
    evidence: accountEvidence(reader, given),
    now: () => NOW,
  });
  const told: SomeFacts = facts;
  const { gaps } = told;
  return {
    ...gathered,
    facts: told,
    calls,
    gaps: gaps?.ok ? gaps.value.map(({ call, code }) => `${call}: ${code}`) : [],
  };
};

const pipelineOf = (name: string, ...steps: object[]) => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
  roleArn: role('pipelines/fraud'),
  definitionText: JSON.stringify({ Version: '2020-12-01', Steps: steps }),
});
const processing = (name: string, uri: string, args: object = {}) =>
  step(name, 'Processing', { ProcessingInputs: [{ S3Input: { S3Uri: uri } }], ...args });
/** An account with one pipeline of these steps. */
const withSteps = (...steps: object[]): Account => ({
  listing: ['fraud'],
  pipelines: { fraud: pipelineOf('fraud', ...steps) },
});

const cors = { 'acme-images': [REQUIRED_CORS] };
const named = { imageBuckets: { names: ['acme-*'] } };
const tagged = { imageBuckets: { tags: { pipewarden: 'image-bucket' } } };
const ofBucket = (...calls: string[]) => calls.map((call) => `${call} acme-images`);
const ROSTER = ['listPipelines', 'describePipeline fraud'];

describe('a bucket', () => {
  test.each<[string, Partial<Config>, Account, string | undefined, string[]]>([
    [
      'that the configuration names',
      named,
      withSteps(),
      'the configuration names it',
      [...ofBucket('getBucketCors'), ...ROSTER],
    ],
    [
      'that is tagged',
      tagged,
      { ...withSteps(), tags: { 'acme-images': { pipewarden: 'image-bucket' } } },
      'it is tagged pipewarden=image-bucket',
      [...ofBucket('getBucketTags', 'getBucketCors'), ...ROSTER],
    ],
    [
      'that a step reads images from',
      {},
      withSteps(processing('Label', 's3://acme-images/a.png')),
      'step Label of pipeline fraud reads images from it',
      [...ROSTER, ...ofBucket('getBucketCors')],
    ],
    [
      'that is tagged otherwise',
      tagged,
      { ...withSteps(), tags: { 'acme-images': { pipewarden: 'no' } } },
      undefined,
      [...ofBucket('getBucketTags'), ...ROSTER],
    ],
    [
      'that nothing makes an image bucket',
      {},
      withSteps(processing('Load', 's3://acme-images/a.csv'), processing('Label', 's3://other/a.png')),
      undefined,
      ROSTER,
    ],
  ])('%s', async (_, config, account, because, calls) => {
    const { facts, gaps, ...gathered } = await look(request(), { cors, ...account }, { config });
    expect(gathered.calls).toEqual(calls);
    expect(facts.imageBucket).toEqual({
      ok: true,
      value: { name: 'acme-images', ...(because === undefined ? {} : { because, cors: [REQUIRED_CORS] }) },
    });
    expect([gaps, gathered.gone, gathered.follow]).toEqual([[], false, undefined]);
  });

  test.each<[string, object[], string, string | undefined]>([
    [
      'a manifest of images alone',
      [processing('Load', 's3://acme-images/a.manifest')],
      'step Load of pipeline fraud reads a manifest of images from it',
      'read',
    ],
    [
      'a manifest that is labelled',
      [step('Label', 'Lambda', { manifest: 's3://acme-images/a.manifest' })],
      'step Label of pipeline fraud has the images of a manifest in it labelled',
      'labelled',
    ],
    [
      'a manifest that is labelled and then read',
      [
        step('Label', 'Lambda', { manifest: 's3://acme-images/a.manifest' }),
        processing('Load', 's3://acme-images/b.manifest'),
      ],
      'step Load of pipeline fraud reads a manifest of images from it',
      'read',
    ],
    [
      'a manifest, and images beside it',
      [processing('Load', 's3://acme-images/a.manifest'), processing('Show', 's3://acme-images/a.png')],
      'step Show of pipeline fraud reads images from it',
      undefined,
    ],
  ])('is known by the surest of its reasons: %s', async (_, steps, because, manifest) => {
    const { facts } = await look(request(), { cors, ...withSteps(...steps) });
    const value = { name: 'acme-images', because, cors: [REQUIRED_CORS], ...(manifest && { manifest }) };
    expect(facts.imageBucket).toEqual({ ok: true, value });
  });

  test('is an image bucket for sure where the configuration names it, also for a manifest', async () => {
    const steps = processing('Load', 's3://acme-images/a.manifest');
    const { facts } = await look(request(), { cors, ...withSteps(steps) }, { config: named });
    expect(facts.imageBucket).toMatchObject({ value: { because: 'the configuration names it' } });
    expect(facts.imageBucket).not.toHaveProperty('value.manifest');
  });

  test.each<[string, Partial<Config>, Account, object]>([
    ['somebody has named', named, withSteps(), { isDeclared: true, inputs: [] }],
    [
      'somebody has tagged',
      tagged,
      { ...withSteps(), tags: { 'acme-images': { pipewarden: 'image-bucket' } } },
      { isDeclared: true, inputs: [] },
    ],
    [
      'steps read images from, and nobody has declared',
      tagged,
      {
        ...withSteps(
          processing('Label', 's3://acme-images/a.png'),
          processing('Crop', 's3://acme-images/b/'),
        ),
        tags: { 'acme-images': {} },
      },
      { isDeclared: false, inputs: [{ pipelineName: 'fraud', step: 'Label' }] },
    ],
  ])('is described as an image source if %s', async (_, config, account, source) => {
    const { facts } = await look(request(), { cors, ...account }, { config });
    expect(facts.imageSource).toEqual({
      ok: true,
      value: { name: 'acme-images', arn: 'arn:aws:s3:::acme-images', ...source },
    });
  });

  test.each<[string, Partial<Config>, Exclude<Options['refused'], undefined>[number], boolean]>([
    ['its tags', tagged, 'getBucketTags', false],
    ['its CORS configuration', named, 'getBucketCors', true],
  ])('makes a gap if AWS denies %s', async (_, config, call, isSourceKnown) => {
    const { facts, gaps } = await look(request(), { cors, listing: [] }, { config, refused: [call] });
    expect([facts.imageBucket?.ok, gaps]).toEqual([false, [`${call}: AccessDeniedException`]]);
    expect(facts.imageSource?.ok).toBe(isSourceKnown);
  });

  test('is not known for one without images or inputs if pipelines that may read them cannot be listed', async () => {
    const { facts } = await look(request(), { cors, listing: [] }, { refused: ['listPipelines'] });
    const because = notKnown(
      'it is not known what these pipelines read: of eu-west-1 that no list tells (listPipelines: AccessDeniedException: not allowed)',
    );
    expect([facts.imageBucket, facts.imageSource, facts.inputs]).toEqual([because, because, because]);
  });

  test('is an image bucket if a step reads images from it, although its tags cannot be read', async () => {
    const { facts, gaps } = await look(
      request(),
      { cors, ...withSteps(processing('Label', 's3://acme-images/a.png')) },
      { config: tagged, refused: ['getBucketTags'] },
    );
    expect(facts.imageBucket).toMatchObject({ ok: true, value: { cors: [REQUIRED_CORS] } });
    expect(facts.imageSource).toMatchObject({ ok: false, unread: { call: 'getBucketTags' } });
    expect(gaps).toEqual(['getBucketTags: AccessDeniedException']);
  });

  test('of another account, to which the code of a step leads, makes no gap though its tags cannot be read', async () => {
    const code = processing('Prepare', 's3://acme-images/a.csv', {
      ProcessingInputs: [{ InputName: 'code', S3Input: { S3Uri: 's3://acme-images/main.py' } }],
    });
    const refused: Options = { config: tagged, refused: ['getBucketTags', 'getBucketPolicy'] };
    const { facts, gaps } = await look(request({ changed: [], isFollowed: true }), withSteps(code), refused);
    expect(facts.imageBucket).toEqual({ ok: false, notApplicable: 'its tags cannot be read' });
    expect(gaps).toEqual([]);
    const named = await look(request({ changed: [] }), withSteps(code), refused);
    expect(named.gaps).toEqual(['getBucketTags: AccessDeniedException']);
  });

  describe('in which inputs of pipelines lie', () => {
    const account: Account = {
      ...withSteps(
        processing('Prepare', 's3://acme-images/a.csv', {
          ProcessingInputs: [{ InputName: 'code', S3Input: { S3Uri: 's3://acme-images/main.py' } }],
        }),
      ),
      bucketPolicies: { 'acme-images': { Version: '2012-10-17', Statement: [] } },
      identities: { RoleDetailList: [] },
    };
    const ofTeam = { roles: { creators: [{ roles: [role('ci')], pipelines: ['fraud'] }] } };

    test('is looked at with its policy, and without users and roles where the configuration tells no teams', async () => {
      const { facts, calls } = await look(request({ changed: ['policy'] }), account);
      expect(facts.inputs).toMatchObject({
        ok: true,
        value: {
          of: 'bucket',
          files: [
            {
              resource: 'arn:aws:s3:::acme-images/main.py',
              pipelines: [expect.objectContaining({ name: 'fraud' })],
            },
          ],
        },
      });
      expect(facts.inputs).not.toHaveProperty('value.principals');
      expect(calls).toEqual([...ROSTER, ...ofBucket('getBucketPolicy'), 'readOrganizationPolicies']);
    });

    test('is looked at with users and roles where the configuration tells teams', async () => {
      const { facts } = await look(request({ changed: ['policy'] }), account, { config: ofTeam });
      expect(facts.inputs).toHaveProperty('value.principals.ok', true);
    });
  });

  test('without inputs of pipelines is judged without its policy', async () => {
    const { facts, calls } = await look(request(), withSteps(processing('Load', 's3://acme-images/a.csv')));
    expect(facts.inputs).toMatchObject({ ok: true, value: { files: [] } });
    expect(calls).toEqual(ROSTER);
  });

  test('is gone after its deletion, without a call', async () => {
    expect(await look(request({ deleted: true }), { cors }, { config: named })).toMatchObject({
      gone: true,
      facts: {},
      calls: [],
    });
  });
});

describe('a bucket whose policy has changed', () => {
  const account = withSteps(
    processing('Read', 's3://acme-images/in/', { RoleArn: role('steps/reader') }),
    step('Write', 'Processing', {
      RoleArn: role('steps/writer'),
      ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output: { S3Uri: 's3://acme-images/out' } }] },
    }),
    processing('Far', 's3://acme-images-2/in/', { RoleArn: role('steps/far') }),
  );

  const policy = { changed: ['policy' as const] };

  test.each<RequestOf<'bucket'>['changed']>([['policy'], ['cors', 'policy']])(
    'leads to the roles that use it: %j',
    async (...changed) => {
      const { follow } = await look(request({ changed }), { cors, ...account }, { config: named });
      const followed = follow?.map(({ type, resource: { arn }, changed: of, trigger }) => [
        type,
        arn,
        of,
        trigger,
      ]);
      expect(followed?.toSorted()).toEqual(
        // The third role is affected by the policy as well, because it must not change what the other steps use.
        ['steps/far', 'steps/reader', 'steps/writer'].map((name) => [
          'role',
          role(name),
          ['policy'],
          TRIGGER,
        ]),
      );
    },
  );

  test.each<RequestOf<'bucket'>['changed']>([['cors'], ['tags'], ['existence'], ['uses'], []])(
    'leads to nobody where it is not the policy that changed: %j',
    async (...changed) => {
      const trigger = { ...TRIGGER, eventName: 'PutBucketPolicy' };
      const { follow } = await look(request({ changed, trigger }), { cors, ...account }, { config: named });
      expect(follow).toBeUndefined();
    },
  );

  test('does not lead to roles that do not use it', async () => {
    const other = request({
      name: 'acme',
      resource: { type: 'bucket', arn: 'arn:aws:s3:::acme' },
      ...policy,
    });
    expect(
      (
        await look(
          other,
          { ...account, cors: { acme: [] } },
          { config: { imageBuckets: { names: ['acme'] } } },
        )
      ).follow,
    ).toEqual([]);
  });

  test('leads to no roles if pipelines cannot be listed', async () => {
    const options = { config: named, refused: ['listPipelines' as const] };
    const { follow, facts } = await look(request(policy), { cors, ...account }, options);
    expect([follow, facts.imageBucket?.ok]).toEqual([[], true]);
  });
});
