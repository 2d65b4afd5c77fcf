import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreatePipelineCommand,
  DeletePipelineCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import { groupBy } from '../../shared/group-by.ts';
import { oncePer } from '../../shared/memo.ts';
import { ACCOUNT, type Place, REGION, roleArn } from '../support/builders/events.ts';
import { tellSteps } from '../support/emulators/execution-steps.ts';
import {
  ACCOUNTS,
  bucketsOf,
  definitionOf,
  type Executions,
  executionRoleArn,
  jobIn,
  lastingPipelines,
  type Pipeline,
  pipelineArn,
  policyOf,
  type Role,
  STEP,
  type State,
  statesOf,
  trustDocumentIn,
} from './account.ts';

export type LiveAccounts = {
  executions: Executions;
  /** Changes the accounts to this state; parts that have the state already are left alone. */
  change(state: State): Promise<void>;
  /** Has SageMaker know the jobs of these events as started by the steps of their executions. */
  tellJobs(events: readonly object[]): Promise<void>;
  stop(): void;
};

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
type Client = { endpoint: string; region: string; credentials: Credentials };

const CONCURRENCY = 4;

/** The clients of each account and Region. moto gives the credentials of a role to the role's account. */
const clientsIn = (client: Client) => {
  const made: { destroy(): void }[] = [];
  const sts = new STSClient(client);
  const kept = <T extends { destroy(): void }>(each: T): T => {
    made.push(each);
    return each;
  };
  const credentialsOf = oncePer(async (account: string): Promise<Credentials> => {
    if (account === ACCOUNT) return client.credentials;
    const RoleArn = roleArn('Owner', account);
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'owner' }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  });
  const optionsIn = async ({ account, region }: Place): Promise<Client> => ({
    ...client,
    region,
    credentials: await credentialsOf(account),
  });
  const sagemakers = oncePer(async (place: string) => {
    const [account = '', region = ''] = place.split(' ');
    return kept(new SageMakerClient(await optionsIn({ account, region })));
  });
  return {
    iam: oncePer(async (account: string) =>
      kept(new IAMClient(await optionsIn({ account, region: REGION }))),
    ),
    s3: async (account: string) =>
      kept(new S3Client({ ...(await optionsIn({ account, region: REGION })), forcePathStyle: true })),
    sagemaker: ({ account, region }: Place) => sagemakers(`${account} ${region}`),
    stop: () => {
      for (const each of [sts, ...made]) each.destroy();
    },
  };
};

/**
 * Makes the accounts in moto in the state of their first phase, with two executions of each pipeline that exists in all
 * phases.
 */
export const makeAccounts = async (client: Client, events: number): Promise<LiveAccounts> => {
  const clients = clientsIn(client);
  const limit = pLimit(CONCURRENCY);
  const known = { roles: new Map<string, Role>(), pipelines: new Map<string, Pipeline>() };

  const makeRole = async (role: Role): Promise<void> => {
    const { account, name: RoleName, path: Path } = role;
    const iam = await clients.iam(account);
    const key = `${account} ${RoleName}`;
    const before = known.roles.get(key);
    if (!before) {
      const AssumeRolePolicyDocument = JSON.stringify(trustDocumentIn(account));
      await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
    }
    if (before?.isAmiss !== role.isAmiss) {
      const PolicyDocument = JSON.stringify(policyOf(role));
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }));
    }
    known.roles.set(key, role);
  };
  const makePipeline = async (pipeline: Pipeline): Promise<void> => {
    const sagemaker = await clients.sagemaker(pipeline);
    const arn = pipelineArn(pipeline);
    const before = known.pipelines.get(arn);
    const given = {
      PipelineName: pipeline.name,
      PipelineDefinition: definitionOf(pipeline),
      RoleArn: executionRoleArn(pipeline),
    };
    if (!before)
      await sagemaker.send(new CreatePipelineCommand({ ...given, ClientRequestToken: token(pipeline.name) }));
    else if (before.isBroken !== pipeline.isBroken) await sagemaker.send(new UpdatePipelineCommand(given));
    known.pipelines.set(arn, pipeline);
  };
  const change: LiveAccounts['change'] = async ({ roles, pipelines }) => {
    await limit.map(roles, makeRole);
    await limit.map(pipelines, makePipeline);
    const there = new Set(pipelines.map(pipelineArn));
    const gone = [...known.pipelines].filter(([arn]) => !there.has(arn));
    await limit.map(gone, async ([arn, pipeline]) => {
      const { name: PipelineName } = pipeline;
      const sagemaker = await clients.sagemaker(pipeline);
      const ClientRequestToken = token(PipelineName);
      await sagemaker.send(new DeletePipelineCommand({ PipelineName, ClientRequestToken }));
      known.pipelines.delete(arn);
    });
  };
  const start = async (pipeline: Pipeline): Promise<string> => {
    const { name: PipelineName } = pipeline;
    const ClientRequestToken = token(PipelineName);
    const command = new StartPipelineExecutionCommand({ PipelineName, ClientRequestToken });
    return (await (await clients.sagemaker(pipeline)).send(command)).PipelineExecutionArn ?? '';
  };

  const [first] = statesOf(events);
  if (!first) throw new Error('there is no phase');
  for (const account of ACCOUNTS) {
    const s3 = await clients.s3(account);
    for (const Bucket of bucketsOf(account))
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
      );
  }
  const executions = new Map<string, { clean: string; broken: string }>();
  const lasting = lastingPipelines(events);
  await change({ ...first, pipelines: first.pipelines.map((one) => ({ ...one, isBroken: true })) });
  const broken = new Map(
    await limit.map(lasting, async (each) => [pipelineArn(each), await start(each)] as const),
  );
  await change({ ...first, pipelines: first.pipelines.map((one) => ({ ...one, isBroken: false })) });
  await limit.map(lasting, async (each) => {
    const arn = pipelineArn(each);
    executions.set(arn, { broken: broken.get(arn) ?? '', clean: await start(each) });
  });
  await change(first);
  const tellJobs = async (sent: readonly object[]): Promise<void> => {
    const ofExecutions = groupBy(
      sent.flatMap((event) => jobIn(event) ?? []),
      ({ executionArn }) => executionArn,
    );
    await limit.map([...ofExecutions], async ([executionArn, jobs]) => {
      const [, , , region = '', account = ''] = executionArn.split(':');
      await tellSteps(
        await clients.sagemaker({ account, region }),
        executionArn,
        STEP,
        jobs.map(({ jobArn }) => jobArn),
      );
    });
  };
  return { executions, change, tellJobs, stop: clients.stop };
};

const token = (name: string): string => `faults-${name}-${Date.now()}`.padEnd(32, '-');
