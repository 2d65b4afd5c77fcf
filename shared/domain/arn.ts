/** The parts of an ARN (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). */
export type Arn = { partition: string; service: string; region: string; account: string; resource: string };

/** The parts of an ARN; undefined where the text is not an ARN. The resource may contain colons and slashes. */
export const parseArn = (text: string): Arn | undefined => {
  if (!text.startsWith('arn:')) return undefined;
  const partitionEnd = text.indexOf(':', 'arn:'.length);
  const serviceEnd = text.indexOf(':', partitionEnd + 1);
  const regionEnd = text.indexOf(':', serviceEnd + 1);
  const accountEnd = text.indexOf(':', regionEnd + 1);
  if (partitionEnd < 0 || serviceEnd <= partitionEnd || regionEnd <= serviceEnd || accountEnd <= regionEnd)
    return undefined;
  const partition = text.slice('arn:'.length, partitionEnd);
  const service = text.slice(partitionEnd + 1, serviceEnd);
  const resource = text.slice(accountEnd + 1);
  if (partition === '' || service === '' || resource === '') return undefined;
  return {
    partition,
    service,
    region: text.slice(serviceEnd + 1, regionEnd),
    account: text.slice(regionEnd + 1, accountEnd),
    resource,
  };
};

/** The ARN that stands for a whole account. */
export const accountRootArn = ({ partition, account }: Pick<Arn, 'partition' | 'account'>): string =>
  `arn:${partition}:iam::${account}:root`;

/**
 * Whether an ARN is of something of IAM whose kind and path begin so: `role/`, `role/aws-reserved/`. The paths of roles, users and groups may
 * hold colons, and so what looks like the kind of something else.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
export const isOfIam = (arn: string, beginning: string): boolean => {
  const { service, resource } = parseArn(arn) ?? {};
  return service === 'iam' && resource?.startsWith(beginning) === true;
};

/** Whether a managed policy is AWS’s own, which AWS alone changes. */
export const isPolicyOfAws = (arn: string): boolean =>
  isOfIam(arn, 'policy/') && parseArn(arn)?.account === 'aws';

/** The ARN of a SageMaker resource; for a resource pattern, the ARN pattern. */
export const sagemakerArn = (
  { partition, region, account }: Pick<Arn, 'partition' | 'region' | 'account'>,
  resource: string,
): string => `arn:${partition}:sagemaker:${region}:${account}:${resource}`;

/**
 * Whether a pipeline is AWS's own (`arn:aws:sagemaker:<region>:aws:pipeline/<name>`): it stands in no account, and whoever
 * starts it chooses the role of its jobs.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html
 */
export const isManagedPipeline = (arn: string): boolean => {
  const { service, account, resource } = parseArn(arn) ?? {};
  return service === 'sagemaker' && account === 'aws' && resource?.startsWith('pipeline/') === true;
};

/** The name in the ARN of a pipeline, of a form that SageMaker allows; undefined for any other text. */
export const pipelineNameIn = (arn: string): string | undefined => {
  const { service, resource = '' } = parseArn(arn) ?? {};
  const [, name] = /^pipeline\/([a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,255})$/i.exec(resource) ?? [];
  return service === 'sagemaker' ? name : undefined;
};

/** The name of the pipeline in the ARN of it, or of what is below it, such as an execution; undefined for any other text. */
export const pipelineInArn = (arn: string): string | undefined => {
  const [kind, name] = parseArn(arn)?.resource.split('/') ?? [];
  return kind === 'pipeline' && name ? name : undefined;
};

/** The last segment of an ARN's resource: the name of a role, job or pipeline. */
export const arnName = (arn: string): string =>
  arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);

/**
 * The role behind an assumed-role session, and the session's name:
 * `arn:aws:sts::111122223333:assumed-role/Name/session`. The role's path is not in such an ARN.
 */
export const parseAssumedRole = (
  text: string,
): { partition: string; account: string; roleName: string; sessionName: string } | undefined => {
  const arn = parseArn(text);
  const [kind, roleName, ...session] = arn?.resource.split('/') ?? [];
  if (arn?.service !== 'sts' || kind !== 'assumed-role' || !roleName) return undefined;
  return { partition: arn.partition, account: arn.account, roleName, sessionName: session.join('/') };
};

/** The pipeline's name in the ARN of an execution (`…:pipeline/<name>/execution/<id>`); undefined for any other text. */
export const pipelineOfExecution = (executionArn: string): string | undefined => {
  const [type, name, execution, id, ...rest] = parseArn(executionArn)?.resource.split('/') ?? [];
  return type === 'pipeline' && name && execution === 'execution' && id && rest.length === 0
    ? name
    : undefined;
};
