import { isObject, type Json } from '../shared/json/json.ts';

/** What stands in the templates of the CDK for what a person gives when deploying a released template. */
export const PLACEHOLDERS = {
  bucket: 'pipewarden-artifact-bucket',
  secretArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:pipewarden-placeholder',
} as const;

/** A file that a template names by the key that the CDK gave it, and the name that it has in the release. */
export type ReleasedAsset = { key: string; name: string };

type Template = { Resources: Record<string, Resource>; Outputs?: Record<string, Json> } & Record<
  string,
  Json
>;
type Resource = { Type: string; Properties?: Record<string, Json>; Condition?: string } & Record<
  string,
  Json
>;
type Parameter = { Type: string; Description: string } & Record<string, Json>;

const NO_VALUE: Json = { Ref: 'AWS::NoValue' };
const given = (condition: string, yes: Json, no: Json = NO_VALUE): Json => ({
  'Fn::If': [condition, yes, no],
});
const isGiven = (parameter: string): Json => ({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: parameter }, ''] }] });

const ARN = (service: string, resource: string) =>
  `^$|^arn:[a-z0-9-]+:${service}:[a-z0-9-]*:[0-9]{12}:${resource}$`;

/** All parameters of released templates, in the order in which the console asks for them. A template has those that it uses. */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  ArtifactBucket: {
    Type: 'String',
    Description: 'The bucket in this Region with the files of the release',
    AllowedPattern: '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]',
  },
  ArtifactPrefix: {
    Type: 'String',
    Description:
      'What the keys of the files begin with, up to functions/ and config/; empty or with a slash at the end',
    Default: '',
    AllowedPattern: '^$|^[A-Za-z0-9._/-]{1,400}/$',
  },
  ConfigKey: {
    Type: 'String',
    Description: 'The configuration as JSON, by its key after the prefix',
    Default: 'config/default.json',
    AllowedPattern: '[A-Za-z0-9._/-]{1,400}',
  },
  ConfigSha256: {
    Type: 'String',
    Description: 'The SHA-256 checksum of the configuration, without which the functions do not go by it',
    AllowedPattern: '[0-9a-f]{64}',
  },
  SlackSecretArn: {
    Type: 'String',
    Description:
      'The secret with the credentials of Slack that the configuration names (alerts.slack.secret); empty without one',
    Default: '',
    AllowedPattern: ARN('secretsmanager', 'secret:[\\w/+=.@-]+'),
  },
  KeyArn: {
    Type: 'String',
    Description: 'A KMS key of this Region in place of one that is made; empty to make one',
    Default: '',
    AllowedPattern: ARN('kms', 'key/[\\w-]+'),
  },
  AlertTopicArn: {
    Type: 'String',
    Description: 'An SNS topic of this Region in place of one that is made; empty to make one',
    Default: '',
    AllowedPattern: ARN('sns', '[\\w-]+'),
  },
  ReserveConcurrency: {
    Type: 'String',
    Description: 'Whether functions reserve concurrency: no for new accounts, which have 10 in all',
    Default: 'yes',
    AllowedValues: ['yes', 'no'],
  },
  LogRetentionDays: {
    Type: 'Number',
    Description: 'For how many days logs are kept',
    Default: 365,
    AllowedValues: [
      7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
    ],
  },
  PermissionsBoundaryArn: {
    Type: 'String',
    Description: 'The managed policy that bounds all roles; empty without one',
    Default: '',
    AllowedPattern: ARN('iam', 'policy/[\\w+=,.@/-]+'),
  },
  RolePath: {
    Type: 'String',
    Description: 'The path of all roles, such as /team/',
    Default: '/',
    AllowedPattern: '^/$|^/([A-Za-z0-9_+=,.@-]+/)+$',
  },
};

const CONDITIONS: Readonly<Record<string, Json>> = {
  HasSlackSecret: isGiven('SlackSecretArn'),
  HasBoundary: isGiven('PermissionsBoundaryArn'),
  MakesKey: { 'Fn::Equals': [{ Ref: 'KeyArn' }, ''] },
  MakesTopic: { 'Fn::Equals': [{ Ref: 'AlertTopicArn' }, ''] },
  MakesAlertKey: { 'Fn::And': [{ Condition: 'MakesKey' }, { Condition: 'MakesTopic' }] },
  Reserves: { 'Fn::Equals': [{ Ref: 'ReserveConcurrency' }, 'yes'] },
};

