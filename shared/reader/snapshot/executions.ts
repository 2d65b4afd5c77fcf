import { arnName, pipelineOfExecution } from '../../domain/arn.ts';
import { asText, member } from '../../json/json.ts';
import { shellText } from '../../text/shell-text.ts';
import { executionFact, pipelineVersions } from '../answers/describe-execution.ts';
import { found, notRead, type Read } from '../read.ts';
import type { ExecutionFact, PipelineVersion, Reader } from '../reader.ts';
import { atTop, malformed, NOT_IN_SNAPSHOT, pathOf, readJson, type SnapshotFile } from './files.ts';
import { PIPELINES, type PipelineFolders } from './pipeline-folders.ts';
import { noExecution } from './pipelines.ts';

/** The methods of a Reader that are about executions and versions, over files beside each `pipeline.json`. */
export const snapshotExecutions = (
  root: string,
  folders: PipelineFolders,
): Pick<Reader, 'describeExecution' | 'listPipelineVersions'> => ({
  describeExecution: async (executionArn) => {
    const name = pipelineOfExecution(executionArn);
    if (name === undefined) return noExecution(executionArn);
    return readExecution(root, executionFile(await folders.named(name), executionArn), executionArn);
  },
  listPipelineVersions: async (name) => readVersions(root, versionsFile(await folders.named(name))),
});

const executionFile = (folder: string, executionArn: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'executions', `${arnName(executionArn)}.json`],
  madeBy: `aws sagemaker describe-pipeline-execution --pipeline-execution-arn ${shellText(executionArn)}`,
});

const versionsFile = (folder: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'versions.json'],
  madeBy: `aws sagemaker list-pipeline-versions --pipeline-name ${shellText(folder)}`,
});

const readExecution = async (
  root: string,
  file: SnapshotFile,
  executionArn: string,
): Promise<Read<ExecutionFact>> => {
  const read = await readJson(root, file);
  if (!read.ok) return read;
  const isDescription = asText(member(read.value, 'PipelineExecutionArn')) !== undefined;
  const fact = executionFact(executionArn, read.value, member(read.value, 'PipelineParameters'));
  if (!isDescription) return malformed(file, atTop('it is not what describe-pipeline-execution puts out'));
  return fact
    ? found(fact)
    : malformed(file, atTop('its PipelineParameters are not [{"Name": …, "Value": …}]'));
};

/** A listing that was cut does not tell which versions there are. */
const readVersions = async (root: string, file: SnapshotFile): Promise<Read<PipelineVersion[]>> => {
  const read = await readJson(root, file);
  if (!read.ok) return read;
  if (asText(member(read.value, 'NextToken')) !== undefined) {
    const message = `${pathOf(file)} was cut; \`${file.madeBy}\` makes it whole`;
    return notRead(pathOf(file), NOT_IN_SNAPSHOT, message);
  }
  const versions = pipelineVersions(member(read.value, 'PipelineVersionSummaries'));
  return versions
    ? found(versions)
    : malformed(file, atTop('it holds no PipelineVersionSummaries with a PipelineVersionId each'));
};
