import { PREFIX } from '../accounts/training-job.ts';

/**
 * How Custodian may do the control "a new training job's name has an authorised prefix":
 * `event` looks the job up and filters it; `condition` looks it up only where the event's own name breaks the prefix;
 * `pull` lists and describes all jobs.
 */
export type CustodianMode = 'event' | 'condition' | 'pull';

const breaksPrefix = (type: 'value' | 'event', key: string) => ({
  not: [{ type, key, op: 'glob', value: `${PREFIX}-*` }],
});

const EVENT_MODE = {
  type: 'cloudtrail',
  // The resource's id is its ARN: with the name, which some published policies give, no job is ever found.
  events: [
    { source: 'sagemaker.amazonaws.com', event: 'CreateTrainingJob', ids: 'responseElements.trainingJobArn' },
  ],
};

/** The policy, as data; `outputFolder` takes the place of the /tmp of a Lambda function. */
export const custodianPolicy = (mode: CustodianMode, outputFolder: string) => ({
  name: 'training-job-prefix',
  resource: 'aws.sagemaker-job',
  ...(mode === 'pull' ? {} : { mode: { ...EVENT_MODE, 'execution-options': { output_dir: outputFolder } } }),
  ...(mode === 'condition'
    ? { conditions: [breaksPrefix('event', 'detail.requestParameters.trainingJobName')] }
    : {}),
  // Only pull mode heeds the query. Jobs of moto are Completed from the start.
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
