/**
 * How services are written in China where that is not as everywhere else. Both forms are met there, so that both are
 * accepted.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/using-service-linked-roles.html
 */
const IN_CHINA: ReadonlyMap<string, string> = new Map([
  ['elasticmapreduce.amazonaws.com', 'elasticmapreduce.amazonaws.com.cn'],
  ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'],
  ['application-autoscaling.amazonaws.com', 'application-autoscaling.amazonaws.com.cn'],
]);

/** The names of a service in a partition, the usual one first; a role may be passed to it, and trust it, by either. */
export const namesOfService = (service: string, partition: string): [string, ...string[]] => {
  const other = partition === 'aws-cn' ? IN_CHINA.get(service) : undefined;
  return other === undefined ? [service] : [other, service];
};

/** The names of services in all partitions. */
export const namesEverywhere = (services: readonly string[]): string[] => [
  ...new Set(services.flatMap((service) => [service, ...namesOfService(service, 'aws-cn')])),
];

/** The name of a service outside China. */
export const canonicalName = (service: string): string =>
  service.replace(/\.amazonaws\.com\.cn$/, '.amazonaws.com');

/**
 * The services that take roles of pipelines over and say, when they assume a role, for whom: by aws:SourceAccount and
 * aws:SourceArn. Each stands with the page that says so. Of others, such as EC2, no page does, and a condition on these keys
 * would keep them out.
 */
const TELLING_SOURCE: ReadonlyMap<string, string> = new Map([
  [
    'sagemaker.amazonaws.com',
    'https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html',
  ],
  [
    'elasticmapreduce.amazonaws.com',
    'https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html',
  ],
  [
    'application-autoscaling.amazonaws.com',
    'https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role-automatic-scaling.html',
  ],
  [
    'bedrock.amazonaws.com',
    'https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-iam-role.html',
  ],
]);

/** Whether AWS documents that a service tells for whom it assumes a role. */
export const tellsSource = (service: string): boolean => TELLING_SOURCE.has(canonicalName(service));
