import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { RoleChange } from '../../../shared/domain/role-change.ts';
import { type RecordedUses, recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import type { Json } from '../../../shared/json/json.ts';
import { evaluate } from '../../../shared/judging/evaluate.ts';
import {
  otherRegions,
  reachesOtherRegions,
  regionsText,
  withinRegions,
} from '../../../shared/judging/other-regions.ts';
import { putPolicy } from '../../../shared/judging/role-change.ts';
import { administratorGuardrail } from '../../../shared/policies/administrator-policy.ts';
import { isolationGuardrail } from '../../../shared/policies/isolation-policy.ts';
import { passingGuardrail } from '../../../shared/policies/passing-policy.ts';
import { pipelineAccessGuardrail } from '../../../shared/policies/pipeline-access-policy.ts';
import { prefixGuardrail } from '../../../shared/policies/prefix-policy.ts';
import { taggingGuardrail } from '../../../shared/policies/scp-exception.ts';
import { versionGuardrail } from '../../../shared/policies/version-policy.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { step } from '../../support/builders/control-cases.ts';
import { cloudTrail, session } from '../../support/builders/events.ts';
import {
  ACCOUNT_SCOPE,
  principalFacts,
  ROLE,
  type Stated,
  trusting,
} from '../../support/builders/principal-facts.ts';

const may = (Action: string | string[], Resource: string | string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const sagemakerIn = (region: string, resource = '*') =>
  `arn:aws:sagemaker:${region}:111122223333:${resource}`;
const trustIf = (Condition: object, Effect = 'Allow'): Json =>
  ({
    Version: '2012-10-17',
    Statement: [
      { Effect, Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole', Condition },
    ],
  }) as unknown as Json;

const knownOf = (stated: Stated) => {
  const { principal, uses, recorded } = principalFacts(stated);
  if (!principal) throw new Error('no principal');
  return { identity: principal.identity, scope: principal.scope, uses, recorded };
};
const regionsOf = (stated: Stated): string[] => otherRegions(knownOf(stated)).map(({ region }) => region);

const recordOf = (source: string, eventName: string, more: Record<string, unknown> = {}): RecordedUses => {
  const { add, recorded } = recordedBuilder();
  const fields = {
    eventSource: `${source}.amazonaws.com`,
    awsRegion: 'us-east-1',
    userIdentity: session('pipelines/fraud', 'SageMaker'),
    ...more,
  };
  add(cloudTrail(eventName, {}, fields) as Json);
  return recorded().of(ROLE);
};
const assumedBy = (invokedBy: string): RecordedUses =>
  recordOf('sts', 'AssumeRole', {
    userIdentity: { type: 'AWSService', invokedBy },
    requestParameters: { roleArn: ROLE },
  });

describe('a role is known to work in another Region', () => {
  test.each<[string, Stated, string]>([
    ['in which IAM saw it last', { lastUsedIn: 'us-east-1' }, 'us-east-1'],
    ['in which CloudTrail shows a call', { recorded: recordOf('sagemaker', 'CreateModel') }, 'us-east-1'],
    ['in which a service assumed it', { recorded: assumedBy('sagemaker.amazonaws.com') }, 'us-east-1'],
    [
      'whose pipelines its trust policy names',
      {
        trust: trustIf({
          ArnLike: { 'aws:SourceArn': [sagemakerIn('eu-west-1'), sagemakerIn('us-east-1')] },
        }),
      },
      'us-east-1',
    ],
    [
      'whose jobs it may create',
      { allow: [may('sagemaker:CreateModel', sagemakerIn('us-east-1', 'model/*'))] },
      'us-east-1',
    ],
    ['of a pattern', { allow: [may('logs:*', 'arn:aws:logs:us-*:111122223333:*')] }, 'us-*'],
    [
      'in which alone a statement holds',
      {
        allow: [
          may('sagemaker:*', '*', { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }),
        ],
      },
      'us-east-1',
    ],
    [
      'in which beside the audited one it may call SageMaker',
      {
        allow: [
          may(['sagemaker:Create*', 'sagemaker:Describe*'], '*', {
            Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } },
          }),
        ],
      },
      'us-east-1',
    ],
    [
      'whose name a bucket has that it writes to',
      { allow: [may('s3:*', 'arn:aws:s3:::sagemaker-us-east-1-111122223333/*')] },
      'us-east-1',
    ],
    [
      'named in a bucket of another partition',
      { allow: [may(['s3:PutObject'], 'arn:aws-us-gov:s3:::ml-us-gov-east-1/*')] },
      'us-gov-east-1',
    ],
  ])('%s', (_, stated, region) => {
    expect(regionsOf(stated)).toEqual([region]);
  });

  test.each<[string, Stated]>([
    ['by a last use in the audited one', { lastUsedIn: 'eu-west-1' }],
    ['by no last use', {}],
    ['by a call of IAM, which is one for all', { recorded: recordOf('iam', 'GetRole') }],
    [
      'by a call in the audited one',
      { recorded: recordOf('sagemaker', 'CreateModel', { awsRegion: 'eu-west-1' }) },
    ],
    [
      'by somebody who assumed it',
      { recorded: recordOf('sts', 'AssumeRole', { requestParameters: { roleArn: ROLE } }) },
    ],
    [
      'by patterns of all Regions',
      { allow: [may('sagemaker:*', [sagemakerIn('*'), sagemakerIn('eu-*'), '*'])] },
    ],
    ['by a Deny', { allow: [{ ...may('sagemaker:*', sagemakerIn('us-east-1')), Effect: 'Deny' }] }],
    [
      'by a Deny of its trust',
      { trust: trustIf({ ArnLike: { 'aws:SourceArn': sagemakerIn('us-east-1') } }, 'Deny') },
    ],
    [
      'by a trust that leaves it out',
      { trust: trustIf({ ArnNotLike: { 'aws:SourceArn': sagemakerIn('us-east-1') } }) },
    ],
    [
      'by a list of Regions with the audited one, for all services',
      {
        allow: [
          may('*', '*', {
            Condition: { StringLike: { 'aws:RequestedRegion': ['eu-*', 'us-east-1'] } },
          }),
        ],
      },
    ],
    [
      'by models of Bedrock',
      { allow: [may('bedrock:InvokeModel', 'arn:aws:bedrock:us-east-1::foundation-model/*')] },
    ],
    ['by a bucket that it reads', { allow: [may('s3:GetObject', 'arn:aws:s3:::sample-data-us-east-1/*')] }],
    ['by a bucket named for the audited one', { allow: [may('s3:*', 'arn:aws:s3:::ml-eu-west-1/*')] }],
    ['by a bucket whose name only looks so', { allow: [may('s3:*', 'arn:aws:s3:::focus-east-12/*')] }],
    [
      'by a policy that AWS manages',
      {
        attached: {
          'arn:aws:iam::aws:policy/Some': {
            Version: '2012-10-17',
            Statement: [may('logs:*', 'arn:aws:logs:us-east-1:*:*')],
          } as unknown as Json,
        },
      },
    ],
    [
      'by what a pipeline of the audited one needs',
      {
        allow: [may('lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:111122223333:function:tell*')],
        pipelines: {
          fraud: {
            steps: [
              step(
                'Tell',
                'Lambda',
                {},
                { FunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:tell' },
              ),
            ],
          },
        },
      },
    ],
  ])('not %s', (_, stated) => {
    expect(regionsOf(stated)).toEqual([]);
  });

  test('once for each Region, with the first thing that shows it', () => {
    const all = otherRegions(
      knownOf({
        lastUsedIn: 'us-east-1',
        allow: [may('logs:*', ['arn:aws:logs:us-east-1:*:*', 'arn:aws:logs:sa-east-1:*:*'])],
      }),
    );
    expect(regionsText(all)).toBe(
      `us-east-1 (IAM saw it there last), sa-east-1 (${ROLE} own names arn:aws:logs:sa-east-1:*:*)`,
    );
  });
});

const { identity } = knownOf({});
const put = (document: Parameters<typeof putPolicy>[1]): RoleChange => putPolicy('some', document);
const OWN = ['arn:aws:s3:::acme-models/fraud/*'];

describe('a remedy', () => {
  test.each<[string, RoleChange]>([
    [
      'that only adds',
      put({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }] }),
    ],
    [
      'against versions below a floor',
      put(versionGuardrail([{ pipeline: 'fraud-*', minimum: 6 }], ACCOUNT_SCOPE)),
    ],
    [
      'against other teams’ pipelines',
      put(pipelineAccessGuardrail(['sagemaker:UpdatePipeline'], [sagemakerIn('eu-west-1', 'pipeline/a')])),
    ],
    [
      'against passing other roles, of which its control has asked',
      put(passingGuardrail([ROLE], ['sagemaker.amazonaws.com'], [])),
    ],
    ['against tags', put(taggingGuardrail('json-get'))],
    ['against giving permissions', put(administratorGuardrail([]))],
    [
      'against folders of other steps',
      put(isolationGuardrail(OWN, ['arn:aws:s3:::acme-data/report/*'], ['eu-west-1'])),
    ],
    ['that takes the tag from a role that SageMaker assumes nowhere', { type: 'untag', key: 'a' }],
    ['of a tag', { type: 'tag', key: 'a', value: 'b' }],
  ])('%s takes nothing from other Regions', (_, change) => {
    expect(reachesOtherRegions(change, identity, ['eu-west-1'])).toBe(false);
  });

  test.each<[string, RoleChange]>([
    [
      'against acting under administrators',
      put(administratorGuardrail(['arn:aws:iam::111122223333:role/admin'])),
    ],
    [
      'against whatever is not an output of its own',
      put(isolationGuardrail(OWN, ['arn:aws:s3:::acme-models/*'], ['eu-west-1'])),
    ],
    ['against a whole bucket', put(isolationGuardrail([], ['arn:aws:s3:::acme-models/*'], ['eu-west-1']))],
    [
      'that takes somebody from the trust',
      { type: 'trust', document: { Version: '2012-10-17', Statement: [] } },
    ],
  ])('%s may, and cannot be limited to one', (_, change) => {
    expect(reachesOtherRegions(change, identity, ['eu-west-1'])).toBe(true);
    expect(reachesOtherRegions(withinRegions(change, 'some', ['eu-west-1']), identity, ['eu-west-1'])).toBe(
      true,
    );
  });

  test('against other names of jobs may, and is limited to one by a condition, under a name of its own', () => {
    const guardrail = prefixGuardrail(
      [
        {
          action: 'sagemaker:CreateTrainingJob',
          allowed: [sagemakerIn('eu-west-1', 'training-job/fraud-*')],
        },
      ],
      ACCOUNT_SCOPE,
    );
    const model = sagemakerIn('eu-west-1', 'model/fraud-*');
    const given = { Effect: 'Allow' as const, Action: ['sagemaker:CreateModel'], Resource: [model] };
    const document = { ...guardrail, Statement: [...guardrail.Statement, given] };
    const change = put(document);
    expect(reachesOtherRegions(change, identity, ['eu-west-1'])).toBe(true);
    const limited = withinRegions(change, 'some', ['eu-west-1']);
    expect(reachesOtherRegions(limited, identity, ['eu-west-1'])).toBe(false);
    const [deny, allow] = document.Statement;
    expect(limited).toEqual({
      type: 'put-policy',
      name: expect.stringMatching(/^pipewarden-some-[0-9a-f]{8}$/),
      document: {
        Version: '2012-10-17',
        Statement: [{ ...deny, Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }, allow],
      },
    });
    expect(limited).not.toHaveProperty('name', change.type === 'put-policy' ? change.name : '');
  });
});

