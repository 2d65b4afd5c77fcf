import { expect, test } from '@jest/globals';
import type { PipelineUse } from '../../../shared/facts/pipeline-use.ts';
import { rosterOf } from '../../../shared/facts/roster.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';

const useBy = (name: string): PipelineUse => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
  roleArn: ROLE,
  roles: [
    {
      roleArn: ROLE,
      isExecutionRole: true,
      steps: [],
      needs: [
        {
          kind: 'job',
          need: { action: 'sagemaker:CreateTrainingJob', resource: '*' },
          step: 'Train',
          pointer: '/Steps/0',
        },
      ],
      foreign: [],
      open: [],
      services: ['sagemaker.amazonaws.com'],
    },
  ],
  imageInputs: [],
});

test('the order in which pipelines were read does not show', () => {
  const uses = Array.from({ length: 30 }, (_, index) => useBy(`p${index}`));
  const roster = rosterOf(uses, ['y', 'x']);
  expect(roster).toEqual(rosterOf(uses.toReversed(), ['x', 'y']));
  const role = roster.roles.get(ROLE);
  expect(role?.executes.slice(0, 3).map(({ name }) => name)).toEqual(['p0', 'p1', 'p10']);
  expect(role?.needs).toHaveLength(1);
  expect(role?.needs[0]).toMatchObject({ count: 30 });
});
