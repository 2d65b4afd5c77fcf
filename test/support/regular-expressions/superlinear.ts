import { type AST, RegExpParser } from '@eslint-community/regexpp';

/** A place in an expression that matches one character: the characters, and the position in the source. */
type Place = { takes: bigint; at: number };

/** How often one place may directly follow another: twice, if two quantifiers lead there. */
type Follow = Map<Place, Map<Place, number>>;

/**
 * The first and last places of an expression. `isNullable`: it may match nothing. `sure`: places after which it has
 * matched whatever follows; `isSurelyEmpty`: the same without any place. After `$` or `\\b` nothing is sure.
 */
type Part = {
  first: readonly Place[];
  last: readonly Place[];
  isNullable: boolean;
  sure: readonly Place[];
  isSurelyEmpty: boolean;
};

const NOTHING: Part = { first: [], last: [], isNullable: true, sure: [], isSurelyEmpty: true };
/** An assertion matches no character, and it can fail. */
const ASSERTION: Part = { ...NOTHING, isSurelyEmpty: false };
const DEAD_END = { sure: [], isSurelyEmpty: false };

/** This many copies of a bounded repetition show everything that more copies would. */
const MAX_COPIES = 3;

/**
 * Why a backtracking match can take more than linear time; undefined if it cannot. It searches for two loops that can
 * match the same text one after the other before something that can fail: for n repetitions of this text, every split
 * between the loops is tried. The search for a start position counts as such a loop, unless the expression is
 * anchored.
 * Source: Weideman and others, "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers" (2016).
 * What follows a loop is assumed to fail more often than it can, so errors are on the side of a complaint.
 */
export const superlinear = (source: string, flags: string): string | undefined => {
  const mode = { unicode: flags.includes('u'), unicodeSets: flags.includes('v') };
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, mode);
  const follow: Follow = new Map();
  const found = { endlessLookbehind: -1 };
  const whole = partOf(pattern.alternatives, { flags, follow, found });
  const isTied = flags.includes('y') || (!flags.includes('m') && pattern.alternatives.every(isTiedToStart));
  if (!isTied && found.endlessLookbehind >= 0)
    return `the lookbehind at ${found.endlessLookbehind} goes back without bound from each place`;
  const start: Place = { takes: EVERYTHING, at: -1 };
  if (!isTied) follow.set(start, new Map([start, ...whole.first].map((place) => [place, 1])));
  return twice(follow) ?? pair(follow, new Set(whole.sure));
};

type Walk = { flags: string; follow: Follow; found: { endlessLookbehind: number } };

const partOf = (alternatives: readonly AST.Alternative[], walk: Walk): Part =>
  alternatives
    .map(({ elements }) =>
      sequence(
        elements.map((each) => elementPart(each, walk)),
        walk,
      ),
    )
    .reduce(either);

const either = (one: Part, other: Part): Part => ({
  first: [...one.first, ...other.first],
  last: [...one.last, ...other.last],
  isNullable: one.isNullable || other.isNullable,
  sure: [...one.sure, ...other.sure],
  isSurelyEmpty: one.isSurelyEmpty || other.isSurelyEmpty,
});

const sequence = (parts: readonly Part[], { follow }: Walk): Part =>
  parts.reduce((before, after) => {
    lead(follow, before.last, after.first);
    return {
      first: before.isNullable ? [...before.first, ...after.first] : before.first,
      last: after.isNullable ? [...before.last, ...after.last] : after.last,
      isNullable: before.isNullable && after.isNullable,
      sure: after.isSurelyEmpty ? [...before.sure, ...after.sure] : after.sure,
      isSurelyEmpty: before.isSurelyEmpty && after.isSurelyEmpty,
    };
  }, NOTHING);

const lead = (follow: Follow, from: readonly Place[], to: readonly Place[]): void => {
  for (const place of from) {
    const next = follow.get(place) ?? new Map<Place, number>();
    follow.set(place, next);
    for (const each of to) next.set(each, (next.get(each) ?? 0) + 1);
  }
};

const elementPart = (element: AST.Element, walk: Walk): Part => {
  switch (element.type) {
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
    case 'ExpressionCharacterClass':
      return placePart(element, walk);
    case 'Group':
    case 'CapturingGroup':
      return partOf(element.alternatives, walk);
    case 'Quantifier':
      return repeated(element, walk);
    case 'Assertion':
      return element.kind === 'lookahead' || element.kind === 'lookbehind'
        ? lookaround(element, walk)
        : ASSERTION;
    case 'Backreference':
      throw new Error(`a backreference, of which this test knows nothing: ${element.raw}`);
  }
};

const placePart = ({ raw, start }: AST.Element, { flags, follow }: Walk): Part => {
  const place = { takes: charactersOf(raw, flags), at: start };
  follow.set(place, new Map());
  return { first: [place], last: [place], isNullable: false, sure: [place], isSurelyEmpty: false };
};

