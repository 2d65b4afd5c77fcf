import { PREFIX } from '../accounts/training-job.ts';

/**
 * The ways in which Custodian can check that a new training job's name has an authorised prefix. `event` looks the
 * job up and filters it; `condition` looks it up only if the name in the event breaks the prefix; `pull` lists and
 * describes all jobs.
 */
export type CustodianMode = 'event' | 'condition' | 'pull';

const breaksPrefix = (type: 'value' | 'event', key: string) => ({
  not: [{ type, key, op: 'glob', value: `${PREFIX}-*` }],
});

const EVENT_MODE = {
  type: 'cloudtrail',
  // The id must be the ARN. Some published policies use the name, with which no job is ever found.
  events: [
    { source: 'sagemaker.amazonaws.com', event: 'CreateTrainingJob', ids: 'responseElements.trainingJobArn' },
  ],
};

/** The policy as data. `outputFolder` replaces the /tmp of a Lambda function. */
export const custodianPolicy = (mode: CustodianMode, outputFolder: string) => ({
  name: 'training-job-prefix',
  resource: 'aws.sagemaker-job',
  ...(mode === 'pull' ? {} : { mode: { ...EVENT_MODE, 'execution-options': { output_dir: outputFolder } } }),
  ...(mode === 'condition'
    ? { conditions: [breaksPrefix('event', 'detail.requestParameters.trainingJobName')] }
    : {}),
  // Only pull mode uses the query. Jobs in moto are Completed from the start.
  ...(mode === 'pull' ? { query: [{ StatusEquals: 'Completed' }, { MaxResults: 100 }] } : {}),
  filters: [breaksPrefix('value', 'TrainingJobName')],
  actions: [
    {
      type: 'post-finding',
      title: 'training-job-prefix',
      severity_label: 'HIGH',
      compliance_status: 'FAILED',
      types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
  ],
});
