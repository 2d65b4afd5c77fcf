import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { eventPlace } from '../../../../shared/outputs/places/evidence-places.ts';
import { snapshotPlaces } from '../../../../shared/outputs/places/snapshot-evidence.ts';
import { roleArn, sagemakerArn } from '../../../support/builders/events.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import {
  definitionOf,
  described,
  type Files,
  inFolder,
  roleDetails,
  trainStep,
} from '../../../support/commands/cli.ts';

const pretty = (value: unknown): string => JSON.stringify(value, null, 1);

const role = roleDetails('fraud', { Effect: 'Allow', Action: '*', Resource: '*' });
const MANAGED = 'arn:aws:iam::aws:policy/Admin';

const DETAILS = pretty({
  RoleDetailList: [roleDetails('other'), role],
  UserDetailList: [{ Arn: 'arn:aws:iam::111122223333:user/ann', UserName: 'ann', Tags: [] }],
  Policies: [
    {
      Arn: MANAGED,
      PolicyVersionList: [
        { VersionId: 'v1', IsDefaultVersion: false, Document: { Statement: [{ Sid: 'old' }] } },
        { VersionId: 'v2', IsDefaultVersion: true, Document: '%7B%22Statement%22%3A%5B%5D%7D' },
      ],
    },
  ],
});

const FILES: Files = {
  'account/caller-identity.json': pretty({ Account: '111122223333' }),
  'account/iam/account-authorization-details.json': DETAILS,
  'account/sagemaker/pipelines/folder/pipeline.json': pretty(
    described('fraud', definitionOf(trainStep('fraud-train', 'steps/train'))),
  ),
  'account/sagemaker/jobs/training-job/fraud-1.json': pretty({ TrainingJobName: 'fraud-1', RoleArn: 'x' }),
  'account/s3/images/cors.json': pretty({ CORSRules: [{ AllowedMethods: ['GET'] }] }),
  'account/s3/scans/cors.xml': '<CORSConfiguration/>',
  'account/cloudtrail/trails.json': '[]',
  'outside.json': '{}',
};

type Place = [file: string, ...texts: string[]];

/** For each finding, its file and the text from each of its places to the end of the line. */
const placesOf = (...findings: Finding[]): Promise<(Place | undefined)[]> =>
  inFolder(FILES, async (folder) => {
    const placeOf = await snapshotPlaces(`${join(folder, 'account')}/`, findings);
    return findings.map((finding) => {
      const place = placeOf(finding);
      if (!place) return undefined;
      const path = place.path.slice(folder.length + 1);
      const lines = String(FILES[path]).split('\n');
      const texts = place.regions.map(({ line, column }) => lines[line - 1]?.slice(column - 1) ?? '');
      return [path, ...texts];
    });
  });

const on = (type: Finding['resource']['type'], arn: string, ...at: string[]): Finding =>
  aFinding({
    resource: { type, arn },
    evidence: at.map((each) => ({ at: each, found: 'x', expected: 'y' })),
  });

const IAM = 'account/iam/account-authorization-details.json';
const PIPELINE = 'account/sagemaker/pipelines/folder/pipeline.json';

describe('snapshotPlaces', () => {
  test.each<[string, Finding, Place]>([
    [
      'a pipeline, by the name in its file, within the text of its definition',
      on('pipeline', sagemakerArn('pipeline/fraud'), '/Steps/0/Arguments/TrainingJobName'),
      [PIPELINE, expect.stringMatching(/^\\"fraud-train\\"/)] as unknown as Place,
    ],
    [
      'what is gathered from its executions',
      on(
        'pipeline',
        sagemakerArn('pipeline/fraud'),
        `${sagemakerArn('pipeline/fraud/execution/x')} /Steps/0/Name; /y`,
      ),
      [PIPELINE, expect.stringMatching(/^\\"Train\\"/)] as unknown as Place,
    ],
    [
      'an execution',
      on('execution', sagemakerArn('pipeline/fraud/execution/x'), 'StartPipelineExecution'),
      [PIPELINE],
    ],
    [
      'a job',
      on('job', sagemakerArn('training-job/fraud-1'), 'RoleArn', 'TrainingJobName'),
      ['account/sagemaker/jobs/training-job/fraud-1.json', '"x"', '"fraud-1",'],
    ],
    [
      'a bucket',
      on('bucket', 'arn:aws:s3:::images', 'CORSRules[0].AllowedMethods', 'CORSRules'),
      ['account/s3/images/cors.json', '[', '['],
    ],
    ['a bucket in XML', on('bucket', 'arn:aws:s3:::scans', 'CORSRules[0]'), ['account/s3/scans/cors.xml']],
    ['a role as such', on('role', role.Arn, 'sagemaker:UpdatePipeline'), [IAM, '{']],
    [
      'a statement of its own policy',
      on('role', role.Arn, `${role.Arn} own/Statement/0/Action`),
      [IAM, '"*",'],
    ],
    [
      'its trust policy',
      on('role', role.Arn, `trust policy of ${role.Arn}/Statement/0/Action`),
      [IAM, '"sts:AssumeRole",'],
    ],
    [
      'a policy as text',
      on('role', role.Arn, `${MANAGED}/Statement/0`),
      [IAM, '"%7B%22Statement%22%3A%5B%5D%7D"'],
    ],
    [
      'tags',
      on('user', 'arn:aws:iam::111122223333:user/ann', 'tags of arn:aws:iam::111122223333:user/ann'),
      [IAM, '[]'],
    ],
    [
      'the trails',
      { ...on('account', sagemakerArn('*'), 'DescribeTrails'), control: 'trail-logging' },
      ['account/cloudtrail/trails.json'],
    ],
    [
      'a file that could not be judged',
      on('account', sagemakerArn('*'), 's3/images/cors.json'),
      ['account/s3/images/cors.json'],
    ],
    [
      'what has no file',
      on('job', sagemakerArn('training-job/gone'), 'RoleArn'),
      ['account/caller-identity.json'],
    ],
    [
      'what would lead out of the snapshot',
      on('pipeline', sagemakerArn('pipeline/..'), '../outside.json'),
      ['account/caller-identity.json'],
    ],
  ])('%s', async (_, finding, place) => {
    expect(await placesOf(finding)).toEqual([place]);
  });

  test('each of many findings on one file has its own place', async () => {
    const arns = [roleArn('other'), role.Arn, roleArn('unknown')];
    const findings = arns.map((arn) => on('role', arn, 'sagemaker:UpdatePipeline'));
    const lines = await inFolder(FILES, async (folder) => {
      const placeOf = await snapshotPlaces(join(folder, 'account'), findings);
      return findings.map((finding) => placeOf(finding)?.regions.map(({ line }) => line));
    });
    const second = DETAILS.split('\n').findIndex((line) => line.includes('"RoleName": "fraud"'));
    expect(lines).toEqual([[3], [second], []]);
  });
});

test.each([
  ['events.jsonl:12', 'events.jsonl', 12],
  ['a:1/trail.json.Records[3]', 'a:1/trail.json', undefined],
  ['lines.json:7.Records[0][1]', 'lines.json', 7],
])('the record %s is in a file', (arn, path, line) => {
  const regions = line === undefined ? [] : [{ line, column: 1 }];
  expect(eventPlace(on('event', arn))).toEqual({ path, regions });
  expect(eventPlace(on('role', arn))).toBeUndefined();
});