const repeated = ({ element, min, max }: AST.Quantifier, walk: Walk): Part => {
  if (max === Number.POSITIVE_INFINITY) {
    const loop = elementPart(element, walk);
    lead(walk.follow, loop.last, loop.first);
    return min === 0 ? { ...loop, isNullable: true, isSurelyEmpty: true } : loop;
  }
  const copies = Array.from({ length: Math.min(max, MAX_COPIES) }, (_, index) => {
    const copy = elementPart(element, walk);
    return index < min ? copy : { ...copy, isNullable: true, isSurelyEmpty: true };
  });
  return sequence(copies, walk);
};

/** After a lookahead the match continues where the lookahead began, so its text is a branch that ends in nothing. */
const lookaround = (element: AST.LookaroundAssertion, walk: Walk): Part => {
  if (element.kind === 'lookbehind') {
    if (isEndless(element.alternatives)) walk.found.endlessLookbehind = element.start;
    return ASSERTION;
  }
  return either(ASSERTION, { ...partOf(element.alternatives, walk), ...DEAD_END, last: [] });
};

const isEndless = (alternatives: readonly AST.Alternative[]): boolean =>
  alternatives.some(({ elements }) =>
    elements.some((element) =>
      element.type === 'Quantifier'
        ? element.max === Number.POSITIVE_INFINITY ||
          isEndless([{ elements: [element.element] } as AST.Alternative])
        : 'alternatives' in element && isEndless(element.alternatives as AST.Alternative[]),
    ),
  );

const isTiedToStart = ({ elements: [first] }: AST.Alternative): boolean =>
  first?.type === 'Assertion'
    ? first.kind === 'start'
    : (first?.type === 'Group' || first?.type === 'CapturingGroup') &&
      first.alternatives.every(isTiedToStart);

/** ASCII, and a few characters of each other kind: two sets that overlap share at least one of them. */
const SAMPLE = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...[
    '\u0085',
    '\u00a0',
    '\u00ad',
    'é',
    'ß',
    'İ',
    'ſ',
    'K',
    'ф',
    '١',
    '\u0301',
    '\u200b',
    '\u2028',
    '\u202e',
    '\ufeff',
    '漢',
    'あ',
    '＝',
    '\ud800',
    '\udc00',
    '😀',
    '\u{e0001}',
  ],
];
const EVERYTHING = (1n << BigInt(SAMPLE.length)) - 1n;

/** The sample's characters that one element matches, one bit for each. */
const charactersOf = (raw: string, flags: string): bigint => {
  const matcher = new RegExp(`^(?:${raw})$`, flags.replace(/[gym]/g, ''));
  return SAMPLE.reduce(
    (set, character, bit) => (matcher.test(character) ? set | (1n << BigInt(bit)) : set),
    0n,
  );
};

const isCyclic = (follow: Follow, from: Place): boolean => reachable(follow, from).has(from);

const reachable = (follow: Follow, from: Place): Set<Place> => {
  const seen = new Set<Place>();
  const pending = [...(follow.get(from)?.keys() ?? [])];
  for (let place = pending.pop(); place; place = pending.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    pending.push(...(follow.get(place)?.keys() ?? []));
  }
  return seen;
};

/** A step in a loop to which two quantifiers lead: n repetitions can be divided between them in 2ⁿ ways. */
const twice = (follow: Follow): string | undefined => {
  for (const [from, next] of follow)
    for (const [to, ways] of next)
      if (ways > 1 && reachable(follow, to).has(from))
        return `two quantifiers repeat what stands at ${to.at}`;
  return undefined;
};

/** Two loops in a row, and a text that runs through the first, from it to the second, and through the second. */
const pair = (follow: Follow, sure: ReadonlySet<Place>): string | undefined => {
  const loops = [...follow.keys()].filter((place) => isCyclic(follow, place));
  for (const one of loops)
    for (const other of loops) {
      if (one === other || sure.has(other) || !reachable(follow, one).has(other)) continue;
      if (meets(follow, one, other))
        return `what stands at ${other.at} repeats what ${one.at < 0 ? 'the search for the beginning' : `the loop at ${one.at}`} takes`;
    }
  return undefined;
};

const meets = (follow: Follow, one: Place, other: Place): boolean => {
  const seen = new Map<Place, Map<Place, Set<Place>>>();
  const pending: (readonly [Place, Place, Place])[] = [[one, one, other]];
  const isNew = (round: Place, way: Place, loop: Place): boolean => {
    const ways = seen.get(round) ?? new Map<Place, Set<Place>>();
    seen.set(round, ways);
    const loops = ways.get(way) ?? new Set();
    ways.set(way, loops);
    return loops.size < loops.add(loop).size;
  };
  for (let state = pending.pop(); state; state = pending.pop())
    for (const round of follow.get(state[0])?.keys() ?? [])
      for (const way of follow.get(state[1])?.keys() ?? [])
        for (const loop of follow.get(state[2])?.keys() ?? []) {
          if ((round.takes & way.takes & loop.takes) === 0n) continue;
          if (round === one && way === other && loop === other) return true;
          if (isNew(round, way, loop)) pending.push([round, way, loop]);
        }
  return false;
};
