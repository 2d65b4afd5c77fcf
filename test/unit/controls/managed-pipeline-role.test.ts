import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/managed-pipeline-role.ts';
import type { StartRoleFact } from '../../../shared/facts/facts.ts';
import { controlCases } from '../../support/builders/control-cases.ts';

const TUNE = 'arn:aws:sagemaker:eu-west-1:aws:pipeline/tune';
const MAYA = 'arn:aws:iam::111122223333:user/maya';
const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

type Case = Partial<StartRoleFact>;

describe(control.id, () => {
  controlCases<Case>(control, {
    given: (told) => ({
      facts: {
        startRole: {
          pipelineArn: TUNE,
          roleArn: role('pipelines/tune'),
          toldBy: 'StartPipelineExecution',
          principalArn: MAYA,
          ...told,
        },
      },
      config: { roles: { execution: [role('pipelines/*')], steps: [role('steps/*')] } },
    }),
    passes: {
      'an execution role': {},
      'a step role': { roleArn: role('steps/tune') },
    },
    fails: {
      'a role that is not authorised': {
        roleArn: role('admin'),
        told: {
          evidence: [['StartPipelineExecution', `${MAYA} started ${TUNE} with the role ${role('admin')}`]],
          expected: role('pipelines/*'),
          remedy: `see what pass-role-scoped finds of ${MAYA}`,
        },
      },
      'a role of another account': {
        roleArn: 'arn:aws:iam::444455556666:role/pipelines/tune',
        told: { evidence: [['StartPipelineExecution', 'arn:aws:iam::444455556666:role/pipelines/tune']] },
      },
      'a role that DescribePipelineExecution tells, of a caller whom the event does not name': {
        ...({ principalArn: undefined } as object),
        roleArn: role('admin'),
        toldBy: 'DescribePipelineExecution',
        told: { evidence: [['DescribePipelineExecution', `its caller started ${TUNE}`]] },
      },
    },
  });
});
