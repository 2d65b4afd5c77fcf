import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { mergeRequests } from '../../../shared/requests/merge.ts';
import { cloudTrail, roleArn, sagemakerArn, session, stepJob } from '../../support/builders/events.ts';
import { IAM, ORGANIZATIONS, only, S3 } from '../../support/builders/reading.ts';

const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');

describe('requests for one resource', () => {
  const start = (time: string, parameters: object) =>
    only(
      cloudTrail(
        'StartPipelineExecution',
        { pipelineName: 'fraud', pipelineParameters: [{ name: 'A', value: JSON.stringify(parameters) }] },
        { eventTime: time },
      ),
    );

  test('become one, in any order: the newest leads, and every execution stays', () => {
    const requests = ['2026-11-20T10:00:01Z', '2026-11-20T10:00:03Z', '2026-11-20T10:00:02Z'].map((time) =>
      start(time, { time }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(requests, { minLength: 3 }), (shuffled) => {
        const [merged, ...others] = mergeRequests(shuffled);
        expect(others).toEqual([]);
        expect(merged?.trigger?.eventTime).toBe('2026-11-20T10:00:03Z');
        expect(merged?.type === 'pipeline' && merged.executions.length).toBe(3);
      }),
    );
  });

  test('keep every version that was changed, and every execution beside them', () => {
    const update = (time: string, versionId: number) =>
      only(
        cloudTrail(
          'UpdatePipelineVersion',
          { pipelineArn: sagemakerArn('pipeline/fraud'), pipelineVersionId: versionId },
          { eventTime: time },
        ),
      );
    const requests = [
      update('2026-11-20T10:00:01Z', 1),
      start('2026-11-20T10:00:02Z', {}),
      update('2026-11-20T10:00:03Z', 2),
      only(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }, { eventTime: '2026-11-20T10:00:04Z' })),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(requests, { minLength: 4 }), (shuffled) => {
        const [merged, ...others] = mergeRequests(shuffled);
        if (merged?.type !== 'pipeline') throw new Error(merged?.type);
        expect(others).toEqual([]);
        expect(merged.trigger?.eventName).toBe('UpdatePipeline');
        expect(merged.changed.toSorted()).toEqual(['definition', 'execution', 'version']);
        expect(merged.executions).toHaveLength(1);
        expect(merged.versionUpdates?.map(({ versionId }) => versionId).toSorted()).toEqual([1, 2]);
      }),
    );
    expect(mergeRequests(requests.slice(1, 2))[0]).not.toHaveProperty('versionUpdates');
  });

  test('use the path of a role that one of them tells, until the role is deleted', () => {
    const answer = (path: string) => ({ responseElements: { role: { arn: roleArn(`${path}x`) } } });
    const at = (second: number, eventName: string, fields: object = {}) =>
      only(
        cloudTrail(
          eventName,
          { roleName: 'x' },
          { ...IAM, eventTime: `2026-11-20T10:00:0${second}Z`, ...fields },
        ),
      );
    const made = at(1, 'CreateRole', answer('teams/fraud/'));
    const changed = at(2, 'PutRolePolicy');
    const deleted = at(3, 'DeleteRole');
    const again = at(4, 'CreateRole', answer('a/'));
    const merged = (requests: AuditRequest[]) =>
      mergeRequests(requests).map((request) => [
        request.resource.arn,
        'deleted' in request && request.deleted,
      ]);
    expect(merged([changed, made])).toEqual([[roleArn('teams/fraud/x'), false]]);
    expect(merged([made, changed, deleted])).toEqual([[roleArn('teams/fraud/x'), true]]);
    expect(merged([made, changed, deleted, again])).toEqual([[roleArn('a/x'), false]]);
  });

  test.each<[string, unknown[], string[]]>([
    [
      'a role that was deleted and made again',
      [
        cloudTrail('TagRole', { roleName: 'x' }, { ...IAM, eventTime: '2026-11-20T10:00:01Z' }),
        cloudTrail('DeleteRole', { roleName: 'x' }, { ...IAM, eventTime: '2026-11-20T10:00:02Z' }),
        cloudTrail('CreateRole', { roleName: 'x' }, { ...IAM, eventTime: '2026-11-20T10:00:03Z' }),
      ],
      ['existence', 'tags'],
    ],
    [
      'a bucket',
      [
        cloudTrail('PutBucketPolicy', { bucketName: 'x' }, S3),
        cloudTrail('DeleteBucketCors', { bucketName: 'x' }, S3),
        cloudTrail('PutBucketPolicy', { bucketName: 'x' }, S3),
      ],
      ['cors', 'policy'],
    ],
    [
      'the organization',
      [cloudTrail('MoveAccount', {}, ORGANIZATIONS), cloudTrail('AttachPolicy', {}, ORGANIZATIONS)],
      ['membership', 'policy'],
    ],
  ])('keep all changes of %s, in any order', (_, records, changed) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
        const [merged, ...others] = mergeRequests(shuffled.map(only));
        expect([merged?.changed.toSorted(), others]).toEqual([changed, []]);
      }),
    );
  });

  test('keep a start and a change once, though their events come twice', () => {
    const events = [
      cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }),
      cloudTrail('UpdatePipelineVersion', { pipelineArn: sagemakerArn('pipeline/fraud') }),
      cloudTrail('StartPipelineExecution', { pipelineName: 'fraud' }),
    ].map(only);
    const [merged] = mergeRequests([...events, ...events]);
    if (merged?.type !== 'pipeline') throw new Error(merged?.type);
    const { definitionChanges, versionUpdates, executions } = merged;
    expect([definitionChanges, versionUpdates, executions].map((told) => told?.length)).toEqual([1, 1, 1]);
  });

  test('keep each definition of a pipeline, oldest first, and a deletion in the same second last', () => {
    const at = (eventName: string, second: number, response: object = {}, request: object = {}) =>
      only(
        cloudTrail(
          eventName,
          { pipelineName: 'fraud', ...request },
          {
            eventTime: `2026-11-20T10:00:0${second}Z`,
            eventID: `${eventName} ${second} ${JSON.stringify(response)}`,
            responseElements: { pipelineArn: sagemakerArn('pipeline/fraud'), ...response },
          },
        ),
      );
    const requests = [
      at('CreatePipeline', 1, {}, { pipelineDefinition: 'one' }),
      at('UpdatePipeline', 2, { pipelineVersionId: 9 }),
      at('UpdatePipeline', 2, { pipelineVersionId: 10 }),
      at('UpdatePipeline', 3, { pipelineVersionId: 11 }),
      at('DeletePipeline', 3),
      at('StartPipelineExecution', 3, { pipelineExecutionArn: EXECUTION }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(requests, { minLength: requests.length }), (shuffled) => {
        const [merged, ...others] = mergeRequests(shuffled);
        if (merged?.type !== 'pipeline') throw new Error(merged?.type);
        expect([others, merged.deleted, merged.executions.length]).toEqual([[], true, 1]);
        const changes = merged.definitionChanges?.map(
          ({ versionId, definitionText }) => versionId ?? definitionText,
        );
        expect(changes).toEqual(['one', 9, 10, 11]);
      }),
    );
  });

  test('about a role, a user, a group and a policy of one name stay apart', () => {
    const policyArn = 'arn:aws:iam::111122223333:policy/x';
    const records = [
      cloudTrail('TagRole', { roleName: 'x' }, IAM),
      cloudTrail('TagUser', { userName: 'x' }, IAM),
      cloudTrail('PutGroupPolicy', { groupName: 'x' }, IAM),
      cloudTrail('SetDefaultPolicyVersion', { policyArn }, IAM),
      cloudTrail('SetDefaultPolicyVersion', { policyArn: policyArn.replace('/x', '/teams/x') }, IAM),
      cloudTrail('AttachPolicy', { policyId: 'p-1' }, ORGANIZATIONS),
      cloudTrail('TagRole', { roleName: 'x' }, { ...IAM, recipientAccountId: '444455556666' }),
    ].map(only);
    expect(mergeRequests([...records, ...records])).toEqual(records);
  });

  test('take a job’s creator and name from its record, and its step from SageMaker’s own event', () => {
    const name = 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj';
    const record = only(
      stepJob({
        executionId: 'a1b2c3d4e5f6',
        step: 'TrainTheModelOfTheWholeTeam',
        name,
        role: 'steps/train',
      }),
    );
    const event = only({
      'detail-type': 'SageMaker Model Building Pipeline Execution Step Status Change',
      time: '2999-01-01T00:00:00Z',
      detail: {
        stepName: 'TrainTheModelOfTheWholeTeam',
        pipelineExecutionArn: EXECUTION,
        metadata: { trainingJob: { arn: sagemakerArn(`training-job/${name.toLowerCase()}`) } },
      },
    });
    for (const order of [
      [record, event],
      [event, record],
    ]) {
      expect(mergeRequests(order)).toEqual([
        expect.objectContaining({
          job: expect.objectContaining({
            name,
            nameKeepsCase: true,
            roleArns: [roleArn('steps/train')],
            caller: {
              principalArn: roleArn('pipelines/fraud'),
              claim: { by: 'session', executionId: 'a1b2c3d4e5f6', stepNameStart: 'TrainTheModelOfTheWh' },
            },
            step: { executionArn: EXECUTION, stepName: 'TrainTheModelOfTheWholeTeam' },
          }),
        }),
      ]);
      expect(mergeRequests(order)[0]).not.toHaveProperty('job.hasRecord');
    }
  });

  test('never mix what two creators of one job say', () => {
    const created = (second: number, userIdentity: object) =>
      only(
        cloudTrail(
          'CreateModel',
          { modelName: 'x' },
          { userIdentity, eventTime: `2026-11-20T10:00:0${second}Z` },
        ),
      );
    const posing = created(1, session('a', 'sagemaker-pipeline-a1b2c3d4e5f6-Model'));
    const again = created(2, session('b', 'maya'));
    for (const order of [
      [posing, again],
      [again, posing],
    ])
      expect(mergeRequests(order)).toMatchObject([{ job: { caller: { principalArn: roleArn('b') } } }]);
    expect(mergeRequests([posing, again])).not.toMatchObject([{ job: { caller: { claim: {} } } }]);
  });

  test('of different resources stay apart', () => {
    const records = [
      cloudTrail('UpdatePipeline', { pipelineName: 'a' }),
      cloudTrail('UpdatePipeline', { pipelineName: 'b' }),
      cloudTrail('PutBucketCors', { bucketName: 'a' }, S3),
    ];
    expect(mergeRequests(records.map(only))).toHaveLength(3);
  });
});
