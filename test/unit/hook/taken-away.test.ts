import { describe, expect, test } from '@jest/globals';
import { declaredByPayload, declaredByResource } from '../../../functions/hook/declared-in.ts';
import { answerTo, type HookAnswer } from '../../../functions/hook/hook-answer.ts';
import type { ResourceRequest } from '../../../functions/hook/hook-event.ts';
import { judgeTemplate } from '../../../functions/hook/judge-template.ts';
import type { HookPayload } from '../../../functions/hook/payload.ts';
import { asList, type Json, type JsonObject, member } from '../../../shared/json/json.ts';
import { ABSENT, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { accountOf, judgingAccount } from '../../support/builders/hook-account.ts';
import { THE_EXAMPLE } from '../../support/builders/sample-accounts.ts';

const ACCOUNT = '111122223333';
const VISION = `arn:aws:iam::${ACCOUNT}:role/pipelines/vision`;

type Change = (details: JsonObject) => JsonObject;

const answerFor = async (
  declared: (origin: typeof ORIGIN) => ReturnType<typeof declaredByPayload>,
  change?: Change,
  isDeletion = false,
): Promise<HookAnswer> => {
  const account = await accountOf(THE_EXAMPLE.snapshot, THE_EXAMPLE.configuration, change);
  const judged = await judgeTemplate(
    declared(ORIGIN),
    ORIGIN,
    account.config,
    () => judgingAccount(account),
    () => {},
  );
  return answerTo(judged, { severity: 'HIGH', isOfCloudControl: false, isDeletion });
};
const ORIGIN = { account: ACCOUNT, region: 'eu-west-1', stackName: 'ml' };

const ofStack = (payload: HookPayload, change?: Change): Promise<HookAnswer> =>
  answerFor((origin) => declaredByPayload(payload, origin, { target: 'STACK', isUpdate: true }), change);

const ofResource = (request: Partial<ResourceRequest>, change?: Change): Promise<HookAnswer> =>
  answerFor(
    (origin) =>
      declaredByResource(
        { target: 'RESOURCE', resourceType: 'AWS::IAM::Role', logicalId: 'Role', ...request },
        origin,
      ),
    change,
    !request.properties,
  );

const textOf = (resources: JsonObject, more: JsonObject = {}): string =>
  JSON.stringify({ ...more, Resources: resources });

/** The role as the example’s account has it, in the form of IAM. */
const visionIn = (details: JsonObject): JsonObject =>
  asList(details.RoleDetailList).find((each) => member(each, 'Arn') === VISION) as JsonObject;

/** The role and its one inline policy as a template declares them. */
const parts = async (): Promise<{ role: JsonObject; policy: JsonObject; document: Json }> => {
  const { details } = await accountOf(THE_EXAMPLE.snapshot, THE_EXAMPLE.configuration);
  const vision = visionIn(details);
  const [inline] = asList(vision.RolePolicyList);
  const document = member(inline, 'PolicyDocument') ?? null;
  return {
    role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'vision',
        Path: '/pipelines/',
        AssumeRolePolicyDocument: vision.AssumeRolePolicyDocument ?? null,
      },
    },
    policy: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'pipelines', Roles: ['vision'], PolicyDocument: document },
    },
    document,
  };
};

const QUEUE = { Type: 'AWS::SQS::Queue' };
const LOST = /execution-role-passes-step-roles on arn:aws:iam::111122223333:role\/pipelines\/vision/;

