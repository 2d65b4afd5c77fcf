import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/json-get-access.ts';
import { unreadLayer } from '../../../shared/facts/account-evidence.ts';
import type { Json } from '../../../shared/json/json.ts';
import { casesFolder, describeCases } from '../../support/builders/cases.ts';
import { condition, controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  scpsOf,
} from '../../support/builders/principal-facts.ts';

const BUCKET = 'acme-reports';
const object = (key: string, bucket = BUCKET) => `arn:aws:s3:::${bucket}/${key}`;
const FILE = object('evaluation/metrics.json');
const OWN = `${ROLE} own`;

const s3 = (Effect: string, Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect,
  Action,
  Resource,
  ...more,
});
const allow = (Resource: string | string[] = '*', more: object = {}) =>
  s3('Allow', 's3:GetObject', Resource, more);
const deny = (Resource: string, more: object = {}) => s3('Deny', 's3:*', Resource, more);
const unless = (key: string, value: unknown, operator = 'StringNotEquals') => ({
  Condition: { [operator]: { [key]: value } },
});

const policyOf = (...Statement: object[]): Json => ({ Version: '2012-10-17', Statement }) as unknown as Json;

const policy = (...statements: object[]): Json =>
  ({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Principal: '*', ...statement })),
  }) as unknown as Json;

/** A processing step with a property file, and a condition that reads it. */
const evaluate = (S3Uri: unknown = `s3://${BUCKET}/evaluation`) =>
  step(
    'Evaluate',
    'Processing',
    { ProcessingOutputConfig: { Outputs: [{ OutputName: 'report', S3Output: { S3Uri } }] } },
    {
      PropertyFiles: [{ PropertyFileName: 'metrics', OutputName: 'report', FilePath: 'metrics.json' }],
    },
  );
const jsonGet = (get: object) => ({ 'Std:JsonGet': { Path: 'auc', ...get } });
const READ = jsonGet({ PropertyFile: { Get: 'Steps.Evaluate.PropertyFiles.metrics' } });
const decide = (LeftValue: object, more: object[] = []) =>
  step('IsGood', 'Condition', {
    Conditions: [{ Type: 'GreaterThan', LeftValue, RightValue: 0.9 }],
    IfSteps: more,
    ElseSteps: [],
  });
const running = (...steps: object[]) => ({ 'fraud-daily': { steps } });
const OUTPUT = { Get: "Steps.Evaluate.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri" };
const BELOW_OUTPUT = running(
  evaluate(),
  decide(jsonGet({ S3Uri: { 'Std:Join': { On: '/', Values: [OUTPUT, 'metrics.json'] } } })),
);
const ANY_FILE = running(decide(jsonGet({ S3Uri: { Get: 'Parameters.Report' } })));
const FROM_URI = running(decide(jsonGet({ S3Uri: `s3://${BUCKET}/x/y.json` })));

type Case = Stated & { isBucketUnread?: true };

