import { describe, expect, test } from '@jest/globals';
import { auditAll } from '../../../shared/audit/audit-all.ts';
import { auditResource } from '../../../shared/audit/audit-resource.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { principalRequest } from '../../../shared/requests/resource-requests.ts';
import {
  contextOf,
  open,
  pipelineOf,
  pipelineRequest,
  role,
  training,
} from '../../support/builders/audit.ts';
import type { Account } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';

const allow = (Action: string | string[], Resource: string | string[] = '*') => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const roleOf = (arn: string, statements: object[], trust: Json = TRUST) => ({
  RoleName: arn.slice(arn.lastIndexOf('/') + 1),
  Arn: arn,
  AssumeRolePolicyDocument: trust,
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
});
const FRAUD = role('pipelines/fraud');
const TRAIN = role('steps/train');
const OTHER = role('pipelines/other');
const SPARE = role('steps/spare');
const LAMBDA = role('lambda');
const ofLambda: Json = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** The pipeline fraud is without faults; of the pipeline broken only its execution role is known. */
const accountWith = (otherMayPass: string | string[]): Account => {
  const jobs = ['Create', 'Describe'].map((verb) => `sagemaker:${verb}TrainingJob`);
  return {
    listing: ['fraud', 'broken'],
    pipelines: {
      ...pipelineOf([training('Train')]).pipelines,
      broken: {
        name: 'broken',
        arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/broken',
        roleArn: OTHER,
        definitionText: '{"Steps": [',
      },
    },
    identities: {
      RoleDetailList: [
        roleOf(FRAUD, [allow(jobs), allow('iam:PassRole', TRAIN)]),
        roleOf(TRAIN, [allow('s3:GetObject', 'arn:aws:s3:::acme/*')]),
        roleOf(OTHER, [allow(jobs), allow('iam:PassRole', otherMayPass)]),
        roleOf(SPARE, [allow('s3:GetObject', 'arn:aws:s3:::acme/*')]),
        roleOf(LAMBDA, [allow('s3:GetObject', 'arn:aws:s3:::acme/*')], ofLambda),
      ],
    } as unknown as Json,
  };
};

const lookAt = async (arn: string, account: Account) => {
  const [request] = principalRequest(arn);
  if (!request) throw new Error(`${arn} is no role`);
  const { observations } = await auditResource(request, contextOf(account).context);
  return observations.flatMap(({ findings }) => findings);
};

/** The controls that report on the role that a pipeline cannot be read. */
const waiting = (findings: readonly Finding[]) =>
  findings
    .filter(({ evidence }) => evidence.some(({ at }) => at === 'pipeline broken'))
    .map(({ control, status }) => `${control} ${status}`)
    .toSorted();

const OF_EXECUTION_ROLES = [
  'execution-role-job-permissions NOT_AVAILABLE',
  'execution-role-least-privilege NOT_AVAILABLE',
  'execution-role-passes-step-roles NOT_AVAILABLE',
  'json-get-access NOT_AVAILABLE',
];
const OF_STEP_ROLES = ['step-isolation NOT_AVAILABLE', 'step-role-data-access NOT_AVAILABLE'];
const OF_BOTH = ['execution-role-trust NOT_AVAILABLE', 'pipeline-inputs-protected NOT_AVAILABLE'];

describe('a pipeline whose definition cannot be read', () => {
  test('makes NOT_AVAILABLE what depends on it about its own execution role', async () => {
    expect(waiting(await lookAt(OTHER, accountWith(SPARE)))).toEqual(
      [
        ...OF_EXECUTION_ROLES,
        'pipeline-inputs-protected NOT_AVAILABLE',
        'execution-role-trust NOT_AVAILABLE',
        'step-role-data-access NOT_AVAILABLE',
      ].toSorted(),
    );
  });

  test('makes NOT_AVAILABLE what depends on it about the roles that its execution role may pass to SageMaker', async () => {
    expect(waiting(await lookAt(SPARE, accountWith(SPARE)))).toEqual(
      [...OF_STEP_ROLES, ...OF_BOTH].toSorted(),
    );
    expect(waiting(await lookAt(TRAIN, accountWith('*')))).toEqual([...OF_STEP_ROLES, ...OF_BOTH].toSorted());
  });

  test.each([
    ['that its execution role may not pass', SPARE, TRAIN],
    ['that trust no service which pipelines hand roles to', LAMBDA, '*'],
    ['of pipelines that can be read, where nobody passes them', FRAUD, TRAIN],
  ])('changes nothing for roles %s', async (_, arn, otherMayPass) => {
    const account = accountWith(otherMayPass);
    const { broken: _broken, ...readable } = account.pipelines ?? {};
    const without = { ...account, pipelines: readable, listing: Object.keys(readable) };
    const facts = ({ control, status, evidence }: Finding) => [control, status, evidence];
    expect((await lookAt(arn, account)).map(facts)).toEqual((await lookAt(arn, without)).map(facts));
  });

  test('keeps faults that were found without it, and suppresses commands that could remove what it needs', async () => {
    const account = accountWith(SPARE);
    const wide = roleOf(OTHER, [allow('*')], {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
    });
    const others = (account.identities as { RoleDetailList: { Arn: string }[] }).RoleDetailList.filter(
      ({ Arn }) => Arn !== OTHER,
    );
    const changed = { ...account, identities: { RoleDetailList: [...others, wide] } as unknown as Json };
    const trust = (await lookAt(OTHER, changed)).find(({ control }) => control === 'execution-role-trust');
    expect(trust?.status).toBe('FAILED');
    expect(trust?.remediation.patch).toBeUndefined();
    expect(trust?.remediation.text).toContain('it is not known what the pipeline broken needs of the role');
  });

  test('makes NOT_AVAILABLE every role that SageMaker may assume, if its execution role is unknown', async () => {
    const account = accountWith(TRAIN);
    const undescribed = { ...account, pipelines: pipelineOf([training('Train')]).pipelines ?? {} };
    expect(waiting(await lookAt(SPARE, undescribed))).toEqual(
      [...OF_EXECUTION_ROLES, ...OF_STEP_ROLES, ...OF_BOTH].toSorted(),
    );
    expect(waiting(await lookAt(LAMBDA, undescribed))).toEqual([]);
  });

  test('does not stop the audit of the account or of other pipelines', async () => {
    const account = accountWith(SPARE);
    const { context } = contextOf(account);
    const requests: AuditRequest[] = ['broken', 'fraud'].map((name) => ({
      ...pipelineRequest(),
      resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` },
      name,
    })) as AuditRequest[];
    const findings = await auditAll(requests, () => context);
    const named = (name: string) => findings.filter(({ resource }) => resource.arn.endsWith(`/${name}`));
    expect(open(named('broken')).map(({ control, status }) => [control, status])).toContainEqual([
      'evidence-readable',
      'NOT_AVAILABLE',
    ]);
    expect(named('fraud').map(({ control }) => control)).toContain('pipeline-job-prefix');
  });
});
