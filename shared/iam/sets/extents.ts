import { assume } from '../decide/context.ts';
import type { Logic } from '../decide/logic.ts';
import { MAYBE, type Match, NO, YES } from '../decide/match.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate, resolveTemplate, widestGlob } from '../decide/variables.ts';
import { type Glob, globText, parseGlob } from '../policy/glob.ts';
import { TESTS } from '../policy/operators.ts';
import type { Condition } from '../policy/policy.ts';
import { EVERYWHERE, everyFormula, type Factor, type Formula, NOWHERE, someFormula } from './formula.ts';
import type { Fit, KeyAxis } from './key-axis.ts';
import { globPattern, type Pattern } from './pattern.ts';
import type { SharedWork } from './shared-work.ts';

/** The set of requests for which something surely holds, and the larger set for which it may hold. */
export type Extent = { sure: Formula; maybe: Formula };

const ALL: Extent = { sure: EVERYWHERE, maybe: EVERYWHERE };
const OPEN: Extent = { sure: NOWHERE, maybe: EVERYWHERE };
/** Nothing holds for any request. */
export const NONE: Extent = { sure: NOWHERE, maybe: NOWHERE };

/** Kleene's logic on sets of requests. */
export const REGIONS: Logic<Extent> = {
  of: (match: Match) => {
    switch (match) {
      case YES:
        return ALL;
      case MAYBE:
        return OPEN;
      case NO:
        return NONE;
    }
  },
  both: (a, b) => joined(a, b, everyFormula),
  either: (a, b) => joined(a, b, someFormula),
  isYes: ({ sure }) => sure.is === 'yes',
};

/** If both are exact, one formula serves for `sure` and `maybe`. */
const joined = (a: Extent, b: Extent, join: (one: Formula, other: Formula) => Formula): Extent => {
  const sure = join(a.sure, b.sure);
  return { sure, maybe: isExact(a) && isExact(b) ? sure : join(a.maybe, b.maybe) };
};

/** Whether everything that may hold surely holds. */
const isExact = ({ sure, maybe }: Extent): boolean => sure === maybe;

/** A request whose resource and some key values are open. The open parts are the axes of the search. */
export type Setting = {
  /** The request, with a resource that stands for all resources of the facet. */
  request: Request;
  /** The axes of keys; the axis of the resource comes last. */
  keys: readonly KeyAxis[];
  isOwnerOpen: boolean;
  shared: SharedWork;
};

/** The requests that a statement's Resource and conditions match. */
export const regionOf = (compiled: CompiledStatement, setting: Setting): Extent =>
  [...compiled.statement.conditions.entries()]
    .map(([at, condition]) => conditionRegion(compiled, condition, at, setting))
    .reduce((all, each) => merged(all, each), resourceRegion(compiled, setting));

/** Both extents together, as one leaf if both are leaves, so that a search sees the statement as a whole. */
const merged = (one: Extent, other: Extent): Extent => joined(one, other, mergedFormula);

const mergedFormula = (one: Formula, other: Formula): Formula =>
  one.is === 'leaf' && other.is === 'leaf'
    ? { ...one, factors: [...other.factors, ...one.factors] }
    : everyFormula(one, other);

const leaf = (source: CompiledStatement, factor: Factor): Formula => {
  if (factor.patterns.length === 0) return factor.isNot ? EVERYWHERE : NOWHERE;
  return { is: 'leaf', factors: [factor], source };
};

const resourceRegion = (compiled: CompiledStatement, setting: Setting): Extent => {
  const { resources } = compiled.statement;
  if (!resources) return ALL;
  const { texts, isNot } = resources;
  if (texts.includes('*')) return isNot ? NONE : ALL;
  const found = texts.map((text) => resourcePattern(compiled, text, isNot, setting));
  const isOpen = found.includes('open');
  const patterns = found.filter((each) => each !== 'open' && each !== 'nothing');
  const axis = setting.keys.length;
  const exact = leaf(compiled, { axis, patterns: patterns.flatMap((each) => each.exact ?? []), isNot });
  const loose = patterns.every(({ exact: one, loose: other }) => one === other)
    ? exact
    : leaf(compiled, { axis, patterns: patterns.map((each) => each.loose), isNot });
  if (isNot) return { sure: isOpen ? NOWHERE : loose, maybe: exact };
  return { sure: exact, maybe: isOpen ? EVERYWHERE : loose };
};

/**
 * The pattern that a text surely matches, if it is known, and the widest pattern that it may match: with unknown
 * variables as anything, and in any letter case if that of the resource is not sure.
 */