/**
 * A template of the CDK, made for people without the CDK: its files are in a bucket that a parameter names, and the switches that matter
 * are parameters, as the console and StackSets ask for them. What differs otherwise stays as the CDK made it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 */
export const releasedTemplate = (
  template: Json,
  {
    assets,
    configSha256,
    unreservedMaximum,
  }: { assets: readonly ReleasedAsset[]; configSha256: string; unreservedMaximum: number },
): Json => {
  const { Metadata: _, Rules: _rules, Parameters: _parameters, ...made } = template as Template;
  // The stack that makes the key makes the topic that can be given as well.
  const isState = Object.values(made.Resources).some(({ Type }) => Type === 'AWS::KMS::Key');
  const resources = Object.fromEntries(
    Object.entries(made.Resources).map(([id, resource]) => [
      id,
      released(id, resource, { isState, unreservedMaximum }),
    ]),
  );
  // Nothing waits for what may not be made.
  const isAlways = (id: Json) => resources[String(id)]?.Condition === undefined;
  const by = replacements(made.Resources, { assets, configSha256, isState });
  const body: Record<string, Json> = {
    ...(replaced({ ...made, Resources: {} }, by()) as Record<string, Json>),
    Resources: Object.fromEntries(
      Object.entries(resources).map(([id, { DependsOn, ...resource }]) => [
        id,
        {
          ...(replaced(resource, by(resource.Condition)) as Record<string, Json>),
          ...(DependsOn !== undefined && { DependsOn: [DependsOn].flat().filter(isAlways) }),
        },
      ]),
    ),
  };
  const text = JSON.stringify(body);
  const left = Object.values(PLACEHOLDERS).find((placeholder) => text.includes(placeholder));
  if (left !== undefined) throw new Error(`${left} stays in a released template`);
  const conditions = pick(CONDITIONS, (name) => text.includes(`"${name}"`));
  const asked = `${text}${JSON.stringify(conditions)}`;
  const parameters = pick(
    PARAMETERS,
    (name) => asked.includes(`"Ref":"${name}"`) || asked.includes(`\${${name}}`),
  );
  const { Description = '', ...rest } = body;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description,
    ...(Object.keys(parameters).length > 0 && {
      Parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, parameter]) => [
          name,
          name === 'ConfigSha256' ? { ...parameter, Default: configSha256 } : parameter,
        ]),
      ),
    }),
    ...(Object.keys(conditions).length > 0 && { Conditions: conditions }),
    ...rest,
  };
};

const pick = <Value>(
  from: Readonly<Record<string, Value>>,
  isUsed: (name: string) => boolean,
): Record<string, Value> => Object.fromEntries(Object.entries(from).filter(([name]) => isUsed(name)));

/** A resource with the switches in it. */
const released = (
  id: string,
  { Metadata: _, ...resource }: Resource,
  { isState, unreservedMaximum }: { isState: boolean; unreservedMaximum: number },
): Record<string, Json> => {
  const { Type, Properties = {} } = resource;
  switch (Type) {
    case 'AWS::IAM::Role':
      return {
        ...resource,
        Properties: {
          ...Properties,
          Path: { Ref: 'RolePath' },
          PermissionsBoundary: given('HasBoundary', { Ref: 'PermissionsBoundaryArn' }),
        },
      };
    case 'AWS::Lambda::Function': {
      const { ReservedConcurrentExecutions: reserved, ...rest } = Properties;
      if (reserved === undefined) throw new Error(`${id} reserves no concurrency`);
      return {
        ...resource,
        Properties: { ...rest, ReservedConcurrentExecutions: given('Reserves', reserved) },
      };
    }
    case 'AWS::Lambda::EventSourceMapping': {
      const maximum = (Properties.ScalingConfig as { MaximumConcurrency?: number } | undefined)
        ?.MaximumConcurrency;
      if (maximum === undefined || maximum <= unreservedMaximum) return resource;
      const MaximumConcurrency = given('Reserves', maximum, unreservedMaximum);
      return { ...resource, Properties: { ...Properties, ScalingConfig: { MaximumConcurrency } } };
    }
    case 'AWS::Logs::LogGroup':
      return { ...resource, Properties: { ...Properties, RetentionInDays: { Ref: 'LogRetentionDays' } } };
    case 'AWS::KMS::Key':
      return { ...resource, Condition: keyCondition(id) };
    case 'AWS::SNS::Topic':
    case 'AWS::SNS::TopicPolicy':
      return isState ? { ...resource, Condition: 'MakesTopic' } : resource;
    default:
      return resource;
  }
};

