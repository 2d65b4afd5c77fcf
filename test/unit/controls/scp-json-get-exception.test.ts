import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/scp-json-get-exception.ts';
import type { Verdict } from '../../../shared/domain/finding.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { OrganizationPolicies } from '../../../shared/reader/reader.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  type ControlCases,
  controlCases,
  type Given,
  mended,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';
import {
  organizationFact,
  principalFacts,
  ROLE,
  rosterOf,
  type Stated,
} from '../../support/builders/principal-facts.ts';

const VPC = { 'aws:SourceVpc': 'vpc-1a2b3c4d' };
const EXCEPTED = { 'aws:PrincipalTag/pipelines-json-get': 'true' };
const TAG = { 'pipelines-json-get': 'true' };

/** A pipeline whose Condition reads the report of its step Evaluate. */
const reading = (bucket = 'acme-reports') => ({
  steps: [
    step(
      'Evaluate',
      'Processing',
      {
        ProcessingOutputConfig: {
          Outputs: [{ OutputName: 'report', S3Output: { S3Uri: `s3://${bucket}/fraud` } }],
        },
      },
      { PropertyFiles: [{ PropertyFileName: 'Report', OutputName: 'report', FilePath: 'evaluation.json' }] },
    ),
    step('Gate', 'Condition', {
      Conditions: [
        {
          Type: 'LessThanOrEqualTo',
          LeftValue: {
            'Std:JsonGet': { PropertyFile: { Get: 'Steps.Evaluate.PropertyFiles.Report' }, Path: 'mse' },
          },
          RightValue: 6,
        },
      ],
      IfSteps: [],
      ElseSteps: [],
    }),
  ],
});

/** A Condition that reads this file. */
const readingUri = (S3Uri: unknown) => ({
  steps: [
    step('Gate', 'Condition', {
      Conditions: [{ Type: 'Equals', LeftValue: { 'Std:JsonGet': { S3Uri, Path: 'ok' } }, RightValue: true }],
      IfSteps: [],
      ElseSteps: [],
    }),
  ],
});
const get = (Get: string) => ({ Get });
const join = (On: string, ...Values: unknown[]) => ({ 'Std:Join': { On, Values } });

/** Pipelines whose definition does not tell the bucket of the file, with the pattern of the files that it may be. */
const UNTOLD: Record<string, { steps: readonly object[]; pattern: string }> = {
  'a parameter without default': { ...readingUri(get('Parameters.Report')), pattern: 'arn:aws:s3:::*' },
  'a result of a step': { ...readingUri(get('Steps.Notify.Location')), pattern: 'arn:aws:s3:::*' },
  'a bucket that is a parameter': {
    ...readingUri(join('/', 's3:/', get('Parameters.Bucket'), 'reports/evaluation.json')),
    pattern: 'arn:aws:s3:::*/reports/evaluation.json',
  },
  'a bucket of which the beginning is told': {
    ...readingUri(join('', 's3://acme-', get('Parameters.Stage'), '/evaluation.json')),
    pattern: 'arn:aws:s3:::acme-*/evaluation.json',
  },
  'a folder that is a parameter': {
    ...readingUri(join('/', get('Parameters.Folder'), 'evaluation.json')),
    pattern: 'arn:aws:s3:::*/evaluation.json',
  },
  'a property file in a folder that is a parameter': {
    steps: [
      step(
        'Evaluate',
        'Processing',
        {
          ProcessingOutputConfig: {
            Outputs: [{ OutputName: 'report', S3Output: { S3Uri: get('Parameters.Folder') } }],
          },
        },
        {
          PropertyFiles: [{ PropertyFileName: 'Report', OutputName: 'report', FilePath: 'evaluation.json' }],
        },
      ),
      ...reading().steps.slice(1),
    ],
    pattern: 'arn:aws:s3:::*/evaluation.json',
  },
  'a property file of no step': { steps: reading().steps.slice(1), pattern: 'arn:aws:s3:::*' },
  'a text that is no URI of S3': {
    ...readingUri('https://example.com/report.json'),
    pattern: 'arn:aws:s3:::*',
  },
  'a URI without a key': { ...readingUri('s3://acme-reports'), pattern: 'arn:aws:s3:::*' },
};
const ANY_FILE = { 'fraud-daily': readingUri(get('Parameters.Report')) };