describe('what an update takes out of a template', () => {
  test('a policy that is left out counts no more for a role that nobody declares', async () => {
    const { policy } = await parts();
    const answer = await ofStack({
      template: textOf({ Queue: QUEUE }),
      previousTemplate: textOf({ Queue: QUEUE, Policy: policy }),
    });
    expect(answer).toMatchObject({ hookStatus: 'FAILED', message: expect.stringMatching(LOST) });
  });

  test('a policy that is left out counts no more for a role that stays declared', async () => {
    const { role, policy } = await parts();
    const answer = await ofStack({
      template: textOf({ Role: role }),
      previousTemplate: textOf({ Role: role, Policy: policy }),
    });
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringMatching(/execution-role-passes-step-roles on Role/),
    });
  });

  test('a policy that another stack gives a role of this one counts', async () => {
    const { role } = await parts();
    const answer = await ofStack({
      template: textOf({ Role: role }),
      previousTemplate: textOf({ Role: role }),
    });
    expect(answer.message).toContain('execution-role-trust on Role'); // a fault that the example has
    expect(answer.message).not.toContain('execution-role-passes-step-roles');
  });

  test('a policy with a document that changes counts with the new one alone', async () => {
    const { policy } = await parts();
    const empty = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' }],
    };
    const answer = await ofStack({
      template: textOf({
        Policy: { ...policy, Properties: { ...(policy.Properties as JsonObject), PolicyDocument: empty } },
      }),
      previousTemplate: textOf({ Policy: policy }),
    });
    expect(answer).toMatchObject({ hookStatus: 'FAILED', message: expect.stringMatching(LOST) });
  });

  test('a role that is left out is missed by the pipelines that use it', async () => {
    const { role } = await parts();
    const answer = await ofStack({
      template: textOf({ Queue: QUEUE }),
      previousTemplate: textOf({ Role: role }),
    });
    expect(answer.hookStatus).toBe('FAILED');
    expect(answer.message).toContain(`there is no role ${VISION}`);
  });

  test.each(['Retain', 'RetainExceptOnCreate'])(
    'what a template keeps (%s) stays',
    async (DeletionPolicy) => {
      const { role, policy } = await parts();
      const answer = await ofStack({
        template: textOf({ Queue: QUEUE }),
        previousTemplate: textOf({
          Role: { ...role, DeletionPolicy },
          Policy: { ...policy, DeletionPolicy },
        }),
      });
      expect(answer).toEqual({
        hookStatus: 'SUCCESS',
        message: 'Pipewarden found nothing that refuses it.',
      });
    },
  );

  test('a role that gets another name is missed, unless the template keeps the one before', async () => {
    const { role } = await parts();
    const renamed = { ...role, Properties: { ...(role.Properties as JsonObject), RoleName: 'other' } };
    const of = (more: JsonObject) =>
      ofStack({
        template: textOf({ Role: renamed }),
        previousTemplate: textOf({ Role: { ...role, ...more } }),
      });
    expect((await of({})).message).toContain(`there is no role ${VISION}`);
    expect((await of({ UpdateReplacePolicy: 'Retain' })).message).not.toContain('there is no role');
  });

  test('CORS rules that are left out are missed by the pages that upload images', async () => {
    const rules = [
      {
        AllowedHeaders: ['*'],
        AllowedMethods: ['PUT'],
        AllowedOrigins: ['*'],
        ExposedHeaders: ['Access-Control-Allow-Origin'],
      },
    ];
    const bucket = (more: JsonObject) => ({
      Images: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'acme-images', ...more } },
    });
    const earlier = textOf(bucket({ CorsConfiguration: { CorsRules: rules } }));
    const missing = /-cors on (?:Images|arn:aws:s3:::acme-images)/;
    expect((await ofStack({ template: textOf(bucket({})), previousTemplate: earlier })).message).toMatch(
      missing,
    );
    expect(
      (await ofStack({ template: textOf({ Queue: QUEUE }), previousTemplate: earlier })).message,
    ).toMatch(missing);
    expect((await ofStack({ template: earlier, previousTemplate: earlier })).message).not.toMatch(missing);
  });

  test('a key that is left out is told, as nobody judges what it has encrypted', async () => {
    const key = {
      Type: 'AWS::KMS::Key',
      Properties: { KeyPolicy: { Version: '2012-10-17', Statement: [] } },
    };
    const of = (more: JsonObject) =>
      ofStack({
        template: textOf({ Queue: QUEUE }),
        previousTemplate: textOf({ Key: { ...key, ...more } }),
      });
    expect((await of({})).message).toMatch(/earlier template, line 1: the key Key is deleted/);
    expect((await of({ DeletionPolicy: 'Retain' })).message).toBe(
      'Pipewarden found nothing that refuses it.',
    );
  });

  test('whether something stays is told as not known where a function decides it', async () => {
    const { role } = await parts();
    const DeletionPolicy = { 'Fn::If': ['IsLive', 'Retain', 'Delete'] };
    const { message } = await ofStack({
      template: textOf({ Queue: QUEUE }),
      previousTemplate: textOf({ Role: { ...role, DeletionPolicy } }),
    });
    expect(message).toContain('nobody tells whether Role stays in the account');
    expect(message).not.toContain('there is no role');
  });

  test('what was declared before with more values than are tried is told', async () => {
    const { policy } = await parts();
    const names = Array.from({ length: 12 }, (_, index) => `P${index}`);
    const { message } = await ofStack({
      template: textOf({ Queue: QUEUE }),
      previousTemplate: textOf(
        Object.fromEntries(names.map((name) => [name, { ...policy, Condition: name }])),
        {
          Parameters: Object.fromEntries(
            names.map((name) => [name, { Type: 'String', AllowedValues: ['no', 'yes'] }]),
          ),
          Conditions: Object.fromEntries(
            names.map((name) => [name, { 'Fn::Equals': [{ Ref: name }, 'yes'] }]),
          ),
        },
      ),
    });
    expect(message?.split('hangs on more values than are tried')).toHaveLength(2);
  });

  test('what other values before may have declared is not told, and no pass', async () => {
    const { policy } = await parts();
    const template = textOf(
      { Queue: QUEUE, Policy: { ...policy, Condition: 'IsWide' } },
      {
        Parameters: { Wide: { Type: 'String', AllowedValues: ['no', 'yes'] } },
        Conditions: { IsWide: { 'Fn::Equals': [{ Ref: 'Wide' }, 'yes'] } },
      },
    );
    const answer = await ofStack({ template, previousTemplate: template });
    expect(answer).toMatchObject({
      hookStatus: 'SUCCESS',
      message: expect.stringMatching(/Not told before the deployment: .*execution-role-passes-step-roles/),
    });
  });

  test.each<[string, Partial<HookPayload>, RegExp]>([
    ['there is none', {}, /Not judged: what the stack had before is not told/],
    [
      'it cannot be read',
      { previousTemplate: 'Resources: [' },
      /Not judged: what the stack had before \(the template cannot be read: .*\) is not told/,
    ],
    [
      'it is none',
      { previousTemplate: '[]' },
      /Not judged: what the stack had before \(the file is no template .*\) is not told/,
    ],
    [
      'a part of it cannot be understood',
      { previousTemplate: 'Resources: {A: 7}' },
      /Not judged: of what the stack had before: A is no resource/,
    ],
    [
      'a part of it is elsewhere',
      { previousTemplate: textOf({ Inner: { Type: 'AWS::CloudFormation::Stack', Properties: {} } }) },
      /Not understood: earlier template, line 1: the template of Inner is not at hand/,
    ],
  ])('is told as not judged where %s', async (_, earlier, expected) => {
    const answer = await ofStack({ template: textOf({ Queue: QUEUE }), ...earlier });
    expect(answer).toMatchObject({ hookStatus: 'SUCCESS', message: expect.stringMatching(expected) });
  });
});

