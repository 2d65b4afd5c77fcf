import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-trust.ts';
import type { Json } from '../../../shared/json/json.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  ACCOUNT_SCOPE,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  TRUST,
} from '../../support/builders/principal-facts.ts';

const roleArn = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`;
const SAGEMAKER = 'sagemaker.amazonaws.com';
const AT = `trust policy of ${ROLE}`;
const STEP_ROLE = roleArn('steps/train');
const LAMBDA = 'lambda.amazonaws.com';
const ADMIN = roleArn('admin');
const ROOT = 'arn:aws:iam::111122223333:root';

const document = (...Statement: object[]): Json => ({ Version: '2012-10-17', Statement }) as unknown as Json;
const ownAccount = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
const service = (Service: string | string[], Condition: object | undefined = ownAccount) => ({
  Effect: 'Allow',
  Principal: { Service },
  Action: 'sts:AssumeRole',
  Condition,
});
const bySource = (source: string, operator = 'ArnLike') =>
  document(service(SAGEMAKER, { [operator]: { 'aws:SourceArn': source } }));
const assume = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});
const FINE = service(SAGEMAKER);
const GITHUB = 'token.actions.githubusercontent.com';
const EKS = 'oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF';
const providerOf = (issuer: string) => `arn:aws:iam::111122223333:oidc-provider/${issuer}`;
const byToken = (Condition: object | undefined, issuer = GITHUB) => ({
  ...assume({ Federated: providerOf(issuer) }, { Condition }),
  Action: 'sts:AssumeRoleWithWebIdentity',
});

const TRAIN = step('Train', 'Training', { RoleArn: STEP_ROLE });
const PIPELINES = { 'fraud-daily': { steps: [TRAIN] } };
const onRunningCluster = {
  'fraud-daily': {
    roleArn: roleArn('pipelines/other'),
    steps: [step('Spark', 'EMR', { ClusterId: 'j-1ABCD', ExecutionRoleArn: ROLE })],
  },
};
const INSTANCES = roleArn('EMR_EC2_DefaultRole');
const byInstances = (AWS: string | string[] = INSTANCES) =>
  document({ Effect: 'Allow', Principal: { AWS }, Action: ['sts:AssumeRole', 'sts:TagSession'] });
const CHINESE = 'arn:aws-cn:iam::111122223333:role/EMR_DefaultRole';
const CHINA = { account: '111122223333', region: 'cn-north-1', partition: 'aws-cn' };
const inChina = {
  'fraud-daily': {
    roleArn: 'arn:aws-cn:iam::111122223333:role/pipelines/other',
    steps: [step('Spark', 'EMR', { ClusterConfig: { ServiceRole: CHINESE } })],
  },
};
const onCluster = {
  'fraud-daily': {
    roleArn: roleArn('pipelines/other'),
    steps: [step('Spark', 'EMR', { ClusterConfig: { JobFlowRole: ROLE } })],
  },
};

const OF_OTHERS = 'arn:aws:iam::444455556666:role/fraud';

type Case = Stated & { isGone?: true };
const given = ({ pipelines = PIPELINES, isGone, config = {}, ...stated }: Case) => {
  const facts = principalFacts({ pipelines, config, ...stated });
  return {
    facts: isGone ? { ...facts, trust: { roleArn: stated.arn ?? ROLE, scope: ACCOUNT_SCOPE } } : facts,
    config,
  };
};

const told = (at: string, found: string) => ({
  evidence: [[at, found] as [string, string]],
  isMended: true,
});

/** No command is given that would cut off somebody whom the trust policy names. */
const cutsOff = (at: string, found: string, whom: string) => ({
  ...told(at, found),
  remedy: `No command is given, because it would cut off ${whom}`,
  isMended: false,
});

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'SageMaker alone, for the account': {},
      'the instances of a cluster that runs a step under it, named as trusted': {
        pipelines: onRunningCluster,
        trust: byInstances(),
        config: { roles: { trusted: [INSTANCES] } },
      },
      'EMR in China by the name that it has there': {
        arn: CHINESE,
        pipelines: inChina,
        trust: document(service('elasticmapreduce.amazonaws.com.cn')),
        scope: CHINA,
      },
      'EMR in China by the name that it has elsewhere': {
        arn: CHINESE,
        pipelines: inChina,
        trust: document(service('elasticmapreduce.amazonaws.com')),
        scope: CHINA,
      },
      'a step role': { arn: STEP_ROLE },
      'for the resources of the account': { trust: bySource('arn:aws:sagemaker:*:111122223333:*') },
      'for its one pipeline': {
        trust: bySource('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily', 'ArnEquals'),
      },
      'for the executions of its one pipeline': {
        trust: bySource('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily/*'),
      },
      'a step role, for training jobs': {
        arn: STEP_ROLE,
        trust: bySource('arn:aws:sagemaker:eu-west-1:111122223333:training-job/*'),
      },
      'another service and a principal that the configuration trusts': {
        trust: document(FINE, assume({ Service: LAMBDA }), assume({ AWS: ADMIN })),
        config: { roles: { trusted: [LAMBDA, roleArn('adm*')] } },
      },
      'a role that the configuration alone names': {
        pipelines: {},
        config: { roles: { execution: [roleArn('pipelines/*')] } },
      },
      'EC2 for whomever, as it does not say for whom, and SageMaker for the account': {
        pipelines: onCluster,
        trust: document(FINE, assume({ Service: 'ec2.amazonaws.com' })),
      },
      'EC2, for a role with the name of an instance profile with which no role is listed': {
        pipelines: {
          'fraud-daily': {
            roleArn: roleArn('pipelines/other'),
            steps: [step('Spark', 'EMR', { ClusterConfig: { JobFlowRole: 'fraud' } })],
          },
        },
        named: { roles: { fraud: ROLE } },
        trust: document(assume({ Service: 'ec2.amazonaws.com' })),
      },
      'a provider of tokens that is trusted, for one repository': {
        trust: document(
          FINE,
          byToken({ StringEquals: { [`${GITHUB}:sub`]: 'repo:acme/ml:ref:refs/heads/main' } }),
        ),
        config: { roles: { trusted: [providerOf(GITHUB)] } },
      },
      ...Object.fromEntries(
        (
          [
            ['every branch of a repository', GITHUB, 'repo:acme/ml:*'],
            ['every repository of an owner', GITHUB, 'repo:acme/*'],
            ['an owner by a claim of its own', GITHUB, 'repository_owner:acme:*'],
            ['an owner alone', GITHUB, 'repository_owner:acme'],
            ['an owner by its number', GITHUB, 'repository_owner_id:65530:environment:*'],
            ['an environment of one repository', GITHUB, 'environment:prod:repo:acme/ml'],
            ['the workflows of one repository', GITHUB, 'job_workflow_ref:acme/ci/.github/workflows/*'],
            [
              'an enterprise that has an issuer of its own',
              `${GITHUB}/acme`,
              'repository_visibility:internal:*',
            ],
            ['every project of a group', 'gitlab.com', 'project_path:acme/*:ref_type:branch:ref:main'],
            [
              'every workspace of an organization',
              'app.terraform.io',
              'organization:acme:project:*:workspace:*',
            ],
            ['a namespace of a cluster', EKS, 'system:serviceaccount:ml:*'],
            ['an unknown issuer’s subjects with a beginning', 'login.example.com', 'ml-*'],
          ] as const
        ).map(([title, issuer, subject]) => [
          `tokens of ${title}`,
          {
            trust: document(FINE, byToken({ StringLike: { [`${issuer}:sub`]: subject } }, issuer)),
            config: { roles: { trusted: [providerOf('*')] } },
          },
        ]),
      ),
      'a provider of tokens that is trusted, for a subject that nobody can have': {
        trust: document(FINE, byToken({ StringEquals: { [`${GITHUB}:sub`]: 'repo:*' } })),
        config: { roles: { trusted: [providerOf(GITHUB)] } },
      },
      'an issuer whose audience is made for each customer, for one audience': {
        trust: document(
          FINE,
          byToken({ StringEquals: { 'api.pulumi.com/oidc:aud': 'aws:acme' } }, 'api.pulumi.com/oidc'),
        ),
        config: { roles: { trusted: [providerOf('*')] } },
      },
      'a provider of SAML that is trusted': {
        trust: document(FINE, {
          ...assume({ Federated: 'arn:aws:iam::111122223333:saml-provider/corp' }),
          Action: 'sts:AssumeRoleWithSAML',
        }),
        config: { roles: { trusted: ['arn:aws:iam::111122223333:saml-provider/corp'] } },
      },
      'the account by its number, trusted by its root': {
        trust: document(FINE, assume({ AWS: '111122223333' })),
        config: { roles: { trusted: [ROOT] } },
      },
      'the account by its root, trusted by its number': {
        trust: document(FINE, assume({ AWS: ROOT })),
        config: { roles: { trusted: ['111122223333'] } },
      },
      ...Object.fromEntries(
        [{ AWS: ROOT }, { AWS: '111122223333' }, '*'].map((principal) => [
          `of ${JSON.stringify(principal)} those whom a condition leaves`,
          {
            trust: document(
              FINE,
              assume(principal, { Condition: { ArnLike: { 'aws:PrincipalArn': [ADMIN, roleArn('ci-*')] } } }),
            ),
            config: { roles: { trusted: [roleArn('adm*'), roleArn('ci-*')] } },
          },
        ]),
      ),
      'tags of a session, which nobody can begin with them': {
        trust: document(FINE, { ...assume({ AWS: ADMIN }), Action: 'sts:TagSession' }),
      },
      'a Deny of others': {
        trust: document(FINE, { ...assume({ AWS: '444455556666' }), Effect: 'Deny' }),
      },
    },
    fails: {
      'another account beside the instances of a cluster': {
        pipelines: onRunningCluster,
        trust: byInstances([INSTANCES, roleArn('x', '444455556666')]),
        told: {
          evidence: [
            [`${AT}/Statement/0/Principal/AWS/1`, `${roleArn('x', '444455556666')} may assume the role`],
          ],
          expected: 'the role of the cluster’s instances',
        },
      },
      'another service instead of SageMaker': {
        trust: document(service(LAMBDA)),
        told: {
          evidence: [
            [AT, `${SAGEMAKER} may not assume the role`],
            [`${AT}/Statement/0/Principal/Service`, `${LAMBDA} may assume the role`],
          ],
          remedy: `it would cut off ${LAMBDA}`,
          isMended: false,
        },
      },
      'SageMaker under another action': {
        trust: document({ ...FINE, Action: 'sts:TagSession' }),
        told: told(AT, `${SAGEMAKER} may not assume the role`),
      },
      'SageMaker for another account': {
        trust: document(service(SAGEMAKER, { StringEquals: { 'aws:SourceAccount': '444455556666' } })),
        told: told(AT, 'may not assume'),
      },
      'a pattern of accounts under StringEquals, where it is no pattern': {
        trust: document(service(SAGEMAKER, { StringEquals: { 'aws:SourceAccount': '1111*' } })),
        told: told(AT, 'may not assume'),
      },
      'for another pipeline': {
        trust: bySource('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/vision'),
        told: told(AT, 'may not assume'),
      },
      'for one of its two pipelines': {
        pipelines: { ...PIPELINES, 'fraud-weekly': { steps: [TRAIN] } },
        trust: bySource('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily'),
        told: told(AT, 'may not assume'),
      },
      'a Deny of what it allows, which stays, so that no command helps': {
        trust: document(FINE, { ...assume({ Service: SAGEMAKER }), Effect: 'Deny' }),
        told: { evidence: [[AT, 'may not assume']], isMended: false },
      },
      'EC2 for a role of EMR’s instances': {
        pipelines: onCluster,
        told: {
          ...told(AT, 'ec2.amazonaws.com may not assume the role'),
          patch: `aws iam update-assume-role-policy --role-name fraud --policy-document '${JSON.stringify({
            Version: '2012-10-17',
            Statement: [service([SAGEMAKER]), assume({ Service: ['ec2.amazonaws.com'] })],
          })}'`,
        },
      },
      'EC2 for the role of an instance profile that a step names': {
        pipelines: {
          'fraud-daily': {
            roleArn: roleArn('pipelines/other'),
            steps: [step('Spark', 'EMR', { ClusterConfig: { JobFlowRole: 'cluster-nodes' } })],
          },
        },
        named: { profiles: { 'cluster-nodes': ROLE } },
        told: told(AT, 'ec2.amazonaws.com may not assume the role'),
      },
      'the runtime role of a step on EMR, which no role may assume': {
        pipelines: onRunningCluster,
        trust: document(FINE),
        told: {
          evidence: [[AT, 'no role is allowed sts:AssumeRole']],
          expected: 'the role of the cluster’s instances may assume the role and tag the session',
          isMended: false,
        },
      },
      ...Object.fromEntries(
        Object.entries({
          'no condition': undefined,
          'a condition on the audience alone': { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } },
          'any subject': { StringLike: { [`${GITHUB}:sub`]: '*' } },
          'every repository there is': { StringLike: { [`${GITHUB}:sub`]: 'repo:*' } },
          'a repository of that name, whoever has it': { StringLike: { [`${GITHUB}:sub`]: 'repo:*/ml:*' } },
          'owners whose names begin so': { StringLike: { [`${GITHUB}:sub`]: 'repo:acme*' } },
          'owners by a claim of their own': { StringLike: { [`${GITHUB}:sub`]: 'repository_owner:*' } },
          'owners whose names begin so, by that claim': {
            StringLike: { [`${GITHUB}:sub`]: 'repository_owner:acme*' },
          },
          'a number of an owner that begins so': {
            StringLike: { [`${GITHUB}:sub`]: 'repository_owner_id:65*' },
          },
          'private repositories of everybody': {
            StringLike: { [`${GITHUB}:sub`]: 'repository_visibility:private:*' },
          },
          'an environment of that name, whoever has it': {
            StringEquals: { [`${GITHUB}:sub`]: 'environment:prod' },
          },
          'an environment, and then a repository behind a wildcard': {
            StringLike: { [`${GITHUB}:sub`]: 'environment:*:repo:acme/ml' },
          },
          'one repository, and any other': { StringLike: { [`${GITHUB}:sub`]: ['repo:acme/ml:*', 'repo*'] } },
          'tokens without a subject as well': { StringLikeIfExists: { [`${GITHUB}:sub`]: 'repo:acme/*' } },
          'all but one repository': { StringNotEquals: { [`${GITHUB}:sub`]: 'repo:acme/ml:ref:x' } },
          'no subject at all, or only such': {
            'ForAllValues:StringLike': { [`${GITHUB}:sub`]: 'repo:acme/*' },
          },
          'the subject of another issuer': { StringLike: { 'gitlab.com:sub': 'project_path:acme/ml:*' } },
        }).map(([title, Condition]) => [
          `a trusted provider of tokens, with ${title}`,
          {
            trust: document(FINE, byToken(Condition)),
            config: { roles: { trusted: [providerOf(GITHUB)] } },
            told: {
              evidence: [
                [
                  `${AT}/Statement/1/Principal/Federated`,
                  `no condition on ${GITHUB}:sub says whose tokens`,
                ] as [string, string],
              ],
              expected: `a condition on ${GITHUB}:sub`,
              remedy: `in a condition on ${GITHUB}:sub, under StringEquals or StringLike`,
              isMended: false,
            },
          },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries({
          'more than the configuration trusts': { ArnLike: { 'aws:PrincipalArn': [ADMIN, roleArn('*')] } },
          'a longer pattern than one with a ?': { ArnLike: { 'aws:PrincipalArn': roleArn('ci-*') } },
          'those without the key as well': { ArnLikeIfExists: { 'aws:PrincipalArn': ADMIN } },
          'all but one': { ArnNotLike: { 'aws:PrincipalArn': ADMIN } },
          'whoever has no value': { 'ForAllValues:StringLike': { 'aws:PrincipalArn': ADMIN } },
        }).map(([title, Condition]) => [
          `of the account, ${title}`,
          {
            trust: document(FINE, assume({ AWS: ROOT }, { Condition })),
            config: { roles: { trusted: [ADMIN, roleArn('ci-?')] } },
            told: cutsOff(`${AT}/Statement/1/Principal/AWS`, ':root may assume the role', ROOT),
          },
        ]),
      ),
      'SageMaker with a second factor, which no service has': {
        trust: document(service(SAGEMAKER, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })),
        told: told(AT, 'may not assume'),
      },
      anyone: {
        trust: document(FINE, assume('*')),
        told: told(`${AT}/Statement/1/Principal`, 'anyone may assume the role'),
      },
      'anyone, under a condition': {
        trust: document(
          FINE,
          assume({ AWS: '*' }, { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }),
        ),
        told: cutsOff(
          `${AT}/Statement/1/Principal/AWS`,
          'anyone whom the conditions let in may assume the role',
          'whomever the conditions of a statement let in',
        ),
      },
      'the account': {
        trust: document(FINE, assume({ AWS: 'arn:aws:iam::111122223333:root' })),
        told: cutsOff(`${AT}/Statement/1/Principal/AWS`, ':root may assume the role', ROOT),
      },
      'another account by its number': {
        trust: document(FINE, assume({ AWS: ['444455556666'] })),
        told: cutsOff(
          `${AT}/Statement/1/Principal/AWS/0`,
          '444455556666 may assume the role',
          '444455556666',
        ),
      },
      'a second service in the same statement': {
        trust: document(service([SAGEMAKER, LAMBDA])),
        told: cutsOff(`${AT}/Statement/0/Principal/Service/1`, LAMBDA, LAMBDA),
      },
      'an identity provider': {
        trust: document(FINE, {
          ...assume({ Federated: 'accounts.google.com' }),
          Action: 'sts:AssumeRoleWithWebIdentity',
        }),
        told: cutsOff(`${AT}/Statement/1/Principal/Federated`, 'accounts.google.com', 'accounts.google.com'),
      },
      'EC2, where no step hands the role to it': {
        trust: document(service([SAGEMAKER, 'ec2.amazonaws.com'])),
        told: cutsOff(`${AT}/Statement/0/Principal/Service/1`, 'ec2.amazonaws.com', 'ec2.amazonaws.com'),
      },
      'a principal whose ARN only begins as a trusted one': {
        trust: document(FINE, assume({ AWS: roleArn('admin-of-mine') })),
        config: { roles: { trusted: [ADMIN] } },
        told: {
          ...cutsOff(`${AT}/Statement/1/Principal/AWS`, 'admin-of-mine', roleArn('admin-of-mine')),
          expected: `${SAGEMAKER}, ${ADMIN} alone`,
        },
      },
      'whoever is trusted stays, under the same actions and conditions': {
        trust: document(
          FINE,
          {
            Sid: 'Release',
            ...assume({ AWS: [ADMIN] }, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
            Action: ['sts:AssumeRole', 'sts:TagSession'],
          },
          assume({ Service: LAMBDA }),
          assume({ AWS: '*' }),
        ),
        config: { roles: { trusted: [ADMIN, LAMBDA] } },
        told: {
          evidence: [[`${AT}/Statement/3/Principal/AWS`, 'anyone may assume the role']],
          patch: `aws iam update-assume-role-policy --role-name fraud --policy-document '${JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: [SAGEMAKER] },
                Action: 'sts:AssumeRole',
                Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
              },
              {
                Sid: 'Release',
                Effect: 'Allow',
                Principal: { AWS: [ADMIN] },
                Action: ['sts:AssumeRole', 'sts:TagSession'],
                Condition: { Bool: { 'aws:MultiFactorAuthPresent': ['true'] } },
              },
              { Effect: 'Allow', Principal: { Service: [LAMBDA] }, Action: ['sts:AssumeRole'] },
            ],
          })}'`,
        },
      },
      'what a service does besides assuming the role stays': {
        trust: document(
          { ...assume({ Service: SAGEMAKER }), Action: ['sts:AssumeRole', 'sts:SetContext'] },
          assume({ AWS: '*' }),
        ),
        told: {
          evidence: [[`${AT}/Statement/1/Principal/AWS`, 'anyone may assume the role']],
          patch: `aws iam update-assume-role-policy --role-name fraud --policy-document '${JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: [SAGEMAKER] },
                Action: ['sts:AssumeRole', 'sts:SetContext'],
                Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
              },
            ],
          })}'`,
        },
      },
      'a role that does not exist': {
        isGone: true,
        told: {
          evidence: [['GetAccountAuthorizationDetails', `there is no role ${ROLE}`]],
          expected: 'for fraud-daily',
          remedy: `Create ${ROLE}, or name another role in fraud-daily.`,
          isMended: false,
        },
      },
      'a role of another account': {
        isGone: true,
        arn: OF_OTHERS,
        pipelines: { 'fraud-daily': { roleArn: OF_OTHERS, steps: [step('Train', 'Training', {})] } },
        told: {
          evidence: [['the definition', `${OF_OTHERS} is of account 444455556666`]],
          expected: 'a role of account 111122223333, for fraud-daily',
          remedy: 'Name a role of account 111122223333 in fraud-daily.',
          isMended: false,
        },
      },
    },
    warns: {
      'no condition': {
        trust: document(assume({ Service: SAGEMAKER })),
        told: {
          ...told(AT, `${SAGEMAKER} may assume the role on behalf of another account`),
          severity: 'LOW',
          expected: 'a condition on aws:SourceAccount (111122223333) or aws:SourceArn',
        },
      },
      'another account beside its own': {
        trust: document(
          service(SAGEMAKER, { StringEquals: { 'aws:SourceAccount': ['111122223333', '444455556666'] } }),
        ),
        told: { ...told(AT, 'another account'), severity: 'LOW' },
      },
      'resources of another account beside its own': {
        trust: document(
          service(SAGEMAKER, {
            ArnLike: {
              'aws:SourceArn': ['arn:aws:sagemaker:*:111122223333:*', 'arn:aws:sagemaker:*:444455556666:*'],
            },
          }),
        ),
        told: { ...told(AT, 'another account'), severity: 'LOW' },
      },
      'resources of any account': {
        trust: bySource('arn:aws:sagemaker:*:*:*'),
        told: { ...told(AT, 'another account'), severity: 'LOW' },
      },
      'all accounts but one': {
        trust: document(service(SAGEMAKER, { StringNotEquals: { 'aws:SourceAccount': '444455556666' } })),
        told: { ...told(AT, 'another account'), severity: 'LOW' },
      },
      'a second statement without the condition': {
        trust: document(FINE, assume({ Service: SAGEMAKER })),
        told: { ...told(AT, 'another account'), severity: 'LOW' },
      },
    },
    isNotAvailable: {
      'EC2 under a condition on the account, which nobody says that it sends': {
        pipelines: onCluster,
        trust: document(service('ec2.amazonaws.com')),
        told: {
          evidence: [[AT, 'whether ec2.amazonaws.com may assume the role hangs']],
          remedy: 'allow it without a condition on them',
        },
      },
      'the instances of a cluster, which may not tag the session': {
        pipelines: onRunningCluster,
        trust: document(assume({ AWS: INSTANCES })),
        config: { roles: { trusted: [INSTANCES] } },
        told: { evidence: [[AT, 'no role is allowed sts:TagSession']], remedy: 'sts:TagSession' },
      },
      'a role of the account, which may be that of the cluster’s instances': {
        pipelines: onRunningCluster,
        trust: byInstances(),
        told: {
          evidence: [[`${AT}/Statement/0/Principal/AWS`, `${INSTANCES} may assume the role`]],
          remedy: 'name it in roles.trusted',
        },
      },
      'a trust policy that cannot be read': {
        trust: document({ Effect: 'Allow' }),
        told: { evidence: [[AT, `whether ${SAGEMAKER} may assume the role`]] },
      },
      'a condition on what is not known': {
        trust: document(service(SAGEMAKER, { StringEquals: { 'aws:SourceOrgID': 'o-1' } })),
        told: { evidence: [[AT, 'hangs on what is not known']] },
      },
    },
    isNotApplicable: {
      'a role that no pipeline uses and the configuration does not name': {
        pipelines: {},
        trust: document(assume('*')),
      },
    },
  });
});

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  const judge = (arn: string, trust: Json) => {
    const pipelines = { real: pipelineIn(join(folder, '06_allsteps_prefix.json')) };
    const named = { profiles: { EMR_EC2_DefaultRole: roleArn('EMR_EC2_DefaultRole') } };
    return verdictsOf(control, given({ arn, trust, pipelines, named }));
  };

  test('each role of a definition needs the trust of the services that take it over', () => {
    const { steps } = pipelineIn(join(folder, '06_allsteps_prefix.json'));
    const [, emr = ''] = /"JobFlowRole":"([^"]+)"/.exec(JSON.stringify(steps)) ?? [];
    const instances = emr.startsWith('arn:') ? emr : roleArn(emr);
    expect(judge(ROLE, TRUST)).toEqual([{ status: 'PASSED' }]);
    expect(judge(instances, TRUST)).toMatchObject([
      { status: 'FAILED', evidence: [{ found: 'ec2.amazonaws.com may not assume the role' }] },
    ]);
    expect(judge(instances, document(assume({ Service: 'ec2.amazonaws.com' })))).toEqual([
      { status: 'PASSED' },
    ]);
  });
});
