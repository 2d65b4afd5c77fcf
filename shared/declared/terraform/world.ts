import { isObject, type Json, member } from '../../json/json.ts';
import { oncePer } from '../../memo.ts';
import { shellText } from '../../text/shell-text.ts';
import type { DeclaredProblem, Fill, Hole, Origin, Origins } from '../declared.ts';
import { evaluate, MOST_WORK, type Scope as Names, type Work, within } from '../hcl/evaluate.ts';
import type { Body, Expression } from '../hcl/syntax.ts';
import {
  isEncoded,
  isEqual,
  lazy,
  Mistake,
  ofJsonText,
  pairsOf,
  textOf,
  Untold,
  type Value,
} from '../hcl/values.ts';
import { openTexts } from './open-texts.ts';
import {
  isMarked,
  moduleAddress,
  moduleKey,
  modulePath,
  type Plan,
  type PlannedResource,
  parentModule,
} from './plan.ts';
import { join, type SourceModule, type Sources } from './source-files.ts';
import { converted } from './variable-types.ts';

/** A plan, with the sources that it was made from where they are there. */
export type Model = {
  plan: Plan;
  sources?: Sources;
  /** Whether the plan itself holds the sources, so that nobody can have changed them since. */
  hasOwnSources?: true;
  /** The origins of what is declared, in all ways to fill the holes. */
  origins: Origins;
  /** What the state alone lists of a resource, whatever has made it: it goes where what has made it goes. */
  ofState: WeakSet<object>;
  /** The resources by module, mode, type and name. */
  byName: ReadonlyMap<string, readonly PlannedResource[]>;
  /** The managed resources by type. */
  byType: ReadonlyMap<string, readonly PlannedResource[]>;
  /** The resources and data by the configuration of their provider. */
  byProvider: ReadonlyMap<string, readonly PlannedResource[]>;
};

export const nameKey = ({
  module,
  mode,
  type,
  name,
}: Pick<PlannedResource, 'module' | 'mode' | 'type' | 'name'>) => `${module}|${mode}|${type}|${name}`;

/** Why a value is unknown that only its expression could tell. */
export const NO_SOURCES = 'only the sources tell it, and they are not there';

/** A block, from sources or from what a plan tells. Reading an attribute throws Untold where it cannot be told. */
export type Part = {
  origin: Origin;
  attribute: (name: string) => Value | undefined;
  blocks: (type: string) => readonly Part[];
};

/** A plan with one way to fill its holes. */
export type World = {
  model: Model;
  ask: Fill;
  /** Whether a text holds what some hole was filled with. */
  holdsHole: (text: string) => boolean;
  origins: Origins;
  report: (problem: DeclaredProblem) => void;
  /** What an action makes, with the holes and problems that it hangs on. */
  tracked: <T>(act: () => T) => { result: T; holes: Holes; problems: Problems };
  /** What is made once in this world, by a key of its own. */
  kept: <T>(key: string, make: () => T) => T;
  /** The values that a resource will have. */
  part: (resource: PlannedResource) => Part;
  /** The value of an attribute as text; undefined where it has none. What cannot be told is a hole. */
  text: (resource: PlannedResource, name: string) => string | undefined;
  /** Where an attribute of a resource is written. */
  originOf: (resource: PlannedResource, attribute?: string) => Origin;
  /** The block of a provider’s configuration in the sources of the root module or of `module`. */
  provider: (key: string, module: string) => Part | undefined;
  /** Whether the sources of a resource set an attribute; undefined where there are none. */
  isSet: (resource: PlannedResource, name: string) => boolean | undefined;
};

/** What follows from the type of a resource: its ARN, its id, a name that is made up. Undefined where nothing does. */
export type Derive = (resource: PlannedResource, attribute: string, world: World) => Value | undefined;

/** Holes with the values that they got, by their names. */
export type Holes = Map<string, { hole: Hole; value: string }>;

/** Problems, each once, by their places and messages. */
export type Problems = Map<string, DeclaredProblem>;

type Cell = ({ value: unknown } | { error: unknown }) & {
  holes: Holes;
  problems: Problems;
};

/** What an evaluation has asked for and reported so far, and how often it asked for an unknown text in one place. */
type Tracker = { holes: Holes; problems: Problems; counts: Map<string, number> };

const newTracker = (): Tracker => ({ holes: new Map(), problems: new Map(), counts: new Map() });

const addAll = <T>(to: Map<string, T>, from: Map<string, T>): void => {
  for (const [name, each] of from) to.set(name, each);
};