type Both = { exact: Pattern | undefined; loose: Pattern };

/**
 * The pattern of a Resource text, as in `resourceMatcher`: an unknown variable may stand for anything, and a text
 * whose variable has no value matches nothing.
 */
export const resourcePattern = (
  compiled: CompiledStatement,
  text: string,
  isNot: boolean,
  { request, isOwnerOpen, shared }: Setting,
): Both | 'open' | 'nothing' => {
  const isLoose = /^arn:[^:]*:sagemaker:/.test(request.resource);
  const made = (name: string, globOf: () => Glob): Both =>
    shared.once(`resource ${isLoose} ${name}`, () => {
      const glob = globOf();
      shared.work.spend(glob.length * UNIT_STEPS);
      const exact = globPattern(glob);
      return { exact, loose: isLoose ? globPattern(glob, 'folded') : exact };
    });
  if (!text.includes('${')) return made(text, () => parseGlob(text));
  const template = parseTemplate(text, compiled.policy.version);
  const open = isOwnerOpen && usesAsVariable([text], OWNER) ? OWNER : undefined;
  const glob = open ? undefined : resolveTemplate(template, request);
  if (glob === undefined && isNot) return 'open';
  if (glob === undefined) {
    const widest = widestGlob(template, request, open);
    return { exact: undefined, loose: made(widest.join(), () => widest).loose };
  }
  if (glob === null) return isNot ? 'open' : 'nothing';
  return made(glob.join(), () => glob);
};

/** The work of making a pattern and later its automaton, in steps for each unit. */
const UNIT_STEPS = 10;

const OWNER = 'aws:resourceaccount';

/** Whether a pattern contains the key as a policy variable, so that the key affects more than the conditions. */
export const usesAsVariable = (texts: readonly string[], keyName: string): boolean =>
  texts.some((text) => text.toLowerCase().includes(`\${${keyName}`));

const conditionRegion = (
  compiled: CompiledStatement,
  condition: Condition,
  at: number,
  setting: Setting,
): Extent => {
  const { request, keys, isOwnerOpen } = setting;
  const test = compiled.conditions[at];
  if (!test) return ALL;
  const { keyName, texts } = condition;
  const axes = keys.flatMap((axis, index) => (axis.fits[keyName] ? [{ axis, index }] : []));
  const [first] = axes;
  if (!first) {
    const isOpen = isOwnerOpen && (keyName === OWNER || usesAsVariable(texts, OWNER));
    return isOpen ? OPEN : REGIONS.of(test(request));
  }
  if (condition.base === 'null')
    return REGIONS.of(test({ ...request, context: assume(request.context, { [keyName]: 'present' }) }));
  return quantified(
    condition,
    axes.map(({ axis, index }) => valueRegion(compiled, condition, axis, index, setting)),
  );
};

/**
 * Combines a condition's answers for several values. Without a set operator the answer is known only where all values
 * agree.
 */
const quantified = ({ set }: Condition, values: readonly Extent[]): Extent => {
  const all = values.reduce(REGIONS.both, ALL);
  if (set === 'all') return all;
  const any = values.reduce(REGIONS.either, NONE);
  if (set === 'any' || values.length === 1) return any;
  return { sure: all.sure, maybe: any.maybe };
};

const NO_COMPARAND = { text: '', glob: [] };

/** The values of an axis that a condition matches. */
const valueRegion = (
  compiled: CompiledStatement,
  { base, keyName, texts }: Condition,
  { fits }: KeyAxis,
  axis: number,
  { request }: Setting,
): Extent => {
  const fitOf = fits[keyName];
  if (base === 'null' || !fitOf) return ALL;
  const { test, isNegated } = TESTS[base];
  const globs = texts.map((text) => resolveTemplate(parseTemplate(text, compiled.policy.version), request));
  const found = globs.map((glob): Fit => {
    if (glob === undefined) return 'open';
    return glob === null ? 'nothing' : fitOf(test, { text: globText(glob), glob }, isNegated);
  });
  // No value has the operator's type: the condition matches nothing, and its negation is unknown.
  if (fitOf(test, NO_COMPARAND, isNegated) === 'never') return isNegated ? OPEN : NONE;
  const isOpen = found.includes('open');
  const patterns = found.filter((each) => typeof each !== 'string');
  const fitting = leaf(compiled, { axis, patterns, isNot: isNegated });
  if (isNegated) return { sure: isOpen ? NOWHERE : fitting, maybe: fitting };
  return { sure: fitting, maybe: isOpen ? EVERYWHERE : fitting };
};
