import { authorisedRoles, isAuthorisedRole } from '../config/roles.ts';
import type { Config } from '../config/schema.ts';
import type { TrustFact } from '../facts/facts.ts';
import type { RoleUses } from '../facts/roster.ts';
import type { Evidence, Verdict } from '../findings/finding.ts';
import { contextOf } from '../iam/context.ts';
import { type Decision, decide } from '../iam/decide.ts';
import { matchesAny } from '../iam/glob.ts';
import type { Policy } from '../iam/policy.ts';
import { indexPolicies } from '../iam/policy-index.ts';
import { changeCommand, type RoleChange } from '../least-privilege/role-change.ts';
import { defineControl } from './control.ts';

const SAGEMAKER = 'sagemaker.amazonaws.com';
const OTHER_ACCOUNT = '999999999999';

export const control = defineControl({
  id: 'execution-role-trust',
  on: ['role'],
  requires: ['trust', 'uses'],
  meta: {
    title: 'Execution and step roles trust SageMaker, and nobody who is not authorised',
    severity: 'HIGH',
    description:
      'SageMaker assumes the execution role to run a pipeline, and the steps’ roles to run their jobs; EMR steps hand ' +
      'roles to EMR and EC2. The trust policy must allow these services, and no one that the configuration does not name.',
    risk:
      'Without the trust, no job starts. With more of it, whoever else is trusted takes all that the role may do, past ' +
      'every control on pipelines. Without aws:SourceAccount or aws:SourceArn, the service may be made to use the role ' +
      'for somebody else’s account.',
    remediation:
      'Trust the service alone, with aws:SourceAccount; whoever else must assume the role is named in roles.trusted.',
    decision: [
      'Roles are judged that pipelines or steps of the account use, or that roles.execution and roles.steps name.',
      'The service must be allowed sts:AssumeRole for this account; SageMaker, and EMR or EC2 where a step hands the role to them.',
      'Each principal of an Allow that is neither such a service nor in roles.trusted is a breach; so is a role that does not exist.',
      'Where the service may assume the role on behalf of another account too, that is a WARNING of low severity.',
    ],
    example: {
      fails: '{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}',
      passes:
        '{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}',
    },
    fix: {
      cli: 'aws iam update-assume-role-policy --role-name fraud --policy-document \'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}\'',
      cdk: [
        "import { aws_iam as iam } from 'aws-cdk-lib';",
        '',
        "new iam.Role(this, 'Fraud', {",
        "  roleName: 'fraud',",
        "  path: '/pipelines/',",
        "  assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com', {",
        "    conditions: { StringEquals: { 'aws:SourceAccount': '111122223333' } },",
        '  }),',
        '});',
      ].join('\n'),
      terraform: [
        'resource "aws_iam_role" "fraud" {',
        '  name = "fraud"',
        '  path = "/pipelines/"',
        '  assume_role_policy = jsonencode({',
        '    Version = "2012-10-17"',
        '    Statement = [{',
        '      Effect    = "Allow"',
        '      Principal = { Service = "sagemaker.amazonaws.com" }',
        '      Action    = "sts:AssumeRole"',
        '      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }',
        '    }]',
        '  })',
        '}',
      ].join('\n'),
    },
    requirements: ['ISO 27001:2022 A.5.15', 'NIST 800-53 AC-3', 'NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html',
      'https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html',
    ],
  },
  evaluate: ({ trust, uses }, config) => {
    const { roleArn, identity } = trust;
    const isListed = matchesAny(
      [...(config.roles?.execution ?? []), ...(config.roles?.steps ?? [])],
      roleArn,
    );
    if (uses.services.size === 0 && !isListed)
      return [
        {
          status: 'NOT_APPLICABLE',
          because: 'no pipeline uses the role, and the configuration does not name it',
        },
      ];
    const isRefused =
      uses.executes.length === 0 &&
      authorisedRoles(config).length > 0 &&
      isAuthorisedRole(roleArn, config, undefined) === 'no';
    if (isRefused)
      return [{ status: 'NOT_APPLICABLE', because: 'step-role-authorised tells that no step may name it' }];
    if (!identity?.trust) return [absent(roleArn, uses)];
    const services = uses.services.size > 0 ? [...uses.services] : [SAGEMAKER];
    return [judge(trust, identity.trust, services, config)];
  },
});

