import { AddTagsCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';

/** Makes moto, which runs no steps, list these jobs as started by a step of the execution. */
export const tellSteps = async (
  sagemaker: SageMakerClient,
  executionArn: string,
  stepName: string,
  jobArns: readonly string[],
): Promise<void> => {
  const Tags = jobArns.map((Key) => ({ Key, Value: stepName }));
  await sagemaker.send(new AddTagsCommand({ ResourceArn: executionArn, Tags }));
};
