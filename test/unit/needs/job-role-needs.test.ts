import { describe, expect, test } from '@jest/globals';
import { resolveScope } from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { jobRoleNeeds } from '../../../shared/needs/job-role-needs.ts';
import { SCOPE } from '../../support/builders/principal-facts.ts';

const ROLE = 'arn:aws:iam::111122223333:role/steps/train';
const EXECUTION_ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const IMAGE = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud/train:1';
const REPOSITORY = 'arn:aws:ecr:eu-west-1:111122223333:repository/fraud/train';
const GROUPS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*';

const needsOf = (step: object, place = SCOPE) => {
  const parsed = parseDefinition(JSON.stringify({ Steps: [{ Name: 'S', ...step }] }));
  const [first] = parsed.ok ? parsed.definition.steps : [];
  if (!parsed.ok || !first) throw new Error('no definition');
  return jobRoleNeeds(first, resolveScope(parsed.definition, 'fraud'), place, EXECUTION_ROLE);
};
const brief = (step: object, place = SCOPE): string[] =>
  needsOf(step, place).needs.map(({ of, need }) =>
    [need.action, need.resource, ...(of.role === ROLE ? [] : [`as ${of.role}`])].join(' '),
  );

/** AWS's page on execution roles lists these for every job and model. */
const always = (as = ''): string[] => [
  ...['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'DescribeLogStreams'].map(
    (name) => `logs:${name} ${GROUPS}${as}`,
  ),
  `cloudwatch:PutMetricData *${as}`,
  `ecr:GetAuthorizationToken *${as}`,
];
const pulling = (repository = REPOSITORY, as = ''): string[] =>
  ['BatchCheckLayerAvailability', 'GetDownloadUrlForLayer', 'BatchGetImage'].map(
    (name) => `ecr:${name} ${repository}${as}`,
  );
const network = [
  'CreateNetworkInterface',
  'CreateNetworkInterfacePermission',
  'DeleteNetworkInterface',
  'DeleteNetworkInterfacePermission',
  'DescribeNetworkInterfaces',
  'DescribeVpcs',
  'DescribeDhcpOptions',
  'DescribeSubnets',
  'DescribeSecurityGroups',
].map((name) => `ec2:${name} *`);
const VpcConfig = { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] };

describe('the role of a job needs', () => {
  test.each<[string, object, string[]]>([
    [
      'logs, metrics and the image of a training job',
      { Type: 'Training', Arguments: { RoleArn: ROLE, AlgorithmSpecification: { TrainingImage: IMAGE } } },
      [...always(), ...pulling()],
    ],
    [
      'them as the execution role, where the step names none',
      { Type: 'Processing', Arguments: { AppSpecification: { ImageUri: IMAGE } } },
      [...always(` as ${EXECUTION_ROLE}`), ...pulling(REPOSITORY, ` as ${EXECUTION_ROLE}`)],
    ],
    [
      'the network interfaces of a training job in a VPC',
      { Type: 'Training', Arguments: { RoleArn: ROLE, VpcConfig } },
      [...network, ...always()],
    ],
    [
      'those of a processing job',
      { Type: 'ClarifyCheck', Arguments: { RoleArn: ROLE, NetworkConfig: { VpcConfig } } },
      [...network, ...always()],
    ],
    [
      'those of a model',
      { Type: 'Model', Arguments: { ExecutionRoleArn: ROLE, VpcConfig } },
      [...network, ...always()],
    ],
    [
      'an image by its digest, of AWS’s own account and in China',
      {
        Type: 'Model',
        Arguments: {
          ExecutionRoleArn: ROLE,
          Containers: [
            { Image: '390948362332.dkr.ecr.cn-northwest-1.amazonaws.com.cn/xgboost@sha256:0123' },
            { Image: 'docker.io/library/python:3' },
          ],
        },
      },
      [...always(), ...pulling('arn:aws:ecr:cn-northwest-1:390948362332:repository/xgboost')],
    ],
    [
      'nothing where a step runs no job',
      { Type: 'RegisterModel', Arguments: { InferenceSpecification: { Containers: [{ Image: IMAGE }] } } },
      [],
    ],
    ['nothing of a function', { Type: 'Lambda', Arguments: {} }, []],
  ])('%s', (_, step, needs) => {
    expect(brief(step)).toEqual(needs);
    expect(needsOf(step).open).toEqual([]);
  });

  test('what each definition of a tuning job needs, for the role of that definition', () => {
    const definition = (RoleArn: string | undefined, name: string) => ({
      RoleArn,
      AlgorithmSpecification: { TrainingImage: IMAGE.replace('train', name) },
    });
    const as = ` as ${EXECUTION_ROLE}`;
    const found = brief({
      Type: 'Tuning',
      Arguments: { TrainingJobDefinitions: [definition(ROLE, 'a'), definition(undefined, 'b')] },
    });
    expect(new Set(found)).toEqual(
      new Set([
        ...always(),
        ...always(as),
        ...pulling(REPOSITORY.replace('train', 'a')),
        ...pulling(REPOSITORY.replace('train', 'b'), as),
      ]),
    );
  });

  test('of an AutoML job, what it does itself: models, endpoints, and to pass its role to its jobs', () => {
    const found = brief({ Type: 'AutoML', Arguments: { RoleArn: ROLE } });
    expect(found).toEqual(
      expect.arrayContaining([
        `iam:PassRole ${ROLE}`,
        'sagemaker:CreateModel *',
        'sagemaker:InvokeEndpoint *',
        'ecr:BatchGetImage *',
      ]),
    );
  });

  test('an image that only a run tells is said', () => {
    const AppSpecification = { ImageUri: { Get: 'Parameters.Image' } };
    expect(
      needsOf({ Type: 'Processing', Arguments: { RoleArn: ROLE, AppSpecification } }).open,
    ).toMatchObject([{ kind: 'runtime', reason: expect.stringContaining('ecr:BatchGetImage') }]);
  });

  test('where network interfaces are allowed for some resources alone, it is not known whether these do', () => {
    const { needs } = needsOf({ Type: 'Training', Arguments: { RoleArn: ROLE, VpcConfig } });
    const [create] = needs.map(({ need }) => need);
    expect(create?.or).toEqual([
      { action: 'ec2:CreateNetworkInterface', resource: 'arn:aws:ec2:eu-west-1:111122223333:*/*' },
    ]);
  });
});
