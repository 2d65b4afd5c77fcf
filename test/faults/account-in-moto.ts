import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreatePipelineCommand,
  DeletePipelineCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-sagemaker';
import pLimit from 'p-limit';
import { groupBy } from '../../shared/group-by.ts';
import { roleArn } from '../support/builders/events.ts';
import { tellSteps } from '../support/emulators/execution-steps.ts';
import {
  definitionOf,
  type Executions,
  executionRole,
  jobIn,
  lastingPipelines,
  type Pipeline,
  policyOf,
  type Role,
  STEP,
  type State,
  statesOf,
  trustDocument,
} from './account.ts';

export type LiveAccount = {
  executions: Executions;
  /** Changes the account to this state; parts that have the state already are left alone. */
  change(state: State): Promise<void>;
  /** Has SageMaker know the jobs of these events as started by the steps of their executions. */
  tellJobs(events: readonly object[]): Promise<void>;
  stop(): void;
};

type Client = {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};

const CONCURRENCY = 4;

/**
 * Makes the account in moto in the state of its first phase, with two executions of each pipeline that exists in all
 * phases.
 */
export const makeAccount = async (client: Client, events: number): Promise<LiveAccount> => {
  const iam = new IAMClient(client);
  const sagemaker = new SageMakerClient(client);
  const limit = pLimit(CONCURRENCY);
  const known = { roles: new Map<string, Role>(), pipelines: new Map<string, Pipeline>() };

  const putPolicy = (role: Role) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: role.name,
        PolicyName: 'own',
        PolicyDocument: JSON.stringify(policyOf(role)),
      }),
    );
  const makeRole = async (role: Role): Promise<void> => {
    const { name: RoleName, path: Path } = role;
    const before = known.roles.get(RoleName);
    if (!before) {
      const AssumeRolePolicyDocument = JSON.stringify(trustDocument);
      await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
    }
    if (before?.isWide !== role.isWide) await putPolicy(role);
    known.roles.set(RoleName, role);
  };
  const makePipeline = async (pipeline: Pipeline): Promise<void> => {
    const before = known.pipelines.get(pipeline.name);
    const given = {
      PipelineName: pipeline.name,
      PipelineDefinition: definitionOf(pipeline),
      RoleArn: roleArn(executionRole(pipeline.group)),
    };
    if (!before)
      await sagemaker.send(new CreatePipelineCommand({ ...given, ClientRequestToken: token(pipeline.name) }));
    else if (before.isBroken !== pipeline.isBroken) await sagemaker.send(new UpdatePipelineCommand(given));
    known.pipelines.set(pipeline.name, pipeline);
  };
  const change: LiveAccount['change'] = async ({ roles, pipelines }) => {
    await limit.map(roles, makeRole);
    await limit.map(pipelines, makePipeline);
    const gone = [...known.pipelines.keys()].filter((name) => !pipelines.some((one) => one.name === name));
    await limit.map(gone, async (PipelineName) => {
      await sagemaker.send(
        new DeletePipelineCommand({ PipelineName, ClientRequestToken: token(PipelineName) }),
      );
      known.pipelines.delete(PipelineName);
    });
  };
  const start = async (PipelineName: string): Promise<string> => {
    const ClientRequestToken = token(PipelineName);
    const command = new StartPipelineExecutionCommand({ PipelineName, ClientRequestToken });
    return (await sagemaker.send(command)).PipelineExecutionArn ?? '';
  };

  const [first] = statesOf(events);
  if (!first) throw new Error('there is no phase');
  const executions = new Map<string, { clean: string; broken: string }>();
  const lasting = lastingPipelines(events).map(({ name }) => name);
  await change({ ...first, pipelines: first.pipelines.map((one) => ({ ...one, isBroken: true })) });
  const broken = new Map(await limit.map(lasting, async (name) => [name, await start(name)] as const));
  await change({ ...first, pipelines: first.pipelines.map((one) => ({ ...one, isBroken: false })) });
  await limit.map(lasting, async (name) => {
    executions.set(name, { broken: broken.get(name) ?? '', clean: await start(name) });
  });
  await change(first);
  const tellJobs = async (sent: readonly object[]): Promise<void> => {
    const ofExecutions = groupBy(
      sent.flatMap((event) => jobIn(event) ?? []),
      ({ executionArn }) => executionArn,
    );
    await limit.map([...ofExecutions], ([executionArn, jobs]) =>
      tellSteps(
        sagemaker,
        executionArn,
        STEP,
        jobs.map(({ jobArn }) => jobArn),
      ),
    );
  };
  return {
    executions,
    change,
    tellJobs,
    stop: () => {
      iam.destroy();
      sagemaker.destroy();
    },
  };
};

const token = (name: string): string => `faults-${name}-${Date.now()}`.padEnd(32, '-');
