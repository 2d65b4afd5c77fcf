import { parseArn } from '../../domain/arn.ts';
import { isRegion, partitionOfRegion } from '../../domain/regions.ts';
import type { Scope } from '../../domain/scope.ts';
import { asText, member } from '../../json/json.ts';
import { ACCOUNT_HOLE, REGION_HOLE } from '../fill.ts';
import { entriesOf, listOf, textOf, Untold, type Value } from '../hcl/values.ts';
import type { PlannedResource } from './plan.ts';
import type { Part, World } from './world.ts';

/** The configuration of a provider that has no alias, and that all resources have which name none. */
export const DEFAULT_PROVIDER = 'aws';

/** Which configuration of the provider a resource has, and the module that it stands in. */
const configurationOf = (provider = DEFAULT_PROVIDER): { module: string; key: string } => {
  const [, module = '', key] = /^(?:(.*):)?([^:]+)$/.exec(provider) ?? [];
  return { module, key: key ?? DEFAULT_PROVIDER };
};

/** A value of a block; undefined where it is not there or cannot be told. */
const told = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Untold) return undefined;
    throw error;
  }
};

const textIn = (part: Part | undefined, name: string): string | undefined =>
  told(() => {
    const value = part?.attribute(name);
    return value === undefined || value === null ? undefined : textOf(value);
  });

const listIn = (part: Part | undefined, name: string): readonly string[] =>
  told(() => {
    const value = part?.attribute(name);
    return value === undefined || value === null ? [] : listOf(value).map(textOf);
  }) ?? [];

/**
 * The account and Region in which a resource will be, as its provider’s configuration says, or what the plan read of it. What neither
 * tells is a hole. https://registry.terraform.io/providers/hashicorp/aws/latest/docs
 */
export const scopeOf = (resource: PlannedResource, world: World): Scope => {
  const scope = scopeOfProvider(resource.provider ?? DEFAULT_PROVIDER, world);
  // Since version 6 of the provider each resource may have a Region of its own.
  const region = member(resource.values, 'region');
  return typeof region === 'string' && isRegion(region) && region !== scope.region
    ? { ...scope, region, partition: partitionOfRegion(region) }
    : scope;
};

/** The scope of a configuration of the provider. */
const scopeOfProvider = (provider: string, world: World): Scope =>
  world.kept(`scope|${provider}`, () => {
    const { plan, byProvider } = world.model;
    const { module, key } = configurationOf(provider);
    const beside = byProvider.get(provider) ?? [];
    const region =
      plan.providers.get(provider)?.region ??
      textIn(world.provider(key, module), 'region') ??
      dataOf(beside, 'aws_region', ['region', 'name', 'id']) ??
      regionIn(beside) ??
      world.ask(REGION_HOLE);
    const account = accountFor(provider, world) ?? world.ask(ACCOUNT_HOLE);
    return { account, region, partition: partitionOfRegion(region) };
  });

/** The account of a configuration. One that names no credentials has those of its surroundings, as the default one has. */
const accountFor = (provider: string, world: World): string | undefined => {
  const { plan, byProvider } = world.model;
  const { module, key } = configurationOf(provider);
  const said = plan.providers.get(provider);
  const block = world.provider(key, module);
  const role = said?.roleArn ?? textIn(told(() => block?.blocks('assume_role'))?.[0], 'role_arn');
  const accounts = said?.accounts ?? listIn(block, 'allowed_account_ids');
  const beside = byProvider.get(provider) ?? [];
  const own =
    accountIn(role) ??
    (accounts.length === 1 ? accounts[0] : undefined) ??
    dataOf(beside, 'aws_caller_identity', ['account_id']) ??
    accountOf(beside);
  if (own !== undefined || provider === DEFAULT_PROVIDER) return own;
  const names = said?.names ?? (block ? CREDENTIALS.filter((name) => hasPart(block, name)) : undefined);
  return names?.some((name) => CREDENTIALS.includes(name)) === false
    ? accountFor(DEFAULT_PROVIDER, world)
    : undefined;
};

/** What of a provider’s configuration says whose credentials it takes. */
const CREDENTIALS = [
  'access_key',
  'assume_role',
  'assume_role_with_web_identity',
  'profile',
  'shared_config_files',
  'shared_credentials_file',
  'shared_credentials_files',
  'token',
];

/** Whether a block sets something. What cannot be told counts as set. */
const hasPart = (block: Part, name: string): boolean =>
  told(() => (block.attribute(name) ?? null) !== null || block.blocks(name).length > 0) !== false;

/** What a data source of the same configuration was read to say. */
const dataOf = (
  resources: readonly PlannedResource[],
  type: string,
  attributes: readonly string[],
): string | undefined => {
  const values = resources.find((each) => each.mode === 'data' && each.type === type)?.values;
  return attributes.flatMap((name) => asText(member(values, name)) ?? [])[0];
};

const accountIn = (arn: string | undefined): string | undefined =>
  (arn && parseArn(arn)?.account) || undefined;

/** The account and Region of what exists already tell where its neighbours go. */
const arnsOf = (resources: readonly PlannedResource[]) =>
  resources
    .filter(({ isOld, mode }) => isOld && mode === 'managed')
    .flatMap(({ values }) => parseArn(asText(member(values, 'arn')) ?? '') ?? []);

const accountOf = (resources: readonly PlannedResource[]): string | undefined =>
  arnsOf(resources).find(({ account }) => account !== '')?.account;

const regionIn = (resources: readonly PlannedResource[]): string | undefined =>
  arnsOf(resources).find(({ region }) => region !== '')?.region;

/** The tags that the configuration of its provider adds to a resource. */
export const defaultTags = (resource: PlannedResource, world: World): (readonly [string, Value])[] => {
  const { module, key } = configurationOf(resource.provider);
  const [block] = told(() => world.provider(key, module)?.blocks('default_tags')) ?? [];
  return told(() => entriesOf(block?.attribute('tags') ?? {})) ?? [];
};
