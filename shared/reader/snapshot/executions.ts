import type { ExecutionStarted } from '../../definition/execution-ref.ts';
import { arnName, pipelineOfExecution, sagemakerArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { asText, type Json, member } from '../../json/json.ts';
import { once } from '../../memo.ts';
import { shellText } from '../../text/shell-text.ts';
import { isoTime, pipelineFact } from '../answers/describe.ts';
import { executionFact, newestVersion, pipelineVersions, versionAt } from '../answers/describe-execution.ts';
import { executionSteps } from '../answers/execution-steps.ts';
import { found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type {
  ExecutionDefinition,
  ExecutionFact,
  ExecutionStep,
  PipelineFact,
  PipelineVersion,
  Reader,
} from '../reader.ts';
import { atTop, INVALID_NAME, malformed, namesIn, pathOf, readJson, type SnapshotFile } from './files.ts';
import { PIPELINES, type PipelineFolders } from './pipeline-folders.ts';

type Methods = Pick<
  Reader,
  | 'describeExecution'
  | 'describeExecutionDefinition'
  | 'describePipelineVersion'
  | 'findExecution'
  | 'listExecutionSteps'
  | 'listPipelineVersions'
>;

/** The methods of a Reader about executions and versions. They read files in the folder of each pipeline. */
export const snapshotExecutions = (
  root: string,
  scope: Scope,
  folders: PipelineFolders,
  describePipeline: Reader['describePipeline'],
): Methods => {
  const listPipelineVersions: Reader['listPipelineVersions'] = async (name) =>
    readVersions(root, versionsFile(await folders.named(name)));

  const describePipelineVersion: Reader['describePipelineVersion'] = async (name, versionId) => {
    const folder = await folders.named(name);
    const versions = await listPipelineVersions(name);
    if (versions.ok && newestVersion(versions.value)?.id === versionId) return describePipeline(name);
    return readVersion(root, scope, versionFile(folder, versionId), folder);
  };

  /** A snapshot has the definition of the newest version, and of other versions only where somebody added them. */
  const definitionThatRan = async (
    name: string,
    executionArn: string,
    started: ExecutionStarted | undefined,
  ): Promise<Read<PipelineFact>> => {
    const pipeline = await describePipeline(name);
    if (!pipeline.ok) return pipeline;
    const versions = await listPipelineVersions(name);
    const known = versions.ok ? versions.value : undefined;
    const ran = started && versionThatRan(started, known, pipeline.value);
    if (ran === 'newest' || (known?.length === 1 && (ran ?? known[0]?.id) === known[0]?.id)) return pipeline;
    if (typeof ran === 'number') return describePipelineVersion(name, ran);
    const { madeBy } = definitionFile(await folders.named(name), executionArn);
    const message = `the snapshot does not tell which version of ${name} the execution ${arnName(executionArn)} runs; \`${madeBy}\` tells its definition`;
    return notRead(pathOf(definitionFile(name, executionArn)), NOT_IN_SNAPSHOT, message);
  };

  const executionArns = once(async (): Promise<ReadonlyMap<string, string>> => {
    const all = await folders.all();
    const found = new Map<string, string>();
    for (const { pathName, name } of all.ok ? all.value : []) {
      const files = await namesIn(root, [...PIPELINES, pathName, 'executions'], 'files');
      for (const file of files.ok ? files.value : []) {
        const [, id] = EXECUTION_FILE.exec(file) ?? [];
        if (id !== undefined) found.set(id, sagemakerArn(scope, `pipeline/${name}/execution/${id}`));
      }
    }
    return found;
  });

  return {
    findExecution: async (executionId) => (await executionArns()).get(executionId),
    listPipelineVersions,
    describePipelineVersion,
    listExecutionSteps: async (executionArn) => {
      const name = pipelineOfExecution(executionArn);
      if (name === undefined) return noExecution(executionArn);
      return readSteps(root, stepsFile(await folders.named(name), executionArn));
    },
    describeExecution: async (executionArn) => {
      const name = pipelineOfExecution(executionArn);
      if (name === undefined) return noExecution(executionArn);
      return readExecution(root, executionFile(await folders.named(name), executionArn), executionArn);
    },
    describeExecutionDefinition: async ({ executionArn, howStarted }) => {
      const name = pipelineOfExecution(executionArn);
      if (name === undefined) return noExecution(executionArn);
      const folder = await folders.named(name);
      const own = await readDefinitionFile(root, definitionFile(folder, executionArn));
      if (!own.ok && own.unread.code !== NOT_IN_SNAPSHOT) return own;
      if (own.ok) {
        const pipeline = await describePipeline(name);
        const about = pipeline.ok ? executionDefinition(pipeline.value) : { pipelineName: name };
        return found({ ...about, definitionText: own.value });
      }
      const file = executionFile(folder, executionArn);
      const described = await readStarted(root, file);
      const started = described?.versionId === undefined ? ((await howStarted?.()) ?? described) : described;
      const ran = await definitionThatRan(name, executionArn, started);
      return ran.ok ? found(executionDefinition(ran.value)) : ran;
    },
  };
};

const executionDefinition = ({
  name,
  roleArn,
  modifiedAt,
  definitionText,
}: PipelineFact): ExecutionDefinition => ({
  pipelineName: name,
  roleArn,
  ...(modifiedAt === undefined ? {} : { modifiedAt }),
  definitionText,
});

/**
 * The version that an execution ran; undefined where nobody can tell. Where the caller chose no version, SageMaker ran
 * the newest version of that time.
 */
const versionThatRan = (
  { at, isVersionChosen, versionId }: ExecutionStarted,
  versions: readonly PipelineVersion[] | undefined,
  { modifiedAt }: PipelineFact,
): number | 'newest' | undefined => {
  if (versionId !== undefined) return versionId;
  if (isVersionChosen) return undefined;
  if (versions?.some(({ createdAt }) => createdAt !== undefined)) return versionAt(versions, at)?.id;
  return modifiedAt === undefined || Date.parse(modifiedAt) <= Date.parse(at) ? 'newest' : undefined;
};

/** What a snapshot holds of an execution: its description, its steps or its definition. */
const EXECUTION_FILE = /^([a-z0-9]{12})(?:-steps|-definition)?\.json$/;

const executionFile = (folder: string, executionArn: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'executions', `${arnName(executionArn)}.json`],
  madeBy: `aws sagemaker describe-pipeline-execution --pipeline-execution-arn ${shellText(executionArn)}`,
});

