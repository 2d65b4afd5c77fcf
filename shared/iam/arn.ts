/** The parts of an ARN (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). */
export type Arn = { partition: string; service: string; region: string; account: string; resource: string };

/** The parts of an ARN, or undefined where the text is none. The resource keeps its own colons and slashes. */
export const parseArn = (text: string): Arn | undefined => {
  const [arn, partition, service, region, account, ...rest] = text.split(':');
  if (arn !== 'arn' || !partition || !service || region === undefined || account === undefined)
    return undefined;
  const resource = rest.join(':');
  return resource === '' ? undefined : { partition, service, region, account, resource };
};

/** The ARN (or, of patterns, the pattern) of a resource of SageMaker. */
export const sagemakerArn = (
  { partition, region, account }: Pick<Arn, 'partition' | 'region' | 'account'>,
  resource: string,
): string => `arn:${partition}:sagemaker:${region}:${account}:${resource}`;

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
