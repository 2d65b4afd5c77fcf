import { describe, expect, test } from '@jest/globals';
import { parseDefinition } from '../../../../shared/definition/parse.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import { excerptAt } from '../../../../shared/outputs/report/excerpt.ts';
import type { Sources } from '../../../../shared/outputs/report/sources.ts';

const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/Fraud';
const ROLE = 'arn:aws:iam::111122223333:role/fraud';

const parsed = parseDefinition(
  JSON.stringify({
    Steps: [
      {
        Name: 'Good?',
        Type: 'Condition',
        Arguments: {
          IfSteps: [{ Name: 'Train', Type: 'Training', Arguments: { RoleArn: ROLE, Tags: [1, 2] } }],
        },
      },
    ],
  }),
);
if (!parsed.ok) throw new Error(parsed.error.message);
const statement = {
  Sid: 'Pass',
  Effect: 'Allow',
  Action: ['iam:PassRole'],
  Resource: '*',
  Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
};
const policy = readPolicy(
  { Version: '2012-10-17', Statement: [statement] },
  { name: `${ROLE} own`, kind: 'identity' },
);
const sources: Sources = {
  pipelines: new Map([[ARN.toLowerCase(), { name: 'Fraud', roleArn: ROLE, definition: parsed.definition }]]),
  policies: new Map([[policy.name, policy]]),
};

const excerpt = (at: string, arn = ARN): string | undefined =>
  excerptAt(at, arn, sources)
    ?.map(({ text, isMarked }) => `${isMarked ? '>' : ' '}${text}`)
    .join('\n');

describe('excerptAt', () => {
  test('marks a field of a step, and says where one is missing', () => {
    expect(excerpt('/Steps/0/Arguments/IfSteps/0/Arguments/RoleArn')).toBe(
      [
        ' {',
        '   "Name": "Train",',
        '   "Type": "Training",',
        '   "Arguments": {',
        `>    "RoleArn": "${ROLE}",`,
        '     "Tags": [ 1, 2 ]',
        '   }',
        ' }',
      ].join('\n'),
    );
    expect(excerpt('/Steps/0/Arguments/IfSteps/0/Arguments/TrainingJobName')).toContain(
      '>    "TrainingJobName" is missing',
    );
  });

  test('marks the whole of a statement, or the element at fault', () => {
    const whole = excerpt(`${ROLE} own/Statement/0`);
    expect(whole?.split('\n').every((line) => line.startsWith('>'))).toBe(true);
    expect(whole).toContain(
      '"Condition": { "StringEquals": { "iam:PassedToService": "sagemaker.amazonaws.com" } }',
    );
    expect(excerpt(`${ROLE} own/Statement/0/Resource`)).toContain('>  "Resource": "*"');
    expect(excerpt(`${ROLE} own/Statement/0/Action/0`)).toContain('>    "iam:PassRole"');
  });

  test('takes an execution’s evidence from its pipeline', () => {
    const at = `${ARN}/execution/z9y8x7w6v5u4 /Steps/0/Arguments/IfSteps/0/Name`;
    expect(excerpt(at, `${ARN}/execution/z9y8x7w6v5u4`)).toContain('>  "Name": "Train"');
  });

  test.each(['CORSRules[0]', '/Steps/7', 'elsewhere/Statement/0', `${ROLE} own/Statement/9`])(
    'has nothing to show of %s',
    (at) => expect(excerpt(at)).toBeUndefined(),
  );
});
