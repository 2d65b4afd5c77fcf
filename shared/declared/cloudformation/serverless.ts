import { asText, isObject, type Json, member } from '../../json/json.ts';
import { visibleName } from '../../text/visible-text.ts';
import type { Origin } from '../declared.ts';
import {
  below,
  type Expression,
  evaluated,
  NO_VALUE,
  part,
  type Scene,
  UNKNOWN,
  type Value,
} from './evaluation.ts';
import type { Resource } from './resource.ts';
import { policyOfTemplate, templateParameters } from './serverless-policies.ts';

/** What SAM makes of a resource whose role it makes: who may assume the role, and what the role has besides the resource’s own policies. */
type ServerlessRole = { trusted: string; managed: readonly { beside: string | undefined; path: string }[] };

/**
 * The types whose roles SAM makes, and AWS’s own policies that it attaches: always, or beside another property.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
 */
const ROLES: ReadonlyMap<string, ServerlessRole> = new Map([
  [
    'AWS::Serverless::Function',
    {
      trusted: 'lambda.amazonaws.com',
      managed: [
        { beside: undefined, path: 'service-role/AWSLambdaBasicExecutionRole' },
        { beside: 'VpcConfig', path: 'service-role/AWSLambdaVPCAccessExecutionRole' },
        { beside: 'Tracing', path: 'AWSXRayDaemonWriteAccess' },
      ],
    },
  ],
  [
    'AWS::Serverless::StateMachine',
    { trusted: 'states.amazonaws.com', managed: [{ beside: 'Tracing', path: 'AWSXRayDaemonWriteAccess' }] },
  ],
]);

/**
 * The role that SAM makes for a function or state machine without one: `<logical id>Role`. `globals`: the section Globals, which gives
 * properties that the resource does not.
 */
export const serverlessRole = (
  resource: Resource,
  globals: (type: string, name: string) => Expression | undefined,
): Resource | undefined => {
  const role = ROLES.get(resource.type);
  if (!role || resource.property('Role')) return undefined;
  const own = (name: string): Expression | undefined =>
    resource.property(name) ?? globals(resource.type.slice('AWS::Serverless::'.length), name);
  const id = `${resource.id}Role`;
  const origin = below(resource.properties, 'Policies');
  const properties: Readonly<Record<string, Expression | undefined>> = {
    AssumeRolePolicyDocument: own('AssumeRolePolicyDocument') ?? { value: trustOf(role.trusted) },
    Path: own('RolePath'),
    PermissionsBoundary: own('PermissionsBoundary'),
    Policies: { evaluate: (scene) => inlineIn(policiesOf(resource, scene), id, origin, scene) },
    ManagedPolicyArns: {
      evaluate: (scene) => {
        const always = role.managed.filter(({ beside }) => beside === undefined || own(beside) !== undefined);
        const partition = scene.refer('AWS::Partition', origin);
        const arnOf = (path: string): string => `arn:${String(partition)}:iam::aws:policy/${path}`;
        const named = listOf(policiesOf(resource, scene)).flatMap((each) =>
          typeof each === 'string' ? [each.startsWith('arn:') ? each : arnOf(each)] : [],
        );
        const made: Json[] = [...always.map(({ path }) => arnOf(path)), ...named];
        scene.note(made, origin, true);
        return made;
      },
    },
    Tags: { evaluate: (scene) => tagsIn(own('Tags'), below(resource.properties, 'Tags'), scene) },
  };
  return {
    id,
    type: 'AWS::IAM::Role',
    origin: resource.origin,
    condition: resource.condition,
    metadata: resource.metadata,
    hasConnectors: false,
    properties: resource.properties,
    propertyNames: Object.keys(properties),
    property: (name) => (Object.hasOwn(properties, name) ? properties[name] : undefined),
  };
};

const trustOf = (service: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: [service] }, Action: ['sts:AssumeRole'] }],
});

/** One policy or a list of them. */
const policiesOf = (resource: Resource, scene: Scene): Value => {
  const own = resource.property('Policies');
  return own ? evaluated(own, scene) : NO_VALUE;
};

const listOf = (value: Value): Value[] => (Array.isArray(value) ? value : value === NO_VALUE ? [] : [value]);

/**
 * The documents among policies. A policy template of SAM whose text is not known here is a policy that nobody can read.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
 */
const inlineIn = (policies: Value, id: string, origin: Origin, scene: Scene): Value => {
  if (policies === UNKNOWN) return UNKNOWN;
  const made = listOf(policies).flatMap((each, index): Json[] => {
    if (typeof each === 'string') return [];
    const at = Array.isArray(policies) ? below(origin, index) : origin;
    const isDocument = part(each, 'Statement') !== NO_VALUE;
    const document = isDocument ? scene.known(each) : templateIn(each, at, scene);
    const policy = {
      PolicyName: `${id}Policy${index}`,
      ...(document !== undefined && { PolicyDocument: document }),
    };
    scene.note(policy, at, true);
    return [policy];
  });
  scene.note(made, origin, true);
  return made;
};

/** The document that SAM makes of a policy template: `S3ReadPolicy: { BucketName: … }`; undefined where it cannot be told. */
const templateIn = (policy: Value, at: Origin, scene: Scene): Json | undefined => {
  if (!isObject(policy)) return undefined;
  const [name = '', ...others] = Object.keys(policy);
  const shown = visibleName(name === '' ? 'it' : name);
  const parameters = others.length === 0 ? templateParameters(name) : undefined;
  const given = part(policy, name);
  const values = new Map(
    (parameters ?? []).flatMap((each): [string, string][] => {
      const value = asText(scene.known(part(given, each)));
      return value === undefined ? [] : [[each, value]];
    }),
  );
  if (!parameters || values.size < parameters.length) {
    const why = parameters ? 'whose parameters cannot be told' : 'whose text is not known here';
    scene.report(
      at,
      `${shown} is a policy template of SAM, ${why}; it counts as a policy that nobody can read`,
    );
    return undefined;
  }
  const document = policyOfTemplate(name, (each) => values.get(each) ?? String(scene.refer(each, at)));
  if (document) scene.note(document, at, true);
  return document;
};

/** SAM writes tags as a map. */
const tagsIn = (own: Expression | undefined, origin: Origin, scene: Scene): Value => {
  const value = own ? scene.known(evaluated(own, scene)) : undefined;
  const tags = Object.entries(isObject(value) ? value : {}).map(([Key, Value]): Json => ({ Key, Value }));
  scene.note(tags, origin, true);
  return tags;
};

/** Properties that the section Globals gives to all resources of a type. */
export const globalsIn = (
  section: Json | undefined,
  make: (source: Json, ...path: string[]) => Expression,
): ((type: string, name: string) => Expression | undefined) => {
  return (type, name) => {
    const value = member(member(section, type), name);
    return value === undefined ? undefined : make(value, type, name);
  };
};