/** The key of the alert topic is made only with the topic. */
const keyCondition = (id: string): 'MakesKey' | 'MakesAlertKey' =>
  id.startsWith('AlertKey') ? 'MakesAlertKey' : 'MakesKey';

type Replacement = (value: Json) => Json | undefined;

/** What takes the place of a value, in a resource that is made under a condition: the first that says something of it. */
const replacements = (
  resources: Readonly<Record<string, Resource>>,
  {
    assets,
    configSha256,
    isState,
  }: { assets: readonly ReleasedAsset[]; configSha256: string; isState: boolean },
): ((within?: Json) => Replacement[]) => {
  const idsOf = (type: string) => Object.keys(resources).filter((id) => resources[id]?.Type === type);
  const keysWith = (condition: ReturnType<typeof keyCondition>): Json[] =>
    idsOf('AWS::KMS::Key')
      .filter((id) => keyCondition(id) === condition)
      .map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
  const [dataKeys, alertKeys] = [keysWith('MakesKey'), keysWith('MakesAlertKey')];
  const keyArn: Json = { Ref: 'KeyArn' };
  const orKeyArn = (key: Json): Json => given('MakesKey', key, keyArn);
  /** Each reference to what is made unless it is given, with what takes its place in a resource that is made under a condition. */
  const chosen: { reference: Json; isMadeWith: string; choice: (within: Json | undefined) => Json }[] = [
    ...dataKeys.map((key) => ({ reference: key, isMadeWith: 'MakesKey', choice: () => orKeyArn(key) })),
    ...alertKeys.map((key) => ({
      reference: key,
      isMadeWith: 'MakesAlertKey',
      // Of a topic that is given nobody here knows the key.
      choice: (within: Json | undefined) =>
        within === 'MakesTopic'
          ? orKeyArn(key)
          : given('MakesAlertKey', key, orKeyArn(dataKeys[0] ?? NO_VALUE)),
    })),
    ...(isState ? idsOf('AWS::SNS::Topic') : []).map((id) => ({
      reference: { Ref: id },
      isMadeWith: 'MakesTopic',
      choice: () => given('MakesTopic', { Ref: id }, { Ref: 'AlertTopicArn' }),
    })),
  ];
  return (within) => [
    (value) => (value === configSha256 ? { Ref: 'ConfigSha256' } : undefined),
    (value) => (typeof value === 'string' ? withArtifacts(value, assets) : undefined),
    // A statement that is for the secret alone goes with it.
    (value) =>
      isStatementOf(value, PLACEHOLDERS.secretArn)
        ? given(
            'HasSlackSecret',
            replaced(value, [
              (each) => (each === PLACEHOLDERS.secretArn ? { Ref: 'SlackSecretArn' } : undefined),
            ]),
          )
        : undefined,
    (value) => {
      // What is made under a condition needs no choice of the same.
      const text = JSON.stringify(value);
      return chosen
        .find(({ reference, isMadeWith }) => isMadeWith !== within && text === JSON.stringify(reference))
        ?.choice(within);
    },
  ];
};

const isStatementOf = (value: Json, text: string): boolean =>
  isObject(value) && value.Effect !== undefined && value.Resource === text;

const withArtifacts = (text: string, assets: readonly ReleasedAsset[]): Json | undefined => {
  if (text === PLACEHOLDERS.bucket) return { Ref: 'ArtifactBucket' };
  const asset = assets.find(({ key }) => text.includes(key));
  if (!text.includes(PLACEHOLDERS.bucket) && asset === undefined) return undefined;
  if (text.includes('${')) throw new Error(`a text with an asset has a variable of its own: ${text}`);
  const named = asset === undefined ? text : text.replaceAll(asset.key, `\${ArtifactPrefix}${asset.name}`);
  return { 'Fn::Sub': named.replaceAll(PLACEHOLDERS.bucket, '${ArtifactBucket}') };
};

/** A value with replacements in it, the outermost first; what was put in place is left alone. */
const replaced = (value: Json, by: readonly Replacement[]): Json => {
  for (const replace of by) {
    const put = replace(value);
    if (put !== undefined) return put;
  }
  if (Array.isArray(value)) return value.map((each) => replaced(each, by));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each, by)]));
};
