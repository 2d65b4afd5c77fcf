import type { Json, JsonObject } from '../../json/json.ts';
import type { DeclaredProblem, Origin, SourceFile } from '../declared.ts';

/** What a resource’s address says: `module.a["x"].aws_iam_role.run[0]`. */
export type Address = {
  /** The address of its instance of a module; empty in the root module. */
  module: string;
  mode: 'managed' | 'data';
  type: string;
  name: string;
  /** Its key where it has count or for_each. */
  key?: string | number;
};

/** A resource as it is after the plan is applied. */
export type PlannedResource = Address & {
  address: string;
  /** Which configuration of a provider it has: `aws`, `aws.west`; missing where the plan does not say. */
  provider?: string;
  /** The names of what its configuration sets, where the plan tells them. Blocks that `dynamic` makes may be missing. */
  configured?: ReadonlySet<string>;
  values: JsonObject;
  /** True in place of each value that only the deployment tells, in the shape of `values`. */
  unknown: Json;
  /** True in place of each value that must not be shown. */
  sensitive: Json;
  /** Whether it exists already. */
  isOld: boolean;
  origin: Origin;
};

/** Constants in the block of a provider, and the names of all that it sets. */
export type ProviderConstants = {
  region?: string;
  accounts?: readonly string[];
  roleArn?: string;
  names: readonly string[];
};

/** What a plan of Terraform or OpenTofu holds, from its JSON or its binary form. */
export type Plan = {
  source: SourceFile;
  /** The resources that are there afterwards, and the data that were read, each address once. */
  resources: readonly PlannedResource[];
  /** The managed resources that were there before, as they were. */
  before: readonly PlannedResource[];
  /** The values of the variables of the root module. */
  variables: ReadonlyMap<string, Json>;
  /** The names of those that the plan itself says are sensitive. */
  hiddenVariables: ReadonlySet<string>;
  /** What the plan itself says of the configurations of providers: constants in their blocks. */
  providers: ReadonlyMap<string, ProviderConstants>;
  workspace?: string;
  problems: readonly DeclaredProblem[];
};

const STEP = /(?:^|\.)([^.[\]"]+)(?:\[(?:(\d+)|("(?:[^"\\]|\\.)*"))\])?/y;

type Step = { name: string; key?: string | number };

/** The steps of an address; undefined where it is none. */
const stepsOf = (address: string): Step[] | undefined => {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  for (let at = 0; at < address.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const [, name = '', index, text] = STEP.exec(address) ?? [];
    if (name === '') return undefined;
    const key = index === undefined ? text && keyText(text) : Number(index);
    if (text !== undefined && key === undefined) return undefined;
    steps.push({ name, ...(key !== undefined && { key }) });
  }
  return steps;
};

/** Terraform writes keys as HCL does, whose escapes are those of JSON but for `$${` and `%%{`. */
const keyText = (quoted: string): string | undefined => {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text.replaceAll(/\$\$\{|%%\{/g, (whole) => whole.slice(1)) : undefined;
  } catch {
    return undefined;
  }
};

/** The address of a module’s instance or a resource, from its steps. */
const keyed = ({ name, key }: Step): string =>
  key === undefined ? name : `${name}[${typeof key === 'number' ? key : JSON.stringify(key)}]`;

/** The address of an instance of a module that stands in the instance `parent`. */
export const moduleAddress = (parent: string, name: string, key?: string | number): string =>
  `${parent === '' ? '' : `${parent}.`}module.${keyed({ name, ...(key !== undefined && { key }) })}`;

/** Takes the address of a resource apart; undefined where it is none. */
export const parseAddress = (address: string): Address | undefined => {
  const steps = stepsOf(address) ?? [];
  let module = '';
  let at = 0;
  for (; steps[at]?.name === 'module' && steps[at + 1]; at += 2) {
    const { name = '', key } = steps[at + 1] ?? {};
    module = moduleAddress(module, name, key);
  }
  const isData = steps[at]?.name === 'data';
  const [type, last, ...more] = steps.slice(isData ? at + 1 : at);
  if (!type || !last || more.length > 0) return undefined;
  return {
    module,
    mode: isData ? 'data' : 'managed',
    type: type.name,
    name: last.name,
    ...(last.key !== undefined && { key: last.key }),
  };
};

/** The names of the modules in an instance’s address, without keys: `module.a["x"].module.b` gives a, b. */
export const modulePath = (module: string): string[] =>
  (stepsOf(module) ?? []).flatMap(({ name }, index) => (index % 2 === 1 ? [name] : []));

/** The key of the last module in an instance’s address. */
export const moduleKey = (module: string): string | number | undefined => stepsOf(module)?.at(-1)?.key;

/** The address of the instance around an instance of a module. */
export const parentModule = (module: string): string => {
  const steps = stepsOf(module) ?? [];
  let parent = '';
  for (let at = 0; at + 2 < steps.length; at += 2) {
    const { name = '', key } = steps[at + 1] ?? {};
    parent = moduleAddress(parent, name, key);
  }
  return parent;
};

/** Whether any value in a tree of marks is marked. */
export const isMarked = (marks: Json | undefined, depth = 0): boolean => {
  if (marks === true || depth > 200) return true;
  if (typeof marks !== 'object' || marks === null) return false;
  return Object.values(marks).some((each) => isMarked(each, depth + 1));
};
