import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/pipeline-inputs-protected.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import { condition, controlCases, step } from '../../support/builders/control-cases.ts';
import { principalFacts, type Stated } from '../../support/builders/principal-facts.ts';

const BUCKET = 'arn:aws:s3:::acme-reports';
const OTHER = 'arn:aws:iam::444455556666:root';
const RUN = { Get: 'Execution.PipelineExecutionId' };
const gate = (S3Uri: string | object) => ({
  steps: [
    {
      ...condition('Gate', [step('Stop', 'Fail', { ErrorMessage: 'no' })]),
      Arguments: {
        Conditions: [
          {
            Type: 'Equals',
            LeftValue: { 'Std:JsonGet': { S3Uri, Path: 'ok' } },
            RightValue: true,
          },
        ],
        IfSteps: [],
        ElseSteps: [],
      },
    },
  ],
});
const FILE = 's3://acme-reports/fraud/evaluation.json';
const GATE = { fraud: gate(FILE) };
const LATER = { vision: gate('s3://acme-reports/vision/evaluation.json') };
const policy = (...Statement: JsonObject[]) => ({
  'acme-reports': { Version: '2012-10-17', Statement } as JsonObject,
});
const allow = (
  AWS: string,
  Action: string | string[],
  Resource: string,
  Condition?: JsonObject,
): JsonObject => ({
  Effect: 'Allow',
  Principal: { AWS },
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const AT = 'policy of bucket acme-reports/Statement/0';
/** A processing step with one input, whose container starts so. */
const processing = (InputName: string, LocalPath: string, more: object = {}) => ({
  fraud: {
    steps: [
      step('Prepare', 'Processing', {
        AppSpecification: { ImageUri: 'i', ContainerEntrypoint: ['python3', '/opt/ml/start/main.py'] },
        ProcessingInputs: [
          { InputName, S3Input: { S3Uri: 's3://acme-reports/fraud/main.py', LocalPath, ...more } },
        ],
      }),
    ],
  },
});
const DELIVERED = policy(allow(OTHER, 's3:PutObject', `${BUCKET}/*`));

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: (stated) => ({ facts: principalFacts({ pipelines: GATE, ...stated }) }),
    passes: {
      'another account delivers data into a folder around the one with the code': {
        pipelines: {
          fraud: {
            steps: [
              step('Prepare', 'Processing', {
                AppSpecification: {
                  ImageUri: 'i',
                  ContainerEntrypoint: ['python3', '/opt/ml/in/start/main.py'],
                },
                ProcessingInputs: [
                  {
                    InputName: 'a',
                    S3Input: { S3Uri: 's3://acme-reports/sales.csv', LocalPath: '/opt/ml/in' },
                  },
                  {
                    InputName: 'b',
                    S3Input: { S3Uri: 's3://acme-reports/main.py', LocalPath: '/opt/ml/in/start/' },
                  },
                ],
              }),
            ],
          },
        },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/sales.csv`)),
      },
      'another account delivers the data of a job': {
        pipelines: {
          fraud: {
            steps: [...processing('sales', '/opt/ml/processing/input').fraud.steps, ...GATE.fraud.steps],
          },
        },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/fraud/main.py`)),
      },
      'a bucket without a policy': { buckets: { 'acme-reports': null } },
      'another account reads': { buckets: policy(allow(OTHER, 's3:Get*', `${BUCKET}/*`)) },
      'its own account writes': {
        buckets: policy(allow('arn:aws:iam::111122223333:root', 's3:*', `${BUCKET}/*`)),
      },
      'another account writes to another folder': {
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/delivered/*`)),
      },
      'a Deny takes it': {
        buckets: policy(allow(OTHER, 's3:Put*', `${BUCKET}/*`), {
          ...allow('*', 's3:Put*', `${BUCKET}/*`),
          Effect: 'Deny',
        }),
      },
    },
    fails: {
      'another account writes what the SDK names code': {
        pipelines: processing('code', '/opt/ml/processing/input/code/'),
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `s3:PutObject on ${BUCKET}/fraud/main.py`]] },
      },
      'another account writes what the container starts from': {
        pipelines: processing('scripts', '/opt/ml/start'),
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `s3:PutObject on ${BUCKET}/fraud/main.py`]] },
      },
      'another account writes the code of a training job, as the SDK packs it': {
        pipelines: {
          fraud: {
            steps: [
              step('Train', 'Training', {
                HyperParameters: { sagemaker_submit_directory: '"s3://acme-reports/fraud/sourcedir.tar.gz"' },
              }),
            ],
          },
        },
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/fraud/sourcedir.tar.gz`]] },
      },
      'another account writes a channel of code': {
        pipelines: {
          fraud: {
            steps: [
              step('Train', 'Training', {
                InputDataConfig: [
                  {
                    ChannelName: 'sm_drivers',
                    DataSource: {
                      S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://acme-reports/drivers' },
                    },
                  },
                ],
              }),
            ],
          },
        },
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/drivers/`]] },
      },
      'another account writes': {
        buckets: policy(allow(OTHER, ['s3:Get*', 's3:Put*'], `${BUCKET}/*`)),
        told: {
          severity: 'MEDIUM',
          evidence: [[AT, `s3:PutObject on ${BUCKET}/fraud/evaluation.json to ${OTHER}`]],
          remedy: 'acme-reports',
        },
      },
      'a role of another account deletes': {
        buckets: policy(allow('arn:aws:iam::444455556666:role/etl', 's3:DeleteObject', `${BUCKET}/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:DeleteObject']] },
      },
      'another account changes the policy': {
        buckets: policy(allow(OTHER, 's3:*', BUCKET)),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:PutBucketPolicy']] },
      },
      'another account writes one of the files in the bucket, and not the last': {
        pipelines: { ...GATE, ...LATER },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/fraud/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/fraud/evaluation.json to ${OTHER}`]] },
      },
      'another account writes what another role reads in the bucket': {
        pipelines: {
          ...GATE,
          vision: { ...LATER.vision, roleArn: 'arn:aws:iam::111122223333:role/pipelines/vision' },
        },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/vision/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/vision/evaluation.json to ${OTHER}`]] },
      },
      'another account writes some of the files that a run may name': {
        pipelines: {
          fraud: gate({ 'Std:Join': { On: '/', Values: ['s3://acme-reports', RUN, 'ok.json'] } }),
        },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/a*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:PutObject']] },
      },
      'everybody writes but those who are named': {
        buckets: policy({
          Effect: 'Allow',
          NotPrincipal: { AWS: 'arn:aws:iam::111122223333:role/etl' },
          Action: 's3:PutObject',
          Resource: `${BUCKET}/*`,
        }),
        told: { evidence: [[AT, 'to everybody']] },
      },
      'everybody writes': {
        buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`)),
        told: { evidence: [[AT, 'to everybody']] },
      },
    },
    isNotAvailable: {
      'a file in a bucket that only a run tells': {
        pipelines: { fraud: gate({ Get: 'Parameters.Report' }) },
        told: {
          severity: 'LOW',
          evidence: [
            ['definition', 'which file it is (arn:aws:s3:::*), for the JsonGet of step Gate (/Steps/0)'],
          ],
          remedy: 'a default',
        },
      },
      'a model whose data lies where only a run tells': {
        pipelines: {
          fraud: {
            steps: [
              step('Create', 'Model', {
                PrimaryContainer: { ModelDataUrl: { Get: 'Parameters.Model' } },
              }),
            ],
          },
        },
        told: {
          severity: 'LOW',
          evidence: [
            [
              'definition',
              'for the code or model of step Create (/Steps/0/Arguments/PrimaryContainer/ModelDataUrl)',
            ],
          ],
        },
      },
      'a file in a bucket that only a run tells, beside one whose bucket lets nobody in': {
        pipelines: { ...GATE, vision: gate({ Get: 'Parameters.Report' }) },
        buckets: { 'acme-reports': null },
        told: { severity: 'LOW', evidence: [['definition', 'of pipeline vision']] },
      },
      'another account writes under a condition that nobody can answer': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'aws:SourceVpc']] },
      },
    },
    isNotApplicable: {
      'no pipeline reads for JsonGet': { pipelines: { fraud: { steps: [step('Train', 'Training')] } } },
      'another role tells of the bucket': {
        arn: 'arn:aws:iam::111122223333:role/steps/z',
        buckets: policy(allow(OTHER, 's3:Put*', `${BUCKET}/*`)),
      },
    },
  });
});
