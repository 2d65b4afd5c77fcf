import { describe } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/job-role-as-declared.ts';
import type { Declaration, JobFact } from '../../../shared/facts/facts.ts';
import { controlCases, definitionOf, step } from '../../support/builders/control-cases.ts';

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const FRAUD = role('pipelines/fraud');
const GOOD = role('steps/train');
const OTHER = role('steps/other');
const ADMIN = role('admin');

type Declared = {
  steps: object[];
  parameters?: Record<string, unknown>;
  startedWith?: Record<string, string> | undefined;
  /** The number of steps that may have started the job. */
  fitting?: number;
};

const declarationOf = ({ steps, parameters, startedWith, fitting = steps.length }: Declared): Declaration => {
  const definition = definitionOf(steps, parameters);
  return {
    pipelineName: 'fraud-daily',
    pipelineRoleArn: FRAUD,
    executionId: 'a1b2c3d4e5f6',
    definition,
    steps: definition.steps.slice(0, fitting),
    ...(startedWith ? { parameters: startedWith } : {}),
  };
};

const training = (RoleArn?: unknown, name = 'Train') =>
  step(name, 'Training', RoleArn === undefined ? {} : { RoleArn });
const parameter = (name: string) => ({ Get: `Parameters.${name}` });

type Stated = {
  runsAs?: string[];
  kind?: JobFact['kind'];
  principalArn?: string;
  /** Null for a job that no pipeline started. */
  declared?: Declared | null;
  origin?: JobFact['origin'];
  hasRecord?: true;
  roles?: Config['roles'];
};

const BY_PIPELINE: JobFact['origin'] = {
  startedBy: 'pipeline',
  pipelineName: 'fraud-daily',
  executionId: 'a1b2c3d4e5f6',
};
const POSING: Stated = {
  declared: null,
  principalArn: role('data-scientist'),
  origin: { startedBy: 'caller', falseClaim: 'a session is named as a step’s, but no step has started it' },
};
const UNTOLD: Stated = {
  declared: null,
  origin: {
    startedBy: 'unknown',
    unread: { call: 'ListPipelineExecutionSteps', code: 'NotNamed', message: 'm' },
  },
};