const deny = (Condition: object, more: object = {}): object => ({
  Effect: 'Deny',
  Action: 's3:*',
  Resource: '*',
  Condition,
  ...more,
});

const level = (target: string, ...statements: object[]): OrganizationPolicies['scps'][number] => ({
  target,
  policies: [
    {
      name: 'networks',
      document: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, ...statements],
      } as Json,
    },
  ],
});

const scps = (...levels: OrganizationPolicies['scps'][number][]): OrganizationPolicies => ({
  scps: levels,
  rcps: [],
});

/** The same under a name that Control Tower gives. */
const controlTower = (...statements: object[]): OrganizationPolicies => {
  const { policies, target } = level('r-a1b2', ...statements);
  return scps({ target, policies: policies.map((each) => ({ ...each, name: 'aws-guardrails-AbCdEf' })) });
};

const root = (...statements: object[]): OrganizationPolicies => scps(level('r-a1b2', ...statements));

/** The same with an RCP of one statement beside AWS’s own. */
const withRcp = (organization: OrganizationPolicies, statement: object): OrganizationPolicies => ({
  ...organization,
  rcps: [
    {
      target: 'r-a1b2',
      policies: [
        { name: 'perimeter', document: { Version: '2012-10-17', Statement: [statement] } as unknown as Json },
      ],
    },
  ],
});

/** The pipeline of `reading` whose report is encrypted with a key of the account. */
const encrypted = () => {
  const { steps } = JSON.parse(JSON.stringify(reading()));
  steps[0].Arguments.ProcessingOutputConfig.KmsKeyId =
    'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
  return { steps };
};

type Case = Stated & { of?: 'organization'; config?: Partial<Config> };

const given = ({ of, config = {}, ...stated }: Case): Given => {
  const { pipelines = { 'fraud-daily': reading() }, organization = root() } = stated;
  const facts = principalFacts({ ...stated, pipelines, organization });
  if (of === undefined) return { facts, config };
  const exceptionSubject = {
    of,
    organization: organizationFact(organization),
    roster: rosterOf({ pipelines }),
    account: '111122223333',
    readers: facts.exceptionSubject?.readers ?? [],
  };
  return { facts: { exceptionSubject }, config };
};