describe('a name that CloudFormation has made up', () => {
  const { RoleName: _, ...unnamed } = { RoleName: '' };
  const named =
    (...names: string[]): Change =>
    (details) => ({
      ...details,
      RoleDetailList: asList(details.RoleDetailList).flatMap((each) =>
        member(each, 'Arn') === VISION
          ? [
              each,
              ...names.map((name) => ({
                ...(each as JsonObject),
                RoleName: name,
                Arn: `arn:aws:iam::${ACCOUNT}:role/pipelines/${name}`,
                AttachedManagedPolicies: [
                  {
                    PolicyName: 'AdministratorAccess',
                    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
                  },
                ],
              })),
            ]
          : [each],
      ),
    });
  const unnamedRole = async (): Promise<JsonObject> => {
    const { role } = await parts();
    const { RoleName: __, ...properties } = role.Properties as JsonObject;
    return { ...role, Properties: { ...properties, ...unnamed } };
  };

  test('is found in the account, so that what others gave the role counts', async () => {
    const template = textOf({ Role: await unnamedRole() });
    const answer = await ofStack({ template, previousTemplate: template }, named('ml-Role-1ABCDEFGHIJKL'));
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringMatching(/execution-role-administrator on Role/),
    });
  });

  test.each([
    [[], '0 names'],
    [['ml-Role-1ABCDEFGHIJKL', 'ml-Role-1ABCDEFGHIJKM'], '2 names'],
    [['ml-Role-Other-1ABCDEFGHIJKL'], '0 names'],
    [['other-ml-Role-1ABCDEFGHIJKL'], '0 names'],
  ])('is told as not found among %j', async (names, count) => {
    const template = textOf({ Role: await unnamedRole() });
    const answer = await ofStack({ template, previousTemplate: template }, named(...names));
    expect(answer.message).toContain(`Not judged: which role of the account Role is (${count} would fit)`);
    expect(answer.message).not.toContain('administrator');
  });

  test('is no name that a parameter gives, which is told as not found', async () => {
    const { role } = await parts();
    const properties = { ...(role.Properties as JsonObject), RoleName: { 'Fn::Sub': '${Env}-train' } };
    const template = textOf(
      { Role: { ...role, Properties: properties } },
      { Parameters: { Env: { Type: 'String' } } },
    );
    expect((await ofStack({ template, previousTemplate: template })).message).toContain(
      'Not judged: which role of the account Role is (a parameter names it)',
    );
  });

  test('and that is taken away is told as not judged where the account does not tell it', async () => {
    const previousTemplate = textOf({ Role: await unnamedRole() });
    const answer = await ofStack({ template: textOf({ Queue: QUEUE }), previousTemplate });
    expect(answer.message).toMatch(/Not understood: earlier template, line 1: Role is taken away or changed/);
  });
});

