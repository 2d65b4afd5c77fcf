import * as sagemaker from '@aws-sdk/client-sagemaker';

/**
 * Generates `shared/definition/api-members.generated.json`: the members of the requests that steps make, and of what can be
 * read of the jobs, as the SDK's model of SageMaker has them. `shared/definition/api-members.ts` reads the file.
 */

/** The shapes of the requests that a step of a type makes. */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  Training: ['CreateTrainingJobRequest'],
  Processing: ['CreateProcessingJobRequest'],
  QualityCheck: ['CreateProcessingJobRequest'],
  ClarifyCheck: ['CreateProcessingJobRequest'],
  Transform: ['CreateTransformJobRequest'],
  Tuning: ['CreateHyperParameterTuningJobRequest'],
  AutoML: ['CreateAutoMLJobRequest', 'CreateAutoMLJobV2Request'],
  Model: ['CreateModelInput'],
  RegisterModel: ['CreateModelPackageInput'],
  EndpointConfig: ['CreateEndpointConfigInput'],
  Endpoint: ['CreateEndpointInput'],
  InferenceComponent: ['CreateInferenceComponentInput'],
};

/** The shapes of the answers whose members later steps can refer to. */
const RESULTS: Readonly<Record<string, readonly string[]>> = {
  Training: ['DescribeTrainingJobResponse'],
  Processing: ['DescribeProcessingJobResponse'],
  Transform: ['DescribeTransformJobResponse'],
  Tuning: ['DescribeHyperParameterTuningJobResponse', 'ListTrainingJobsForHyperParameterTuningJobResponse'],
  AutoML: ['DescribeAutoMLJobResponse', 'DescribeAutoMLJobV2Response'],
  Model: ['DescribeModelOutput'],
  RegisterModel: ['DescribeModelPackageOutput'],
};

/** A shape as the SDK's schemas have it: its kind, and at the places 2, 4 and 5 its name, members and their shapes. */
type Schema = readonly [kind: number, namespace: string, name: string, traits: unknown, ...unknown[]];
const [LIST, STRUCTURE, UNION] = [1, 3, 4];

/** The members of each structure, with the name of the structure that a member (or each entry of its list) is. */
type Shapes = Record<string, Record<string, string>>;

export const apiMembersText = (): string => {
  const shapes: Shapes = {};
  const rootsOf = (names: readonly string[]): string[] =>
    names.flatMap((name) => visit((sagemaker as Record<string, unknown>)[`${name}$`], shapes) ?? []);
  const of = (table: typeof REQUESTS) =>
    Object.fromEntries(Object.entries(table).map(([type, names]) => [type, rootsOf(names)]));
  const made = { requests: of(REQUESTS), results: of(RESULTS), shapes };
  return `${JSON.stringify(made, null, 1)}\n`;
};

const visit = (reference: unknown, shapes: Shapes): string | undefined => {
  const schema = typeof reference === 'function' ? (reference as () => unknown)() : reference;
  if (!Array.isArray(schema)) return undefined;
  const [kind, , name, , fourth, members = []] = schema as unknown as Schema;
  if (kind === LIST) return visit(fourth, shapes);
  if (kind !== STRUCTURE && kind !== UNION) return undefined;
  if (Object.hasOwn(shapes, name)) return name;
  const own: Record<string, string> = {};
  shapes[name] = own;
  for (const [index, member] of (fourth as string[]).entries())
    own[member] = visit((members as unknown[])[index], shapes) ?? '';
  return name;
};
