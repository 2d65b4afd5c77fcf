import { roleArn } from './events.ts';

/** The configuration of an account whose pipelines fraud-… train under one prefix. */
export const FRAUD_CONFIG = {
  version: 1,
  prefixes: [
    {
      prefix: 'fraud-train',
      stepTypes: ['Training'],
      roles: [roleArn('pipelines/fraud')],
      pipelines: ['fraud-*'],
    },
  ],
  roles: { execution: [roleArn('pipelines/*')], steps: [roleArn('steps/*')] },
};

/** The definition of a pipeline that keeps to it. */
export const FRAUD_DEFINITION = JSON.stringify({
  Version: '2020-12-01',
  Steps: [
    {
      Name: 'Train',
      Type: 'Training',
      Arguments: { TrainingJobName: 'fraud-train', RoleArn: roleArn('steps/train') },
    },
  ],
});
