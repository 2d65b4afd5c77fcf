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

/** Where something surely holds, and where it may hold. */
export type Extent = { sure: Formula; maybe: Formula };

const ALL: Extent = { sure: EVERYWHERE, maybe: EVERYWHERE };
const OPEN: Extent = { sure: NOWHERE, maybe: EVERYWHERE };
/** Nothing holds anywhere. */
export const NONE: Extent = { sure: NOWHERE, maybe: NOWHERE };

/** Kleene's logic over regions: what holds where. */
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

/** Where all is sure, one formula serves for both. */
const joined = (a: Extent, b: Extent, join: (one: Formula, other: Formula) => Formula): Extent => {
  const sure = join(a.sure, b.sure);
  return { sure, maybe: isExact(a) && isExact(b) ? sure : join(a.maybe, b.maybe) };
};

/** Whether what may hold surely does. */
const isExact = ({ sure, maybe }: Extent): boolean => sure === maybe;

/** What is asked: a request that leaves open the resource and the values of some keys, which are the axes of the search. */
export type Setting = {
  /** With a resource that stands for all of the facet. */
  request: Request;
  /** The axes before the resource's, which is the last. */
  keys: readonly KeyAxis[];
  isOwnerOpen: boolean;
  shared: SharedWork;
};

/** Where a statement fits: its Resource and its conditions. */
export const regionOf = (compiled: CompiledStatement, setting: Setting): Extent =>
  [...compiled.statement.conditions.entries()]
    .map(([at, condition]) => conditionRegion(compiled, condition, at, setting))
    .reduce((all, each) => merged(all, each), resourceRegion(compiled, setting));

/** Both, as one leaf where the parts are leaves, so that a search sees the statement as a whole. */
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
 * What a text surely fits, if that is known, and what it fits at most: also in another letter case where that of a
 * resource is not sure, and whatever an unknown variable stands for.
 */
type Both = { exact: Pattern | undefined; loose: Pattern };

/** As `resourceMatcher` takes a text: a variable of which nothing is known may stand for anything, one without value fits nothing. */
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

/** To make a pattern, and later its automaton, is worth so many steps for each of its units. */
const UNIT_STEPS = 10;

const OWNER = 'aws:resourceaccount';

/** Whether a pattern has the key as a variable, so that it decides beyond the conditions. */
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
  // Of one value alone the condition is asked as it is.
  const alone = (value: string): Extent =>
    REGIONS.of(test({ ...request, context: assume(request.context, { [keyName]: value }) }));
  if (condition.base === 'null') return alone('present');
  const values = [...new Set(axes.flatMap(({ axis }) => axis.beside))].map(alone);
  const open = axes.map(({ axis, index }) => valueRegion(compiled, condition, axis, index, setting));
  return quantified(condition, [...values, ...open]);
};

/** What a condition says of several values; without a set operator, one answer where they agree. */
const quantified = ({ set }: Condition, values: readonly Extent[]): Extent => {
  const all = values.reduce(REGIONS.both, ALL);
  if (set === 'all') return all;
  const any = values.reduce(REGIONS.either, NONE);
  if (set === 'any' || values.length === 1) return any;
  return { sure: all.sure, maybe: any.maybe };
};

const NO_COMPARAND = { text: '', glob: [] };

/** Where the value of an axis fits a condition. */
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
  // No value is of the operator's type: that fits nothing, and what its negation says is not known.
  if (fitOf(test, NO_COMPARAND, isNegated) === 'never') return isNegated ? OPEN : NONE;
  const isOpen = found.includes('open');
  const patterns = found.filter((each) => typeof each !== 'string');
  const fitting = leaf(compiled, { axis, patterns, isNot: isNegated });
  if (isNegated) return { sure: isOpen ? NOWHERE : fitting, maybe: fitting };
  return { sure: fitting, maybe: isOpen ? EVERYWHERE : fitting };
};