const EVIDENCE: [string, string] = [
  'networks (r-a1b2)/Statement/1',
  'denies s3:GetObject on arn:aws:s3:::acme-reports/fraud/evaluation.json',
];
const CONFIG = { scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' } };

const fails = {
  'the role lacks the tag that the SCP excepts': {
    organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
    told: {
      evidence: [EVIDENCE],
      expected:
        'the tag pipelines-json-get=true, for the JsonGet of step Gate (/Steps/1) of pipeline fraud-daily',
      patch: "aws iam tag-role --role-name fraud --tags 'Key=pipelines-json-get,Value=true'",
    },
  },
  'a role that roles.creators names, whose people the tag would free as well': {
    organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
    config: { roles: { creators: [ROLE] } },
    told: {
      evidence: [EVIDENCE],
      remedy: `The configuration names ${ROLE} in roles.creators, so that people work under it as well, and the tag would lift the SCP for all that they do. Give the pipelines an execution role of their own, under which nobody else works, and put the tag pipelines-json-get=true onto that one. The command tags ${ROLE} itself: run it only if`,
      patch: "aws iam tag-role --role-name fraud --tags 'Key=pipelines-json-get,Value=true'",
    },
  },
  'the tag has another value': {
    organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
    tags: { 'pipelines-json-get': 'false' },
    told: { evidence: [EVIDENCE] },
  },
  'operators with IfExists, which deny as well where there is no VPC': {
    organization: root(deny({ StringNotEqualsIfExists: { ...VPC, ...EXCEPTED } })),
    told: { evidence: [EVIDENCE] },
  },
  NotAction: {
    organization: root(
      deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }, { Action: undefined, NotAction: 'iam:*' }),
    ),
    told: { evidence: [EVIDENCE] },
  },
  'NotResource that leaves out another bucket': {
    organization: root(
      deny(
        { StringNotEquals: { ...VPC, ...EXCEPTED } },
        { Resource: undefined, NotResource: 'arn:aws:s3:::acme-public/*' },
      ),
    ),
    told: { evidence: [EVIDENCE] },
  },
  'VPC endpoints': {
    organization: root(deny({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d', ...EXCEPTED } })),
    told: { evidence: [EVIDENCE] },
  },
  'no VPC endpoint at all': {
    organization: root(deny({ Null: { 'aws:SourceVpce': 'true' }, StringNotEquals: EXCEPTED })),
    told: { evidence: [EVIDENCE] },
  },
  'addresses within the VPC': {
    organization: root(
      deny({ NotIpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' }, StringNotEquals: EXCEPTED }),
    ),
    told: { evidence: [EVIDENCE] },
  },
  'addresses of the office': {
    organization: root(
      deny({ NotIpAddressIfExists: { 'aws:SourceIp': '192.0.2.0/24' }, StringNotEquals: EXCEPTED }),
    ),
    told: { evidence: [EVIDENCE] },
  },
  'an SCP further down than the root': {
    organization: scps(
      level('r-a1b2'),
      level('ou-a1b2-11111111', deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
    ),
    told: { evidence: [['networks (ou-a1b2-11111111)/Statement/1', 'denies s3:GetObject']] },
  },
  'a second Deny that excepts by a pattern of values': {
    organization: root(
      deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }),
      deny({ StringNotEquals: VPC, StringNotLike: { 'aws:PrincipalTag/pipelines-json-get': 't*' } }),
    ),
    config: CONFIG,
    told: { evidence: [EVIDENCE] },
  },
  'the tag of the configuration among those that the SCP excepts': {
    organization: root(
      deny({
        StringNotEquals: { ...VPC, ...EXCEPTED, 'aws:PrincipalTag/break-glass': 'yes' },
      }),
    ),
    config: CONFIG,
    told: { evidence: [EVIDENCE], expected: 'the tag pipelines-json-get=true' },
  },
} satisfies ControlCases<Case>['fails'];

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'the role carries the tag': {
        organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
        tags: TAG,
      },
      'no SCP that hangs on the network': {
        organization: root(deny({ Bool: { 'aws:SecureTransport': 'false' } })),
      },
      'an SCP about writing': {
        organization: root(deny({ StringNotEquals: VPC }, { Action: 's3:Put*' })),
      },
      'an SCP about another bucket': {
        organization: root(deny({ StringNotEquals: VPC }, { Resource: 'arn:aws:s3:::acme-data/*' })),
      },
      'an SCP that denies one network alone': { organization: root(deny({ StringEquals: VPC })) },
      'an exception by the role’s ARN': {
        organization: root(
          deny({
            StringNotEquals: VPC,
            ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/pipelines/*' },
          }),
        ),
      },
      'another tag of the role, which the SCP excepts as well': {
        organization: root(
          deny({ StringNotEquals: { ...VPC, ...EXCEPTED, 'aws:PrincipalTag/break-glass': 'yes' } }),
        ),
        tags: { 'break-glass': 'yes' },
        config: CONFIG,
      },
      'a file that is not told, where the role carries the tag': {
        pipelines: ANY_FILE,
        organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
        tags: TAG,
      },
      'a file that is not told, where no SCP keeps reading to networks': {
        pipelines: ANY_FILE,
        organization: root(deny({ StringNotEquals: VPC }, { Action: 's3:Put*' })),
      },
      'a file in a bucket of which the beginning is told, and an SCP about others': {
        pipelines: { 'fraud-daily': UNTOLD['a bucket of which the beginning is told'] ?? reading() },
        organization: root(deny({ StringNotEquals: VPC }, { Resource: 'arn:aws:s3:::payroll-*/*' })),
      },
      'a key of an encrypted file, which is no file of S3': {
        pipelines: { 'fraud-daily': encrypted() },
        organization: root(
          deny({ StringNotEquals: VPC }, { Resource: undefined, NotResource: 'arn:aws:s3:::acme-reports/*' }),
        ),
      },
      'the management account, which no SCP limits': {
        organization: {
          ...root(deny({ StringNotEquals: VPC })),
          managementAccount: '111122223333',
        },
      },
      'the organization, where a tag lets roles through': {
        of: 'organization',
        organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
      },
      'the organization, where nothing hangs on the network': { of: 'organization' },
    },
    fails: {
      ...mended(fails),
      ...Object.fromEntries(
        Object.entries(UNTOLD).map(([title, { steps, pattern }]) => [
          `a file that is not told, whichever it is: ${title}`,
          {
            pipelines: { 'fraud-daily': { steps } },
            organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
            told: {
              evidence: [
                [
                  'networks (r-a1b2)/Statement/1',
                  `denies s3:GetObject on whichever file it is (${pattern})`,
                ] as [string, string],
              ],
              expected: 'the tag pipelines-json-get=true, for the JsonGet of step Gate',
              isMended: true,
            },
          },
        ]),
      ),
      'a file that is not told, and an SCP about the files of all buckets': {
        pipelines: ANY_FILE,
        organization: root(
          deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }, { Resource: 'arn:aws:s3:::*/*' }),
        ),
        told: { evidence: [[EVIDENCE[0], 'whichever file it is (arn:aws:s3:::*)']], isMended: true },
      },
      'a file that is not told, which one of two Denies denies whichever it is': {
        pipelines: ANY_FILE,
        organization: root(
          deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }, { Resource: 'arn:aws:s3:::acme-*/*' }),
          deny(
            { StringNotEquals: { ...VPC, ...EXCEPTED } },
            { Resource: undefined, NotResource: 'arn:aws:s3:::acme-*/*' },
          ),
        ),
        told: { evidence: [['networks (r-a1b2)/Statement/1', 'whichever file it is']], isMended: true },
      },
      'a file that is not told beside one that is': {
        pipelines: {
          'fraud-daily': reading('acme-public'),
          'fraud-weekly': UNTOLD['a bucket that is a parameter'] ?? reading(),
        },
        organization: root(
          deny(
            { StringNotEquals: { ...VPC, ...EXCEPTED } },
            { Resource: undefined, NotResource: 'arn:aws:s3:::acme-public/fraud/evaluation.json' },
          ),
        ),
        told: {
          evidence: [[EVIDENCE[0], 'whichever file it is (arn:aws:s3:::*/reports/evaluation.json)']],
          expected: 'pipeline fraud-weekly',
          isMended: true,
        },
      },
      'a file that is not told, and an SCP that excepts nobody': {
        of: 'organization',
        pipelines: ANY_FILE,
        organization: root(deny({ StringNotEquals: VPC })),
        told: { evidence: [[EVIDENCE[0], 'whichever file it is']], expected: `for ${ROLE}` },
      },
      'the tag excepts from further statements of SCPs and RCPs': {
        organization: withRcp(
          root(
            deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }),
            deny({ StringNotEqualsIfExists: EXCEPTED }, { Sid: 'KeepTrails', Action: 'cloudtrail:*' }),
            deny(
              { StringNotLike: { 'aws:principaltag/Pipelines-JSON-Get': 't*' } },
              { Action: undefined, NotAction: 'iam:*' },
            ),
            deny({ StringEquals: EXCEPTED }, { Sid: 'NoLogs', Action: 'logs:Delete*' }),
            deny({ StringNotEquals: { 'aws:PrincipalTag/other': 'true' } }, { Action: 'ec2:*' }),
            deny(
              { StringNotEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/pipelines-json-get}' } },
              { Sid: 'OwnTeam', Action: ['glue:*', 'athena:*'] },
            ),
            deny({ Null: { 'aws:PrincipalTag/pipelines-json-get': 'true' } }, { Action: 'sqs:*' }),
            deny(
              { StringNotEquals: { 'aws:PrincipalTag/pipelines-json-get': 'admin' } },
              { Action: 'sns:*' },
            ),
          ),
          deny({ StringNotEquals: EXCEPTED }, { Sid: 'OwnKeys', Action: 'kms:Decrypt', Principal: '*' }),
        ),
        told: {
          evidence: [
            EVIDENCE,
            [
              'networks (r-a1b2)/Statement/2',
              'statement KeepTrails excepts roles with the tag pipelines-json-get=true as well: Deny of cloudtrail:*',
            ],
            [
              'networks (r-a1b2)/Statement/3',
              'excepts roles with the tag pipelines-json-get=true as well: Deny of everything but iam:*',
            ],
            [
              'networks (r-a1b2)/Statement/4',
              'statement NoLogs is for roles with the tag pipelines-json-get=true alone: Deny of logs:Delete*',
            ],
            [
              'networks (r-a1b2)/Statement/6',
              'statement OwnTeam reads the value of the tag pipelines-json-get=true: Deny of glue:*, athena:*',
            ],
            ['networks (r-a1b2)/Statement/7', 'excepts roles with the tag pipelines-json-get=true as well'],
            ['perimeter (r-a1b2)/Statement/0', 'statement OwnKeys excepts roles with the tag'],
          ],
          isMended: true,
        },
      },
      'the organization’s own exception is missing, and the tag of the configuration excepts from another statement':
        {
          of: 'organization',
          config: CONFIG,
          organization: root(
            deny({ StringNotEquals: VPC }),
            deny({ StringNotEquals: EXCEPTED }, { Sid: 'KeepTrails', Action: 'cloudtrail:*' }),
          ),
          told: {
            evidence: [
              EVIDENCE,
              ['networks (r-a1b2)/Statement/2', 'statement KeepTrails excepts roles with the tag'],
            ],
          },
        },
      'the SCP excepts nobody': {
        of: 'organization',
        organization: root(deny({ StringNotEquals: VPC })),
        told: {
          evidence: [EVIDENCE],
          expected: `an exception by aws:PrincipalTag for ${ROLE}, for the JsonGet of step Gate`,
          remedy: 'for a tag of the execution roles into the SCP networks (r-a1b2)',
        },
      },
      'the SCP is one of Control Tower, which nobody else should change': {
        of: 'organization',
        config: CONFIG,
        organization: controlTower(deny({ StringNotEquals: VPC })),
        told: {
          evidence: [['aws-guardrails-AbCdEf (r-a1b2)/Statement/1', 's3:GetObject']],
          remedy: 'Control Tower owns the SCP aws-guardrails-AbCdEf (r-a1b2)',
          isMended: false,
        },
      },
      'the SCP excepts another tag than that of the configuration, which roles do not carry': {
        of: 'organization',
        config: CONFIG,
        organization: root(deny({ StringNotEquals: { ...VPC, 'aws:PrincipalTag/break-glass': 'yes' } })),
        told: { evidence: [EVIDENCE], expected: 'aws:PrincipalTag/pipelines-json-get' },
      },
      'two Denies of which no tag is excepted by both': {
        of: 'organization',
        organization: root(
          deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }),
          deny({ StringNotEquals: { ...VPC, 'aws:PrincipalTag/break-glass': 'yes' } }),
        ),
        told: { evidence: [EVIDENCE] },
      },
      'the SCP excepts by any one of two conditions, and needs both': {
        of: 'organization',
        config: CONFIG,
        organization: root(
          deny({ StringNotEquals: VPC, StringEquals: EXCEPTED }),
          deny({ StringNotEquals: VPC }),
        ),
        told: { evidence: [EVIDENCE] },
      },
      'the SCP denies the tag, and excepts whoever lacks it': {
        of: 'organization',
        config: CONFIG,
        organization: root(deny({ StringNotEquals: VPC, StringEquals: EXCEPTED })),
        told: {
          evidence: [EVIDENCE],
          remedy: 'into the SCP networks (r-a1b2)',
          patch: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: '*', Resource: '*' },
              deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }),
            ],
          }),
        },
      },
      'each role that reads, once': {
        of: 'organization',
        organization: root(deny({ StringNotEquals: VPC })),
        pipelines: {
          'fraud-daily': reading(),
          'fraud-weekly': reading(),
          churn: { ...reading('acme-churn'), roleArn: 'arn:aws:iam::111122223333:role/churn' },
        },
        told: {
          evidence: [EVIDENCE, ['networks (r-a1b2)/Statement/1', 'acme-churn/fraud/evaluation.json']],
          expected: 'of pipeline fraud-daily, step Gate (/Steps/1) of pipeline fraud-weekly',
        },
      },
    },
    isNotAvailable: {
      'a file that is not told, and an SCP about one bucket': {
        pipelines: ANY_FILE,
        organization: root(
          deny({ StringNotEquals: { ...VPC, ...EXCEPTED } }, { Resource: 'arn:aws:s3:::acme-data/*' }),
        ),
        told: {
          evidence: [
            [EVIDENCE[0], 'denies s3:GetObject on some of arn:aws:s3:::*, and only a run tells which file'],
          ],
          expected: 'for the JsonGet of step Gate (/Steps/0) of pipeline fraud-daily',
          remedy: 'give the parameters that the file hangs on a default',
        },
      },
      'a file that is not told, and NotResource': {
        pipelines: { 'fraud-daily': UNTOLD['a bucket that is a parameter'] ?? reading() },
        organization: root(
          deny(
            { StringNotEquals: { ...VPC, ...EXCEPTED } },
            { Resource: undefined, NotResource: 'arn:aws:s3:::acme-public/*' },
          ),
        ),
        told: { evidence: [[EVIDENCE[0], 'some of arn:aws:s3:::*/reports/evaluation.json']] },
      },
      'a key that is not told, in a bucket that is': {
        pipelines: { 'fraud-daily': readingUri(join('/', 's3://acme-reports', get('Parameters.Key'))) },
        organization: root(
          deny(
            { StringNotEquals: { ...VPC, ...EXCEPTED } },
            { Resource: 'arn:aws:s3:::acme-reports/fraud/*' },
          ),
        ),
        told: { evidence: [[EVIDENCE[0], 'some of arn:aws:s3:::acme-reports/*']] },
      },
      'the organization, for a file that is not told': {
        of: 'organization',
        pipelines: ANY_FILE,
        organization: root(deny({ StringNotEquals: VPC }, { Resource: 'arn:aws:s3:::acme-data/*' })),
        told: { evidence: [[EVIDENCE[0], 'some of arn:aws:s3:::*']] },
      },
      'a condition on what is not known of the role': {
        organization: root(deny({ StringNotEquals: { ...VPC, 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })),
        tags: TAG,
        told: { evidence: [['networks (r-a1b2)/Statement/1', 'aws:PrincipalOrgID']] },
      },
    },
    isNotApplicable: {
      'no pipeline under the role uses JsonGet': {
        organization: root(deny({ StringNotEquals: VPC })),
        pipelines: { 'fraud-daily': { steps: [step('Train', 'Training')] } },
      },
      'no tag would let the role through': { organization: root(deny({ StringNotEquals: VPC })) },
      'an organization without JsonGet': {
        of: 'organization',
        organization: root(deny({ StringNotEquals: VPC })),
        pipelines: {},
      },
    },
  });

  describe('a guard of the tag', () => {
    const GUARD = 'guard of the tag';
    const guard = (operator = 'ForAnyValue:StringEquals', key = 'pipelines-json-get') => ({
      Effect: 'Deny',
      Action: ['iam:TagRole', 'iam:CreateRole'],
      Resource: '*',
      Condition: { [operator]: { 'aws:TagKeys': key } },
    });
    const EXCEPTING = deny({ StringNotEquals: { ...VPC, ...EXCEPTED } });
    const GUARDED = { organization: root(EXCEPTING, guard()), config: CONFIG };
    const judged = (stated: Case) => verdictsOf(control, given(stated));
    /** Whether open verdicts tell that the tag’s key in other letters passes the guard. */
    const tells = (verdicts: readonly Verdict[]): boolean =>
      verdicts.some(
        (verdict) =>
          'evidence' in verdict && verdict.evidence.some(({ found }) => found.includes('PIPELINES-JSON-GET')),
      );

    test.each<[title: string, operator: string, key: string, isTold: boolean]>([
      ['one spelling alone', 'ForAnyValue:StringEquals', 'pipelines-json-get', true],
      ['one spelling of it, which is another', 'ForAnyValue:StringEquals', 'Pipelines-JSON-get', true],
      ['the key in any letters', 'ForAnyValue:StringEqualsIgnoreCase', 'pipelines-json-get', false],
      ['another key', 'ForAnyValue:StringEquals', 'team', false],
    ])('that denies %s is told of a role that carries the tag', (_, operator, key, isTold) => {
      const organization = root(EXCEPTING, guard(operator, key));
      const verdicts = judged({ organization, tags: TAG, config: CONFIG });
      expect(verdicts).toEqual([
        { status: 'PASSED' },
        ...(isTold
          ? [
              {
                status: 'WARNING',
                severity: 'MEDIUM',
                subject: GUARD,
                evidence: [expect.objectContaining({ at: 'networks (r-a1b2)/Statement/2' })],
                remediation: {
                  text: expect.stringMatching(/^Close the guard of the tag: write .*\/Statement\/2/),
                },
              },
            ]
          : []),
      ]);
      expect(tells(verdicts)).toBe(isTold);
    });

    test('is told within the finding on a role that lacks the tag, with what to do first', () => {
      const verdicts = judged(GUARDED);
      expect(verdicts).toEqual([
        {
          status: 'FAILED',
          evidence: [
            expect.objectContaining({ at: 'networks (r-a1b2)/Statement/1' }),
            expect.objectContaining({ at: 'networks (r-a1b2)/Statement/2' }),
          ],
          remediation: expect.objectContaining({
            text: expect.stringMatching(
              /^Close the guard of the tag first: write .* Put the tag pipelines-json-get=true /,
            ),
            patch: expect.stringContaining('aws iam tag-role'),
          }),
        },
      ]);
      expect(tells(verdicts)).toBe(true);
    });

    const ANOTHER = 'arn:aws:iam::111122223333:role/another';
    const TWO = { 'fraud-daily': reading(), another: { ...reading(), roleArn: ANOTHER } };
    const two = { pipelines: TWO, others: { [ANOTHER]: { tags: TAG } } };
    const suppressing = (resource: string, id = control.id) => ({
      config: {
        ...CONFIG,
        suppressions: [{ control: id, resource, reason: 'it is retired', expires: '2026-12-31' }],
      },
    });
    const unknowable = deny({ StringNotEquals: { ...VPC, 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } });
    const NOT_TOLD = (teller: string) => ({
      status: 'NOT_APPLICABLE',
      subject: GUARD,
      because: `told with the finding on ${teller}`,
    });

    test.each<[title: string, stated: Case, teller: 'role' | 'another' | 'organization']>([
      ['the role lacks the tag', {}, 'role'],
      ['the role has another value of the tag', { tags: { 'pipelines-json-get': 'no' } }, 'role'],
      ['the role lacks the tag, and its file is not told', { pipelines: ANY_FILE }, 'role'],
      ['the role carries the tag', { tags: TAG }, 'role'],
      [
        'no tag would let the role through',
        { organization: root(deny({ StringNotEquals: VPC }), guard()) },
        'role',
      ],
      [
        'nobody knows what the SCP says of the role',
        { organization: root(unknowable, guard()), tags: TAG },
        'role',
      ],
      ['a role before it reads as well', { ...two, tags: TAG }, 'another'],
      [
        'the finding on the role before it is suppressed',
        { ...two, tags: TAG, ...suppressing(ANOTHER) },
        'role',
      ],
      [
        'a suppression is about another control',
        { tags: TAG, ...suppressing(ROLE, 'step-isolation') },
        'role',
      ],
      [
        'the findings on all roles are suppressed',
        { ...two, tags: TAG, ...suppressing('arn:aws:iam::111122223333:ROLE/*') },
        'organization',
      ],
      ['no pipeline reads for JsonGet', { pipelines: {} }, 'organization'],
    ])('is told once where %s', (_, stated, teller) => {
      const about = { ...GUARDED, ...stated };
      const [role, organization] = [judged(about), judged({ ...about, of: 'organization' })];
      expect([tells(role), tells(organization)]).toEqual([teller === 'role', teller === 'organization']);
      const names = { role: ROLE, another: ANOTHER, organization: 'the organization' };
      if (teller !== 'organization') expect(organization).toContainEqual(NOT_TOLD(names[teller]));
      if (teller !== 'role' && stated.pipelines !== undefined && Object.keys(stated.pipelines).length > 0)
        expect(role).toContainEqual(NOT_TOLD(names[teller]));
    });
  });

  test('its new content of the SCP lets the tag through', () => {
    const organization = root(deny({ StringNotEquals: VPC }));
    const [verdict] = verdictsOf(control, given({ of: 'organization', organization, config: CONFIG }));
    const patch = verdict && 'remediation' in verdict ? verdict.remediation.patch : undefined;
    const document = JSON.parse(patch ?? 'null');
    const after = scps({ target: 'r-a1b2', policies: [{ name: 'networks', document }] });
    const statusOf = (stated: Case) =>
      verdictsOf(control, given({ ...stated, organization: after, config: CONFIG })).map(
        ({ status }) => status,
      );
    expect(statusOf({ of: 'organization' })).toEqual(['PASSED']);
    expect(statusOf({ tags: TAG })).toEqual(['PASSED']);
    expect(statusOf({})).toEqual(['FAILED']);
  });

  test('gives no content where two SCPs would have to be changed', () => {
    const of = deny({ StringNotEquals: VPC });
    const organization = scps(level('r-a1b2', of), level('ou-a1b2-11111111', of));
    const [verdict] = verdictsOf(control, given({ of: 'organization', organization, config: CONFIG }));
    expect(verdict).toMatchObject({
      status: 'FAILED',
      remediation: { text: expect.stringContaining('r-a1b2') },
    });
    expect(verdict).not.toHaveProperty('remediation.patch');
  });

  describeCases('policies/scp', 'the network perimeter of AWS samples', (folder) => {
    const perimeter = (): OrganizationPolicies => {
      const file =
        'aws-samples+data-perimeter-policy-examples__service_control_policies__network_perimeter_sourcevpc_scp.json';
      const text = readFileSync(`${folder}/${file}`, 'utf8')
        .replaceAll('<my-corporate-cidr>', '192.0.2.0/24')
        .replaceAll(/<my-vpc[^>]*>/g, 'vpc-1a2b3c4d');
      const document = JSON.parse(text);
      return scps(level('r-a1b2'), { target: 'account', policies: [{ name: 'perimeter', document }] });
    };
    test.each<[string, Record<string, string>, string]>([
      ['a role outside the perimeter', {}, 'PASSED'],
      ['a role within it', { 'dp:include:network': 'true' }, 'FAILED'],
      [
        'a role within it that is excepted',
        { 'dp:include:network': 'true', 'dp:exclude:network': 'true' },
        'PASSED',
      ],
    ])('%s', (_, tags, status) => {
      const verdicts = verdictsOf(control, given({ tags, organization: perimeter() }));
      expect(verdicts.map((verdict) => verdict.status)).toEqual([status]);
      const [verdict] = verdicts;
      if (verdict?.status === 'FAILED')
        expect(verdict.remediation.patch).toContain('Key=dp:exclude:network,Value=true');
    });
  });

  describeCases('pipelines/generated', 'a pipeline of the SDK with JsonGet', (folder) => {
    test('reads under its execution role', () => {
      const { Steps } = JSON.parse(readFileSync(`${folder}/02_abalone_prefix_steproles.json`, 'utf8'));
      const stated = {
        organization: root(deny({ StringNotEquals: { ...VPC, ...EXCEPTED } })),
        pipelines: { abalone: { steps: Steps } },
      };
      const statusOf = (more: Case) =>
        verdictsOf(control, given({ ...stated, ...more })).map(({ status }) => status);
      expect(statusOf({})).toEqual(['FAILED']);
      expect(statusOf({ tags: TAG })).toEqual(['PASSED']);
      expect(statusOf({ arn: 'arn:aws:iam::123456789012:role/ProcRole' })).toEqual(['NOT_APPLICABLE']);
    });
  });
});
