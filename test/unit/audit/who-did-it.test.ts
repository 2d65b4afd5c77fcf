import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import { whoAndWhen } from '../../../shared/outputs/messages/who-and-when.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { mergeRequests } from '../../../shared/requests/merge.ts';
import { audit, open } from '../../support/builders/audit.ts';
import { ACCOUNT, cloudTrail, roleArn, session } from '../../support/builders/events.ts';
import { IAM, ORGANIZATIONS, only, S3 } from '../../support/builders/reading.ts';

const MAYA = roleArn('people/maya');

const RECORDS: readonly [string, unknown, object][] = [
  ['PutRolePolicy', { roleName: 'fraud', policyName: 'p' }, IAM],
  ['PutBucketCors', { bucketName: 'acme-images' }, S3],
  ['DetachPolicy', { policyId: 'p-ab12cd34', targetId: 'ou-ab12-machinelearning' }, ORGANIZATIONS],
  ['UpdatePipeline', { pipelineName: 'fraud' }, {}],
];

const madeBy = (userIdentity: unknown): (string | undefined)[] =>
  RECORDS.map(
    ([name, request, fields]) => only(cloudTrail(name, request, { ...fields, userIdentity })).trigger?.by,
  );

const always = (by: string | undefined) => RECORDS.map(() => by);

describe('who caused an event of IAM, S3, Organizations or SageMaker is', () => {
  test('the role behind a session', () => {
    expect(madeBy(session('people/maya', 'maya'))).toEqual(always(MAYA));
  });

  test('the user, or the root of the account', () => {
    for (const arn of [`arn:aws:iam::${ACCOUNT}:user/ana`, `arn:aws:iam::${ACCOUNT}:root`])
      expect(madeBy({ type: 'IAMUser', arn })).toEqual(always(arn));
  });

  test('the session, where the record does not name its role', () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/maya/laptop`;
    expect(madeBy({ type: 'AssumedRole', arn })).toEqual(always(arn));
  });

  test('the service of AWS that made the call', () => {
    expect(madeBy({ type: 'AWSService', invokedBy: 'sagemaker.amazonaws.com' })).toEqual(
      always('sagemaker.amazonaws.com'),
    );
  });

  test.each([
    undefined,
    null,
    7,
    { arn: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    { arn: '' },
    { arn: `arn:aws:iam::${ACCOUNT}:user/${'x'.repeat(5000)}` },
  ])('not told by %j', (userIdentity) => {
    expect(madeBy(userIdentity)).toEqual(always(undefined));
  });
});

describe('a finding after an event', () => {
  const policyBy = (userIdentity: unknown, eventTime: string): AuditRequest =>
    only(
      cloudTrail(
        'PutRolePolicy',
        { roleName: 'fraud' },
        { ...IAM, userIdentity, eventTime, eventID: eventTime },
      ),
    );
  const identities = {
    RoleDetailList: [
      {
        RoleName: 'fraud',
        Arn: roleArn('fraud'),
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
        },
        RolePolicyList: [
          {
            PolicyName: 'p',
            PolicyDocument: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
          },
        ],
      },
    ],
  };
  const found = async (request: AuditRequest): Promise<readonly Finding[]> =>
    open(await audit(request, { identities }, [], { config: { roles: { execution: [roleArn('fraud')] } } }));

  test('names who caused it, in a form that results have', async () => {
    const told = await found(policyBy(session('people/maya', 'maya'), '2026-11-24T09:00:00Z'));
    expect(told.length).toBeGreaterThan(0);
    for (const finding of told.filter(({ resource }) => resource.type === 'role')) {
      expect(finding.principal).toBe(MAYA);
      expect(Object.keys(finding.trigger ?? {}).toSorted()).toEqual(['eventId', 'eventName', 'eventTime']);
      expect(whoAndWhen(finding, { max: 160, written: (text) => text })).toContain(
        `PutRolePolicy by ${MAYA} at`,
      );
    }
  });

  test('names who caused the newest of several, and its time', async () => {
    const requests = [
      policyBy(session('people/maya', 'maya'), '2026-11-24T09:00:00Z'),
      policyBy(session('people/ana', 'ana'), '2026-11-24T09:00:01Z'),
      policyBy({ type: 'AWSAccount' }, '2026-11-24T08:00:00Z'),
    ];
    const [merged] = mergeRequests(requests);
    const [finding] = await found(merged as AuditRequest);
    expect([finding?.principal, finding?.trigger?.eventTime]).toEqual([
      roleArn('people/ana'),
      '2026-11-24T09:00:01Z',
    ]);
  });

  test('names nobody where the newest event does not, whoever caused an earlier one', async () => {
    const [merged] = mergeRequests([
      policyBy({ type: 'AWSAccount' }, '2026-11-24T09:00:01Z'),
      policyBy(session('people/maya', 'maya'), '2026-11-24T09:00:00Z'),
    ]);
    const [finding] = await found(merged as AuditRequest);
    expect(finding).toBeDefined();
    expect(finding).not.toHaveProperty('principal');
  });
});
