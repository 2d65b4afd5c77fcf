import { oncePer } from '../../shared/memo.ts';
import { jobEvent } from './events.ts';
import { type ScaleAccount, scaleAccount } from './scale-account.ts';
import { type Place, teamAt, teamRoles } from './scale-pipelines.ts';
import { ACCOUNT, REGION } from './training-job.ts';

/** The hub of the benchmark: its accounts, of which the first is its own, and the Regions of each. */
export const HUB_ACCOUNTS = [
  ACCOUNT,
  ...Array.from({ length: 499 }, (_, index) => String(200_000_000_000 + index * 7919)),
];
export const HUB_REGIONS = [REGION, 'eu-west-1', 'us-east-1', 'us-west-2'];
/** In each account and Region. */
export const PIPELINES = 50;

const SIZE = { roles: 25, pipelines: PIPELINES, buckets: 5, teams: 5 };

/** What an account has in a Region. Its roles are for all Regions. */
export const accountIn = oncePer((place: string): ScaleAccount => {
  const [account = '', region = ''] = place.split(' ');
  const everywhere = scaleAccount(SIZE, { account, region: '*' });
  return {
    ...everywhere,
    place: { account, region },
    pipelineAt: scaleAccount(SIZE, { account, region }).pipelineAt,
  };
});

/** The configuration means the account of each resource. */
const OF_EACH = { account: '${account}', region: '*' };

export const HUB_CONFIG = {
  ...scaleAccount(SIZE, OF_EACH).config,
  versionFloors: [],
  organization: { accounts: HUB_ACCOUNTS.slice(1), regions: HUB_REGIONS },
};

/** The id of an execution, which tells whether its job breaks the authorised prefixes. */
export const executionIdAt = (index: number, isBroken: boolean): string =>
  `${isBroken ? 'b' : 'a'}${index.toString(36).padStart(11, '0')}`;

/** The job that the step `Train` of an execution has started. */
export const jobOf = (executionArn: string) => {
  const [, , , region = '', account = '', resource = ''] = executionArn.split(':');
  const [, pipeline = '', , id = ''] = resource.split('/');
  const team = teamAt(Number(pipeline.slice(1, 4)));
  const name = `${id.startsWith('b') ? 'unknown' : team.prefix}-train-${id}-Ab3dEf6hIj`;
  const place = { account, region };
  return { place, team, name, id, arn: `arn:aws:sagemaker:${region}:${account}:training-job/${name}` };
};

/** The event of a job that an execution of a pipeline has started. */
export const stepJobEvent = (place: Place, pipeline: number, index: number, isBroken: boolean): object => {
  const { name: pipelineName, roleArn } = accountIn(`${place.account} ${place.region}`).pipelineAt(pipeline);
  const executionArn = `arn:aws:sagemaker:${place.region}:${place.account}:pipeline/${pipelineName}/execution/${executionIdAt(index, isBroken)}`;
  const { name, arn, id, team } = jobOf(executionArn);
  return jobEvent({
    ...place,
    name,
    arn,
    stepName: 'Train',
    roleArn,
    sessionName: `sagemaker-pipeline-${id}-Train`,
    sourceIPAddress: 'sagemaker.amazonaws.com',
    jobRoleArn: teamRoles(team, place).train,
    tags: [{ key: 'sagemaker:pipeline-execution-arn', value: executionArn }],
  });
};
