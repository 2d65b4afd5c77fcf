import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'execution-role-job-permissions',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  meta: {
    system: 'Execution roles',
    title: 'Execution roles may create and describe the jobs of their pipelines',
    severity: 'HIGH',
    description:
      'A pipeline creates and describes each job under its execution role. The role needs both for each job type of the ' +
      'definition, on the ARNs that the jobs will get: under the base job name, or under the default name.',
    risk: 'The pipeline fails at the first step whose job the role may not create, often long after it was started.',
    remediation:
      'Allow the execution role Create and Describe of the job types, on the names that the pipelines give; ' +
      'pipewarden generate execution-role makes the whole policy of a definition.',
    decision: [
      'Nested steps are included; Create and Describe are needed for each job type, AddTags where the step sets tags.',
      'A RegisterModel step with a model package group also needs CreateModelPackageGroup; Lambda, Callback and EMR steps need what their own services ask.',
      'The names are those of the base job name and a dash, or pipelines- where the step has none; the role must be allowed for all of them.',
      'A name that pipeline-job-prefix refuses is not asked for: to allow it would mend nothing.',
      'Where only a run tells the name, a role that may create some such jobs is NOT_AVAILABLE.',
    ],
    example: {
      fails:
        'the step’s base job name is fraud-train, and the role may create arn:aws:sagemaker:*:*:training-job/vision-* only',
      passes:
        '{"Effect": "Allow", "Action": ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"], "Resource": "arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-*"}',
    },
    fix: rolePolicyFix({
      role: 'fraud',
      name: 'training-jobs',
      statement: {
        Effect: 'Allow',
        Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
        Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-*'],
      },
    }),
    requirements: ['ISO 27001:2022 A.5.18', 'NIST 800-53 AC-3', 'NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html',
    ],
  },
  evaluate: ({ principal, uses, resourcePolicies }) =>
    needsVerdict(
      'execution-role-job-permissions',
      'job',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(principal.policies, resourcePolicies),
        context: serviceContext(principal),
      },
      { purpose: 'create and describe the jobs of its pipelines', expected: 'allowed' },
    ),
});
