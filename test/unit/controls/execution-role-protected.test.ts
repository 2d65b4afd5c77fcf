import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-protected.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import { controlCases, step } from '../../support/builders/control-cases.ts';
import { principalFacts, ROLE, type Stated, scpsOf } from '../../support/builders/principal-facts.ts';

const ACCOUNT = '111122223333';
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const SCIENTIST = role('data-scientist');
const DEPLOY = role('deploy');
const PERSON = role('aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Labels_0123456789abcdef');
const OWN_POLICY = `arn:aws:iam::${ACCOUNT}:policy/own`;
const allow = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: JsonObject,
): JsonObject => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
const deny = (Action: string | string[], Resource: string | string[] = '*'): JsonObject => ({
  ...allow(Action, Resource),
  Effect: 'Deny',
});
const trusting = (...principals: string[]): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: principals }, Action: 'sts:AssumeRole' }],
});
const trustingService = (...services: string[]): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
});
const PEOPLE = trusting(`arn:aws:iam::${ACCOUNT}:root`);
const FRAUD = {
  fraud: {
    steps: [
      step('Prepare', 'Processing', {
        ProcessingInputs: [
          { InputName: 'raw', S3Input: { S3Uri: 's3://acme-raw/fraud', LocalPath: '/opt' } },
        ],
      }),
    ],
  },
};
/** One other principal with these statements. */
const one = (arn: string, ...statements: JsonObject[]) => ({
  others: { [arn]: { allow: statements, trust: PEOPLE } },
});
/** The scientist with these statements, under an SCP with one statement. */
const oneUnder = (scp: JsonObject, ...statements: JsonObject[]) => ({
  others: { [SCIENTIST]: { allow: statements, trust: PEOPLE, organization: scpsOf(scp) } },
});
const attachedOwn = {
  [OWN_POLICY]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } as JsonObject,
};
const RAW = 'arn:aws:s3:::acme-raw';
const OUTSIDE = { Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } };
const MFA = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const ROLES = { creators: [SCIENTIST] };

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: (stated) => ({
      facts: principalFacts({ pipelines: FRAUD, ...stated }),
      config: stated.config ?? { roles: ROLES },
    }),
    passes: {
      'nobody changes anything': { allow: [allow('s3:GetObject')] },
      'an administrator changes everything': one(role('admin'), allow('*')),
      'who has all of IAM is an administrator': one(role('iam'), allow('iam:*')),
      'an administrator under a condition is one too': one(
        role('break-glass'),
        allow('*', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      ),
      'one reads the role': one(SCIENTIST, allow(['iam:Get*', 'iam:List*'])),
      'one changes other roles': one(SCIENTIST, allow('iam:PutRolePolicy', role('other/*'))),
      'one whom the configuration names': {
        ...one(DEPLOY, allow('iam:PutRolePolicy', role('pipelines/*'))),
        config: { roles: { ...ROLES, administrators: [role('dep*')] } },
      },
      'a Deny takes it away': one(
        SCIENTIST,
        allow('iam:PutRolePolicy', ROLE),
        deny('iam:*', role('pipelines/*')),
      ),
      'a role that Service Catalog alone assumes': {
        others: {
          [role('launch')]: {
            allow: [allow('iam:PutRolePolicy', role('pipelines/*'))],
            trust: trustingService('servicecatalog.amazonaws.com'),
          },
        },
      },
      'a role that makes projects of SageMaker Unified Studio, which DataZone alone assumes': {
        others: {
          [role('service-role/provisioning')]: {
            allow: [allow('iam:PutRolePolicy', role('pipelines/*'))],
            trust: trustingService('datazone.amazonaws.com'),
          },
        },
      },
      'a version of a policy that the role does not have': one(
        SCIENTIST,
        allow('iam:CreatePolicyVersion', `arn:aws:iam::${ACCOUNT}:policy/others`),
      ),
      'tags that no policy asks about': one(SCIENTIST, allow('iam:TagRole', ROLE)),
      'the tag of the SCP exception, which another control judges': {
        ...one(SCIENTIST, allow('iam:TagRole', ROLE)),
        organization: scpsOf({
          ...deny('s3:*'),
          Condition: { StringNotEquals: { 'aws:PrincipalTag/exempt': 'true', 'aws:SourceVpc': 'vpc-1' } },
        }),
        config: { roles: ROLES, scpException: { tagKey: 'exempt', tagValue: 'true' } },
      },
      'roles that are tagged for others': {
        ...one(
          SCIENTIST,
          allow('iam:PutRolePolicy', '*', { StringEquals: { 'iam:ResourceTag/team': 'ops' } }),
        ),
        tags: { team: 'fraud' },
      },
      ...Object.fromEntries(
        Object.entries<[JsonObject, string | string[]]>({
          'leaves to the account who may': [{ AWS: `arn:aws:iam::${ACCOUNT}:root` }, 's3:PutBucketPolicy'],
          'names others': [{ AWS: role('other') }, 's3:PutBucketPolicy'],
          'lets it write all objects as well': [{ AWS: SCIENTIST }, 's3:*'],
        }).map(([how, [Principal, Action]]): [string, Stated] => [
          `a creator without permissions, and the policy of a bucket that ${how}`,
          {
            ...one(SCIENTIST),
            buckets: {
              'acme-raw': {
                Version: '2012-10-17',
                Statement: [{ ...allow(Action, [RAW, `${RAW}/*`]), Principal }],
              },
            },
          },
        ]),
      ),
      'who may write the bucket’s objects gains nothing by its policy': {
        ...one(SCIENTIST, allow('s3:*')),
        buckets: { 'acme-raw': null },
      },
      'who may write the bucket’s objects and change its policy in the same networks gains nothing': {
        ...oneUnder({ ...deny('s3:*'), ...OUTSIDE }, allow('s3:*')),
        buckets: { 'acme-raw': null },
      },
      'who may write the bucket’s objects in some networks gains nothing': {
        ...oneUnder({ ...deny('s3:PutObject'), ...OUTSIDE }, allow('s3:*')),
        buckets: { 'acme-raw': null },
      },
      'who may write the bucket’s objects in some networks, and elsewhere with a tag of the session, gains nothing':
        {
          others: {
            [PERSON]: {
              allow: [allow('s3:*')],
              trust: {
                Version: '2012-10-17',
                Statement: [
                  {
                    Effect: 'Allow',
                    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_x` },
                    Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
                  },
                ],
              },
              organization: scpsOf({
                ...deny('s3:*'),
                Condition: {
                  StringNotEquals: { 'aws:SourceVpc': 'vpc-1', 'aws:PrincipalTag/exempt': 'yes' },
                },
              }),
            },
          },
          buckets: { 'acme-raw': null },
        },
      'who may do both with MFA alone gains nothing': {
        ...one(SCIENTIST, allow('s3:*', '*', MFA)),
        buckets: { 'acme-raw': null },
      },
      'it may write its own policies and so become an administrator, which another control tells': {
        allow: [allow('iam:PutRolePolicy', ROLE)],
      },
    },
    fails: {
      'a creator may write policies of the roles with its tag, and of no others': {
        ...one(
          SCIENTIST,
          allow('iam:PutRolePolicy', '*', { StringEquals: { 'aws:ResourceTag/team': 'fraud' } }),
        ),
        tags: { team: 'fraud' },
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, `iam:PutRolePolicy on ${ROLE}`]] },
      },
      ...Object.fromEntries(
        Object.entries<[JsonObject | string, JsonObject?]>({
          'names the creator': [{ AWS: SCIENTIST }],
          'means the creator by a condition': ['*', { ArnLike: { 'aws:PrincipalArn': role('data-*') } }],
        }).map(([how, [Principal, Condition]]): [string, Stated & { told: object }] => [
          `a creator without permissions may change the policy of a bucket that ${how}`,
          {
            ...one(SCIENTIST),
            buckets: {
              'acme-raw': {
                Version: '2012-10-17',
                Statement: [{ ...allow('s3:PutBucketPolicy', RAW, Condition), Principal }],
              },
            },
            told: { evidence: [['policy of bucket acme-raw/Statement/0', 's3:PutBucketPolicy']] },
          },
        ]),
      ),
      'a creator may change the role anyway, and every role with MFA': {
        ...one(SCIENTIST, allow('iam:PutRolePolicy', ROLE), allow('iam:PutRolePolicy', '*', MFA)),
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, `iam:PutRolePolicy on ${ROLE}`]] },
      },
      'a creator may write its inline policies': {
        ...one(SCIENTIST, allow('iam:PutRolePolicy', role('pipelines/*'))),
        told: {
          evidence: [
            [`${SCIENTIST} own/Statement/0`, `${SCIENTIST}: statement 0 allows iam:PutRolePolicy on ${ROLE}`],
          ],
          remedy: `Take the calls on ${ROLE} from ${SCIENTIST}`,
          isMended: false,
        },
      },
      'a person who creates nothing may give it permissions, and pass it to SageMaker': {
        ...one(
          PERSON,
          allow('iam:AttachRolePolicy', role('pipelines/*')),
          allow('iam:PassRole', ROLE, { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } }),
        ),
        told: { evidence: [[`${PERSON} own/Statement/0`, 'iam:AttachRolePolicy']] },
      },
      'a creator may change its trust, and more': {
        ...one(SCIENTIST, allow(['iam:UpdateAssumeRolePolicy', 'iam:DeleteRolePolicy'], ROLE)),
        told: {
          evidence: [[`${SCIENTIST} own/Statement/0`, '; also iam:UpdateAssumeRolePolicy']],
        },
      },
      'a creator may lift its boundary': {
        ...one(SCIENTIST, allow('iam:DeleteRolePermissionsBoundary', ROLE)),
        boundary: [allow('s3:*')],
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 'iam:DeleteRolePermissionsBoundary']] },
      },
      'a creator may write a version of a policy that it has': {
        ...one(SCIENTIST, allow('iam:CreatePolicyVersion', OWN_POLICY)),
        attached: attachedOwn,
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, `iam:CreatePolicyVersion on ${OWN_POLICY}`]] },
      },
      'a creator may choose a version of a policy that it has': {
        ...one(SCIENTIST, allow('iam:SetDefaultPolicyVersion', '*')),
        attached: attachedOwn,
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 'iam:SetDefaultPolicyVersion']] },
      },
      'a creator may detach a policy that it has': {
        ...one(
          SCIENTIST,
          allow('iam:DetachRolePolicy', ROLE, { ArnEquals: { 'iam:PolicyARN': OWN_POLICY } }),
        ),
        attached: attachedOwn,
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 'iam:DetachRolePolicy']] },
      },
      'a creator may set a tag that its boundary asks about': {
        ...one(SCIENTIST, allow('iam:TagRole', ROLE)),
        boundary: [allow('s3:*', 'arn:aws:s3:::acme-${aws:PrincipalTag/team}/*')],
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 'iam:TagRole']] },
      },
      'a creator may change the policy of a bucket that it may not write': {
        ...one(SCIENTIST, allow('s3:PutBucketPolicy')),
        buckets: { 'acme-raw': null },
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 's3:PutBucketPolicy on arn:aws:s3:::acme-raw']] },
      },
      'a creator may change the policy of a bucket of which it may write some objects': {
        ...one(SCIENTIST, allow('s3:PutBucketPolicy'), allow('s3:PutObject', `${RAW}/any*`)),
        buckets: { 'acme-raw': null },
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, `s3:PutBucketPolicy on ${RAW}`]] },
      },
      'a creator may change the policy of a bucket, whose objects a Deny of its own takes': {
        ...one(SCIENTIST, allow('s3:*'), deny('s3:PutObject')),
        buckets: { 'acme-raw': null },
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, `s3:PutBucketPolicy on ${RAW}`]] },
      },
      'a creator may change the policy of a bucket over TLS 1.2': {
        ...one(SCIENTIST, allow('s3:PutBucketPolicy')),
        buckets: {
          'acme-raw': {
            Version: '2012-10-17',
            Statement: {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: 'arn:aws:s3:::acme-raw',
              Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
            },
          },
        },
        told: { evidence: [[`${SCIENTIST} own/Statement/0`, 's3:PutBucketPolicy on arn:aws:s3:::acme-raw']] },
      },
      'another role of pipelines may write its policies': {
        ...one(role('steps/train'), allow('iam:AttachRolePolicy', ROLE)),
        config: { roles: { steps: [role('steps/*')] } },
        told: { evidence: [[`${role('steps/train')} own/Statement/0`, 'iam:AttachRolePolicy']] },
      },
      'it may write its own policies within its boundary': {
        allow: [allow('iam:PutRolePolicy', ROLE)],
        boundary: [allow('iam:PutRolePolicy', ROLE), allow('s3:*')],
        told: { evidence: [[`${ROLE} own/Statement/0`, 'iam:PutRolePolicy']], isMended: true },
      },
      'one whom the configuration does not name': {
        ...one(DEPLOY, allow('iam:PutRolePolicy', role('pipelines/*'))),
        config: { roles: { administrators: [role('admin')] } },
        told: { evidence: [[`${DEPLOY} own/Statement/0`, 'iam:PutRolePolicy']] },
      },
    },
    warns: {
      'a role that deploys, without a list': {
        ...one(DEPLOY, allow('iam:PutRolePolicy', role('pipelines/*'))),
        told: {
          severity: 'LOW',
          evidence: [[`${DEPLOY} own/Statement/0`, 'iam:PutRolePolicy']],
          remedy: 'roles.administrators',
        },
      },
      'a role that deploys and passes the role as well': {
        ...one(DEPLOY, allow('iam:PutRolePolicy', role('pipelines/*')), allow('iam:PassRole', ROLE)),
        told: { severity: 'LOW', evidence: [[`${DEPLOY} own/Statement/0`, 'iam:PutRolePolicy']] },
      },
      'a person who may not pass it, and one who gives it nothing': {
        others: {
          [PERSON]: { allow: [allow('iam:PutRolePolicy', ROLE)], trust: PEOPLE },
          [`${PERSON}0`]: {
            allow: [allow('iam:DetachRolePolicy', ROLE), allow('iam:PassRole', ROLE)],
            trust: PEOPLE,
          },
        },
        attached: attachedOwn,
        told: {
          severity: 'LOW',
          evidence: [
            [`${PERSON} own/Statement/0`, 'iam:PutRolePolicy'],
            [`${PERSON}0 own/Statement/0`, 'iam:DetachRolePolicy'],
          ],
        },
      },
      'several roles that deploy are one finding': {
        others: {
          [DEPLOY]: { allow: [allow('iam:PutRolePolicy', role('pipelines/*'))], trust: PEOPLE },
          [role('ci')]: { allow: [allow('iam:TagRole'), allow('iam:AttachRolePolicy', ROLE)], trust: PEOPLE },
        },
        told: {
          severity: 'LOW',
          evidence: [
            [`${DEPLOY} own/Statement/0`, 'iam:PutRolePolicy'],
            [`${role('ci')} own/Statement/1`, 'iam:AttachRolePolicy'],
          ],
        },
      },
    },
    isNotAvailable: {
      'a creator may write its policies under a condition that nobody can answer': {
        ...one(SCIENTIST, allow('iam:PutRolePolicy', ROLE, { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })),
        told: { severity: 'MEDIUM', evidence: [[`${SCIENTIST} own/Statement/0`, 'aws:SourceVpc']] },
      },
      'a creator without permissions may change the policy of a bucket that names one of its sessions': {
        ...one(SCIENTIST),
        buckets: {
          'acme-raw': {
            Version: '2012-10-17',
            Statement: [
              {
                ...allow('s3:PutBucketPolicy', RAW),
                Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/data-scientist/x` },
              },
            ],
          },
        },
        told: {
          severity: 'MEDIUM',
          evidence: [['policy of bucket acme-raw/Statement/0', 's3:PutBucketPolicy']],
        },
      },
      'a creator may change the policy of a bucket in some networks': {
        ...oneUnder({ ...deny('s3:*'), ...OUTSIDE }, allow('s3:PutBucketPolicy', RAW)),
        buckets: { 'acme-raw': null },
        told: { severity: 'MEDIUM', evidence: [['Limits (r-abcd)/Statement/1', 'aws:SourceVpc']] },
      },
      'a creator may change the policy of a bucket, and write its objects with MFA': {
        ...one(SCIENTIST, allow('s3:PutBucketPolicy', RAW), allow('s3:PutObject', '*', MFA)),
        buckets: { 'acme-raw': null },
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${SCIENTIST} own/Statement/0`, 'whether it may write the objects anyway is not known'],
          ],
        },
      },
    },
    isNotApplicable: {
      'no pipeline uses it': { pipelines: {}, ...one(SCIENTIST, allow('iam:PutRolePolicy')) },
    },
  });
});