const absent = (roleArn: string, { executes, runsSteps }: RoleUses): Verdict => {
  const names = [...executes, ...runsSteps].slice(0, 5).map(({ name }) => name);
  return {
    status: 'FAILED',
    evidence: [
      {
        at: 'GetAccountAuthorizationDetails',
        found: `there is no role ${roleArn}`,
        expected: `a role that SageMaker can assume, for ${names.join(', ')}`,
      },
    ],
    remediation: { text: `Create ${roleArn}, or name another role in ${names.join(', ')}.` },
  };
};

const judge = (trust: TrustFact, policy: Policy, services: string[], config: Config): Verdict => {
  const at = policy.name;
  const evidence: Evidence[] = [];
  const answers = services.map((service) => ({
    service,
    own: mayAssume(trust, policy, service, trust.scope.account),
    other: mayAssume(trust, policy, service, OTHER_ACCOUNT),
  }));
  for (const { service, own } of answers)
    if (own.endsWith('Deny'))
      evidence.push({
        at,
        found: `${service} may not assume the role`,
        expected: `${service} may assume the role`,
      });
  evidence.push(...strangers(policy, services, config));
  const change: RoleChange = { type: 'trust', document: trustDocument(policy, services, trust, config) };
  const remediation = (text: string) =>
    trust.identity ? { text, patch: changeCommand({ identity: trust.identity }, change), change } : { text };
  const [first, ...others] = evidence;
  if (first)
    return {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: remediation(
        `Let ${services.join(' and ')} alone assume ${trust.roleArn}, and whoever roles.trusted names.`,
      ),
    };
  const open = answers.find(({ own }) => own === 'Unknown');
  if (open)
    return {
      status: 'NOT_AVAILABLE',
      evidence: [
        {
          at,
          found: `whether ${open.service} may assume the role hangs on what is not known`,
          expected: 'it may',
        },
      ],
      remediation: {
        text: `See to it that the trust policy of ${trust.roleArn} can be understood, and allows ${open.service}.`,
      },
    };
  const loose = answers.filter(({ other }) => other === 'Allow');
  if (loose.length === 0) return { status: 'PASSED' };
  return {
    status: 'WARNING',
    severity: 'LOW',
    evidence: [
      {
        at,
        found: `${loose.map(({ service }) => service).join(', ')} may assume the role on behalf of any account`,
        expected: `a condition on aws:SourceAccount (${trust.scope.account}) or aws:SourceArn`,
      },
    ],
    remediation: remediation(`Add aws:SourceAccount to the trust policy of ${trust.roleArn}.`),
  };
};

/** By what a service says of whom it acts for: the account, and some resource of it. */
const mayAssume = (
  { roleArn, scope }: TrustFact,
  policy: Policy,
  service: string,
  account: string,
): Decision => {
  const name = service.split('.')[0] ?? service;
  const context = contextOf({
    'aws:SourceAccount': account,
    'aws:SourceArn': `arn:${scope.partition}:${name}:${scope.region}:${account}:pipeline/any`,
    'aws:SecureTransport': 'true',
  });
  const request = {
    principal: { kind: 'service' as const, arn: service },
    action: 'sts:AssumeRole',
    resource: roleArn,
    context,
  };
  return decide({ resource: indexPolicies([policy]) }, request);
};

const strangers = (policy: Policy, services: readonly string[], config: Config): Evidence[] => {
  const trusted = config.roles?.trusted ?? [];
  const isFine = (value: string): boolean =>
    value === SAGEMAKER || services.includes(value) || matchesAny(trusted, value);
  return policy.statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ principals }) => {
      if (!principals || principals.isNot)
        return [{ at: policy.name, found: 'an Allow with NotPrincipal', expected: 'the principals by name' }];
      return principals.principals
        .filter(({ value }) => !isFine(value))
        .map(({ value, pointer }) => ({
          at: `${policy.name}${pointer}`,
          found: value === '*' ? 'anyone may assume the role' : `${value} may assume the role`,
          expected: `${services.join(', ')}${trusted.length > 0 ? `, ${trusted.join(', ')}` : ''} alone`,
        }));
    });
};

/** The services with the account that they act for, and whoever is trusted as they stand now. */
const trustDocument = (policy: Policy, services: readonly string[], { scope }: TrustFact, config: Config) => {
  const trusted = config.roles?.trusted ?? [];
  const kept = policy.statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ principals }) => principals?.principals ?? [])
    .filter(({ type, value }) => type === 'AWS' && matchesAny(trusted, value))
    .map(({ value }) => value);
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: [...services] },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': scope.account } },
      },
      ...(kept.length > 0
        ? [{ Effect: 'Allow', Principal: { AWS: [...new Set(kept)] }, Action: 'sts:AssumeRole' }]
        : []),
    ],
  };
};
