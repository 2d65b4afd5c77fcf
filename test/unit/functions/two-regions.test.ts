import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { auditBatch } from '../../../functions/audit/audit-batch.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { step } from '../../support/builders/control-cases.ts';
import { ACCOUNT, cloudTrail, envelope, roleArn } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';
import { oneAccount, quietBatch } from '../../support/builders/quiet-batch.ts';
import { IAM } from '../../support/builders/reading.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const REGIONS = ['eu-west-1', 'us-east-1'] as const;
const ROLE = roleArn('pipelines/shared');
const CONFIG = {
  version: 1 as const,
  prefixes: [{ prefix: 'team' }],
  roles: { execution: [ROLE], steps: [roleArn('steps/*')], creators: [] },
};

const pipelineIn = (region: string) => `arn:aws:sagemaker:${region}:${ACCOUNT}:pipeline/in-${region}`;

/** The account in one Region: a pipeline runs under the role, which may create the jobs of the first Region alone. */
const readerIn = (region: string): Reader => {
  const name = `in-${region}`;
  const { reader } = memoryReader({
    listing: [name],
    organization: NO_ORGANIZATION,
    trails: [],
    pipelines: {
      [name]: {
        name,
        arn: pipelineIn(region),
        roleArn: ROLE,
        definitionText: JSON.stringify({
          Version: '2020-12-01',
          Steps: [
            step('Train', 'Training', { TrainingJobName: 'team-train', RoleArn: roleArn('steps/train') }),
          ],
        }),
      },
    },
    identities: {
      RoleDetailList: [
        {
          RoleName: 'shared',
          Arn: ROLE,
          Path: '/pipelines/',
          AssumeRolePolicyDocument: TRUST,
          RolePolicyList: [
            {
              PolicyName: 'own',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  {
                    Effect: 'Allow',
                    Action: 'sagemaker:*',
                    Resource: `arn:aws:sagemaker:${REGIONS[0]}:${ACCOUNT}:training-job/team-*`,
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  });
  return { ...reader, scope: { ...reader.scope, region }, readShares: async () => found([]) };
};

/** What stands open after these events, with the readers of these Regions. */
const openAfter = async (regions: readonly string[], events: readonly object[]): Promise<Finding[]> => {
  const store = memoryStore();
  const [home, ...others] = regions.map(readerIn);
  if (!home) throw new Error('no Region');
  const handle = auditBatch({
    ...quietBatch(),
    ...oneAccount({
      audit: () => ({
        readers: [home, ...others],
        config: CONFIG,
        now: () => new Date(),
        countsPasses: true,
        recallExecution: async () => undefined,
        evidence: accountEvidence(home, CONFIG, undefined, others),
      }),
      store,
    }),
  });
  for (const event of events) {
    const Records = [{ messageId: 'm', body: JSON.stringify(event) }];
    expect(await handle({ Records } as unknown as SQSEvent, CONTEXT)).toEqual({ batchItemFailures: [] });
  }
  const open: Finding[] = [];
  for await (const { state } of store.states()) open.push(...Object.values(state.open));
  return open;
};

const updated = (region: string) => ({
  ...envelope(cloudTrail('UpdatePipeline', { pipelineName: `in-${region}` }, { awsRegion: region })),
  region,
});
const roleChanged = envelope(cloudTrail('PutRolePolicy', { roleName: 'shared', policyName: 'own' }, IAM));

const jobsOf = (findings: readonly Finding[]) =>
  findings.filter(({ control }) => control === 'execution-role-job-permissions');

describe('an account that is watched in two Regions', () => {
  test('has one finding on a role, which tells what the pipelines of each Region lack', async () => {
    const found = jobsOf(await openAfter(REGIONS, [updated('us-east-1'), updated('eu-west-1'), roleChanged]));
    expect(found.map(({ resource, status }) => [resource.arn, status])).toEqual([[ROLE, 'FAILED']]);
    const [{ evidence } = { evidence: [] }] = found;
    expect(evidence.length).toBeGreaterThan(0);
    // The role may create the jobs of eu-west-1, so that nothing is told of that pipeline.
    expect(evidence.every(({ expected }) => expected.includes('pipeline in-us-east-1'))).toBe(true);
  });

  test('comes to the same, whatever the order of its events', async () => {
    const told = async (...events: object[]) =>
      (await openAfter(REGIONS, events)).map(({ id, status, evidence }) => [id, status, evidence]).toSorted();
    const events = [updated('us-east-1'), updated('eu-west-1'), roleChanged] as const;
    expect(await told(...events)).toEqual(await told(...events.toReversed()));
  });

  test('is looked at in the Region of each pipeline', async () => {
    const found = await openAfter(REGIONS, [updated('us-east-1')]);
    expect(
      found.some(({ status, resource }) => resource.type === 'pipeline' && status === 'NOT_AVAILABLE'),
    ).toBe(false);
  });

  test('says that a Region which is not watched cannot be read', async () => {
    const found = await openAfter(['eu-west-1'], [updated('us-east-1')]);
    const there = found.filter(({ resource }) => resource.arn === pipelineIn('us-east-1'));
    expect(there.map(({ control }) => control)).toContain('evidence-readable');
    expect(new Set(there.map(({ status }) => status))).toEqual(new Set(['NOT_AVAILABLE']));
  });
});