const BY_HAND = { declared: null, principalArn: role('data-scientist') };
const LISTED = { steps: [role('steps/*')], execution: [FRAUD] };

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({
      runsAs = [GOOD],
      kind = 'training-job',
      principalArn = FRAUD,
      declared = { steps: [training(GOOD)] },
      origin = declared ? BY_PIPELINE : { startedBy: 'caller' },
      hasRecord,
      roles,
    }) => ({
      facts: {
        job: {
          kind,
          arn: 'arn:x',
          name: 'x',
          nameKeepsCase: true,
          roleArns: runsAs,
          ...(principalArn !== '' && { principalArn }),
          origin,
          ...(hasRecord && { hasRecord }),
        },
        declaration: declared && declarationOf(declared),
      },
      ...(roles ? { config: { roles } } : {}),
    }),
    passes: {
      'the role that the step names': {},
      'the role that the pipeline has now, where the step names none and nobody told who called': {
        runsAs: [FRAUD],
        principalArn: '',
        declared: { steps: [training()] },
      },
      'the execution role where the step names none': { runsAs: [FRAUD], declared: { steps: [training()] } },
      'the role of either step that can have started it': {
        runsAs: [OTHER],
        declared: { steps: [training(GOOD), training(OTHER, 'Train-2')] },
      },
      'a parameter’s default, with the start known': {
        declared: { steps: [training(parameter('Role'))], parameters: { Role: GOOD }, startedWith: {} },
      },
      'a parameter’s default, with the start unknown': {
        declared: { steps: [training(parameter('Role'))], parameters: { Role: GOOD } },
      },
      'the value that the execution was started with': {
        runsAs: [OTHER],
        declared: {
          steps: [training(parameter('Role'))],
          parameters: { Role: GOOD },
          startedWith: { Role: OTHER },
        },
      },
      'the execution’s id in the role': {
        runsAs: [role('steps/a1b2c3d4e5f6')],
        declared: {
          steps: [
            training({
              'Std:Join': { On: '/', Values: [role('steps'), { Get: 'Execution.PipelineExecutionId' }] },
            }),
          ],
        },
      },
      'every role of a tuning job': {
        kind: 'hyper-parameter-tuning-job',
        runsAs: [GOOD, OTHER],
        declared: {
          steps: [
            step('Tune', 'Tuning', { TrainingJobDefinitions: [{ RoleArn: GOOD }, { RoleArn: OTHER }] }),
          ],
        },
      },
      'a job by hand under a listed step role': { ...BY_HAND, roles: LISTED },
      'a job by hand under a listed execution role': { ...BY_HAND, runsAs: [FRAUD], roles: LISTED },
    },
    fails: {
      'a job whose creator poses as a pipeline’s step, although its role is a listed one': {
        ...POSING,
        roles: LISTED,
        told: {
          evidence: [['userIdentity', 'a session is named as a step’s, but no step has started it']],
          remedy: `Find out what ${role('data-scientist')} wants with it`,
        },
      },
      'a job whose creator poses as a pipeline’s step, under a role that is not listed': {
        ...POSING,
        runsAs: [ADMIN],
        roles: LISTED,
        told: {
          evidence: [
            ['userIdentity', 'a session is named as a step’s'],
            ['RoleArn', ADMIN],
          ],
        },
      },
      'a transform job whose creator poses as a pipeline’s step, and no roles are configured': {
        ...POSING,
        kind: 'transform-job',
        runsAs: [],
        told: { evidence: [['userIdentity', 'a session is named as a step’s']] },
      },
      'another role, although it is a listed one': {
        runsAs: [OTHER],
        roles: LISTED,
        told: {
          evidence: [['RoleArn', OTHER]],
          expected: `step Train declares ${GOOD} (/Steps/0/Arguments/RoleArn)`,
          remedy:
            'declare the role in the step if it is the right one. In step Train: SDK 2: Estimator(role=…). SDK 3: ModelTrainer(role=…).',
        },
      },
      'the execution role where the step names another': {
        runsAs: [FRAUD],
        told: { evidence: [['RoleArn', FRAUD]] },
      },
      'another role where the step names none': {
        runsAs: [GOOD],
        declared: { steps: [training()] },
        told: {
          evidence: [['RoleArn', GOOD]],
          expected: `${FRAUD}, as step Train declares no role (/Steps/0)`,
        },
      },
      'the default of a parameter that was started with another value': {
        declared: {
          steps: [training(parameter('Role'))],
          parameters: { Role: GOOD },
          startedWith: { Role: OTHER },
        },
        told: { evidence: [['RoleArn', GOOD]], expected: OTHER },
      },
      'one wrong role of several': {
        kind: 'hyper-parameter-tuning-job',
        runsAs: [GOOD, ADMIN],
        declared: { steps: [step('Tune', 'Tuning', { TrainingJobDefinition: { RoleArn: GOOD } })] },
        told: { evidence: [['TrainingJobDefinition.RoleArn, TrainingJobDefinitions[].RoleArn', ADMIN]] },
      },
      'a model under another role, by its own field': {
        kind: 'model',
        runsAs: [ADMIN],
        declared: { steps: [step('Model', 'Model', { ExecutionRoleArn: GOOD })] },
        told: { evidence: [['ExecutionRoleArn', ADMIN]] },
      },
      'a job by hand under a role that is not listed': {
        ...BY_HAND,
        runsAs: [ADMIN],
        roles: LISTED,
        told: {
          evidence: [['RoleArn', ADMIN]],
          expected: `one of the authorised roles: ${role('steps/*')}, ${FRAUD}`,
        },
      },
      'a job by hand under its creator’s own role': {
        ...BY_HAND,
        runsAs: [role('data-scientist')],
        roles: { steps: [role('steps/*')] },
        told: { evidence: [['RoleArn', role('data-scientist')]] },
      },
    },
    isNotAvailable: {
      'a listed role, and nobody knows who started the job': {
        ...UNTOLD,
        roles: LISTED,
        told: {
          evidence: [
            ['ListPipelineExecutionSteps', 'NotNamed: m'],
            ['RoleArn', GOOD],
          ],
          remedy: 'Audit it together with the StartPipelineExecution event',
        },
      },
      'a role that is not listed, and nobody knows who started the job': {
        ...UNTOLD,
        runsAs: [ADMIN],
        roles: LISTED,
        told: {
          evidence: [
            ['ListPipelineExecutionSteps', 'NotNamed: m'],
            ['RoleArn', ADMIN],
          ],
        },
      },
      'another role than the pipeline has now, where the step names none and nobody told who called': {
        runsAs: [OTHER],
        principalArn: '',
        declared: { steps: [training()] },
        told: { evidence: [['RoleArn', OTHER]], expected: FRAUD },
      },
      'another role than the default, with the start unknown': {
        runsAs: [OTHER],
        declared: { steps: [training(parameter('Role'))], parameters: { Role: GOOD } },
        told: { evidence: [['RoleArn', OTHER]], expected: GOOD },
      },
      'a role that only the run knew': {
        declared: { steps: [training({ Get: 'Steps.A.Role' })], startedWith: {} },
        told: { evidence: [['RoleArn', GOOD]], expected: '{Steps.A.Role}' },
      },
      'no step can have started it': {
        declared: { steps: [training(GOOD)], fitting: 0 },
        told: { evidence: [['/Steps', 'no step of pipeline fraud-daily that can have started it']] },
      },
    },
    isNotApplicable: {
      'SageMaker’s own event of a job, whose record tells who started it': {
        ...UNTOLD,
        runsAs: [ADMIN],
        hasRecord: true,
        roles: LISTED,
      },
      'a transform job, and nobody knows who started it': { ...UNTOLD, kind: 'transform-job', runsAs: [] },
      'a transform job names no role': { kind: 'transform-job', runsAs: [] },
      'a job by hand, and no roles are configured': { ...BY_HAND },
    },
  });
});
