import { afterAll, describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { evidenceOf, type Settings } from '../../infra/settings.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';
import { type TemplateJson, templateValue } from '../support/templates/template-values.ts';

const files = deployables();
afterAll(files.remove);

const deployed = (over: Partial<Settings>) => {
  const { pipewarden, state } = deployment(settingsFor(files, over));
  return { main: Template.fromStack(pipewarden), state: Template.fromStack(state.stack) };
};

test.each<Partial<Settings>>([{}, { history: 'locked' }])(
  'a deployment with %j makes no evidence packs, and has nothing of them',
  (settings) => {
    const { main, state } = deployed(settings);
    expect(JSON.stringify([main.toJSON(), state.toJSON()])).not.toMatch(/Evidence|SigningKey|SIGNING_KEY/);
  },
);

describe('a deployment that makes evidence packs', () => {
  const { main, state } = deployed({ history: 'locked', evidence: 'monthly' });

  test('has a function for them with all the time that Lambda gives, started on the first of each month', () => {
    main.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 900,
      MemorySize: 3008,
      ReservedConcurrentExecutions: 1,
      Environment: {
        Variables: Match.objectLike({
          HISTORY_BUCKET: Match.anyValue(),
          SIGNING_KEY: Match.anyValue(),
          NODE_OPTIONS: '--disable-warning=DEP0169 --max-old-space-size=2406',
        }),
      },
    });
    main.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(0 6 1 * ? *)',
      Target: Match.objectLike({ Input: '{}' }),
    });
    main.hasOutput('EvidenceFunctionName', {});
    main.hasOutput('Evidence', { Value: 'monthly' });
  });

  test('has alarms on errors and throttles of the function', () => {
    for (const id of ['EvidenceErrors', 'EvidenceThrottles'])
      main.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: `Pipewarden-${id}` });
  });

  test('signs them with a key of its own that stays', () => {
    state.hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', EnableKeyRotation: Match.absent() },
    });
  });
});

describe.each<[string, Partial<Settings>, string]>([
  ['CloudFormation names', {}, 'role/Pipewarden-EvidenceRole1A2B3C4D-abc'],
  [
    'have a path and prefixes',
    { rolePath: '/team/', rolePrefix: 'acme-', stackPrefix: 'acme-' },
    `role/team/acme-PipewardenEvidence-${REGION}`,
  ],
  [
    'CloudFormation names after a prefix',
    { stackPrefix: 'acme-', rolePath: '/team/' },
    'role/team/acme-Pipewarden-EvidenceRole1A2B3C4D-abc',
  ],
])('the key of packs, where roles are such as %s,', (_, over, signer) => {
  const { state } = deployed({ history: 'on', evidence: 'monthly', ...over });
  const keys = Object.entries(state.findResources('AWS::KMS::Key')).filter(([id]) =>
    id.startsWith('SigningKey'),
  );
  const policy = keys[0]?.[1].Properties.KeyPolicy;
  const template = state.toJSON() as TemplateJson;
  const resolved = JSON.parse(JSON.stringify(policy), (_key, value) =>
    value !== null && typeof value === 'object' && 'Fn::Join' in value
      ? templateValue(value, template)
      : value,
  );
  const read = readPolicy(resolved, { name: 'key', kind: 'resource' });
  const everything = readPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    { name: 'admin', kind: 'identity' },
  );
  const may = (role: string, action: string, context: Record<string, string> = {}) =>
    decide(
      { identity: indexPolicies([everything]), resource: indexPolicies([read]) },
      {
        principal: { kind: 'role', arn: `arn:aws:iam::${ACCOUNT}:${role}`, account: ACCOUNT },
        action,
        resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
        context: contextOf({ 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:${role}`, ...context }),
      },
    ) === 'Allow';
  const SIGNS = { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' };

  test('lets the role of the function sign, and nobody else, whatever policies of IAM allow', () => {
    expect(may(signer, 'kms:Sign', SIGNS)).toBe(true);
    expect(may(signer, 'kms:Sign', { ...SIGNS, 'kms:MessageType': 'RAW' })).toBe(false);
    for (const other of [
      'role/Admin',
      'role/Pipewarden-AuditRole1-a',
      `${signer.replace(/\/[^/]*$/, '')}/other/x`,
    ])
      expect(may(other, 'kms:Sign', SIGNS)).toBe(false);
    for (const role of [signer, 'role/Admin']) expect(may(role, 'kms:CreateGrant')).toBe(false);
  });

  test('lets the account read its public part, administer it and have it deleted after 30 days', () => {
    for (const operation of ['GetPublicKey', 'Verify', 'PutKeyPolicy', 'ScheduleKeyDeletion'])
      expect(may('role/Admin', `kms:${operation}`)).toBe(true);
    expect(keys[0]?.[1].Properties.PendingWindowInDays).toBe(30);
  });
});

test.each([
  [undefined, undefined, {}],
  ['off', 'on', {}],
  ['monthly', 'on', { evidence: 'monthly' }],
] as const)('--evidence %s with --history %s is understood', (text, history, settings) => {
  expect(evidenceOf(text, history ? { history } : {})).toEqual(settings);
});

test('--evidence is refused without a history, and in another mode', () => {
  expect(() => evidenceOf('monthly', {})).toThrow('--evidence goes with --history on or locked');
  expect(() => evidenceOf('weekly', { history: 'on' })).toThrow(
    '--evidence must be off or monthly; it is weekly',
  );
});
