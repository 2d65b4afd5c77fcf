import { describe, expect, test } from '@jest/globals';
import { ACCOUNT_EXAMPLE, accountPlan } from '../../../scripts/sandbox-account-plan.ts';
import { answersText, PROBES } from '../../../scripts/sandbox-probes.ts';
import { NAME } from '../../../scripts/sandbox-steps.ts';

const answerOf = (part: string, kept: Record<string, unknown>): string | undefined => {
  const probe = PROBES.find(({ question }) => question.includes(part));
  if (!probe) throw new Error(`no question ${part}`);
  return probe.answer(new Map(Object.entries(kept)));
};
const byPipeline = (requestParameters: object, over: object = {}) => ({
  userIdentity: {
    arn: `arn:aws:sts::111122223333:assumed-role/${NAME}-execution/sagemaker-pipeline-abcdefghijkl-x`,
  },
  requestParameters,
  ...over,
});

test('each question is answered by what the plan keeps', () => {
  const kept = accountPlan(ACCOUNT_EXAMPLE).phases.flatMap(({ steps }) =>
    steps.flatMap(({ keeps }) => keeps?.as ?? []),
  );
  for (const { from } of PROBES) expect(kept).toEqual(expect.arrayContaining([...from]));
});

test('nothing is told where nothing was kept', () => {
  for (const { answer } of PROBES) expect(answer(new Map())).toBeUndefined();
  expect(answersText(new Map()).match(/^Not told\.$/gm)).toHaveLength(PROBES.length);
});

describe('records tell', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'as it was sent',
      { 'records-CreatePipeline': [{ requestParameters: { pipelineName: NAME, pipelineDefinition: '{}' } }] },
      'a text of 2 characters',
    ],
    [
      'over 100 KB',
      { 'records-CreatePipeline': [{ requestParameters: { omitted: true, reason: 'too large' } }] },
      '"omitted":true',
    ],
    [
      'Whom does',
      { 'records-CreateProcessingJob': [byPipeline({}, { sourceIPAddress: 'sagemaker.amazonaws.com' })] },
      '"invokedBy":null,"sourceIPAddress":"sagemaker.amazonaws.com"',
    ],
    [
      'underscore',
      { 'records-CreateProcessingJob': [byPipeline({ processingJobName: 'pipelines-abc-Under-score-x' })] },
      'pipelines-abc-Under-score-x',
    ],
    [
      '39 to 63',
      { steps: { PipelineExecutionSteps: [{ StepName: 'LongPrefix', FailureReason: 'too long' }] } },
      'too long',
    ],
    ['And an AutoML job', { 'records-CreateAutoMLJobV2': [byPipeline({ autoMLJobName: 'x' })] }, '"x"'],
    [
      'names no version',
      { 'start-without-version': { refused: 'AccessDeniedException' } },
      'refused: AccessDenied',
    ],
    ['names no version', { 'start-without-version': { PipelineExecutionArn: 'arn' } }, 'allowed'],
    [
      'with a qualifier',
      {
        'invoke-unqualified': { refused: 'AccessDeniedException' },
        'invoke-latest': { StatusCode: 200, FunctionError: 'Unhandled' },
      },
      'without one refused: AccessDeniedException; with $LATEST allowed',
    ],
    [
      'an event source mapping call',
      {
        'records-Invoke': [
          {
            userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
            userAgent: 'lambda.amazonaws.com',
          },
          { userIdentity: { type: 'AssumedRole' }, userAgent: 'aws-cli/2.0' },
        ],
      },
      '{"type":"AWSService","invokedBy":"lambda.amazonaws.com","role":null,"userAgent":"lambda.amazonaws.com"}',
    ],
    ['names an alias', { 'create-alias': { refused: 'Unknown options' } }, 'refused: Unknown options'],
  ])('%s', (part, kept, answer) => {
    expect(answerOf(part, kept)).toContain(answer);
  });

  test('of one call alone nothing about what a qualifier changes', () => {
    const refused = { refused: 'AccessDeniedException' };
    expect(answerOf('with a qualifier', { 'invoke-latest': refused })).toBeUndefined();
  });

  test('of a person’s call nothing about the jobs of pipelines', () => {
    const record = {
      userIdentity: { arn: 'arn:aws:iam::111122223333:user/somebody' },
      requestParameters: {},
    };
    expect(answerOf('Whom does', { 'records-CreateProcessingJob': [record] })).toBeUndefined();
  });
});
