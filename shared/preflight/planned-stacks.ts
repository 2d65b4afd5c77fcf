import { suffixOf } from '../domain/regions.ts';
import { asList, asText, isObject, type Json, member } from '../json/json.ts';

/** Where a stack is deployed. */
export type StackPlace = { account: string; region: string; partition: string };

/** One resource of a template. */
export type PlannedResource = { id: string; type: string; properties: Json };

/** A stack as the CDK has written it, and how it is deployed. */
export type PlannedStack = StackPlace & {
  name: string;
  /** The SSM parameter with the version of the bootstrap, and the lowest version that will do. */
  bootstrap?: { parameter: string; version: number };
  /** The role that the CDK assumes to deploy, and the one under which CloudFormation makes the resources. */
  deployRoleArn?: string;
  executionRoleArn?: string;
  resources: readonly PlannedResource[];
  /** The outputs whose values the template tells. */
  outputs: ReadonlyMap<string, string>;
};

/**
 * The stacks in the output of `cdk synth`. `manifest`: the content of manifest.json; `templates`: that of each template, by the
 * name of its file.
 * https://docs.aws.amazon.com/cdk/v2/guide/deploy.html#deploy-how-synth-assemblies
 */
export const plannedStacks = (
  manifest: Json,
  templates: ReadonlyMap<string, Json>,
  { account, partition }: Pick<StackPlace, 'account' | 'partition'>,
): PlannedStack[] =>
  entriesOf(member(manifest, 'artifacts')).flatMap(([artifactId, artifact]) => {
    const properties = member(artifact, 'properties');
    const region = asText(member(artifact, 'environment'))?.split('/').at(-1);
    const file = asText(member(properties, 'templateFile'));
    if (member(artifact, 'type') !== 'aws:cloudformation:stack') return [];
    if (region === undefined || file === undefined) return [];
    const place = { account, region, partition };
    const parameter = asText(member(properties, 'bootstrapStackVersionSsmParameter'));
    const version = member(properties, 'requiresBootstrapStackVersion');
    return {
      ...place,
      name: asText(member(properties, 'stackName')) ?? artifactId,
      ...(parameter !== undefined && typeof version === 'number' && { bootstrap: { parameter, version } }),
      ...roleArn('deployRoleArn', member(properties, 'assumeRoleArn'), place),
      ...roleArn('executionRoleArn', member(properties, 'cloudFormationExecutionRoleArn'), place),
      resources: resourcesOf(templates.get(file) ?? null),
      outputs: outputsOf(templates.get(file) ?? null),
    };
  });

/** The resources of a template. */
export const resourcesOf = (template: Json): PlannedResource[] =>
  entriesOf(member(template, 'Resources')).map(([id, resource]) => ({
    id,
    type: asText(member(resource, 'Type')) ?? '',
    properties: member(resource, 'Properties') ?? null,
  }));

const outputsOf = (template: Json): Map<string, string> =>
  new Map(
    entriesOf(member(template, 'Outputs')).flatMap(([name, output]) => {
      const value = asText(member(output, 'Value'));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

const roleArn = <Key extends string>(
  key: Key,
  value: Json | undefined,
  place: StackPlace,
): Partial<Record<Key, string>> => {
  const text = asText(value);
  return text === undefined ? {} : ({ [key]: withPseudo(text, place) } as Record<Key, string>);
};

const entriesOf = (value: Json | undefined): [string, Json][] =>
  isObject(value) ? Object.entries(value) : [];

/** How many concurrent executions the functions of a template reserve. */
export const reservedIn = (resources: readonly PlannedResource[]): number =>
  resources.reduce((sum, { type, properties }) => {
    const reserved = member(properties, 'ReservedConcurrentExecutions');
    return type === 'AWS::Lambda::Function' && typeof reserved === 'number' ? sum + reserved : sum;
  }, 0);

/** Whether a function of a template is traced. */
export const isTracedIn = (resources: readonly PlannedResource[]): boolean =>
  resources.some(
    ({ type, properties }) =>
      type === 'AWS::Lambda::Function' && member(member(properties, 'TracingConfig'), 'Mode') === 'Active',
  );

/**
 * A text of a template as CloudFormation will resolve it; undefined where it hangs on a resource that is not there yet.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export const resolvedText = (value: Json, place: StackPlace): string | undefined => {
  if (!isObject(value)) return asText(value);
  const ref = asText(member(value, 'Ref'));
  if (ref !== undefined) return pseudoValues(place)[ref];
  const sub = asText(member(value, 'Fn::Sub'));
  if (sub !== undefined) return withPseudo(sub, place);
  const [separator, parts] = asList(member(value, 'Fn::Join'));
  const texts = asList(parts).map((part) => resolvedText(part, place));
  return typeof separator === 'string' && texts.every((text) => text !== undefined)
    ? texts.join(separator)
    : undefined;
};

const withPseudo = (text: string, place: StackPlace): string | undefined => {
  const values = pseudoValues(place);
  const whole = text.replaceAll(/\$\{([\w:]+)\}/g, (found, name: string) => values[name] ?? found);
  return whole.includes('${') ? undefined : whole;
};

const pseudoValues = ({ account, region, partition }: StackPlace): Readonly<Record<string, string>> => ({
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': partition,
  'AWS::URLSuffix': suffixOf(partition),
});