/** Makes the world in which `fill` tells each hole. Each value is evaluated when it is first asked for, and once. */
export const worldOf = (model: Model, fill: Fill, derive: Derive): World => {
  const { plan, sources, origins } = model;
  const work: Work = { left: MOST_WORK, depth: 0 };
  const cells = new Map<string, Cell | 'running'>();
  let tracker = newTracker();

  const tracked = <T>(act: () => T): { result: T; holes: Holes; problems: Problems } => {
    const outer = tracker;
    const own = newTracker();
    tracker = own;
    try {
      return { result: act(), holes: own.holes, problems: own.problems };
    } finally {
      tracker = outer;
      addAll(outer.holes, own.holes);
      addAll(outer.problems, own.problems);
    }
  };

  const report = (problem: DeclaredProblem): void => {
    tracker.problems.set(`${problem.file.path}|${problem.pointer}|${problem.message}`, problem);
  };
  const filled = new Map<string, Hole>();
  const ask: Fill = (hole) => {
    const value = fill(hole);
    tracker.holes.set(hole.name, { hole, value });
    if (value !== '') filled.set(value, hole);
    return value;
  };
  const open = openTexts(filled, ask);

  const kept = <T>(key: string, make: () => T): T => {
    const known = cells.get(key);
    if (known === 'running') throw new Untold('it refers to itself');
    if (!known) cells.set(key, 'running');
    const cell = known ?? evaluatedCell(make);
    if (known) {
      addAll(tracker.holes, known.holes);
      addAll(tracker.problems, known.problems);
    } else cells.set(key, cell);
    if ('error' in cell) throw cell.error;
    return cell.value as T;
  };

  const evaluatedCell = (make: () => unknown): Cell => {
    const { result, holes, problems } = tracked(() => {
      try {
        return { value: make() };
      } catch (error) {
        return { error };
      }
    });
    return { ...result, holes, problems };
  };

  const unknownText =
    (label: string) =>
    (origin: Origin, why: string): string => {
      report({ ...origin, message: `${why}; what hangs on it is told once it is deployed` });
      const { line, column } = origin.file.places([origin.pointer]).get(origin.pointer) ?? {
        line: 1,
        column: 1,
      };
      const place = `${label} at ${origin.file.path}:${line}:${column}`;
      const count = (tracker.counts.get(place) ?? 0) + 1;
      tracker.counts.set(place, count);
      return ask({
        name: count > 1 ? `${place} ${count}` : place,
        by: 'given',
        tell: 'write the value in place of the expression',
      });
    };

  const moduleOf = oncePer((module: string): SourceModule | undefined =>
    sources?.modules.get(modulePath(module).join('.')),
  );

  /** What names mean in an instance of a module. `label` tells of whom a text is unknown. */
  const namesIn = (module: string, label = module || 'the root module'): Names => ({
    ...namesOfModule(module),
    unknownText: unknownText(label),
  });

  const namesOfModule = oncePer((module: string): Names => {
    const source = moduleOf(module);
    const known: Record<string, Value> = {
      var: lazy((name) => variable(module, source, name)),
      local: lazy((name) => {
        const value = source?.locals.get(name);
        return value && kept(`${module}|local|${name}`, () => evaluate(value, namesIn(module)));
      }),
      data: lazy((type) => lazy((name) => resourceValue({ module, mode: 'data', type, name }))),
      module: lazy((name) => moduleValue(module, source, name)),
      path: { module: source?.folder || '.', root: '.', cwd: '.' },
      terraform: lazy((name) => (name === 'workspace' ? workspace() : undefined)),
      tofu: lazy((name) => (name === 'workspace' ? workspace() : undefined)),
    };
    return {
      name: (name) => {
        if (Object.hasOwn(known, name)) return known[name];
        if (!name.includes('_')) return undefined;
        return lazy((of) => resourceValue({ module, mode: 'managed', type: name, name: of }));
      },
      unknownText: unknownText(module),
      open,
      files: filesFor(sources),
      made: (value, origin) => void origins.set(value, origin),
      work,
    };
  });

  const workspace = (): string =>
    plan.workspace ??
    ask({
      name: 'terraform.workspace',
      byDefault: 'default',
      by: 'given',
      tell: 'give the plan as `terraform plan -out` writes it, which tells the workspace',
    });

  const variable = (module: string, source: SourceModule | undefined, name: string): Value | undefined =>
    kept(`${module}|var|${name}`, () => {
      const block = source?.variables.get(name);
      const names = namesIn(module);
      const typed = (value: Value): Value =>
        converted(value, block?.body.attributes.get('type'), (each) => evaluate(each, names));
      const own = given(module, name);
      const byDefault = block?.body.attributes.get('default');
      if (own !== undefined && !(own === null && isFalse(block?.body, 'nullable'))) return typed(own);
      if (byDefault) return typed(evaluate(byDefault, names));
      if (!block) return undefined;
      throw new Untold(`the plan does not tell the variable ${name}`);
    });

  /** What a variable is given: by the plan, or by the call of the module. */
  const given = (module: string, name: string): Value | undefined => {
    if (module === '') return plan.variables.get(name);
    const call = callOf(module);
    const value = call?.body.attributes.get(name);
    return value && evaluate(value, callNames(module));
  };

  const callOf = (module: string) =>
    moduleOf(parentModule(module))?.calls.get(modulePath(module).at(-1) ?? '');

  /** What names mean in the call of an instance of a module. */
  const callNames = (module: string): Names => {
    const parent = parentModule(module);
    const key = moduleKey(module);
    return withKey(namesIn(parent, module), callOf(module)?.body, key);
  };

  /** The names, with `each` and `count` of an instance. */
  const withKey = (names: Names, body: Body | undefined, key: string | number | undefined): Names => {
    if (key === undefined) return names;
    if (typeof key === 'number') return within(names, { count: { index: key } });
    const forEach = body?.attributes.get('for_each');
    const each = lazy((name) => {
      if (name === 'key') return key;
      if (name !== 'value' || !forEach) return undefined;
      const found = pairsOf(evaluate(forEach, names)).find(([itsKey]) => itsKey === key);
      if (!found) throw new Untold('for_each does not tell this instance');
      return found[1];
    });
    return within(names, { each });
  };

  const moduleValue = (module: string, source: SourceModule | undefined, name: string): Value | undefined => {
    const call = source?.calls.get(name);
    if (!call) return undefined;
    const one = (key?: string | number): Value => {
      const address = moduleAddress(module, name, key);
      const child = moduleOf(address);
      return lazy(
        (output) => {
          const value = child?.outputs.get(output)?.body.attributes.get('value');
          if (!child) throw new Untold(`the sources of ${address} are not there`);
          return value && kept(`${address}|output|${output}`, () => evaluate(value, namesIn(address)));
        },
        () => [...(child?.outputs.keys() ?? [])],
      );
    };
    const names = namesIn(module);
    const { attributes } = call.body;
    const [count, forEach] = [attributes.get('count'), attributes.get('for_each')];
    if (count) return Array.from({ length: countOf(evaluate(count, names)) }, (_, index) => one(index));
    if (forEach)
      return Object.fromEntries(
        pairsOf(evaluate(forEach, names)).map(([key]) => [textOf(key), one(textOf(key))]),
      );
    return one();
  };

  /** The value that a reference to a resource has: one, a list by count, or an object by for_each. */
  const resourceValue = (
    named: Pick<PlannedResource, 'module' | 'mode' | 'type' | 'name'>,
  ): Value | undefined =>
    kept(`${nameKey(named)}|value`, () => {
      const found = model.byName.get(nameKey(named)) ?? [];
      const block = blockOf(named);
      const { attributes } = block?.body ?? { attributes: new Map<string, Expression>() };
      const [first] = found;
      if (typeof first?.key === 'number' || (!first && attributes.has('count'))) {
        const list: Value[] = [];
        for (const each of found)
          if (typeof each.key === 'number' && each.key < MAX_COUNT) list[each.key] = instanceValue(each);
        return Array.from(list, (each) => each ?? null);
      }
      if (first?.key !== undefined || (!first && attributes.has('for_each')))
        return Object.fromEntries(found.map((each) => [String(each.key), instanceValue(each)]));
      if (first) return instanceValue(first);
      const address = `${named.mode === 'data' ? 'data.' : ''}${named.type}.${named.name}`;
      if (!block) throw new Untold(`the plan holds no ${address}`);
      return instanceValue({ ...named, ...absent(address, named.module, block.origin) });
    });

  const instanceValue = (resource: PlannedResource): Value =>
    lazy(
      (name) => {
        try {
          return attributeOf(resource, name);
        } catch (error) {
          if (error instanceof Unknown) return ask(error.hole);
          throw error;
        }
      },
      () => [...new Set([...Object.keys(resource.values), ...namesOf(resource.unknown)])],
    );

  const blockOf = ({
    module,
    mode,
    type,
    name,
  }: Pick<PlannedResource, 'module' | 'mode' | 'type' | 'name'>) =>
    moduleOf(module)?.resources.get(`${mode === 'data' ? 'data.' : ''}${type}.${name}`);

  const resourceNames = (resource: PlannedResource): Names =>
    withKey(namesIn(resource.module, resource.address), blockOf(resource)?.body, resource.key);

  const attributeOf = (resource: PlannedResource, name: string): Value | undefined =>
    kept(`${resource.address}|${name}`, () => {
      const known = member(resource.values, name);
      const marks = resource.unknown === true ? true : member(resource.unknown, name);
      if (!isMarked(marks))
        return known === undefined ? sourceValue(resource, name) : withOrigins(resource, name, known);
      const block = blockOf(resource);
      if (block) {
        const value = sourceValue(resource, name);
        if (value !== undefined && value !== null) return value;
      }
      const derived = derive(resource, name, world);
      if (derived !== undefined) return derived;
      if (marks !== true && known !== undefined) return partly(known, marks, `${resource.address}.${name}`);
      throw new Unknown(block ? NOT_SET : NO_SOURCES, unknownOf(resource, name));
    });

  const sourceValue = (resource: PlannedResource, name: string): Value | undefined => {
    const { body } = blockOf(resource) ?? {};
    const expression = body?.attributes.get(name);
    if (expression) return evaluate(expression, resourceNames(resource));
    const parts = body ? blocksIn(body, name, resourceNames(resource)) : [];
    return parts.length > 0 ? parts.map(partValue) : undefined;
  };

  /** Of a document that the plan tells, the sources tell the places, if they say the same. */
  const withOrigins = (resource: PlannedResource, name: string, known: Json): Value => {
    const isDocument = typeof known === 'string' && /^\s*\{/.test(known);
    if (!isDocument || !blockOf(resource)) return known;
    try {
      const value = sourceValue(resource, name) ?? derive(resource, name, world) ?? null;
      if (value !== null && isEncoded(value) && isEqual(ofJsonText(textOf(value)), ofJsonText(known)))
        return value;
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
    }
    return known;
  };

  const partly = (known: Json, marks: Json | undefined, label: string, depth = 0): Value => {
    if (depth > MAX_DEPTH) throw new Untold('it is nested too deeply');
    if (marks === true) return ask(openHole(label));
    if (Array.isArray(known))
      return known.map((each, index) =>
        partly(each, Array.isArray(marks) ? marks[index] : undefined, `${label}[${index}]`, depth + 1),
      );
    if (!isObject(known)) return known;
    const names = new Set([...Object.keys(known), ...namesOf(marks)]);
    return Object.fromEntries(
      [...names].map((name) => [
        name,
        partly(member(known, name) ?? null, member(marks, name), `${label}.${name}`, depth + 1),
      ]),
    );
  };

  const blocksIn = (body: Body, type: string, names: Names): Part[] =>
    body.blocks.flatMap((block): Part[] => {
      if (block.type === type && block.labels.length === 0) return [partOf(block.body, names, block.origin)];
      if (block.type !== 'dynamic' || block.labels[0] !== type) return [];
      const forEach = block.body.attributes.get('for_each');
      const content = block.body.blocks.find((each) => each.type === 'content');
      if (!forEach || !content) return [];
      const named = block.body.attributes.get('iterator');
      const iterator = named?.kind === 'name' ? named.name : type;
      return pairsOf(evaluate(forEach, names)).map(([key, value]) =>
        partOf(content.body, within(names, { [iterator]: { key, value } }), content.origin),
      );
    });

  const partOf = (body: Body, names: Names, origin: Origin): Part => ({
    origin,
    attribute: (name) => {
      const expression = body.attributes.get(name);
      return expression && evaluate(expression, names);
    },
    blocks: (type) => blocksIn(body, type, names),
  });

  /** A block as a value. Of its inner blocks there are those that are asked for. */
  const partValue = (part: Part): Value =>
    lazy((name) => {
      const value = part.attribute(name);
      if (value !== undefined) return value;
      const blocks = part.blocks(name);
      return blocks.length > 0 ? blocks.map(partValue) : null;
    });

  const originOf = (resource: PlannedResource, attribute?: string): Origin => {
    const origin = blockOf(resource)?.origin ?? resource.origin;
    if (attribute === undefined) return origin;
    const inPlan = origin === resource.origin;
    const between = !inPlan
      ? ''
      : origin.pointer.startsWith('/resource_changes')
        ? '/change/after'
        : '/values';
    return { file: origin.file, pointer: `${origin.pointer}${between}/${attribute}` };
  };

  const knownPart = (value: Json, marks: Json | undefined, label: string, origin: Origin): Part => ({
    origin,
    attribute: (name) => {
      const marked = marks === true ? true : member(marks, name);
      if (marked === true) throw new Untold(`${label}.${name} is known after the deployment; ${NO_SOURCES}`);
      const known = member(value, name);
      return isMarked(marked) && known !== undefined ? partly(known, marked, `${label}.${name}`) : known;
    },
    blocks: (type) =>
      knownParts(member(value, type), marks === true || member(marks, type), `${label}.${type}`, origin),
  });

  const knownParts = (
    list: Json | undefined,
    marks: Json | undefined,
    label: string,
    origin: Origin,
  ): Part[] =>
    (Array.isArray(list) ? list : []).map((each, index) =>
      knownPart(each, Array.isArray(marks) ? marks[index] : marks, `${label}[${index}]`, origin),
    );

  const part = (resource: PlannedResource): Part => ({
    origin: originOf(resource),
    attribute: (name) => attributeOf(resource, name),
    blocks: (type) => {
      const block = blockOf(resource);
      const marks = resource.unknown === true ? true : member(resource.unknown, type);
      const known = member(resource.values, type);
      if (block && (isMarked(marks) || known === undefined))
        return blocksIn(block.body, type, resourceNames(resource));
      return knownParts(known, marks, `${resource.address}.${type}`, originOf(resource, type));
    },
  });

  const text = (resource: PlannedResource, name: string): string | undefined => {
    try {
      const value = attributeOf(resource, name);
      return value === undefined || value === null ? undefined : textOf(value);
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
      if (!(error instanceof Unknown))
        report({
          ...originOf(resource, name),
          message: `${error.message}; what hangs on it is told once it is deployed`,
        });
      return ask(unknownOf(resource, name));
    }
  };

  const provider = (key: string, module: string): Part | undefined => {
    const block = moduleOf(module)?.providers.get(key);
    return block && partOf(block.body, namesIn(module), block.origin);
  };

  const isSet = (resource: PlannedResource, name: string): boolean | undefined => {
    const block = blockOf(resource);
    if (!block) {
      if (resource.configured?.has(name)) return true;
      return resource.configured && !MAYBE_DYNAMIC.has(name) ? false : undefined;
    }
    return (
      block.body.attributes.has(name) ||
      block.body.blocks.some(
        (each) => each.type === name || (each.type === 'dynamic' && each.labels[0] === name),
      )
    );
  };

  const world: World = {
    model,
    ask,
    holdsHole: (whole) => [...filled.keys()].some((value) => whole.includes(value)),
    origins,
    report,
    tracked,
    kept,
    part,
    text,
    originOf,
    provider,
    isSet,
  };
  return world;
};

const MAX_COUNT = 100_000;

/** Blocks that `dynamic` may make, of which a plan does not tell that they are configured. */
const MAYBE_DYNAMIC: ReadonlySet<string> = new Set(['cors_rule', 'inline_policy']);

/** An attribute of which only AWS knows the value. */
class Unknown extends Untold {
  override name = 'Unknown';
  readonly hole: Hole;
  constructor(why: string, hole: Hole) {
    super(why);
    this.hole = hole;
  }
}

const NOT_SET = 'only the deployment tells it';

/** How deep values of a plan may be nested. */
const MAX_DEPTH = 200;

const openHole = (name: string): Hole => ({
  name,
  by: 'given',
  tell: `give --parameter ${shellText(`${name}=…`)}`,
});

/** The hole for an attribute of which only AWS knows the value. */
const unknownOf = ({ address }: PlannedResource, attribute: string): Hole =>
  openHole(`${address}.${attribute}`);

/** A resource that the sources have and the plan does not, as one of which nothing is known. */
const absent = (address: string, module: string, origin: Origin) => ({
  address: module === '' ? address : `${module}.${address}`,
  values: {},
  unknown: true,
  sensitive: {},
  isOld: false,
  origin,
});

const namesOf = (marks: Json | undefined): string[] => (isObject(marks) ? Object.keys(marks) : []);

const countOf = (value: Value): number => {
  const count = typeof value === 'boolean' ? Number.NaN : Number(textOf(value));
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT)
    throw new Mistake('count is no number of instances');
  return count;
};

const isFalse = (body: Body | undefined, name: string): boolean => {
  const found = body?.attributes.get(name);
  return found?.kind === 'literal' && found.value === false;
};

const filesFor = (sources: Sources | undefined): Names['files'] => {
  const read = (path: string): string => {
    const text = sources?.text(join(path));
    if (text === undefined)
      throw new Untold('the file that the expression reads is not there, or may not be read');
    return text;
  };
  return {
    text: read,
    template: (path): Expression => {
      const text = read(path);
      return sources ? sources.template(join(path), text) : { kind: 'literal', origin: NOWHERE, value: text };
    },
  };
};

const NOWHERE: Origin = { file: { path: '', places: () => new Map() }, pointer: '' };