/** The remediation of one control on a role. */
const remedyOf = (control: string, stated: Stated, config: Partial<Config> = {}) => {
  const facts = Object.fromEntries(
    Object.entries(principalFacts(stated)).map(([name, value]) => [name, found(value)]),
  );
  const verdicts = evaluate(CONTROLS, 'role', facts, { version: 1, ...config });
  const own = verdicts.find(({ control: { id } }) => id === control)?.verdict;
  return own && 'remediation' in own ? own.remediation : undefined;
};

describe('the command for a role that works in another Region as well', () => {
  const PREFIX: Partial<Config> = { prefixes: [{ prefix: 'fraud', roles: [ROLE] }] };
  const creator: Stated = { allow: [may(['sagemaker:CreateTrainingJob', 'sagemaker:AddTags'], '*')] };

  test('keeps the names of jobs in the audited Region alone, and says why', () => {
    const everywhere = remedyOf('prefix-policy-enforced', creator, PREFIX);
    expect(everywhere?.patch).toContain('arn:aws:sagemaker:*:111122223333:training-job/fraud-*');
    expect(everywhere?.patch).not.toContain('aws:RequestedRegion');
    const limited = remedyOf('prefix-policy-enforced', { ...creator, lastUsedIn: 'us-east-1' }, PREFIX);
    expect(limited?.patch).toContain('"StringEquals":{"aws:RequestedRegion":"eu-west-1"}');
    expect(limited?.text).toContain(
      `The Deny holds in eu-west-1 alone, as ${ROLE} works in us-east-1 (IAM saw it there last), too, where this audit reads no pipelines.`,
    );
  });

  const ROLES: Partial<Config> = { roles: { execution: [ROLE] } };
  const passer: Stated = {
    allow: [may(['sagemaker:CreatePipeline', 'sagemaker:CreateTrainingJob'], '*'), may('iam:PassRole', '*')],
  };

  const US = 'arn:aws:iam::111122223333:role/pipelines/vision-us';
  const passerWith = (role: Omit<Stated, 'arn' | 'others'>, more: Stated = {}): Stated => ({
    ...passer,
    ...more,
    others: { [US]: role },
  });

  test('is given where no role would be lost that could be passed there', () => {
    const trust = trusting('lambda.amazonaws.com');
    for (const stated of [
      passer,
      { ...passer, lastUsedIn: 'us-east-1' },
      passerWith({ trust, lastUsedIn: 'us-east-1' }),
    ])
      expect(remedyOf('pass-role-scoped', stated, ROLES)).toHaveProperty('patch');
  });

  test('is given where a role was used long ago, in the audited Region alone as far as is known', () => {
    const actsAt = '2026-11-29T10:00:00Z';
    const old = { lastUsedIn: 'eu-west-1', lastUsed: '2026-08-01T10:00:00+00:00' };
    const remedy = remedyOf('pass-role-scoped', passerWith(old, { lastUsedIn: 'eu-west-1', actsAt }), ROLES);
    expect(remedy).toHaveProperty('patch');
    expect(remedy?.changes).toContain(
      `It may no longer pass other roles to sagemaker.amazonaws.com, such as ${US}.`,
    );
  });

  const LATELY = { lastUsed: '2026-11-28T10:00:00+00:00' };

  test.each<[string, Omit<Stated, 'arn' | 'others'>, string]>([
    ['in the audited Region', { ...LATELY, lastUsedIn: 'eu-west-1' }, 'on 2026-11-28 in eu-west-1'],
    ['in a Region that IAM does not tell', LATELY, 'on 2026-11-28'],
    [
      'and several services can assume',
      { ...LATELY, trust: trusting('lambda.amazonaws.com', 'sagemaker.amazonaws.com') },
      'on 2026-11-28',
    ],
    ['and anybody can assume', { ...LATELY, trust: trusting('*') }, 'on 2026-11-28'],
  ])('is not given where it would keep a role from being passed that was used lately %s', (_, role, when) => {
    const left = remedyOf('pass-role-scoped', passerWith(role, { actsAt: '2026-11-29T10:00:00Z' }), ROLES);
    expect(left).not.toHaveProperty('patch');
    expect(left?.text).toContain(`and that were used lately: ${US} (${when}).`);
  });

  test.each<[string, string, Omit<Stated, 'arn' | 'others'>]>([
    ['another service alone can assume', US, { ...LATELY, trust: trusting('lambda.amazonaws.com') }],
    [
      'SageMaker has made for itself, and nobody passes',
      'arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks',
      LATELY,
    ],
  ])('is given where the role that was used lately is one that %s', (_, arn, role) => {
    const stated = { ...passer, actsAt: '2026-11-29T10:00:00Z', others: { [arn]: role } };
    const remedy = remedyOf('pass-role-scoped', stated, ROLES);
    expect(remedy).toHaveProperty('patch');
    expect(remedy?.changes).not.toContain('may no longer pass');
  });

  test.each<[string, Stated, string]>([
    [
      'the role works there',
      passerWith({ lastUsedIn: 'us-east-1' }),
      'which works in us-east-1 (IAM saw it there last)',
    ],
    [
      'who passes it works there',
      passerWith({}, { lastUsedIn: 'us-east-1' }),
      'it works in us-east-1 (IAM saw it there last)',
    ],
  ])('is not given where it would keep a role from being passed and %s', (_, stated, why) => {
    const left = remedyOf('pass-role-scoped', stated, ROLES);
    expect(left).not.toHaveProperty('patch');
    expect(left?.text).toContain(`that pipelines of other Regions may use: ${US} (${why}).`);
  });

  test('is none that takes the tag of the SCP’s exception from a role which pipelines of another Region may run under', () => {
    const trust = trustIf({ ArnLike: { 'aws:SourceArn': sagemakerIn('us-east-1', 'pipeline/*') } });
    const scpException = { tagKey: 'json-get', tagValue: 'yes' };
    const tagged = { tags: { 'json-get': 'yes' } };
    const nowhere = { ...tagged, trust: trusting('lambda.amazonaws.com') };
    expect(remedyOf('scp-exception-unique', nowhere, { scpException })).toHaveProperty('patch');
    expect(remedyOf('scp-exception-unique', { ...tagged, trust }, { scpException })).toEqual({
      text: expect.stringContaining('if pipelines of another Region run under it'),
    });
  });

  test('is not given where it takes “*” from the trust policy', () => {
    const trust = trusting('*');
    const pipelines = { fraud: { steps: [step('Train', 'Training', {})] } };
    expect(remedyOf('execution-role-trust', { trust, pipelines })).toHaveProperty('patch');
    const left = remedyOf('execution-role-trust', { trust, pipelines, lastUsedIn: 'us-east-1' });
    expect(left).not.toHaveProperty('patch');
    expect(left?.text).toContain(
      'too, where this audit reads no pipelines: they may need what it takes away.',
    );
  });

  test('is given where it only adds', () => {
    const pipelines = { fraud: { steps: [step('Train', 'Training', {})] } };
    expect(remedyOf('execution-role-job-permissions', { lastUsedIn: 'us-east-1', pipelines })).toHaveProperty(
      'patch',
    );
  });

  test('is none for least privilege, whose advice names the Regions', () => {
    const pipelines = { fraud: { steps: [step('Train', 'Training', {})] } };
    const told = remedyOf('execution-role-least-privilege', {
      allow: [may('sagemaker:Create*', '*')],
      lastUsedIn: 'us-east-1',
      pipelines,
    });
    expect(told?.text).toContain(
      'It works in us-east-1 (IAM saw it there last), too: add what its pipelines there need',
    );
  });
});
