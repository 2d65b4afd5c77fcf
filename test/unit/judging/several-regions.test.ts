import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control as jobPermissions } from '../../../shared/controls/execution-role-job-permissions.ts';
import { control as leastPrivilege } from '../../../shared/controls/execution-role-least-privilege.ts';
import { control as prefixPolicy } from '../../../shared/controls/prefix-policy-enforced.ts';
import { control as versionFloor } from '../../../shared/controls/version-floor-enforced.ts';
import { accountScope } from '../../../shared/domain/scope.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import type { OrganizationPolicies } from '../../../shared/reader/reader.ts';
import { step, verdictsOf } from '../../support/builders/control-cases.ts';
import { principalFacts, ROLE, SCOPE, type Stated } from '../../support/builders/principal-facts.ts';

const [HOME, OTHER] = ['eu-west-1', 'us-east-1'];
const jobs = (region: string, names: string) =>
  `arn:aws:sagemaker:${region}:111122223333:training-job/${names}`;
const pipeline = (region: string, name: string) =>
  `arn:aws:sagemaker:${region}:111122223333:pipeline/${name}`;
const training = (...resources: string[]) => ({
  Effect: 'Allow',
  Action: 'sagemaker:CreateTrainingJob',
  Resource: resources,
});

/** An SCP of a landing zone that keeps the account to one Region. */
const KEPT_HOME: OrganizationPolicies = {
  scps: [
    {
      target: 'r-ab12',
      policies: [
        {
          name: 'FullAWSAccess',
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
          },
        },
        {
          name: 'regions',
          document: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Deny',
                NotAction: ['iam:*', 'organizations:*', 'sts:*'],
                Resource: '*',
                Condition: { StringNotEquals: { 'aws:RequestedRegion': HOME } },
              },
            ],
          },
        },
      ],
    },
  ],
  rcps: [],
};

/** The facts of a role of an account that is watched in two Regions; `there`: the pipelines of the other one. */
const inBoth = (stated: Stated, there: Partial<Facts['roster']> = {}): Partial<Facts> => {
  const facts = principalFacts(stated);
  const scope = accountScope(SCOPE, [OTHER ?? '']);
  const { principal, roster } = facts;
  if (!principal || !roster) throw new Error('no role');
  return {
    ...facts,
    principal: { ...principal, scope },
    roster: { ...roster, ...there, pipelines: [...roster.pipelines, ...(there.pipelines ?? [])] },
  };
};

const statuses = (
  control: Parameters<typeof verdictsOf>[0],
  facts: Partial<Facts>,
  config: Partial<Config>,
) => verdictsOf(control, { facts, config }).map(({ status }) => status);

describe('a role of an account that is watched in two Regions', () => {
  const bound = { prefixes: [{ prefix: 'fraud', roles: [ROLE] }] };

  test.each<[string, string, Stated]>([
    [
      'may create jobs of other names in the second Region, which is a breach',
      'FAILED',
      { allow: [training(jobs(HOME ?? '', 'fraud-*'), jobs(OTHER ?? '', '*'))] },
    ],
    [
      'is kept out of the second Region by an SCP, so that what it might create there is no breach',
      'PASSED',
      { allow: [training(jobs(HOME ?? '', 'fraud-*'), jobs(OTHER ?? '', '*'))], organization: KEPT_HOME },
    ],
    ['keeps to its prefix in both', 'PASSED', { allow: [training(jobs('*', 'fraud-*'))] }],
    [
      'may use its prefix in the second Region alone, and lacks nothing',
      'PASSED',
      { allow: [training(jobs(OTHER ?? '', 'fraud-*'))] },
    ],
  ])('%s', (_, status, stated) => {
    expect(statuses(prefixPolicy, inBoth(stated), bound)).toContain(status);
  });

  const floors = { versionFloors: [{ pipeline: 'fraud', minimum: 6 }] };
  const start = (Resource: string, Condition?: object) => ({
    Effect: 'Allow',
    Action: ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'],
    Resource,
    ...(Condition && { Condition }),
  });
  const there = { pipelines: [{ name: 'fraud', arn: pipeline(OTHER ?? '', 'fraud') }] };

  test.each<[string, string, Stated, Partial<Facts['roster']>]>([
    [
      'starts versions below the floor of a pipeline that is in the second Region alone',
      'FAILED',
      { allow: [start(pipeline(OTHER ?? '', '*'))] },
      there,
    ],
    [
      'starts what is called like that in a Region without such a pipeline, where no floor is broken',
      'PASSED',
      {
        allow: [
          start(pipeline(HOME ?? '', '*')),
          start(pipeline(OTHER ?? '', '*'), {
            NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' },
          }),
        ],
      },
      there,
    ],
    [
      'may start it where nobody knows the pipelines, which is asked for all Regions',
      'FAILED',
      { allow: [start(pipeline(HOME ?? '', '*'))] },
      { ...there, unread: [{ name: 'of eu-west-1 that no list tells', why: 'ListPipelines: AccessDenied' }] },
    ],
  ])('%s', (_, status, stated, roster) => {
    expect(statuses(versionFloor, inBoth(stated, roster), floors)).toContain(status);
  });

  test('may create any job in the second Region, which none of its pipelines needs', () => {
    const pipelines = {
      fraud: { roleArn: ROLE, steps: [step('Train', 'Training', { TrainingJobName: 'fraud-train' })] },
    };
    const wide = { pipelines, allow: [training(jobs(HOME ?? '', 'fraud-train-*'), jobs(OTHER ?? '', '*'))] };
    expect(statuses(leastPrivilege, inBoth(wide), {})).not.toContain('PASSED');
    expect(statuses(leastPrivilege, inBoth({ ...wide, organization: KEPT_HOME }), {})).toContain('PASSED');
  });

  test('lacks what a pipeline needs in the second Region, if an SCP keeps the account out of it', () => {
    const pipelines = {
      fraud: { roleArn: ROLE, steps: [step('Train', 'Training', { TrainingJobName: 'fraud-train' })] },
    };
    const abroad = { ...SCOPE, region: OTHER ?? '' };
    const stated: Stated = {
      pipelines,
      scope: abroad,
      allow: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
    };
    const [verdict] = verdictsOf(jobPermissions, {
      facts: inBoth({ ...stated, organization: KEPT_HOME }),
      config: {},
    });
    expect(verdict?.status).toBe('FAILED');
    expect(statuses(jobPermissions, inBoth(stated), {})).toEqual(['PASSED']);
  });
});
