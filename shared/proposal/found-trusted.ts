import type { Identity } from '../iam/decide/authorization-details.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';

/**
 * AWS’s own services that work under roles which pipelines use as well, and for what. Whoever may use the service may
 * have such a role assumed only by passing it, so that trusting the service cuts no hole by itself.
 */
const TRUSTED_SERVICES: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-feature-processor-iam-permissions.html
  'scheduler.amazonaws.com': 'schedules of pipelines and feature processors',
  'glue.amazonaws.com': 'feature processors and interactive sessions of Studio',
  // https://docs.aws.amazon.com/sagemaker/latest/dg/scheduled-notebook-policies-studio.html
  'events.amazonaws.com': 'notebook jobs of Studio',
  // https://docs.aws.amazon.com/sagemaker-unified-studio/latest/adminguide/AmazonSageMakerDomainExecution.html
  'datazone.amazonaws.com': 'SageMaker Unified Studio',
  // https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-set-up-forecast.html
  'forecast.amazonaws.com': 'time series in Canvas',
  // https://docs.aws.amazon.com/sagemaker/latest/dg/canvas-fine-tuning-permissions.html
  'bedrock.amazonaws.com': 'models of Bedrock in Canvas',
};

/**
 * Services that work for a project of SageMaker Unified Studio under the project's role, which DataZone makes and assumes
 * as well.
 * https://docs.aws.amazon.com/sagemaker-unified-studio/latest/adminguide/security-iam-awsmanpol-SageMakerStudioProjectUserRolePermissionsBoundary.html
 */
const OF_PROJECTS: readonly string[] = [
  'airflow-serverless.amazonaws.com',
  'emr-serverless.amazonaws.com',
  'lakeformation.amazonaws.com',
];
const DATAZONE = 'datazone.amazonaws.com';

/** The services of AWS that the trust policies of these roles name, of those that such roles commonly trust. */
export const foundTrusted = (roles: readonly string[], identities: readonly Identity[]): Noted<string>[] => {
  const used = new Set(roles);
  const trusting = new Map<string, string[]>();
  for (const { principal, name, trust } of identities) {
    if (!used.has(principal.arn)) continue;
    const named = (trust?.statements ?? [])
      .filter(({ effect, principals }) => effect === 'Allow' && principals && !principals.isNot)
      .flatMap(({ principals }) => principals?.principals.map(({ value }) => value) ?? []);
    const isOfProject = named.includes(DATAZONE);
    const services = named.filter(
      (value) => Object.hasOwn(TRUSTED_SERVICES, value) || (isOfProject && OF_PROJECTS.includes(value)),
    );
    for (const service of new Set(services)) trusting.set(service, [...(trusting.get(service) ?? []), name]);
  }
  return [...trusting]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([value, names]) => ({
      value,
      notes: [
        `${TRUSTED_SERVICES[value] ?? 'work of a project of SageMaker Unified Studio'}; trusted by ${counted(names.length, 'role')}: ${listed(names, 3)}`,
      ],
    }));
};
