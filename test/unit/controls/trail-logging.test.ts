import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/trail-logging.ts';
import type { Json } from '../../../shared/json/json.ts';
import { trailFact } from '../../../shared/reader/answers/trails.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { TrailFact } from '../../../shared/reader/reader.ts';
import { controlCases } from '../../support/builders/control-cases.ts';

const REGION = 'eu-west-1';
const arnOf = (name: string, region = REGION, account = '111122223333') =>
  `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;

type Described = {
  name?: string;
  region?: string;
  isMultiRegion?: boolean;
  isLogging?: boolean | 'denied';
  selectors?: Json | 'denied';
  more?: { [key: string]: Json };
  account?: string;
};

/** An organization's trail as its members see it: CloudTrail refuses them its selectors. */
const OF_ORGANIZATION = {
  account: '444455556666',
  region: 'us-east-1',
  selectors: 'denied',
  more: { IsOrganizationTrail: true, HasCustomEventSelectors: false },
} as const satisfies Described;

const BASIC: Json = { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] };
const basic = (more: { [key: string]: Json }): Json => ({
  EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true, ...more }],
});
const advanced = (...conditions: Json[]): Json => ({
  AdvancedEventSelectors: [
    { Name: 'all', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }, ...conditions] },
  ],
});
const denied = (call: string) => notRead(call, 'AccessDeniedException', 'not allowed');

const trail = ({
  name = 'audit',
  region = REGION,
  isMultiRegion = true,
  isLogging = true,
  selectors = BASIC,
  more = {},
  account,
}: Described): TrailFact => {
  const fact = trailFact(
    {
      TrailARN: arnOf(name, region, account),
      HomeRegion: region,
      IsMultiRegionTrail: isMultiRegion,
      ...more,
    },
    isLogging === 'denied' ? denied('GetTrailStatus') : found({ IsLogging: isLogging }),
    selectors === 'denied' ? denied('GetEventSelectors') : found(selectors),
  );
  if (!fact) throw new Error('the trail has no ARN');
  return fact;
};

type Case = { trails: Described[]; region?: string; partition?: string; unlisted?: string[] };

/** As an SCP does that denies all Regions but some. */
const unlistedIn = (region: string) => ({
  region,
  unread: { call: 'DescribeTrails', code: 'AccessDeniedException', message: 'explicit deny' },
});

const stopped = 'it is not logging';
const here = { name: 'here', isMultiRegion: false };
const virginia = { name: 'iam', region: 'us-east-1', isMultiRegion: false };

/** What is told of a trail that leaves out the events of all services but SageMaker's. */
const WITHOUT_THE_OTHERS = ['s3', 'ram', 'iam'].map((service): [string, string] => [
  arnOf('audit'),
  `of ${service}.amazonaws.com`,
]);

describe(control.id, () => {
  controlCases<Case>(control, {
    given: ({ trails, region = REGION, partition = 'aws', unlisted }) => ({
      facts: {
        trails: {
          scope: { account: '111122223333', region, partition },
          trails: trails.map(trail),
          ...(unlisted && { unlisted: unlisted.map(unlistedIn) }),
        },
      },
    }),
    passes: {
      'one trail of all Regions': { trails: [{}] },
      'only what writes': { trails: [{ selectors: basic({ ReadWriteType: 'WriteOnly' }) }] },
      'without the calls of KMS': {
        trails: [{ selectors: basic({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }) }],
      },
      'an advanced selector of all management events': { trails: [{ selectors: advanced() }] },
      'an advanced selector of what writes': {
        trails: [
          {
            selectors: advanced(
              { Field: 'readOnly', Equals: ['false'] },
              { Field: 'eventSource', NotEquals: ['kms.amazonaws.com', 'rdsdata.amazonaws.com'] },
              { Field: 'eventName', NotStartsWith: ['List', 'Describe'] },
            ),
          },
        ],
      },
      'a trail for each Region': { trails: [here, virginia] },
      'a stopped one beside one that logs': { trails: [{ name: 'old', isLogging: false }, {}] },
      'one that cannot be read beside one that logs': { trails: [{ name: 'x', isLogging: 'denied' }, {}] },
      'an organization’s trail that has no selectors of its own': { trails: [OF_ORGANIZATION] },
      'an organization’s trail whose selectors are refused, beside one that logs': {
        trails: [{ ...OF_ORGANIZATION, more: { IsOrganizationTrail: true } }, {}],
      },
      'one of all Regions, where the trails of us-east-1 may not be listed': {
        trails: [{}],
        unlisted: ['us-east-1'],
      },
      'the organization’s, where only us-east-1 lists it': {
        trails: [OF_ORGANIZATION],
        unlisted: [REGION],
      },
      'one trail in us-east-1 itself': { trails: [virginia], region: 'us-east-1' },
      'China, where IAM’s records arrive in cn-north-1': {
        trails: [{ ...here, region: 'cn-north-1' }],
        region: 'cn-north-1',
        partition: 'aws-cn',
      },
    },
    fails: {
      'no trail at all': {
        trails: [],
        told: {
          evidence: [
            ['DescribeTrails', 'no trail logs in eu-west-1'],
            ['DescribeTrails', 'no trail logs in eu-west-1'],
            ['DescribeTrails', 'no trail logs in eu-west-1'],
            ['DescribeTrails', 'no trail logs in us-east-1'],
          ],
          expected: 'sagemaker.amazonaws.com in eu-west-1',
          remedy: 'iam.amazonaws.com in us-east-1',
          isMended: false,
        },
      },
      'an organization’s trail that is stopped': {
        trails: [{ ...OF_ORGANIZATION, isLogging: false }],
        told: {
          evidence: [
            [arnOf('audit', 'us-east-1', '444455556666'), stopped],
            [arnOf('audit', 'us-east-1', '444455556666'), stopped],
            [arnOf('audit', 'us-east-1', '444455556666'), stopped],
            [arnOf('audit', 'us-east-1', '444455556666'), stopped],
          ],
          remedy: 'Ask account 444455556666 to start the logging of',
          isMended: false,
        },
      },
      'selectors that are read, whatever the trail says of them': {
        trails: [
          { selectors: basic({ ReadWriteType: 'ReadOnly' }), more: { HasCustomEventSelectors: false } },
        ],
        told: {
          evidence: [[arnOf('audit'), 'leave out CreatePipeline and'], ...WITHOUT_THE_OTHERS],
        },
      },
      'the only one is stopped': {
        trails: [{ isLogging: false }],
        told: {
          evidence: [
            [arnOf('audit'), stopped],
            [arnOf('audit'), stopped],
            [arnOf('audit'), stopped],
            [arnOf('audit'), stopped],
          ],
          patch: `aws cloudtrail start-logging --name ${arnOf('audit')} --region ${REGION}`,
        },
      },
      'read-only events': {
        trails: [{ selectors: basic({ ReadWriteType: 'ReadOnly' }) }],
        told: {
          evidence: [[arnOf('audit'), 'leave out CreatePipeline and'], ...WITHOUT_THE_OTHERS],
          isMended: false,
        },
      },
      'data events alone': {
        trails: [
          { selectors: basic({ IncludeManagementEvents: false }) },
          {
            name: 'data',
            selectors: {
              AdvancedEventSelectors: [
                {
                  FieldSelectors: [
                    { Field: 'eventCategory', Equals: ['Data'] },
                    { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
                  ],
                },
              ],
            },
          },
        ],
        told: {
          evidence: ['sagemaker', 's3', 'ram', 'iam'].flatMap((service): [string, string][] => [
            [arnOf('audit'), `of ${service}.amazonaws.com`],
            [arnOf('data'), `of ${service}.amazonaws.com`],
          ]),
        },
      },
      'an advanced selector that leaves SageMaker out': {
        trails: [{ selectors: advanced({ Field: 'eventSource', NotEquals: ['sagemaker.amazonaws.com'] }) }],
        told: { evidence: [[arnOf('audit'), 'leave out CreatePipeline']] },
      },
      'an advanced selector that leaves one call out': {
        trails: [{ selectors: advanced({ Field: 'eventName', NotEquals: ['UpdatePipeline'] }) }],
        told: { evidence: [[arnOf('audit'), 'leave out UpdatePipeline of sagemaker.amazonaws.com']] },
      },
      'what a role does is left out': {
        trails: [
          {
            selectors: advanced({
              Field: 'userIdentity.arn',
              NotStartsWith: ['arn:aws:sts::111122223333:assumed-role/ci'],
            }),
          },
        ],
        told: {
          evidence: [[arnOf('audit'), 'leave out CreatePipeline'], ...WITHOUT_THE_OTHERS],
        },
      },
      'only another Region': {
        trails: [{ ...here, region: 'us-west-2' }, virginia],
        told: {
          evidence: [
            ['DescribeTrails', 'no trail logs in eu-west-1'],
            ['DescribeTrails', 'no trail logs in eu-west-1'],
            ['DescribeTrails', 'no trail logs in eu-west-1'],
          ],
        },
      },
      'no trail in this Region, whatever is not told of another': {
        trails: [{ ...here, isLogging: false }],
        unlisted: ['us-east-1'],
        told: {
          evidence: [
            [arnOf('here'), stopped],
            [arnOf('here'), stopped],
            [arnOf('here'), stopped],
            ['DescribeTrails in us-east-1', 'AccessDeniedException: explicit deny'],
          ],
          expected: 'sagemaker.amazonaws.com in eu-west-1',
          remedy: 'Allow cloudtrail:DescribeTrails to whoever audits',
        },
      },
      'no trail in us-east-1, where it is not known either whether the calls of SageMaker are logged': {
        trails: [],
        unlisted: [REGION],
        told: {
          // Nothing is heard of pipelines if the trails that may not be listed do not log: the control’s own severity stands.
          evidence: [
            ['DescribeTrails', 'no trail logs in us-east-1'],
            [`DescribeTrails in ${REGION}`, 'AccessDeniedException: explicit deny'],
          ],
          expected: 'iam.amazonaws.com in us-east-1',
          remedy:
            '(iam.amazonaws.com in us-east-1). Selectors replace those that a trail has, so add to them. Allow cloudtrail:DescribeTrails to whoever audits',
          isMended: false,
        },
      },
      'no trail in us-east-1, where it is not known what this Region’s own trail logs': {
        trails: [{ ...here, selectors: 'denied' }],
        told: {
          evidence: [
            ['DescribeTrails', 'no trail logs in us-east-1'],
            [`GetEventSelectors of ${arnOf('here')}`, 'AccessDeniedException: not allowed'],
          ],
          remedy: 'Allow cloudtrail:GetEventSelectors to whoever audits',
        },
      },
      'only this Region, where no record of IAM arrives': {
        trails: [here],
        told: { severity: 'MEDIUM', evidence: [['DescribeTrails', 'no trail logs in us-east-1']] },
      },
    },
    isNotAvailable: {
      'whether it is logging': {
        trails: [{ isLogging: 'denied' }],
        told: {
          evidence: [[`GetTrailStatus of ${arnOf('audit')}`, 'AccessDeniedException: not allowed']],
          remedy: 'Allow cloudtrail:GetTrailStatus to whoever audits',
        },
      },
      'what it logs': {
        trails: [{ selectors: 'denied' }, { name: 'old', isLogging: false }],
        told: {
          evidence: [[`GetEventSelectors of ${arnOf('audit')}`, 'AccessDeniedException']],
          remedy: 'Allow cloudtrail:GetEventSelectors to whoever audits',
        },
      },
      'what it logs, and whether it is logging': {
        trails: [{ isLogging: 'denied', selectors: 'denied' }],
        told: {
          evidence: [
            [`GetTrailStatus of ${arnOf('audit')}`, 'AccessDeniedException'],
            [`GetEventSelectors of ${arnOf('audit')}`, 'AccessDeniedException'],
          ],
          remedy: 'Allow cloudtrail:GetTrailStatus, cloudtrail:GetEventSelectors to whoever audits',
        },
      },
      'what an organization’s trail with selectors of its own logs': {
        trails: [{ ...OF_ORGANIZATION, more: { IsOrganizationTrail: true, HasCustomEventSelectors: true } }],
        told: {
          evidence: [
            [
              `GetEventSelectors of ${arnOf('audit', 'us-east-1', '444455556666')}`,
              'AccessDeniedException: not allowed',
            ],
          ],
          remedy: 'ask account 444455556666',
        },
      },
      'what an organization’s trail logs that does not say whether it has selectors': {
        trails: [{ ...OF_ORGANIZATION, more: { IsOrganizationTrail: true } }],
        told: {
          evidence: [
            [`GetEventSelectors of ${arnOf('audit', 'us-east-1', '444455556666')}`, 'AccessDeniedException'],
          ],
          remedy: 'ask account 444455556666',
        },
      },
      'whether an organization’s trail is logging': {
        trails: [{ ...OF_ORGANIZATION, isLogging: 'denied' }],
        told: {
          evidence: [
            [`GetTrailStatus of ${arnOf('audit', 'us-east-1', '444455556666')}`, 'AccessDeniedException'],
          ],
          remedy: `ask account 444455556666, to which it belongs, whether \`aws cloudtrail get-trail-status --name ${arnOf('audit', 'us-east-1', '444455556666')}\` says IsLogging, or have`,
        },
      },
      'what the trails of us-east-1 log, as they may not be listed': {
        trails: [here],
        unlisted: ['us-east-1'],
        told: {
          severity: 'MEDIUM',
          evidence: [['DescribeTrails in us-east-1', 'AccessDeniedException: explicit deny']],
          remedy: 'Allow cloudtrail:DescribeTrails to whoever audits, and see that no Deny stands against it',
        },
      },
      'whether any trail logs, as those of this Region may not be listed': {
        trails: [virginia],
        unlisted: [REGION],
        told: { evidence: [[`DescribeTrails in ${REGION}`, 'AccessDeniedException: explicit deny']] },
      },
      'what the organization’s trail and one of this account log': {
        trails: [
          { ...OF_ORGANIZATION, more: { IsOrganizationTrail: true } },
          { name: 'own', isLogging: 'denied' },
        ],
        told: {
          evidence: [
            [`GetEventSelectors of ${arnOf('audit', 'us-east-1', '444455556666')}`, 'AccessDeniedException'],
            [`GetTrailStatus of ${arnOf('own')}`, 'AccessDeniedException'],
          ],
          remedy: 'Allow cloudtrail:GetTrailStatus to whoever audits',
        },
      },
      'what it logs, as the answer does not tell': {
        trails: [{ selectors: {} }],
        told: { evidence: [[`GetEventSelectors of ${arnOf('audit')}`, 'no selectors']] },
      },
    },
  });
});
