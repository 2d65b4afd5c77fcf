import { asList, asText, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { parseJson, positionOf } from '../../json/json-text.ts';
import { oncePer } from '../../memo.ts';
import type { DeclaredProblem, SourceFile } from '../declared.ts';
import { type Address, modulePath, type Plan, type PlannedResource, parseAddress } from './plan.ts';

/** What was read, or why not, as a sentence that says what to do. */
export type PlanRead<T> = { ok: true; value: T } | { ok: false; message: string };

/** The major version of the format that is understood. https://developer.hashicorp.com/terraform/internals/json-format */
const MAJOR = '1';

const WHICH = 'give the file of `terraform plan -out FILE`, or the output of `terraform show -json FILE`';

/** Reads the output of `terraform show -json PLAN` or `tofu show -json PLAN`. */
export const readJsonPlan = (path: string, text: string): PlanRead<Plan> => {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column, message, fault } = parsed.error;
    return { ok: false, message: `${path}:${line}:${column}: this plan is ${fault}: ${message}; ${WHICH}` };
  }
  const root = parsed.value;
  const version = asText(member(root, 'format_version'));
  if (member(root, 'encrypted_data') !== undefined)
    return {
      ok: false,
      message: `${path}: this plan is encrypted; give the output of \`tofu show -json\` of it`,
    };
  if (version === undefined || member(root, 'planned_values') === undefined)
    return {
      ok: false,
      message: `${path}: this is no plan; ${WHICH}`,
    };
  if (version.split('.')[0] !== MAJOR)
    return {
      ok: false,
      message: `${path}: this plan has format_version ${JSON.stringify(version.slice(0, 20))}, and only ${MAJOR}.x is understood; make it with Terraform 1.1 or later, or with OpenTofu`,
    };
  return { ok: true, value: planOf(root, { path, places: placesIn(text) }) };
};

const placesIn =
  (text: string): SourceFile['places'] =>
  (pointers) =>
    new Map(
      [...jsonRanges(text, pointers)].map(([pointer, { start }]) => [pointer, positionOf(text, start)]),
    );

const planOf = (root: Json, source: SourceFile): Plan => {
  const problems: DeclaredProblem[] = stateProblems(root, source);
  const configurationOf = configurationsOfResources(member(root, 'configuration'));
  const found = new Map<string, PlannedResource>();
  const earlier: PlannedResource[] = [];
  const gone = new Set<string>();
  const resourceOf = (entry: Json, pointer: string, marks: Marks): PlannedResource | undefined => {
    const address = asText(member(entry, 'address')) ?? '';
    const parts = parseAddress(address);
    if (!parts) {
      problems.push({ file: source, pointer, message: 'the address of this resource is not understood' });
      return undefined;
    }
    return { ...parts, address, ...configurationOf(parts), ...marks, origin: { file: source, pointer } };
  };
  const add = (resource: PlannedResource | undefined): boolean => {
    if (!resource || found.has(resource.address) || gone.has(resource.address)) return false;
    found.set(resource.address, resource);
    return true;
  };
  for (const [index, entry] of asList(member(root, 'resource_changes')).entries()) {
    const change = member(entry, 'change');
    const actions = asList(member(change, 'actions'));
    const pointer = `/resource_changes/${index}`;
    const before = isObject(member(change, 'before'))
      ? resourceOf(entry, pointer, {
          values: objectIn(change, 'before'),
          unknown: {},
          sensitive: member(change, 'before_sensitive') ?? {},
          isOld: true,
        })
      : undefined;
    // What is forgotten stays, and Terraform does not care for it any more.
    const isForgotten = actions.includes('forget');
    if (before?.mode === 'managed' && !(isForgotten && actions.length > 1)) earlier.push(before);
    if (member(entry, 'deposed') !== undefined) continue;
    if (actions.length === 1 && isForgotten) add(before);
    else if (actions.length === 1 && actions[0] === 'delete')
      gone.add(asText(member(entry, 'address')) ?? '');
    else
      add(
        resourceOf(entry, pointer, {
          values: objectIn(change, 'after'),
          unknown: member(change, 'after_unknown') ?? {},
          sensitive: member(change, 'after_sensitive') ?? {},
          isOld: !actions.includes('create'),
        }),
      );
  }
  const states = [
    ['/planned_values/root_module', member(member(root, 'planned_values'), 'root_module')],
    ['/prior_state/values/root_module', member(member(member(root, 'prior_state'), 'values'), 'root_module')],
  ] as const;
  for (const [pointer, module] of states)
    for (const [at, entry] of resourcesOfState(module, pointer)) {
      const resource = resourceOf(entry, at, {
        values: objectIn(entry, 'values'),
        unknown: {},
        sensitive: member(entry, 'sensitive_values') ?? {},
        isOld: true,
      });
      if (add(resource) && resource?.mode === 'managed') earlier.push(resource);
    }
  return {
    source,
    resources: [...found.values()],
    before: earlier,
    variables: new Map(
      Object.entries(objectIn(root, 'variables')).map(([name, each]) => [
        name,
        member(each, 'value') ?? null,
      ]),
    ),
    hiddenVariables: new Set(
      Object.entries(objectIn(member(member(root, 'configuration'), 'root_module'), 'variables')).flatMap(
        ([name, each]) => (member(each, 'sensitive') === true ? name : []),
      ),
    ),
    providers: providersOf(member(root, 'configuration')),
    problems,
  };
};