const definitionFile = (folder: string, executionArn: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'executions', `${arnName(executionArn)}-definition.json`],
  madeBy: `aws sagemaker describe-pipeline-definition-for-execution --pipeline-execution-arn ${shellText(executionArn)}`,
});

const stepsFile = (folder: string, executionArn: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'executions', `${arnName(executionArn)}-steps.json`],
  madeBy: `aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn ${shellText(executionArn)}`,
});

const versionsFile = (folder: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'versions.json'],
  madeBy: `aws sagemaker list-pipeline-versions --pipeline-name ${shellText(folder)}`,
});

const versionFile = (folder: string, versionId: number): SnapshotFile => ({
  path: [...PIPELINES, folder, 'versions', `${versionId}.json`],
  madeBy: `aws sagemaker describe-pipeline --pipeline-name ${shellText(folder)} --pipeline-version-id ${versionId}`,
});

const readVersion = async (
  root: string,
  scope: Scope,
  file: SnapshotFile,
  folder: string,
): Promise<Read<PipelineFact>> => {
  const document = await readJson(root, file);
  return document.ok ? pipelineFact(document.value, pathOf(file), scope, folder) : document;
};

const readDefinitionFile = async (root: string, file: SnapshotFile): Promise<Read<string>> => {
  const document = await readJson(root, file);
  if (!document.ok) return document;
  const text = asText(member(document.value, 'PipelineDefinition'));
  return text
    ? found(text)
    : malformed(file, atTop('it is not the output of describe-pipeline-definition-for-execution'));
};

/** How an execution was started, from its description in the snapshot. */
const readStarted = async (root: string, file: SnapshotFile): Promise<ExecutionStarted | undefined> => {
  const document = await readJson(root, file);
  if (!document.ok) return undefined;
  const fact = executionFact('', document.value, undefined);
  const versionId = fact?.versionId;
  return {
    at: isoTime(member(document.value, 'CreationTime')) ?? '',
    isVersionChosen: false,
    ...(versionId === undefined ? {} : { versionId }),
  };
};

const readExecution = async (
  root: string,
  file: SnapshotFile,
  executionArn: string,
): Promise<Read<ExecutionFact>> => {
  const read = await readJson(root, file);
  if (!read.ok) return read;
  const isDescription = asText(member(read.value, 'PipelineExecutionArn')) !== undefined;
  const fact = executionFact(executionArn, read.value, member(read.value, 'PipelineParameters'));
  if (!isDescription) return malformed(file, atTop('it is not the output of describe-pipeline-execution'));
  return fact
    ? found(fact)
    : malformed(file, atTop('its PipelineParameters are not [{"Name": …, "Value": …}]'));
};

/** A listing that was cut off (it has a NextToken) proves nothing, and is a gap. */
const readListing = async (root: string, file: SnapshotFile): Promise<Read<Json>> => {
  const read = await readJson(root, file);
  if (!read.ok || asText(member(read.value, 'NextToken')) === undefined) return read;
  const message = `${pathOf(file)} was cut; \`${file.madeBy}\` makes it whole`;
  return notRead(pathOf(file), NOT_IN_SNAPSHOT, message);
};

const readSteps = async (root: string, file: SnapshotFile): Promise<Read<ExecutionStep[]>> => {
  const read = await readListing(root, file);
  if (!read.ok) return read;
  const steps = executionSteps(member(read.value, 'PipelineExecutionSteps'));
  return steps
    ? found(steps)
    : malformed(file, atTop('it holds no PipelineExecutionSteps with a StepName each'));
};

const readVersions = async (root: string, file: SnapshotFile): Promise<Read<PipelineVersion[]>> => {
  const read = await readListing(root, file);
  if (!read.ok) return read;
  const versions = pipelineVersions(member(read.value, 'PipelineVersionSummaries'));
  return versions
    ? found(versions)
    : malformed(file, atTop('it holds no PipelineVersionSummaries with a PipelineVersionId each'));
};

/** The gap for an ARN that is not that of an execution. */
const noExecution = (executionArn: string): Read<never> => {
  const shown = JSON.stringify(executionArn).slice(0, 300);
  return notRead(PIPELINES.join('/'), INVALID_NAME, `${shown} is not the ARN of an execution of a pipeline`);
};