describe('a change set', () => {
  const of = (change: object): Promise<HookAnswer> =>
    answerFor((origin) =>
      declaredByPayload(
        {
          template: textOf({ Queue: QUEUE }),
          changedResources: [
            { logicalResourceId: 'Policy', resourceType: 'AWS::IAM::Policy', action: 'DELETE', ...change },
          ],
        },
        origin,
        { target: 'CHANGE_SET' },
      ),
    );

  test.each(['DELETE', 'Delete', 'Remove', 'REMOVE'])(
    'that has %s takes away what was there',
    async (action) => {
      const { policy } = await parts();
      const beforeContext = JSON.stringify({ Properties: policy.Properties ?? null });
      const answer = await of({ action, beforeContext, afterContext: null });
      expect(answer).toMatchObject({ hookStatus: 'FAILED', message: expect.stringMatching(LOST) });
    },
  );

  test('that keeps what it leaves out takes nothing away', async () => {
    const { policy } = await parts();
    const beforeContext = JSON.stringify({ Properties: policy.Properties ?? null, DeletionPolicy: 'Retain' });
    expect((await of({ beforeContext })).message).toBe('Pipewarden found nothing that refuses it.');
  });

  test('that changes a policy away from a role takes it from there', async () => {
    const { policy } = await parts();
    const properties = policy.Properties as JsonObject;
    const answer = await of({
      action: 'UPDATE',
      beforeContext: JSON.stringify({ Properties: properties }),
      afterContext: JSON.stringify({ Properties: { ...properties, Roles: ['sandbox'] } }),
    });
    expect(answer).toMatchObject({ hookStatus: 'FAILED', message: expect.stringMatching(LOST) });
  });

  test.each([null, undefined, '', 'no JSON', '{"Properties":'])(
    'that tells %j of what was there before says that it is not judged',
    async (beforeContext) => {
      expect((await of({ beforeContext })).message).toContain(
        'Not judged: what Policy had before is not told',
      );
    },
  );
});

describe('an operation on one resource', () => {
  test('takes away what the resource had before and has no more, and leaves what others gave it', async () => {
    const { role, document } = await parts();
    const bare = role.Properties as JsonObject;
    const own = { ...bare, Policies: [{ PolicyName: 'pipelines', PolicyDocument: document }] };
    expect((await ofResource({ properties: bare, previous: own })).message).toMatch(
      /execution-role-passes-step-roles on Role/,
    );
    expect((await ofResource({ properties: bare, previous: bare })).message).not.toContain(
      'execution-role-passes-step-roles',
    );
  });

  test('that changes a resource of which nobody tells what it was says so', async () => {
    const { role } = await parts();
    const properties = role.Properties as JsonObject;
    expect((await ofResource({ properties, isUntoldBefore: true })).message).toContain(
      'Not judged: what Role had before is not told',
    );
  });

  test('a deletion is never refused, and what is wrong after it is told', async () => {
    const { role } = await parts();
    const answer = await ofResource({ previous: role.Properties as JsonObject });
    expect(answer).toMatchObject({
      hookStatus: 'SUCCESS',
      message: expect.stringMatching(
        /^Pipewarden refuses no deletion\.\nWhat is wrong after it: .*role\/pipelines\/vision \(FAILED/,
      ),
    });
  });

  test('a role is deleted after its pipelines, of which the index has not heard yet', async () => {
    const account = await accountOf(THE_EXAMPLE.snapshot, THE_EXAMPLE.configuration);
    const reader: Reader = {
      ...account.reader,
      describePipeline: async () => notRead('DescribePipeline', ABSENT, 'there is none'),
    };
    const { role } = await parts();
    const previous = role.Properties as JsonObject;
    const declared = declaredByResource(
      { target: 'RESOURCE', resourceType: 'AWS::IAM::Role', logicalId: 'Role', previous },
      ORIGIN,
    );
    const judged = await judgeTemplate(
      declared,
      ORIGIN,
      account.config,
      () => judgingAccount({ ...account, reader }),
      () => {},
    );
    expect(judged).toEqual({ findings: [], problems: [], untold: [] });
  });
});