type Marks = Pick<PlannedResource, 'values' | 'unknown' | 'sensitive' | 'isOld'>;

const objectIn = (value: Json | undefined, key: string): JsonObject => {
  const found = member(value, key);
  return isObject(found) ? found : {};
};

/** A plan that was broken off, or that leaves something for a later one, does not hold all that will be there. */
const stateProblems = (root: Json, source: SourceFile): DeclaredProblem[] => [
  ...(member(root, 'errored') === true
    ? [{ file: source, pointer: '/errored', message: ERRORED }]
    : member(root, 'complete') === false || asList(member(root, 'deferred_changes')).length > 0
      ? [{ file: source, pointer: '/complete', message: INCOMPLETE_PLAN }]
      : []),
];

export const ERRORED =
  'Terraform ended this plan with an error, so that it does not hold everything; mend the error and plan again';
export const INCOMPLETE_PLAN =
  'this plan leaves something for a later plan, so that it does not hold everything that will be there';

const MAX_MODULES = 10_000;

/** The resources of a state, with pointers to them. */
const resourcesOfState = function* (
  root: Json | undefined,
  pointer: string,
): Generator<readonly [string, Json]> {
  const left: (readonly [string, Json | undefined])[] = [[pointer, root]];
  for (let count = 0; count < MAX_MODULES; count++) {
    const next = left.pop();
    if (!next) return;
    const [at, module] = next;
    for (const [index, entry] of asList(member(module, 'resources')).entries())
      yield [`${at}/resources/${index}`, entry];
    for (const [index, child] of asList(member(module, 'child_modules')).entries())
      left.push([`${at}/child_modules/${index}`, child]);
  }
};

/** The module of the configuration that an instance’s address leads to. */
const moduleOfConfiguration = (configuration: Json | undefined, module: string): Json | undefined =>
  modulePath(module).reduce<Json | undefined>(
    (at, name) => member(member(member(at, 'module_calls'), name), 'module'),
    member(configuration, 'root_module'),
  );

type Configured = Pick<PlannedResource, 'provider' | 'configured'>;

/** What the configuration says of a resource. */
const configurationsOfResources = (configuration: Json | undefined): ((resource: Address) => Configured) => {
  const inModule = oncePer(
    (module: string) =>
      new Map(
        asList(member(moduleOfConfiguration(configuration, module), 'resources')).flatMap(
          (entry): [string, Configured][] => {
            const [at, key] = [member(entry, 'address'), member(entry, 'provider_config_key')];
            if (typeof at !== 'string') return [];
            const configured = new Set(Object.keys(objectIn(entry, 'expressions')));
            return [[at, { configured, ...(typeof key === 'string' && { provider: key }) }]];
          },
        ),
      ),
  );
  return ({ module, mode, type, name }) =>
    inModule(module).get(`${mode === 'data' ? 'data.' : ''}${type}.${name}`) ?? {};
};

const constantOf = (expressions: Json | undefined, name: string): Json | undefined =>
  member(member(expressions, name), 'constant_value');

const providersOf = (configuration: Json | undefined): Plan['providers'] =>
  new Map(
    Object.entries(objectIn(configuration, 'provider_config')).map(([key, provider]) => {
      const expressions = member(provider, 'expressions');
      const region = constantOf(expressions, 'region');
      const accounts = asList(constantOf(expressions, 'allowed_account_ids')).flatMap(
        (id) => asText(id) ?? [],
      );
      const [role] = asList(member(expressions, 'assume_role'));
      const roleArn = constantOf(role, 'role_arn');
      return [
        key,
        {
          ...(typeof region === 'string' && { region }),
          ...(accounts.length > 0 && { accounts }),
          ...(typeof roleArn === 'string' && { roleArn }),
          names: isObject(expressions) ? Object.keys(expressions) : [],
        },
      ];
    }),
  );
