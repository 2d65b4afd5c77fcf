import { describe } from '@jest/globals';
import { teamsIn } from '../../../shared/authorised/teams.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/pipeline-inputs-protected.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import { inputsByBucket } from '../../../shared/needs/inputs.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { condition, controlCases, step } from '../../support/builders/control-cases.ts';
import { ACCOUNT_SCOPE, principalFacts, type Stated } from '../../support/builders/principal-facts.ts';

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

/** The conditions, each on an Allow for everybody, as cases. */
const forEverybodyWho = (conditions: Record<string, JsonObject>, told: { severity?: 'MEDIUM' } = {}) =>
  Object.fromEntries(
    Object.entries(conditions).map(([who, condition]) => [
      `everybody writes who ${who}`,
      {
        buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`, condition)),
        told: { ...told, evidence: [[AT, 's3:PutObject']] as [string, string][] },
      },
    ]),
  );

/** A case states the bucket of the reports or, with `of`, a role; and whether the users and roles can be read. */
type Inputs = Stated & { of?: 'role'; isUnread?: true };

const inputsOf = (stated: Inputs): Partial<Facts> => {
  const { roster, resourcePolicies, principals = [], uses } = principalFacts({ pipelines: GATE, ...stated });
  if (!roster || !uses) throw new Error('the case states nothing');
  if (stated.of === 'role') return { inputs: { of: 'role', uses } };
  const config: Config = { version: 1, ...stated.config };
  const name = 'acme-reports';
  return {
    inputs: {
      of: 'bucket',
      name,
      files: inputsByBucket(roster).get(name) ?? [],
      policy: resourcePolicies?.buckets.get(name),
      limits: {},
      scope: ACCOUNT_SCOPE,
      roster,
      ...(teamsIn(config).length > 0 && {
        principals: stated.isUnread
          ? notRead('GetAccountAuthorizationDetails', 'AccessDenied', 'not allowed')
          : found(principals),
      }),
    },
  };
};

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
/** Two teams: that of fraud, and that of vision. */
const TEAMS: Partial<Config> = {
  roles: {
    creators: [
      { roles: [role('fraud-*')], pipelines: ['fraud'] },
      { roles: [role('vision-*'), 'arn:aws:iam::111122223333:user/vi'], pipelines: ['vision'] },
    ],
  },
};
const writes = (Action: string | string[] = 's3:PutObject', Resource = `${BUCKET}/*`, more: object = {}) => ({
  allow: [{ Effect: 'Allow', Action, Resource, ...more }],
});
/** An account in which these principals are, and the team of fraud reads its report. */
const withTeams = (others: Stated['others'], more: Stated = {}): Inputs => ({
  config: TEAMS,
  others: others ?? {},
  ...more,
});
const BY_TEAM = 'other teams';
const OWN = (name: string) => `${role(name)} own/Statement/0`;
/** A step that writes into a folder of the bucket. */
const writing = (folder: string) => ({
  steps: [
    step('Write', 'Processing', {
      RoleArn: role('steps/vision-job'),
      ProcessingOutputConfig: {
        Outputs: [{ OutputName: 'o', S3Output: { S3Uri: `s3://acme-reports/${folder}` } }],
      },
    }),
  ],
  roleArn: role('pipelines/vision'),
});
const onEmr = (HadoopJarStep: object, more: object = {}) => ({
  fraud: { steps: [step('Crunch', 'EMR', { ClusterId: 'j-1', StepConfig: { HadoopJarStep }, ...more })] },
});
const serverless = (sparkSubmit: object) => ({
  fraud: {
    steps: [
      step('Crunch', 'EMRServerless', {
        ApplicationId: 'a',
        ExecutionRoleArn: role('serverless'),
        JobConfig: { jobDriver: { sparkSubmit } },
      }),
    ],
  },
});
const toService = (Service: string, Condition?: JsonObject): JsonObject => ({
  Effect: 'Allow',
  Principal: { Service },
  Action: 's3:PutObject',
  Resource: `${BUCKET}/*`,
  ...(Condition && { Condition }),
});

describe(control.id, () => {
  controlCases<Inputs>(control, {
    given: (stated) => ({ facts: inputsOf(stated), ...(stated.config && { config: stated.config }) }),
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
      'another account may change the policy, which S3 lets nobody outside do': {
        buckets: policy(allow(OTHER, ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'], BUCKET)),
      },
      'another account writes ACLs of objects, which let nobody write them': {
        buckets: policy(allow(OTHER, 's3:PutObjectAcl', `${BUCKET}/*`)),
      },
      'a canonical user reads': {
        buckets: policy({
          ...allow(OTHER, 's3:GetObject', `${BUCKET}/*`),
          Principal: { CanonicalUser: 'ab'.repeat(32) },
        }),
      },
      'a provider of identities of the account writes': {
        buckets: policy({
          ...allow(OTHER, 's3:PutObject', `${BUCKET}/*`),
          Principal: { Federated: 'arn:aws:iam::111122223333:saml-provider/people' },
        }),
      },
      'a service writes for this account alone': {
        buckets: policy(
          toService('delivery.logs.amazonaws.com', {
            StringEquals: { 'aws:SourceAccount': '111122223333' },
          }),
          toService('cloudtrail.amazonaws.com', {
            ArnLike: { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/all' },
          }),
        ),
      },
      'another account writes the data of a step on EMR': {
        pipelines: {
          ...onEmr({
            Jar: 'command-runner.jar',
            Args: ['spark-submit', 's3://acme-reports/jobs/main.py', '--input', 's3://acme-reports/in/'],
          }),
        },
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/in/*`)),
      },
      'the team itself writes': withTeams({ [role('fraud-ci')]: writes() }),
      'whoever is in no team writes': withTeams({ [role('etl')]: writes() }),
      'another team writes elsewhere': withTeams({
        [role('vision-ci')]: writes('s3:*', `${BUCKET}/vision/*`),
      }),
      'another team writes the ACLs of objects': withTeams({
        [role('vision-ci')]: writes('s3:PutObjectAcl'),
      }),
      'another team’s administrator writes': withTeams({ [role('vision-admin')]: writes('*', '*') }),
      'whom the configuration calls an administrator writes': {
        ...withTeams({ [role('vision-ci')]: writes() }),
        config: { roles: { ...TEAMS.roles, administrators: [role('vision-ci')] } },
      },
      'another team’s role, which services of AWS alone assume for projects, writes': withTeams({
        [role('vision-build')]: {
          attached: {
            'arn:aws:iam::aws:policy/AmazonSageMakerServiceCatalogProductsCodeBuildServiceRolePolicy': {
              Version: '2012-10-17',
              Statement: writes().allow as unknown as JsonObject[],
            },
          },
        },
      }),
      'a role that AWS makes for all projects of the account writes': {
        ...withTeams({ [role('service-role/AmazonSageMakerServiceCatalogProductsUseRole')]: writes() }),
        config: {
          roles: {
            creators: [
              { roles: [role('fraud-*')], pipelines: ['fraud'] },
              { roles: [role('service-role/Amazon*')], pipelines: ['vision'] },
            ],
          },
        },
      },
      'another team’s pipeline delivers what this one reads': withTeams(
        { [role('vision-ci')]: writes('s3:*', `${BUCKET}/fraud/*`) },
        { pipelines: { ...GATE, vision: writing('fraud/') } },
      ),
      'a team writes what pipelines of both teams read': withTeams(
        { [role('vision-ci')]: writes() },
        { pipelines: { ...GATE, vision: { ...gate(FILE), roleArn: role('pipelines/vision') } } },
      ),
      'a team writes what a pipeline of no team reads': withTeams(
        { [role('vision-ci')]: writes() },
        { pipelines: { churn: gate(FILE) } },
      ),
      'another team writes, where the bucket’s policy denies it': {
        ...withTeams({ [role('vision-ci')]: writes() }),
        buckets: policy({
          ...allow(role('vision-ci'), 's3:Put*', `${BUCKET}/*`),
          Effect: 'Deny',
        }),
      },
      'its own account writes': {
        buckets: policy(allow('arn:aws:iam::111122223333:root', 's3:*', `${BUCKET}/*`)),
      },
      'everybody writes who is of the account': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 'aws:PrincipalAccount': '111122223333' },
          }),
        ),
      },
      'everybody writes who is a role of the account': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*' },
          }),
        ),
      },
      'another account writes, and a Deny leaves the account’s principals alone': {
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/*`), {
          ...allow('*', 's3:PutObject', `${BUCKET}/*`, {
            ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*' },
          }),
          Effect: 'Deny',
        }),
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
      'another account writes the code that the container of a model loads': {
        pipelines: {
          fraud: {
            steps: [
              step('Model', 'Model', {
                PrimaryContainer: {
                  Environment: { SAGEMAKER_SUBMIT_DIRECTORY: 's3://acme-reports/fraud/sourcedir.tar.gz' },
                },
              }),
            ],
          },
        },
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/fraud/sourcedir.tar.gz`]] },
      },
      'another account writes the data of a model that is registered': {
        pipelines: {
          fraud: {
            steps: [
              step('Register', 'RegisterModel', {
                InferenceSpecification: {
                  Containers: [{ Image: 'i', ModelDataUrl: 's3://acme-reports/fraud/model.tar.gz' }],
                },
              }),
            ],
          },
        },
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `${BUCKET}/fraud/model.tar.gz`]] },
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
      'another account deletes the newest version': {
        buckets: policy(allow(OTHER, 's3:DeleteObjectVersion', `${BUCKET}/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:DeleteObjectVersion']] },
      },
      'another account replicates its objects': {
        buckets: policy(allow(OTHER, ['s3:ReplicateObject', 's3:ReplicateTags'], `${BUCKET}/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:ReplicateObject']] },
      },
      'another account writes the ACL of the bucket, and makes ACLs count': {
        buckets: policy(allow(OTHER, ['s3:PutBucketAcl', 's3:PutBucketOwnershipControls'], BUCKET)),
        told: { severity: 'MEDIUM', evidence: [[AT, `s3:PutBucketAcl on ${BUCKET} to ${OTHER}`]] },
      },
      'another account writes with the headers that the policy asks for': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' },
          }),
          {
            ...allow('*', 's3:PutObject', `${BUCKET}/*`, {
              StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
            }),
            Effect: 'Deny',
          },
          {
            ...allow('*', 's3:PutObject', `${BUCKET}/*`, {
              Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'true' },
            }),
            Effect: 'Deny',
          },
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 's3:PutObject']] },
      },
      'a provider of identities of another account writes': {
        buckets: policy({
          ...allow(OTHER, 's3:PutObject', `${BUCKET}/*`),
          Principal: { Federated: 'arn:aws:iam::444455556666:saml-provider/people' },
        }),
        told: { severity: 'MEDIUM', evidence: [[AT, 'saml-provider/people']] },
      },
      'a service writes on behalf of whichever account': {
        buckets: policy(toService('delivery.logs.amazonaws.com')),
        told: {
          severity: 'MEDIUM',
          evidence: [[AT, 'to delivery.logs.amazonaws.com on behalf of another account']],
          remedy: 'aws:SourceAccount',
        },
      },
      'another account writes the program of a step on EMR': {
        pipelines: onEmr({ Jar: 's3://acme-reports/jobs/crunch.jar', Args: ['s3://acme-in/day/'] }),
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `s3:PutObject on ${BUCKET}/jobs/crunch.jar`]] },
      },
      'another account writes what a step on EMR Serverless loads': {
        pipelines: serverless({
          entryPoint: 's3://acme-code/main.py',
          sparkSubmitParameters: '--conf spark.executor.cores=2 --py-files s3://acme-reports/lib.zip',
        }),
        buckets: DELIVERED,
        told: { severity: 'MEDIUM', evidence: [[AT, `s3:PutObject on ${BUCKET}/lib.zip`]] },
      },
      'roles of another team write, by the same statement': {
        ...withTeams({
          [role('vision-ci')]: writes(),
          [role('vision-people')]: writes(),
          [role('fraud-ci')]: writes(),
          [role('anybody')]: writes(),
        }),
        told: {
          subject: BY_TEAM,
          severity: 'MEDIUM',
          evidence: [
            [
              OWN('vision-ci'),
              `s3:PutObject on ${BUCKET}/fraud/evaluation.json, to ${role('vision-ci')}, ${role('vision-people')}`,
            ],
          ],
          expected: 'the team of fraud alone',
          remedy: 'roles.creators',
        },
      },
      'a role of another team writes, whose path only looks like that of a service-linked role': {
        ...withTeams({ [role('vision-x:role/aws-service-role/ci')]: writes() }),
        told: {
          subject: BY_TEAM,
          severity: 'MEDIUM',
          evidence: [[OWN('vision-x:role/aws-service-role/ci'), 's3:PutObject']],
        },
      },
      'a user of another team writes': {
        ...withTeams({ 'arn:aws:iam::111122223333:user/vi': writes('s3:*', '*') }),
        told: {
          subject: BY_TEAM,
          severity: 'MEDIUM',
          evidence: [['arn:aws:iam::111122223333:user/vi own/Statement/0', 'user/vi']],
        },
      },
      'the role of another team’s jobs writes': {
        ...withTeams(
          { [role('steps/vision-job')]: writes() },
          { pipelines: { ...GATE, vision: writing('vision/out') } },
        ),
        told: {
          subject: BY_TEAM,
          severity: 'MEDIUM',
          evidence: [[OWN('steps/vision-job'), 'steps/vision-job']],
        },
      },
      'the policy of the bucket lets a role of another team write': {
        ...withTeams({ [role('vision-ci')]: {} }),
        buckets: policy(allow(role('vision-ci'), 's3:PutObject', `${BUCKET}/*`)),
        told: { subject: BY_TEAM, severity: 'MEDIUM', evidence: [[AT, role('vision-ci')]] },
      },
      'a role of another team changes the policy of the bucket': {
        ...withTeams({ [role('vision-ci')]: writes('s3:PutBucketPolicy', BUCKET) }),
        told: { subject: BY_TEAM, severity: 'MEDIUM', evidence: [[OWN('vision-ci'), 's3:PutBucketPolicy']] },
      },
      'a role of another team deletes the policy that keeps it out': {
        ...withTeams({ [role('vision-ci')]: writes(['s3:PutObject', 's3:DeleteBucketPolicy'], '*') }),
        buckets: policy({
          ...allow('*', 's3:Put*', `${BUCKET}/*`, {
            ArnNotLike: { 'aws:PrincipalArn': role('fraud-*') },
          }),
          Effect: 'Deny',
        }),
        told: {
          subject: BY_TEAM,
          severity: 'MEDIUM',
          evidence: [[OWN('vision-ci'), 's3:DeleteBucketPolicy']],
        },
      },
      'a role of another team writes from the network and with the encryption that the bucket’s policy asks for':
        {
          ...withTeams({ [role('vision-ci')]: writes() }),
          buckets: policy(
            {
              ...allow('*', 's3:*', `${BUCKET}/*`, { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }),
              Effect: 'Deny',
            },
            {
              ...allow('*', 's3:PutObject', `${BUCKET}/*`, {
                StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
              }),
              Effect: 'Deny',
            },
          ),
          told: { subject: BY_TEAM, severity: 'MEDIUM', evidence: [[OWN('vision-ci'), 's3:PutObject']] },
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
      ...forEverybodyWho(
        {
          'is of an account': { StringEquals: { 'aws:PrincipalAccount': '444455556666' } },
          'is of one of some accounts, one of which is the own': {
            StringEquals: { 'aws:PrincipalAccount': ['111122223333', '444455556666'] },
          },
          'is a role of an account': {
            ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/etl-*' },
          },
          'has an ARN of an account': {
            StringEquals: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:role/etl' },
          },
          'is of an account whose id begins so': { StringLike: { 'aws:PrincipalAccount': '4444*' } },
          'is of an organization': { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
          'is of a unit of an organization': {
            'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*' },
          },
          'is of an organization and of an account': {
            StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5', 'aws:PrincipalTag/team': 'vision' },
          },
        },
        { severity: 'MEDIUM' },
      ),
      ...forEverybodyWho({
        'is of any account but some': { StringNotEquals: { 'aws:PrincipalAccount': '444455556666' } },
        'is a role of any account with that name': {
          ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/etl' },
        },
        'carries a tag': { StringEquals: { 'aws:PrincipalTag/team': 'vision' } },
        'is a user': { StringEquals: { 'aws:PrincipalType': 'User' } },
        'is no service of AWS': { Bool: { 'aws:PrincipalIsAWSService': 'false' } },
        'has signed by an older version': { StringEquals: { 's3:signatureversion': 'AWS' } },
        'posts a form': { StringEquals: { 's3:authType': 'POST' } },
        'does not sign': { Null: { 's3:signatureversion': 'true' } },
        'has a second factor': { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        'is a role of an account whose id begins otherwise': {
          StringNotLike: { 'aws:PrincipalAccount': ['0*', '1*'] },
          StringEquals: { 'aws:PrincipalType': 'AssumedRole' },
        },
        'is a role of an account without some digits': {
          StringNotLike: { 'aws:PrincipalAccount': ['*0*', '*2*'] },
          StringEquals: { 'aws:PrincipalType': 'AssumedRole' },
        },
      }),
      ...Object.fromEntries(
        Object.entries<JsonObject>({
          'a trail of another account': {
            ArnLike: { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:444455556666:trail/*' },
          },
          'whatever is of another account': { StringEquals: { 'aws:SourceAccount': '444455556666' } },
        }).map(([what, condition]) => [
          `everybody writes for ${what}`,
          {
            buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`, condition)),
            told: {
              severity: 'MEDIUM' as const,
              evidence: [[AT, 'on behalf of another account']] as [string, string][],
            },
          },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries<JsonObject>({
          'any service': { Bool: { 'aws:PrincipalIsAWSService': 'true' } },
          'whatever service has a source': { Null: { 'aws:SourceArn': 'false' } },
          'any service for an account': { ArnLike: { 'aws:SourceArn': 'arn:aws:*:*:444455556666:*' } },
        }).map(([who, condition]) => [
          `everybody writes who is ${who}`,
          {
            buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`, condition)),
            told: {
              severity: 'MEDIUM' as const,
              evidence: [[AT, 's3.amazonaws.com on behalf of another account']] as [string, string][],
            },
          },
        ]),
      ),
      'everybody may write, and all are denied but the account and services': {
        buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`), {
          ...allow('*', 's3:*', `${BUCKET}/*`, {
            StringNotEqualsIfExists: { 'aws:PrincipalAccount': '111122223333' },
            BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
          }),
          Effect: 'Deny',
        }),
        told: {
          severity: 'MEDIUM',
          evidence: [[AT, 's3.amazonaws.com on behalf of another account']],
        },
      },
      'a federated user of another account writes': {
        buckets: policy(allow('arn:aws:sts::444455556666:federated-user/etl', 's3:PutObject', `${BUCKET}/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 'federated-user/etl']] },
      },
      'another account writes, and principals of the names that a program would make up are denied': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 'aws:PrincipalType': ['AssumedRole', 'User', 'FederatedUser'] },
          }),
          {
            ...allow('*', 's3:*', `${BUCKET}/*`),
            Principal: {
              AWS: [
                'arn:aws:iam::444455556666:role/any',
                'arn:aws:iam::444455556666:role/anyone',
                'arn:aws:iam::444455556666:user/any',
                'arn:aws:sts::444455556666:federated-user/any',
              ],
            },
            Effect: 'Deny',
          },
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, OTHER]] },
      },
      'a service whose ARNs are another service’s writes for another account': {
        buckets: policy(
          toService('delivery.logs.amazonaws.com', {
            ArnLike: { 'aws:SourceArn': 'arn:aws:logs:*:444455556666:*' },
          }),
        ),
        told: {
          severity: 'MEDIUM',
          evidence: [[AT, 'delivery.logs.amazonaws.com on behalf of another account']],
        },
      },
      'a service writes for a bucket of another account': {
        buckets: policy(
          toService('logging.s3.amazonaws.com', {
            ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::their-bucket' },
            StringEquals: { 'aws:SourceAccount': '444455556666' },
          }),
        ),
        told: {
          severity: 'MEDIUM',
          evidence: [[AT, 'logging.s3.amazonaws.com on behalf of another account']],
        },
      },
      'another account writes who is a user of some name': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, { StringEquals: { 'aws:username': 'deployer' } }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, OTHER]] },
      },
      'another account writes without a second factor': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, { Null: { 'aws:MultiFactorAuthPresent': 'true' } }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, OTHER]] },
      },
      'an account writes whose principals carry a tag': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 'aws:PrincipalTag/team': 'vision' },
          }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, OTHER]] },
      },
      'everybody writes who is in an organization, and another account reads': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
          }),
          allow(OTHER, 's3:GetObject', `${BUCKET}/*`),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'to the accounts of organization o-a1b2c3d4e5']] },
      },
      'everybody writes': {
        buckets: policy(allow('*', 's3:PutObject', `${BUCKET}/*`)),
        told: { evidence: [[AT, 'to everybody']] },
      },
    },
    isNotAvailable: {
      'users of another account write into folders of their names': {
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/\${aws:username}/*`)),
        told: { severity: 'MEDIUM', evidence: [[AT, 'aws:username']] },
      },
      'another account writes through access points, whose policies nobody here knows': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 's3:DataAccessPointAccount': '111122223333' },
          }),
        ),
        told: { evidence: [[AT, 's3:PutObject']] },
      },
      'another account writes from a network, and as a role that AWS alone makes': {
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/*`), {
          ...allow('*', 's3:PutObject', `${BUCKET}/*`, {
            StringNotEquals: { 'aws:SourceVpc': 'vpc-1' },
            ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/aws-service-role/*' },
          }),
          Effect: 'Deny',
        }),
        told: { severity: 'MEDIUM', evidence: [[AT.replace('/0', '/1'), 's3:PutObject']] },
      },
      'a file in a bucket that only a run tells': {
        of: 'role',
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
        of: 'role',
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
      'a program of a step on EMR that only a run tells': {
        of: 'role',
        pipelines: onEmr({ Jar: { Get: 'Parameters.Jar' } }),
        told: {
          severity: 'LOW',
          evidence: [
            [
              'definition',
              'for the code or model of step Crunch (/Steps/0/Arguments/StepConfig/HadoopJarStep/Jar)',
            ],
          ],
        },
      },
      'another account writes under a condition that nobody can answer': {
        buckets: policy(
          allow(OTHER, 's3:PutObject', `${BUCKET}/*`, { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'aws:SourceVpc']] },
      },
      'only federated users of another account are not denied': {
        buckets: policy(allow(OTHER, 's3:PutObject', `${BUCKET}/*`), {
          ...allow('*', 's3:*', `${BUCKET}/*`, {
            ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::444455556666:*' },
          }),
          Effect: 'Deny',
        }),
        told: { severity: 'MEDIUM', evidence: [[AT.replace('/0', '/1'), 'aws:PrincipalArn']] },
      },
      'everybody writes who is a role whose ARN has an account that begins otherwise': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::0*:*' },
            StringEquals: { 'aws:PrincipalType': 'AssumedRole' },
          }),
        ),
        told: { evidence: [[AT, 'aws:PrincipalArn']] },
      },
      'everybody writes who is a service for an organization': {
        buckets: policy(
          allow('*', 's3:PutObject', `${BUCKET}/*`, {
            StringEquals: { 'aws:SourceOrgID': 'o-a1b2c3d4e5' },
          }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'aws:SourceOrgID']] },
      },
      'a service writes whose requests perhaps do not tell for which account': {
        buckets: policy(
          toService('s3.amazonaws.com', {
            StringEqualsIfExists: { 'aws:SourceAccount': '111122223333' },
          }),
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'requests that do not tell which account']] },
      },
      'a canonical user writes who is of none of some accounts': {
        buckets: policy(
          {
            ...allow(OTHER, 's3:PutObject', `${BUCKET}/*`),
            Principal: { CanonicalUser: 'ab'.repeat(32) },
          },
          {
            ...allow('*', 's3:*', `${BUCKET}/*`, { StringLike: { 'aws:PrincipalAccount': '0*' } }),
            Effect: 'Deny',
          },
        ),
        told: { severity: 'MEDIUM', evidence: [[AT, 'which account has the canonical user id abab']] },
      },
      'another account writes the ACL of the bucket, where ACLs count': {
        buckets: policy(allow(OTHER, 's3:PutBucketAcl', BUCKET)),
        told: { severity: 'MEDIUM', evidence: [[AT, 'where ACLs count']], remedy: 'whether ACLs count' },
      },
      'a canonical user writes, of whatever account it is': {
        buckets: policy({
          ...allow(OTHER, 's3:PutObject', `${BUCKET}/*`),
          Principal: { CanonicalUser: 'ab'.repeat(32) },
        }),
        told: { severity: 'MEDIUM', evidence: [[AT, 'which account has the canonical user id abab']] },
      },
      'a role of another team writes under a condition that nobody can answer': {
        ...withTeams({
          [role('vision-ci')]: writes('s3:PutObject', `${BUCKET}/*`, {
            Condition: { StringEquals: { 's3:ExistingObjectTag/open': 'yes' } },
          }),
        }),
        told: {
          subject: BY_TEAM,
          severity: 'LOW',
          evidence: [[OWN('vision-ci'), 's3:ExistingObjectTag/open']],
        },
      },
      'who is in another team, as users and roles cannot be read': {
        ...withTeams({}),
        isUnread: true,
        told: {
          subject: BY_TEAM,
          severity: 'LOW',
          evidence: [['GetAccountAuthorizationDetails', 'AccessDenied']],
        },
      },
    },
    isNotApplicable: {
      'code that the container of a model brings along': {
        pipelines: {
          fraud: {
            steps: [
              step('Model', 'Model', {
                PrimaryContainer: { Environment: { SAGEMAKER_SUBMIT_DIRECTORY: '/opt/ml/model/code' } },
              }),
            ],
          },
        },
        buckets: DELIVERED,
      },
      'no pipeline reads for JsonGet': { pipelines: { fraud: { steps: [step('Train', 'Training')] } } },
      'a role under which files in buckets are read': { of: 'role' },
    },
  });
});