describe(control.id, () => {
  controlCases<Case>(control, {
    given: ({ pipelines = running(evaluate(), decide(READ)), isBucketUnread, ...stated }) => {
      const facts = principalFacts({ pipelines, ...stated });
      if (!isBucketUnread) return { facts };
      const unread = { call: 'GetBucketPolicy', code: 'AccessDenied', message: 'no' };
      const buckets = new Map([[BUCKET, unreadLayer(`policy of bucket ${BUCKET}`, 'resource', unread)]]);
      return { facts: { ...facts, resourcePolicies: { buckets, keys: new Map() } } };
    },
    passes: {
      'the file by its ARN': { allow: [allow(FILE)] },
      'all files of the bucket': { allow: [allow(object('*'))] },
      'every read (NotAction)': { allow: [{ Effect: 'Allow', NotAction: 's3:Put*', Resource: '*' }] },
      'a bucket without policy': { allow: [allow(FILE)], buckets: { [BUCKET]: null } },
      'the bucket’s policy alone, of the same account': {
        buckets: { [BUCKET]: policy({ ...allow(object('*')), Principal: { AWS: ROLE } }) },
      },
      'the file of an S3Uri': { pipelines: FROM_URI, allow: [allow(object('x/y.json'))] },
      'the file of an S3Uri below another step’s output': { pipelines: BELOW_OUTPUT, allow: [allow(FILE)] },
      'an output that goes where another step’s does': {
        pipelines: running(
          evaluate(),
          step(
            'Again',
            'Processing',
            { ProcessingOutputConfig: { Outputs: [{ OutputName: 'more', S3Output: { S3Uri: OUTPUT } }] } },
            {
              PropertyFiles: [{ PropertyFileName: 'metrics', OutputName: 'more', FilePath: 'metrics.json' }],
            },
          ),
          decide(jsonGet({ PropertyFile: { Get: 'Steps.Again.PropertyFiles.metrics' } })),
        ),
        allow: [allow(FILE)],
      },
      'an output with a slash at its end': {
        pipelines: running(evaluate(`s3://${BUCKET}/evaluation/`), decide(READ)),
        allow: [allow(FILE)],
      },
      'a name of which an execution tells a part, in a bucket that is known': {
        pipelines: running(
          evaluate({
            'Std:Join': {
              On: '/',
              Values: [`s3://${BUCKET}`, { Get: 'Execution.PipelineExecutionId' }, 'out'],
            },
          }),
          decide(READ),
        ),
        allow: [allow(object('*/out/metrics.json'))],
      },
      'a Deny that excepts the role': {
        allow: [allow()],
        buckets: {
          [BUCKET]: policy(
            deny('*', {
              Condition: {
                StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' },
                ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/pipelines/*' },
              },
            }),
          ),
        },
      },
      'a Deny of what does not come by TLS': {
        allow: [allow()],
        buckets: {
          [BUCKET]: policy(deny('*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
        },
      },
      'a Deny of other files': {
        allow: [allow()],
        buckets: { [BUCKET]: policy(deny(object('secret/*'))) },
      },
      'an SCP that keeps S3 to a VPC, which scp-json-get-exception judges': {
        allow: [allow()],
        organization: scpsOf(deny('*', unless('aws:SourceVpc', 'vpc-1a2b3c4d'))),
      },
      'a Deny that holds inside a VPC alone': {
        allow: [allow()],
        buckets: { [BUCKET]: policy(deny('*', { Condition: { Null: { 'aws:SourceVpce': 'false' } } })) },
      },
      'a boundary that allows it': { allow: [allow()], boundary: [allow(object('*'))] },
    },
    fails: {
      'no permission': {
        told: {
          evidence: [['identity policies', `nothing there allows s3:GetObject on ${FILE}`]],
          expected: `allowed: s3:GetObject on ${FILE}, for step IsGood (/Steps/1) of pipeline fraud-daily`,
          remedy: 'read the files of JsonGet',
          isMended: true,
        },
      },
      'no permission on the file of an S3Uri below another step’s output': {
        pipelines: BELOW_OUTPUT,
        told: {
          evidence: [['identity policies', `nothing there allows s3:GetObject on ${FILE}`]],
          isMended: true,
        },
      },
      'the bucket and not its files': {
        allow: [allow(`arn:aws:s3:::${BUCKET}`)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, FILE]], isMended: true },
      },
      'another folder': {
        allow: [allow(object('training/*'))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, FILE]], isMended: true },
      },
      'a bucket whose name begins alike': {
        allow: [allow(object('*', `${BUCKET}-old`))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, FILE]], isMended: true },
      },
      'another action': {
        allow: [s3('Allow', ['s3:GetObjectVersion', 's3:ListBucket'], '*')],
        told: { evidence: [['identity policies', 's3:GetObject ']], isMended: true },
      },
      'the file left out by NotResource': {
        allow: [{ Effect: 'Allow', Action: 's3:*', NotResource: object('evaluation/*') }],
        told: { evidence: [[`${OWN}/Statement/0/NotResource`, FILE]], isMended: true },
      },
      'a condition on a VPC, which JsonGet does not come from': {
        allow: [allow('*', unless('aws:SourceVpc', 'vpc-1a2b3c4d', 'StringEquals'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/aws:SourceVpc`, FILE]],
          isMended: true,
        },
      },
      'a condition on addresses, which JsonGet has not': {
        allow: [allow('*', { Condition: { IpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' } } })],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/IpAddress/aws:VpcSourceIp`, FILE]],
          isMended: true,
        },
      },
      'an own Deny outside a VPC endpoint': {
        allow: [allow(), deny('*', unless('aws:SourceVpce', 'vpce-1a2b3c4d'))],
        told: { evidence: [[`${OWN}/Statement/1`, 'denies']], remedy: 'out of statement 1', isMended: false },
      },
      'a bucket’s policy that keeps it to a VPC endpoint': {
        allow: [allow()],
        buckets: { [BUCKET]: policy(deny('*', unless('aws:SourceVpce', 'vpce-1a2b3c4d'))) },
        told: {
          evidence: [[`policy of bucket ${BUCKET}/Statement/0`, 'denies s3:GetObject']],
          remedy: `statement 0 of policy of bucket ${BUCKET}`,
          isMended: false,
        },
      },
      'a bucket’s policy that denies all others by NotPrincipal': {
        allow: [allow()],
        buckets: {
          [BUCKET]: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Deny',
                NotPrincipal: { AWS: 'arn:aws:iam::111122223333:role/other' },
                Action: 's3:*',
                Resource: '*',
              },
            ],
          },
        },
        told: { evidence: [[`policy of bucket ${BUCKET}/Statement/0`, 'denies']], isMended: false },
      },
      'a boundary without S3': {
        allow: [allow()],
        boundary: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary', FILE]],
          isMended: false,
        },
      },
      'a boundary, which what the bucket allows to the role does not pass': {
        boundary: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
        buckets: { [BUCKET]: policy({ ...allow(object('*')), Principal: { AWS: ROLE } }) },
        told: {
          evidence: [['identity policies', FILE]],
          isMended: false,
        },
      },
      'an SCP that has nothing to do with networks': {
        allow: [allow()],
        organization: scpsOf(deny(object('*'))),
        told: { evidence: [['Limits (r-abcd)/Statement/1', 'denies']], isMended: false },
      },
      'a nested condition, and the file of an S3Uri': {
        pipelines: running(
          condition('Outer', [
            decide(jsonGet({ S3Uri: { 'Std:Join': { On: '/', Values: [`s3://${BUCKET}`, 'y.json'] } } })),
          ]),
        ),
        told: {
          evidence: [['identity policies', object('y.json')]],
          expected: 'step IsGood (/Steps/0/Arguments/IfSteps/0)',
          isMended: true,
        },
      },
      'a file that is not told, and an own Deny of reading anything': {
        pipelines: ANY_FILE,
        allow: [allow(), s3('Deny', 's3:Get*', '*')],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'denies s3:GetObject on arn:aws:s3:::*']],
          remedy: 'out of statement 1',
          isMended: false,
        },
      },
      'a file that is not told, and an SCP that denies reading anywhere': {
        pipelines: ANY_FILE,
        allow: [allow()],
        organization: scpsOf(deny('*')),
        told: { evidence: [['Limits (r-abcd)/Statement/1', 'denies']], isMended: false },
      },
      'a file that is not told, and SCPs that allow nothing of S3': {
        pipelines: ANY_FILE,
        allow: [allow()],
        organization: {
          scps: [
            {
              target: 'r-abcd',
              policies: [
                {
                  name: 'Only',
                  document: policyOf({ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }),
                },
              ],
            },
          ],
          rcps: [],
        },
        told: {
          evidence: [['Only (r-abcd)', 'arn:aws:s3:::*']],
          remedy: 'also in its scp policy',
          isMended: false,
        },
      },
      'a JsonGet among the arguments of a job': {
        pipelines: running(evaluate(), step('Train', 'Training', { HyperParameters: { depth: READ } })),
        told: { evidence: [['identity policies', FILE]], expected: 'step Train (/Steps/1)', isMended: true },
      },
    },
    isNotAvailable: {
      'a bucket’s policy that cannot be read': {
        allow: [allow()],
        isBucketUnread: true,
        told: { evidence: [['policies', 'GetBucketPolicy: AccessDenied: no']] },
      },
      'a condition on the object’s tags': {
        allow: [allow('*', { Condition: { StringEquals: { 's3:ExistingObjectTag/team': 'fraud' } } })],
        told: { evidence: [[`${OWN}/Statement/0`, 's3:ExistingObjectTag/team']] },
      },
      'a place that an execution tells, some of which is allowed': {
        pipelines: running(
          decide(
            jsonGet({
              S3Uri: {
                'Std:Join': {
                  On: '/',
                  Values: [`s3://${BUCKET}`, { Get: 'Execution.PipelineExecutionId' }, 'y.json'],
                },
              },
            }),
          ),
        ),
        allow: [allow(object('a*'))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, object('*/y.json')]] },
      },
      'a bucket that only a run tells, beside a file that is allowed': {
        pipelines: running(
          evaluate(),
          decide(READ),
          decide(jsonGet({ S3Uri: { Get: 'Parameters.Report' } })),
        ),
        allow: [allow(FILE)],
        told: { evidence: [['definition', 'IsGood: the file of a JsonGet is in a bucket that only a run']] },
      },
      'a file that is not told, which no own policy allows, and the bucket’s policy may': {
        pipelines: ANY_FILE,
        told: { evidence: [['definition', 'is in a bucket that only a run']] },
      },
      'a file that is not told, and a boundary without S3, which what a bucket allows to a session passes': {
        pipelines: ANY_FILE,
        allow: [allow()],
        boundary: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
        told: { evidence: [['definition', 'is in a bucket that only a run']] },
      },
      'a file that is not told, and every read allowed': {
        pipelines: ANY_FILE,
        allow: [allow()],
        told: { evidence: [['definition', 'is in a bucket that only a run']] },
      },
      'a file that is not told, and a Deny on one bucket': {
        pipelines: ANY_FILE,
        allow: [allow(), deny(object('*'))],
        told: { evidence: [['definition', 'is in a bucket that only a run']] },
      },
      'a key that is not told in a bucket that is, some of which is allowed': {
        pipelines: running(
          decide(
            jsonGet({
              S3Uri: { 'Std:Join': { On: '/', Values: [`s3://${BUCKET}`, { Get: 'Parameters.Key' }] } },
            }),
          ),
        ),
        allow: [allow(object('reports/*'))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, object('*')]] },
      },
      'a property file that no step has': {
        pipelines: running(decide(READ)),
        allow: [allow()],
        told: { evidence: [['definition', 'is of no step’s property files']], remedy: 'a default' },
      },
    },
    isNotApplicable: {
      'no JsonGet': { pipelines: running(evaluate()) },
      'a role that no pipeline runs under': { arn: 'arn:aws:iam::111122223333:role/other' },
    },
  });
});

describeCases('pipelines', `${control.id} on definitions that people wrote`, (folder) => {
  const judge = (file: string, stated: Stated) =>
    verdictsOf(control, {
      facts: principalFacts({ ...stated, pipelines: { real: pipelineIn(join(folder, file)) } }),
    });
  const WITH_JSON_GET = [
    'generated/02_abalone_prefix_steproles.json',
    'real/aws__amazon-sagemaker-examples__sm-pipelines_preprocess_train_evaluate_batch_transform__cell58.json',
  ];

  test.each(WITH_JSON_GET)('%s: S3 for reading is enough, SageMaker’s read-only access is not', (file) => {
    const reads = managedPolicies('AmazonS3ReadOnlyAccess');
    expect(judge(file, { attached: reads })).toEqual([{ status: 'PASSED' }]);
    const none = managedPolicies('AmazonSageMakerReadOnly');
    expect(judge(file, { attached: none })).toMatchObject([
      { status: 'FAILED', remediation: { patch: expect.stringContaining('s3:GetObject') } },
    ]);
  });

  test('a published SCP that keeps S3 to VPCs is left to scp-json-get-exception', () => {
    const scp = casesFolder(
      'policies/scp',
      'aws-samples+data-perimeter-policy-examples__service_control_policies__network_perimeter_sourcevpc_scp.json',
    );
    if (scp === undefined) return;
    const organization = scpsOf(...JSON.parse(readFileSync(scp, 'utf8')).Statement);
    const attached = managedPolicies('AmazonS3ReadOnlyAccess');
    expect(judge(WITH_JSON_GET[0] ?? '', { attached, organization })).toEqual([{ status: 'PASSED' }]);
  });
});
