import { serviceOf } from '../iam/decide/request.ts';
import { asList, asText, type Json, member } from '../json/json.ts';
import { globalRegionOf } from '../reader/answers/trails.ts';
import { type PlannedStack, resolvedText } from './planned-stacks.ts';

/** How the code of a function reaches a service from a VPC; undefined: AWS itself makes these calls, from outside of it. */
type Endpoint = { name: string; hasGateway?: true; isCrossRegion?: true } | undefined;

/**
 * The endpoint of each service that a function may call, by the prefix of its actions. A test holds the list to the permissions.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 * https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html
 */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  cloudtrail: { name: 'cloudtrail' },
  dynamodb: { name: 'dynamodb', hasGateway: true },
  // Lambda makes the network interfaces of functions, and writes their logs.
  ec2: undefined,
  events: { name: 'events' },
  glue: { name: 'glue' },
  iam: { name: 'iam', isCrossRegion: true },
  kms: { name: 'kms', isCrossRegion: true },
  logs: undefined,
  organizations: { name: 'organizations' },
  ram: { name: 'ram' },
  s3: { name: 's3', hasGateway: true, isCrossRegion: true },
  sagemaker: { name: 'sagemaker.api' },
  secretsmanager: { name: 'secretsmanager' },
  securityhub: { name: 'securityhub' },
  sns: { name: 'sns' },
  sqs: { name: 'sqs' },
  ssm: { name: 'ssm' },
  sts: { name: 'sts' },
  xray: { name: 'xray' },
};

/** Whether it is known how functions reach the service of an action. */
export const isEndpointKnown = (action: string): boolean => Object.hasOwn(ENDPOINTS, serviceOf(action));

/** Whether the code of a function makes a call, and not Lambda for it. */
export const isCalledByCode = (action: string): boolean => ENDPOINTS[serviceOf(action)] !== undefined;

/** A service that functions in a VPC call in a Region; without an endpoint, only a route to the internet leads there. */
export type NetworkNeed = {
  service: string;
  region: string;
  /** The names that the endpoint’s service may have; in China, some begin with `cn.`. */
  endpoints: readonly string[];
  hasGateway: boolean;
};

/** Services that answer in one Region of a partition. */
const GLOBAL = new Set(['iam', 'organizations']);

/** The subnets and security groups of the functions of stacks; undefined where they are in no VPC. */
export const vpcIn = (
  stacks: readonly PlannedStack[],
): { region: string; subnets: string[]; securityGroups: string[] } | undefined => {
  for (const { region, resources } of stacks)
    for (const { type, properties } of resources) {
      const config = type === 'AWS::Lambda::Function' ? member(properties, 'VpcConfig') : undefined;
      if (config === undefined) continue;
      return {
        region,
        subnets: textsIn(member(config, 'SubnetIds')),
        securityGroups: textsIn(member(config, 'SecurityGroupIds')),
      };
    }
  return undefined;
};

const textsIn = (value: Json | undefined): string[] => asList(value).flatMap((each) => asText(each) ?? []);

/** The roles under which functions run, by their logical ids, and whether these functions are in a VPC. */
export const functionRolesIn = ({
  resources,
}: Pick<PlannedStack, 'resources'>): Map<string, 'in-vpc' | 'outside'> =>
  new Map(
    resources.flatMap(({ type, properties }) => {
      if (type !== 'AWS::Lambda::Function') return [];
      const [role] = textsIn(member(member(properties, 'Role'), 'Fn::GetAtt'));
      if (role === undefined) return [];
      return [[role, member(properties, 'VpcConfig') === undefined ? 'outside' : 'in-vpc'] as const];
    }),
  );

/** What the functions of stacks reach from their VPC, each once. A call that another service makes for them needs no way. */
export const networkNeeds = (stacks: readonly PlannedStack[]): NetworkNeed[] => {
  const needs = new Map<string, NetworkNeed>();
  for (const stack of stacks) {
    const { region: home, partition } = stack;
    const global = globalRegionOf(partition);
    const statements = statementsOf(stack);
    const named = statements.flatMap(({ regions }) => regions);
    const hasMembers = statements.some(({ actions }) => actions.includes('sts:AssumeRole'));
    const regionsOf = (service: string, regions: readonly string[]): string[] => {
      if (GLOBAL.has(service)) return [global];
      // Events are looked up in each watched Region and where AWS sends those of IAM, and findings on members are imported in the Region of their resource.
      if (service === 'cloudtrail') return [home, ...named, global];
      return service === 'securityhub' && hasMembers ? [home, ...named] : [home, ...regions];
    };
    for (const { actions, regions } of statements)
      for (const service of new Set(actions.map(serviceOf))) {
        if (!Object.hasOwn(ENDPOINTS, service)) continue;
        const endpoint = ENDPOINTS[service];
        if (endpoint === undefined) continue;
        for (const region of regionsOf(service, regions))
          needs.set(`${service} ${region}`, {
            service,
            region,
            endpoints: region === home || endpoint.isCrossRegion ? namesOf(endpoint.name, region) : [],
            hasGateway: region === home && endpoint.hasGateway === true,
          });
      }
    if (statements.some(({ actions }) => actions.some((action) => CREDENTIALS.has(action))))
      needs.set('slack', { service: 'Slack', region: home, endpoints: [], hasGateway: false });
  }
  return [...needs.values()];
};

/** What reads the credentials of a Slack channel, which is on the internet. */
const CREDENTIALS = new Set(['secretsmanager:GetSecretValue', 'ssm:GetParameter']);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam_vpc_endpoint_create.html */
const namesOf = (name: string, region: string): string[] =>
  ['', 'cn.'].map((begin) => `${begin}com.amazonaws.${name === 'iam' ? name : `${region}.${name}`}`);

const statementsOf = (stack: PlannedStack): { actions: string[]; regions: string[] }[] => {
  const roles = functionRolesIn(stack);
  return stack.resources
    .filter(({ id, type }) => type === 'AWS::IAM::Role' && roles.get(id) === 'in-vpc')
    .flatMap(({ properties }) => asList(member(properties, 'Policies')))
    .flatMap((policy) => asList(member(member(policy, 'PolicyDocument'), 'Statement')))
    .flatMap((statement) => {
      const equals = member(member(statement, 'Condition'), 'StringEquals');
      if (member(statement, 'Effect') !== 'Allow' || member(equals, 'kms:ViaService') !== undefined)
        return [];
      const regions = asList(member(equals, 'aws:RequestedRegion')).flatMap(
        (region) => resolvedText(region, stack) ?? [],
      );
      return { actions: textsIn(member(statement, 'Action')), regions };
    });
};
