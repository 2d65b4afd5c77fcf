import { member } from '../json/json.ts';
import type { Declare, Declared } from './declared.ts';
import { type FilledHole, type Filling, filling, type KnownOfHoles } from './fill.ts';
import { affordableWays, fillingsOf, isPlace } from './fillings.ts';
import { formsOf } from './forms.ts';

/** What is declared with one way to fill the holes; `chosen` are the holes that have other values than at first. */
export type Way = { chosen: Filling; declared: Declared };

/** All ways to fill holes that what is in play can tell apart, the first values before all others. */
export type Ways = {
  first: Way;
  others: readonly Way[];
  /** Each hole that any of the ways asks for, with its first value. */
  filled: ReadonlyMap<string, FilledHole>;
  /** Holes of which not all values were tried, or not all of them together. */
  untried: readonly FilledHole['hole'][];
};

/** The most ways that are looked at, and that are asked for the conditions that are true in them. */
const MAX_WAYS = 400;
const MAX_ASKED = 1024;
const LEAST_ASKED = 64;
const MAX_ASKED_RESOURCES = 20_000;
/** The most ways that differ from all others by the conditions alone that are true in them. */
const MAX_COMBINED = 64;

/**
 * The ways to fill the holes of sources. A way may ask for holes that no other way asks for, as it takes another branch; their values are
 * tried in it. Conditions may hang on several holes, so that values are tried together where other conditions are true with them.
 */
export const waysOf = (declare: Declare, given: KnownOfHoles['given'], inPlay: readonly string[]): Ways => {
  const plain = filling({ given, forms: new Map() }, new Map());
  const forms = new Map(formsOf(declare(plain.fill).resources, plain.filled));
  const at = (chosen: Filling) => {
    const { fill, filled: own } = filling({ given, forms }, chosen);
    return { chosen, declared: withoutOpenDefinitions(declare(fill), own), own };
  };
  const first = at(new Map());
  const filled = new Map(first.own);
  const found = fillingsOf(first.declared.resources, filled, inPlay);
  const values = new Map(found.values);
  const untried = [...found.untried];
  const ways: Way[] = [];
  const left: Filling[] = [...found.single, ...found.joint];
  const take = (chosen: Filling): void => {
    let way = at(chosen);
    const isNew = ([name]: [string, unknown]): boolean => !filled.has(name);
    const asked = [...way.own].filter(isNew);
    if (asked.length > 0) {
      for (const [name, form] of formsOf(way.declared.resources, new Map(asked))) forms.set(name, form);
      way = at(chosen);
      const more = new Map([...way.own].filter(isNew));
      for (const [name, hole] of more) filled.set(name, hole);
      const { resources } = way.declared;
      const inside = fillingsOf(resources, more, inPlay);
      for (const [name, tried] of inside.values) values.set(name, tried);
      untried.push(...inside.untried);
      left.push(...[...inside.single, ...inside.joint].map((each) => new Map([...chosen, ...each])));
    }
    ways.push({ chosen, declared: way.declared });
  };
  const takeAll = (): void => {
    for (let next = left.shift(); next; next = left.shift()) {
      if (ways.length < MAX_WAYS) take(next);
      else untried.push(...holesIn(next, filled));
    }
  };
  takeAll();
  const seen = new Set([first, ...ways].map(({ declared }) => outcomesText(declared)));
  const { combinations, isWhole } = combined(first.declared, filled, values);
  let room = affordableWays(first.declared.resources.length, MAX_COMBINED);
  for (const chosen of combinations) {
    const text = outcomesText(at(chosen).declared);
    if (seen.has(text)) continue;
    seen.add(text);
    if (room-- > 0) left.push(chosen);
    else untried.push(...holesIn(chosen, filled));
  }
  if (!isWhole) untried.push(...[...filled.values()].filter(isDeciding).map(({ hole }) => hole));
  takeAll();
  return {
    first,
    others: ways,
    filled,
    untried: [...new Map(untried.map((each) => [each.name, each])).values()],
  };
};

const holesIn = (chosen: Filling, filled: ReadonlyMap<string, FilledHole>): FilledHole['hole'][] =>
  [...chosen.keys()].flatMap((name) => filled.get(name)?.hole ?? []);

/** What is true in a way. */
const outcomesText = ({ outcomes = new Map() }: Declared): string =>
  JSON.stringify([...outcomes].toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** Whether conditions hang on the hole. */
const isDeciding = ({ hole: { compared = [], values = [] }, isGiven }: FilledHole): boolean =>
  !isGiven && (compared.length > 0 || values.join() === 'true,false');

/**
 * The ways in which at least two holes have other values than at first, of the holes on which conditions hang. `isWhole` is false where there are
 * too many; then each two of these holes are filled together.
 */
const combined = (
  { resources, outcomes }: Declared,
  filled: ReadonlyMap<string, FilledHole>,
  values: ReadonlyMap<string, readonly string[]>,
): { combinations: Filling[]; isWhole: boolean } => {
  const domains = [...filled.values()].flatMap((each): [string, readonly string[]][] => {
    const { name, compared = [] } = each.hole;
    const own = isPlace(each.hole) ? compared : (values.get(name) ?? []);
    return isDeciding(each) && own.length > 0 ? [[name, own]] : [];
  });
  if (!outcomes || domains.length < 2) return { combinations: [], isWhole: true };
  const most = Math.max(LEAST_ASKED, Math.min(MAX_ASKED, MAX_ASKED_RESOURCES / resources.length));
  const all = domains.reduce((product, [, own]) => product * (own.length + 1), 1);
  if (all <= most) return { combinations: productOf(domains).filter(({ size }) => size > 1), isWhole: true };
  const pairs: Filling[] = [];
  for (const [index, one] of domains.entries())
    for (const other of domains.slice(index + 1)) {
      if (pairs.length < most) pairs.push(...productOf([one, other]).filter(({ size }) => size > 1));
    }
  return { combinations: pairs.slice(0, most), isWhole: false };
};

/** Each way to choose a value, or none, for each hole. */
const productOf = (domains: readonly [string, readonly string[]][]): Filling[] => {
  let ways: Filling[] = [new Map()];
  for (const [name, own] of domains)
    ways = ways.flatMap((way) => [way, ...own.map((value) => new Map([...way, [name, value]]))]);
  return ways;
};

/** A definition that is the value of a hole, and not a text with holes, is told by the deployment alone. */
const withoutOpenDefinitions = (declared: Declared, filled: ReadonlyMap<string, FilledHole>): Declared => ({
  ...declared,
  resources: declared.resources.map((resource) => {
    if (resource.type !== 'pipeline') return resource;
    const text = member(resource.entry, 'PipelineDefinition');
    const open = [...filled.values()].find(({ value, isGiven }) => !isGiven && value === text);
    return open && open.hole.byDefault === undefined
      ? {
          ...resource,
          why: `its definition is \${${open.hole.name}}, which only the deployment tells; ${open.hole.tell}`,
        }
      : resource;
  }),
});
