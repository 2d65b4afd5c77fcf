import { describe, expect, test } from '@jest/globals';
import type { AuditRequest, RequestOf } from '../../../shared/requests/audit-request.ts';
import { cloudTrail, roleArn, sagemakerArn, session } from '../../support/builders/events.ts';
import { only, read } from '../../support/builders/reading.ts';

const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');
const PIPELINE = sagemakerArn('pipeline/fraud');

const executionsOf = (request: AuditRequest) => (request.type === 'pipeline' ? request.executions : []);

describe('a record about a pipeline', () => {
  test.each<[string, unknown, object]>([
    [
      'CreatePipeline',
      { pipelineName: 'fraud' },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
    ['UpdatePipeline', { pipelineName: 'fraud', roleArn: roleArn('x') }, {}],
    ['UpdatePipelineVersion', { pipelineArn: sagemakerArn('pipeline/fraud'), pipelineVersionId: 7 }, {}],
    ['StartPipelineExecution', { pipelineName: sagemakerArn('pipeline/fraud') }, {}],
    ['StartPipelineExecution', null, { responseElements: { pipelineExecutionArn: EXECUTION } }],
    ['RetryPipelineExecution', { pipelineExecutionArn: EXECUTION }, {}],
    ['RetryPipelineExecution', null, { responseElements: { pipelineExecutionArn: EXECUTION } }],
    ['DeletePipeline', { pipelineName: 'fraud' }, {}],
    [
      'UpdatePipeline',
      { reason: 'requestParameters too large', omitted: 'true', originalSize: '149893' },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
    [
      'UpdatePipeline',
      { omitted: true },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
  ])('%s %j', (eventName, request, fields) => {
    expect(only(cloudTrail(eventName, request, fields as Record<string, unknown>))).toMatchObject({
      type: 'pipeline',
      name: 'fraud',
      resource: { type: 'pipeline', arn: sagemakerArn('pipeline/fraud') },
      deleted: eventName === 'DeletePipeline',
      trigger: { eventName },
    });
  });

  test.each<[string, unknown, RequestOf<'pipeline'>['changed']]>([
    ['CreatePipeline', { pipelineName: 'fraud' }, ['existence', 'definition']],
    ['UpdatePipeline', { pipelineName: 'fraud' }, ['definition']],
    ['UpdatePipelineVersion', { pipelineArn: PIPELINE }, ['version']],
    ['StartPipelineExecution', { pipelineName: 'fraud' }, ['execution']],
    ['RetryPipelineExecution', { pipelineExecutionArn: EXECUTION }, ['execution']],
    ['DeletePipeline', { pipelineName: 'fraud' }, ['existence']],
  ])('%s %j changes its %j', (eventName, request, changed) => {
    expect(only(cloudTrail(eventName, request)).changed).toEqual(changed);
  });

  test('of a retry tells the execution and who called, and neither its parameters nor its version', () => {
    const retry = cloudTrail('RetryPipelineExecution', { pipelineExecutionArn: EXECUTION });
    expect(executionsOf(only(retry))).toEqual([
      {
        executionArn: EXECUTION,
        principalArn: roleArn('data-scientist'),
        isRetried: true,
        trigger: expect.objectContaining({ eventName: 'RetryPipelineExecution' }),
      },
    ]);
  });

  test.each<[string, unknown, Record<string, string>]>([
    [
      'a list',
      [
        { name: 'A', value: 'x' },
        { Name: 'B', Value: 2 },
      ],
      { A: 'x', B: '2' },
    ],
    ['one object', { name: 'A', value: true }, { A: 'true' }],
    ['nothing', null, {}],
  ])(
    'has the parameters that an execution was started with, given as %s',
    (_, pipelineParameters, parameters) => {
      const start = cloudTrail(
        'StartPipelineExecution',
        { pipelineName: 'fraud', pipelineParameters },
        { responseElements: { pipelineExecutionArn: EXECUTION } },
      );
      expect(only(start)).toMatchObject({
        executions: [{ executionArn: EXECUTION, parameters, isVersionChosen: false }],
      });
    },
  );

  test.each<[object, object]>([
    [{ pipelineVersionId: 3 }, { isVersionChosen: true, versionId: 3 }],
    [{ PipelineVersionID: '12' }, { isVersionChosen: true, versionId: 12 }],
    [{ pipelineVersionAlias: 'prod' }, { isVersionChosen: true }],
    [{ pipelineVersionId: '007' }, { isVersionChosen: true }],
    [{ pipelineVersionId: -1 }, { isVersionChosen: true }],
    [{ pipelineVersionId: 1.5 }, { isVersionChosen: true }],
    [{ pipelineVersionId: '99999999999999999999' }, { isVersionChosen: true }],
    [{ pipelineVersionId: [3] }, { isVersionChosen: true }],
    [{ pipelineVersionId: { omitted: true } }, { isVersionChosen: true }],
    [{ pipelineVersionId: null }, { isVersionChosen: false }],
  ])('knows the version that an execution runs: %j', (chosen, version) => {
    const request = only(cloudTrail('StartPipelineExecution', { pipelineName: 'fraud', ...chosen }));
    const { executionArn, parameters, trigger, ...told } = executionsOf(request)[0] ?? {};
    expect(told).toEqual({ principalArn: roleArn('data-scientist'), ...version });
  });

  test.each<[unknown, object, object]>([
    [{ pipelineVersionId: 7, pipelineVersionDisplayName: 'july' }, {}, { versionId: 7 }],
    [{ PIPELINEVERSIONID: '7' }, {}, { versionId: 7 }],
    [{ omitted: 'true' }, { pipelineVersionId: 7 }, { versionId: 7 }],
    [{ pipelineVersionId: 'seven' }, {}, {}],
    [{}, {}, {}],
  ])('knows the version that was changed: %j, answered %j', (request, response, version) => {
    const update = cloudTrail(
      'UpdatePipelineVersion',
      { ...(request as object), ...('omitted' in (request as object) ? {} : { pipelineArn: PIPELINE }) },
      { responseElements: { pipelineArn: PIPELINE, ...response } },
    );
    expect(only(update)).toMatchObject({ name: 'fraud', executions: [] });
    expect(only(update)).toHaveProperty('versionUpdates', [
      {
        principalArn: roleArn('data-scientist'),
        ...version,
        trigger: expect.objectContaining({ eventName: 'UpdatePipelineVersion' }),
      },
    ]);
    expect(only(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }))).not.toHaveProperty(
      'versionUpdates',
    );
  });

  test.each(['StartPipelineExecution', 'UpdatePipelineVersion'])(
    '%s by a session whose role is not told names nobody',
    (eventName) => {
      const { sessionContext: _, ...userIdentity } = session('data-scientist', 'maya');
      const request = only(cloudTrail(eventName, { pipelineArn: PIPELINE }, { userIdentity }));
      const [told] =
        request.type === 'pipeline' ? [...request.executions, ...(request.versionUpdates ?? [])] : [];
      expect(told?.trigger.eventName).toBe(eventName);
      expect(told).not.toHaveProperty('principalArn');
    },
  );

  test.each<[string, unknown]>([
    [
      'some that are none',
      { pipelineName: 'fraud', pipelineParameters: [{ name: 'A' }, { name: 'B', value: 'x' }] },
    ],
    ['some that CloudTrail left out', { pipelineName: 'fraud', pipelineParameters: { omitted: true } }],
  ])('does not say with which parameters an execution was started where it holds %s', (_, request) => {
    const fields = { responseElements: { pipelineExecutionArn: EXECUTION } };
    const [told] = executionsOf(only(cloudTrail('StartPipelineExecution', request, fields)));
    expect(told).toMatchObject({ executionArn: EXECUTION, isVersionChosen: false });
    expect(told).not.toHaveProperty('parameters');
  });

  test.each<[string, unknown]>([
    ['left out', { omitted: 'true', reason: 'requestParameters too large' }],
    ['nothing', null],
  ])('does not say which version an execution runs where its request is %s', (_, request) => {
    const fields = { responseElements: { pipelineExecutionArn: EXECUTION } };
    const [told] = executionsOf(only(cloudTrail('StartPipelineExecution', request, fields)));
    expect(told).toEqual({
      executionArn: EXECUTION,
      principalArn: roleArn('data-scientist'),
      trigger: expect.objectContaining({ eventName: 'StartPipelineExecution' }),
    });
  });

  test('takes the execution from the response, which its caller did not write', () => {
    const request = { pipelineName: 'fraud', pipelineExecutionArn: EXECUTION };
    const fields = { responseElements: { pipelineExecutionArn: `${PIPELINE}/execution/zzzzzzzzzzzz` } };
    const arnOf = (answer: object) =>
      executionsOf(only(cloudTrail('StartPipelineExecution', request, answer as Record<string, unknown>)))[0]
        ?.executionArn;
    expect([arnOf(fields), arnOf({})]).toEqual([`${PIPELINE}/execution/zzzzzzzzzzzz`, undefined]);
  });

  test.each<[string, object, object, object | undefined]>([
    [
      'UpdatePipeline',
      { pipelineDefinition: '{"Steps": []}', roleArn: roleArn('x') },
      { pipelineVersionId: 7 },
      { definitionText: '{"Steps": []}', roleArn: roleArn('x'), versionId: 7 },
    ],
    [
      'CreatePipeline',
      { pipelineDefinition: { omitted: true }, roleArn: roleArn('x') },
      {},
      { roleArn: roleArn('x') },
    ],
    ['UpdatePipeline', {}, { pipelineVersionId: '8' }, { versionId: 8 }],
    ['UpdatePipeline', { pipelineVersionId: 3 }, {}, {}],
    ['StartPipelineExecution', { pipelineDefinition: '{}' }, {}, undefined],
    ['DeletePipeline', {}, {}, undefined],
  ])('%s has the definition that the call set: %j, answered %j', (eventName, request, response, change) => {
    const told = only(
      cloudTrail(
        eventName,
        { pipelineName: 'fraud', ...request },
        { responseElements: { pipelineArn: PIPELINE, ...response } },
      ),
    );
    const changes = told.type === 'pipeline' ? told.definitionChanges : [];
    expect(changes).toEqual(change && [{ ...change, trigger: expect.objectContaining({ eventName }) }]);
  });

  test('is ignored where another service has the same operation', () => {
    for (const eventSource of ['codepipeline.amazonaws.com', 'datapipeline.amazonaws.com']) {
      const { requests, ignored } = read(cloudTrail('CreatePipeline', { name: 'web' }, { eventSource }));
      expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining(eventSource)]);
    }
  });

  test('of a call that failed changed nothing', () => {
    const { requests, ignored } = read(cloudTrail('UpdatePipeline', null, { errorCode: 'AccessDenied' }));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('AccessDenied')]);
  });

  test.each<[string, unknown]>([
    ['UpdatePipeline', null],
    ['UpdatePipeline', { omitted: 'true', reason: 'requestParameters too large' }],
    ['UpdatePipelineVersion', { pipelineVersionId: 7 }],
    ['StartPipelineExecution', { pipelineName: '' }],
  ])('%s %j that names no pipeline is unreadable, and kept', (eventName, request) => {
    const { requests, unreadable } = read(cloudTrail(eventName, request));
    expect([requests, unreadable]).toEqual([
      [],
      [
        expect.objectContaining({
          at: 'input',
          reason: expect.stringContaining('names no pipeline'),
          trigger: expect.objectContaining({ eventName }),
          excerpt: expect.stringContaining('eventName'),
        }),
      ],
    ]);
  });

  test.each([
    'AddTags',
    'DeleteTags',
    'StopPipelineExecution',
    'UpdatePipelineExecution',
    'SendPipelineExecutionStepSuccess',
    'SendPipelineExecutionStepFailure',
  ])('%s changes nothing', (eventName) => {
    const { requests, ignored } = read(
      cloudTrail(eventName, { resourceArn: sagemakerArn('pipeline/fraud') }),
    );
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('changes nothing')]);
  });
});
