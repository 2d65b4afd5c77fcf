import { JOB_KINDS } from '../definition/job-kinds.ts';
import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { matchesAny, matchesGlob } from '../iam/policy/glob.ts';
import { exampleOf } from '../iam/sets/answers.ts';
import { isExempt } from '../judging/administrators.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, policyName } from '../judging/role-change.ts';
import { groupedPolicy } from '../policies/least-policy.ts';

export const control = defineControl({
  id: 'execution-role-least-privilege',
  on: ['role'],
  requires: ['principal', 'uses'],
  meta: {
    system: 'Execution roles',
    title: 'Execution roles can do little that their pipelines do not need',
    severity: 'MEDIUM',
    description:
      'An execution role that can create jobs under any name, read every bucket or pass any role gives whoever may change ' +
      'one of its pipelines all of that, as the definition decides what is done with it.',
    risk: 'A change of one step’s argument, by anyone who may update the pipeline, reaches all data and all roles that the role reaches.',
    remediation:
      'Give the role the policy that its pipelines need: the remediation holds it, made from all of their definitions.',
    decision: [
      'Roles are judged under which a pipeline of the account runs; administrators among them are pass-role-scoped’s matter.',
      'It is tried whether the role may create a job of each type under a name that no pipeline has, read an object of a bucket that nobody knows, and pass a role that nobody knows.',
      'Job names of roles that a prefix of the configuration is bound to are prefix-policy-enforced’s matter; roles to pass of those that can create jobs are pass-role-scoped’s.',
      'It is a WARNING, and one for a role, whatever it can do too much.',
    ],
    example: {
      fails: '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}',
      passes: '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data/fraud/*"}',
    },
    fix: {
      cli: [
        'pipewarden generate execution-role pipeline.json --account 111122223333 --region eu-west-1 > policy.json',
        'aws iam put-role-policy --role-name fraud --policy-name least-privilege --policy-document file://policy.json',
        'aws iam detach-role-policy --role-name fraud --policy-arn arn:aws:iam::aws:policy/AmazonSageMakerFullAccess',
      ].join('\n'),
      cdk: [
        "import { aws_iam as iam } from 'aws-cdk-lib';",
        '',
        '// policyDocument: what `pipewarden generate execution-role` puts out',
        "new iam.Policy(this, 'LeastPrivilege', {",
        "  policyName: 'least-privilege',",
        "  roles: [iam.Role.fromRoleName(this, 'Fraud', 'fraud')],",
        '  document: iam.PolicyDocument.fromJson(policyDocument),',
        '});',
      ].join('\n'),
      terraform: [
        '# policy.json: what `pipewarden generate execution-role` puts out',
        'resource "aws_iam_role_policy" "least_privilege" {',
        '  name   = "least-privilege"',
        '  role   = "fraud"',
        '  policy = file("policy.json")',
        '}',
      ].join('\n'),
    },
    requirements: ['ISO 27001:2022 A.8.2', 'NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html',
      'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege',
    ],
  },
  evaluate: ({ principal, uses }, { prefixes = [], roles }) => {
    if (uses.executes.length === 0)
      return [{ status: 'NOT_APPLICABLE', because: 'no pipeline runs under it' }];
    if (isExempt(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'pass-role-scoped tells that it is an administrator' }];
    const { arn } = principal.identity.principal;
    const isBound = prefixes.some((entry) => matchesAny(entry.roles ?? [], arn));
    const { partition, region, account } = principal.scope;
    const jobs = JOBS.map(({ noun, arnType }) => ({
      action: `sagemaker:Create${noun}`,
      resource: `arn:${partition}:sagemaker:${region}:${account}:${arnType}/x7q2-any-name`,
      means: `create a ${arnType} under any name`,
    }));
    const canCreate = jobs.some(({ action }) => isCandidate(principal, action));
    const isScoped = canCreate && (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
    const probes = [
      ...(isBound ? [] : jobs),
      {
        action: 's3:GetObject',
        resource: `arn:${partition}:s3:::x7q2-any-bucket/any-object`,
        means: 'read any bucket',
      },
      ...(isScoped
        ? []
        : [
            {
              action: 'iam:PassRole',
              resource: `arn:${partition}:iam::${account}:role/x7q2-any-role`,
              means: 'pass any role',
            },
          ]),
    ];
    const isNeeded = (action: string, resource: string): boolean =>
      uses.needs.some(({ need }) => need.action === action && matchesGlob(need.resource, resource));
    const [first, ...others] = probes.flatMap(({ action, resource, means }): Evidence[] => {
      if (isNeeded(action, resource)) return [];
      const request = {
        principal: principal.identity.principal,
        action,
        resource,
        context: contextOf({
          'iam:PassedToService': 'sagemaker.amazonaws.com',
          'aws:RequestedRegion': region,
        }),
      };
      const example = exampleOf(principal.policies, request);
      if (example.decision !== 'Allow') return [];
      const { at } = why(example.explanation, action, resource);
      return [{ at, found: `it may ${means} (${action})`, expected: 'what its pipelines need' }];
    });
    if (!first) return [{ status: 'PASSED' }];
    const document = groupedPolicy(uses.needs.map(({ need }) => need));
    const change = {
      type: 'replace-policies',
      name: policyName('least-privilege', document),
      document,
    } as const;
    return [
      {
        status: 'WARNING',
        evidence: [first, ...others],
        remediation: {
          text: `Give ${arn} what its ${uses.executes.length} pipeline(s) need, instead of what it has; check beforehand what else uses the role.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  },
});

const JOBS = Object.values(JOB_KINDS).filter(({ stepTypes }) => stepTypes.length > 0);

const isCandidate = ({ policies }: PrincipalFact, action: string): boolean =>
  (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0;
