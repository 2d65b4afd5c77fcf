import { compareDecimals, type Decimal } from '../policy/decimal.ts';
import { ANY, canonicalGlob, type Glob, globText, ONE, parseGlob, pastStars } from '../policy/glob.ts';
import { arnParts } from '../policy/operators.ts';
import {
  ALIKE,
  ALPHANUMERIC,
  type Classes,
  classOf,
  DIGITS,
  ROLE_NAMES,
  refined,
  SMALL,
  unitsOf,
} from './alphabet.ts';

/** The state from which nothing can be accepted any more. */
export const DEAD = -1;

/**
 * A set of texts as a deterministic automaton over UTF-16 code units, whose states are made when they are reached.
 * Everything that IAM compares texts with is such a set: patterns, ARN patterns, lists of names, intervals of whole
 * numbers.
 */
export type Language = {
  start: number;
  /** The state after one more unit; {@link DEAD} if no continuation is in the set. */
  step: (state: number, unit: number) => number;
  /** The state after a whole text. */
  after: (text: string) => number;
  accepts: (state: number) => boolean;
  /** Whether every continuation is in the set. */
  isFull: (state: number) => boolean;
  /** Whether it is easy to see that `other` accepts everything that `state` accepts. */
  isBelow: (state: number, other: number) => boolean;
  /** The work of one step from a state, measured in steps of a plain pattern. */
  cost: (state: number) => number;
  /** The units that the set distinguishes at a state; all other units of one class are treated alike. */
  listed: (state: number) => readonly number[];
  /** Whether only listed units can continue from a state. */
  isClosed: (state: number) => boolean;
  /** Whether everything that can follow an unlisted unit can also follow each listed unit. */
  isListedMore: boolean;
  classes: Classes;
  /** All units that the set distinguishes at any state. */
  units: ReadonlySet<number>;
};

const DASH = 45;
const DOT = 46;
const SLASH = 47;
const ZERO = 48;
const COLON = 58;

const lower = (unit: number): number => (unit >= 65 && unit <= 90 ? unit + 32 : unit);
const upper = (unit: number): number => (unit >= 97 && unit <= 122 ? unit - 32 : unit);

/** The texts that a pattern matches, on request in any letter case. */
export const globLanguage = (glob: Glob, isCaseIgnored = false): Language =>
  patternLanguage(canonicalGlob(glob), ANYWHERE, isCaseIgnored);

/** The ARNs that a pattern matches part by part, as ArnLike does: no wildcard matches one of the first five colons. */
export const arnLanguage = (glob: Glob): Language => {
  const { pattern, colonsFrom } = arnPlaces(glob);
  return pattern ? patternLanguage(pattern, { unit: COLON, from: colonsFrom }, false) : wordsLanguage([]);
};

/** The texts of a pattern in which its first stars, as many as `stars`, match no slash. */
export const withNames = (glob: Glob, stars: number): Language => {
  const pattern = canonicalGlob(glob);
  const open = pattern.flatMap((unit, place) => (unit === ANY ? place : []))[stars];
  return patternLanguage(pattern, { unit: SLASH, from: open ?? pattern.length }, false);
};

/**
 * An ARN pattern, and the position from which its wildcards match colons; undefined if the pattern has too few parts.
 */
const arnPlaces = (glob: Glob): { pattern: Glob | undefined; colonsFrom: number } => {
  const isAll = glob.length === 1 && glob[0] === ANY;
  const parts = arnParts(isAll ? parseGlob('*:*:*:*:*:*') : glob).map(canonicalGlob);
  const whole = parts.slice(0, -1).flatMap((part) => [...part, COLON]);
  const isArn = parts.length === 6;
  return { pattern: isArn ? [...whole, ...(parts.at(-1) ?? [])] : undefined, colonsFrom: whole.length };
};

/** A unit that wildcards match only from a position of the pattern on. */
type Separator = { unit: number; from: number };
const ANYWHERE: Separator = { unit: COLON, from: 0 };

/**
 * Builds an automaton by subset construction over the positions of a pattern. Positions before the last reached star
 * can be forgotten, because every match passes through that star; so the states stay few, however many stars there
 * are. Before `from`, wildcards do not match the separator, and all positions reached at once lie between the same two
 * separators.
 */
const patternLanguage = (
  glob: Glob,
  { unit: separator, from: openFrom }: Separator,
  isCaseIgnored: boolean,
): Language => {
  const pattern = isCaseIgnored ? glob.map(lower) : glob;
  const open = pattern.findIndex((unit) => unit < 0 || (isCaseIgnored && upper(unit) !== unit));
  const beginning = globText(open < 0 ? pattern : pattern.slice(0, open));
  const states: (readonly number[])[] = [];
  const ids = new Map<string, number>();
  const steps = new Map<number, number>();
  const idOf = (places: readonly number[]): number => {
    if (places.length === 0) return DEAD;
    const star = places.findLast((place) => pattern[place] === ANY) ?? 0;
    const kept = places.filter((place) => place >= star);
    const key = kept.join();
    const id = ids.get(key) ?? states.push(kept) - 1;
    ids.set(key, id);
    return id;
  };
  const placesOf = (state: number): readonly number[] => states[state] ?? [];
  const isWild = (place: number): boolean => (pattern[place] ?? 0) < 0;
  const nextPlaces = (from: readonly number[], unit: number): readonly number[] => {
    const places = new Set<number>();
    if (from.length === 1 && isOther(pattern[from[0] ?? 0], unit)) return [];
    for (const place of from) {
      const wanted = pattern[place];
      const isTaken = isWild(place) && (unit !== separator || place >= openFrom);
      if (wanted === ANY && isTaken) places.add(place);
      else if (isTaken || wanted === unit) places.add(place + 1);
    }
    return inOrder(pastStars(places, pattern));
  };
  const start = inOrder(pastStars([0], pattern));
  /** States inside the pattern's fixed beginning are not stored, because each text passes through them only once. */
  const after = (text: string): number => {
    const from = Math.min(beginning.length, text.length);
    if (!text.startsWith(beginning.slice(0, from))) return DEAD;
    let places: readonly number[] = from === 0 ? start : inOrder(pastStars([from], pattern));
    for (let at = from; at < text.length && places.length > 0; at++) {
      const unit = text.charCodeAt(at);
      places = nextPlaces(places, isCaseIgnored ? lower(unit) : unit);
    }
    return idOf(places);
  };
  /** The last reached star, if it matches any text: everything before it is included in it. */
  const openStar = (state: number): number => {
    const [first = -1] = placesOf(state);
    return pattern[first] === ANY && first >= openFrom ? first : -1;
  };
  const casesOf = (unit: number): number[] =>
    isCaseIgnored && upper(unit) !== unit ? [unit, upper(unit)] : [unit];
  const literals = (places: readonly number[]): number[] =>
    places.flatMap((place) => {
      const unit = pattern[place];
      if (unit === undefined) return [];
      if (unit >= 0) return casesOf(unit);
      return place < openFrom ? [separator] : [];
    });
  const listed = new Map<number, number[]>();
  return {
    start: idOf(start),
    after,
    step: (state, unit) => {
      if (state === DEAD) return DEAD;
      const read = isCaseIgnored ? lower(unit) : unit;
      const key = state * 0x10000 + read;
      const known = steps.get(key);
      if (known !== undefined) return known;
      const next = idOf(nextPlaces(placesOf(state), read));
      steps.set(key, next);
      return next;
    },
    accepts: (state) => placesOf(state).at(-1) === pattern.length,
    isFull: (state) => {
      const star = openStar(state);
      return star >= 0 && star === pattern.length - 1;
    },
    isBelow: (state, other) => {
      if (state === other || state === DEAD) return true;
      const star = openStar(other);
      return placesOf(state).every((place) => place <= star || placesOf(other).includes(place));
    },
    cost: (state) => placesOf(state).length,
    listed: (state) => {
      const known = listed.get(state);
      if (known) return known;
      const units = literals(placesOf(state));
      listed.set(state, units);
      return units;
    },
    isClosed: (state) => !placesOf(state).some(isWild),
    isListedMore: true,
    classes: ALIKE,
    units: new Set(literals(pattern.map((_, place) => place)).concat(openFrom > 0 ? separator : [])),
  };
};

/** Whether the pattern expects another single unit. This is the usual case, because ARNs begin with much fixed text. */
const isOther = (wanted: number | undefined, unit: number): boolean =>
  wanted === undefined || (wanted >= 0 && wanted !== unit);

const inOrder = (places: ReadonlySet<number>): number[] => [...places].toSorted((a, b) => a - b);

const stepsThrough = ({ start, step }: Pick<Language, 'start' | 'step'>, text: string): number =>
  unitsOf(text).reduce(step, start);

/** A set without shortcuts: only walking through its automaton tells more about it than the listed units. */
const plain = (
  language: Pick<Language, 'start' | 'step' | 'accepts'> & Partial<Language>,
  units: readonly number[],
): Language => ({
  after: (text) => stepsThrough(language, text),
  isFull: () => false,
  isBelow: (state, other) => state === other || state === DEAD,
  cost: () => 1,
  listed: () => units,
  isClosed: () => false,
  isListedMore: false,
  classes: ALIKE,
  units: new Set(units),
  ...language,
});

/**
 * A set as a search for one of its texts uses it. A search needs only one path, so a pattern may continue in several
 * ways at once, each at one position, and has no more states than positions.
 */
export type Runs = Pick<Language, 'accepts' | 'listed' | 'isClosed' | 'classes' | 'cost'> & {
  start: number;
  steps: (state: number, unit: number) => readonly number[];
  /** The least number of units that are still missing. */
  rest: (state: number) => number;
};

/** The runs of a deterministic set: one for each text. */
export const runsOf = (language: Language): Runs => ({
  ...language,
  steps: (state, unit) => {
    const next = language.step(state, unit);
    return next === DEAD ? [] : [next];
  },
  rest: () => 0,
});

/** The runs of a pattern. */
export const globRuns = (glob: Glob, isCaseIgnored = false): Runs =>
  patternRuns(canonicalGlob(glob), 0, isCaseIgnored);

/** The runs of an ARN pattern. */
export const arnRuns = (glob: Glob): Runs => {
  const { pattern, colonsFrom } = arnPlaces(glob);
  return pattern ? patternRuns(pattern, colonsFrom, false) : runsOf(wordsLanguage([]));
};

const patternRuns = (glob: Glob, colonsFrom: number, isCaseIgnored: boolean): Runs => {
  const pattern = isCaseIgnored ? glob.map(lower) : glob;
  const rests: number[] = [0];
  for (const unit of pattern.toReversed()) rests.push((rests.at(-1) ?? 0) + (unit === ANY ? 0 : 1));
  rests.reverse();
  /** The position that must match the next unit if no star does. */
  const behindStar = (place: number): number => (pattern[place] === ANY ? place + 1 : place);
  const isWild = (place: number): boolean => (pattern[place] ?? 0) < 0;
  const listed = pattern.concat(0).map((_, place) => {
    const next = behindStar(place);
    const unit = pattern[next];
    const colon = place < colonsFrom && (isWild(place) || isWild(next)) ? [COLON] : [];
    if (unit === undefined || unit < 0) return colon;
    return isCaseIgnored && upper(unit) !== unit ? [unit, upper(unit)] : [unit, ...colon];
  });
  return {
    start: 0,
    steps: (place, unit) => {
      const next = behindStar(place);
      const wanted = pattern[next];
      const isTaken = (at: number): boolean => unit !== COLON || at >= colonsFrom;
      const isNext = wanted === ONE ? isTaken(next) : wanted === (isCaseIgnored ? lower(unit) : unit);
      const stays = next !== place && isTaken(place);
      if (stays) return isNext ? [place, next + 1] : [place];
      return isNext ? [next + 1] : [];
    },
    accepts: (place) => behindStar(place) === pattern.length,
    rest: (place) => rests[place] ?? 0,
    listed: (place) => listed[place] ?? [],
    isClosed: (place) => !isWild(place),
    cost: () => 1,
    classes: ALIKE,
  };
};

/** The texts of a list, as one automaton for any number of texts. */
export const wordsLanguage = (words: readonly string[]): Language => {
  const nodes: { isEnd: boolean; next: Map<number, number> }[] = [{ isEnd: false, next: new Map() }];
  const units = new Set<number>();
  for (const word of words) {
    let node = 0;
    for (let at = 0; at < word.length; at++) {
      const unit = word.charCodeAt(at);
      units.add(unit);
      const next = nodes[node]?.next.get(unit) ?? nodes.push({ isEnd: false, next: new Map() }) - 1;
      nodes[node]?.next.set(unit, next);
      node = next;
    }
    const end = nodes[node];
    if (end) end.isEnd = true;
  }
  return plain(
    {
      start: words.length > 0 ? 0 : DEAD,
      step: (state, unit) => nodes[state]?.next.get(unit) ?? DEAD,
      accepts: (state) => nodes[state]?.isEnd ?? false,
      listed: (state) => [...(nodes[state]?.next.keys() ?? [])],
      isClosed: () => true,
      isListedMore: true,
    },
    [...units],
  );
};

/** Texts whose part after this many slashes is a SageMaker name: letters and digits with dashes between them. */
export const jobNames = (slashes: number): Language => {
  const [empty, name, dash] = [slashes, slashes + 1, slashes + 2];
  return plain(
    {
      start: 0,
      step: (state, unit) => {
        if (state === DEAD) return DEAD;
        if (state < slashes) return unit === SLASH ? state + 1 : state;
        if (classOf(ALPHANUMERIC, unit) === 0) return name;
        return unit === DASH && state !== empty ? dash : DEAD;
      },
      accepts: (state) => state === name,
      classes: ALPHANUMERIC,
    },
    [SLASH, DASH],
  );
};

/**
 * Texts whose part after this many slashes is a role's path and name: letters, digits and `+=,.@_-` in the name, any
 * printable ASCII character except colons in the path.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const roleNames = (slashes: number): Language => {
  const [empty, name, path] = [slashes, slashes + 1, slashes + 2];
  return plain(
    {
      start: 0,
      step: (state, unit) => {
        if (state === DEAD) return DEAD;
        if (state < slashes) return unit === SLASH ? state + 1 : state;
        if (unit === COLON) return DEAD;
        if (unit === SLASH) return empty;
        const kind = classOf(ROLE_NAMES, unit);
        if (kind === 0) return state === path ? path : name;
        return kind === 1 ? path : DEAD;
      },
      accepts: (state) => state === name,
      classes: ROLE_NAMES,
    },
    [SLASH, COLON],
  );
};

/** Texts of lower-case letters, digits, dots and dashes, as in names of services. */
export const SERVICE_LETTERS: Language = plain(
  {
    start: 0,
    step: (state, unit) =>
      state !== DEAD && (unit === DOT || unit === DASH || classOf(SMALL, unit) === 0) ? 0 : DEAD,
    accepts: (state) => state === 0,
    classes: SMALL,
  },
  [DOT, DASH],
);

/** ARNs whose account has 12 digits. States before the account count colons; states inside it count digits. */
export const accountIds = (): Language =>
  plain(
    {
      start: 0,
      step: (state, unit) => {
        if (state === DEAD || state === BEHIND_ACCOUNT) return state;
        if (state < ACCOUNT_FROM) return unit === COLON ? state + 1 : state;
        if (state === BEHIND_ACCOUNT - 1) return unit === COLON ? BEHIND_ACCOUNT : DEAD;
        return classOf(DIGITS, unit) === 0 ? state + 1 : DEAD;
      },
      accepts: (state) => state === BEHIND_ACCOUNT,
      isFull: (state) => state === BEHIND_ACCOUNT,
      classes: DIGITS,
    },
    [COLON],
  );

const ACCOUNT_FROM = 4;
const BEHIND_ACCOUNT = ACCOUNT_FROM + 12 + 1;

/** Texts with at most as many colons and slashes as the pattern has. A state counts both. */
export const separatedAs = (glob: Glob): Language => {
  const [colons, slashes] = [count(glob, COLON), count(glob, SLASH)];
  const perColon = slashes + 1;
  return plain(
    {
      start: 0,
      step: (state, unit) => {
        if (state === DEAD) return DEAD;
        if (unit === COLON) return Math.floor(state / perColon) < colons ? state + perColon : DEAD;
        if (unit === SLASH) return state % perColon < slashes ? state + 1 : DEAD;
        return state;
      },
      accepts: (state) => state !== DEAD,
    },
    [COLON, SLASH],
  );
};

const count = (glob: Glob, unit: number): number => glob.filter((each) => each === unit).length;

/** How the answers of the parts make the answer of a combination. */
type Combination = {
  isIn: (parts: readonly boolean[]) => boolean;
  isDead: (parts: readonly number[]) => boolean;
  isFull: (full: readonly boolean[]) => boolean;
  isClosed: (closed: readonly boolean[]) => boolean;
};

/** The texts that lie in all of the sets. */
export const everyOf = (languages: readonly Language[]): Language =>
  combined(languages, {
    isIn: (parts) => parts.every(Boolean),
    isDead: (parts) => parts.includes(DEAD),
    isFull: (full) => full.every(Boolean),
    isClosed: (closed) => closed.some(Boolean),
  });

/** The texts that lie in at least one of the sets. */
export const someOf = (languages: readonly Language[]): Language =>
  combined(languages, {
    isIn: (parts) => parts.some(Boolean),
    isDead: (parts) => parts.every((part) => part === DEAD),
    isFull: (full) => full.some(Boolean),
    isClosed: (closed) => closed.every(Boolean),
  });

const combined = (languages: readonly Language[], whole: Combination): Language => {
  const states: (readonly number[])[] = [];
  const ids = new Map<string, number>();
  const steps = new Map<number, number>();
  const idOf = (parts: readonly number[]): number => {
    if (whole.isDead(parts)) return DEAD;
    const key = parts.join();
    const id = ids.get(key) ?? states.push(parts) - 1;
    ids.set(key, id);
    return id;
  };
  const partOf = (state: number, at: number): number => states[state]?.[at] ?? DEAD;
  return {
    start: idOf(languages.map(({ start }) => start)),
    after: (text) => idOf(languages.map(({ after }) => after(text))),
    step: (state, unit) => {
      if (state === DEAD) return DEAD;
      const key = state * 0x10000 + unit;
      const known = steps.get(key);
      if (known !== undefined) return known;
      const next = idOf(languages.map((language, at) => language.step(partOf(state, at), unit)));
      steps.set(key, next);
      return next;
    },
    accepts: (state) =>
      state !== DEAD && whole.isIn(languages.map((language, at) => language.accepts(partOf(state, at)))),
    isFull: (state) =>
      state !== DEAD && whole.isFull(languages.map((language, at) => language.isFull(partOf(state, at)))),
    isBelow: (state, other) =>
      state === DEAD ||
      (other !== DEAD &&
        languages.every((language, at) => language.isBelow(partOf(state, at), partOf(other, at)))),
    cost: (state) => languages.reduce((sum, language, at) => sum + language.cost(partOf(state, at)), 1),
    listed: (state) => languages.flatMap((language, at) => language.listed(partOf(state, at))),
    isClosed: (state) =>
      whole.isClosed(languages.map((language, at) => language.isClosed(partOf(state, at)))),
    isListedMore: languages.every(({ isListedMore }) => isListedMore),
    classes: refined(languages.map(({ classes }) => classes)),
    units: new Set(languages.flatMap(({ units }) => [...units])),
  };
};

/** The texts that do not lie in a set, including texts that have left the set for good. */
export const complementOf = (language: Language): Language => {
  // State n+1 stands for state n of the set, and 0 for having left the set.
  const idOf = (state: number): number => (state !== DEAD && language.isFull(state) ? DEAD : state + 1);
  return {
    start: idOf(language.start),
    after: (text) => idOf(language.after(text)),
    step: (state, unit) => (state === DEAD ? DEAD : idOf(language.step(state - 1, unit))),
    accepts: (state) => state !== DEAD && !language.accepts(state - 1),
    isFull: (state) => state === 0,
    isBelow: (state, other) => state === DEAD || (other !== DEAD && language.isBelow(other - 1, state - 1)),
    cost: (state) => language.cost(state - 1),
    listed: (state) => language.listed(state - 1),
    isClosed: () => false,
    isListedMore: false,
    classes: language.classes,
    units: language.units,
  };
};

/** The relation of a whole number to a limit. */
export type Comparison = 'less' | 'less-equals' | 'equals' | 'greater-equals' | 'greater';

/**
 * The whole numbers from 0 on, without leading zeros, that have this relation to the limit (which may have a
 * fraction). A state is the number of digits read and how they compare with the limit's first digits.
 */
export const integerLanguage = (comparison: Comparison, limit: Decimal): Language => {
  const floor = floorOf(limit);
  const isWhole = compareDecimals({ units: floor, scale: 0 }, limit) === 0;
  const digits = floor < 0n ? '' : floor.toString();
  const span = digits.length + 2;
  const stands = (difference: number): boolean => {
    const exact = difference === 0 && !isWhole ? -1 : difference;
    switch (comparison) {
      case 'less':
        return exact < 0;
      case 'less-equals':
        return exact <= 0;
      case 'equals':
        return exact === 0;
      case 'greater-equals':
        return exact >= 0;
      case 'greater':
        return exact > 0;
    }
  };
  const wholeDifference = (length: number, difference: number): number =>
    length === digits.length ? difference : length - digits.length;
  return plain(
    {
      start: 1,
      step: (state, unit) => {
        const digit = unit - ZERO;
        const length = Math.floor(state / 4);
        if (digit < 0 || digit > 9 || state === ONLY_ZERO || state === DEAD) return DEAD;
        const known = (state % 4) - 1;
        const difference = known || Math.sign(digit - Number(digits[length] ?? 0));
        if (length === 0 && digit === 0) return ONLY_ZERO;
        return Math.min(length + 1, span) * 4 + difference + 1;
      },
      accepts: (state) => {
        if (state === ONLY_ZERO) return stands(digits === '0' ? 0 : digits === '' ? 1 : -1);
        const length = Math.floor(state / 4);
        return length > 0 && stands(wholeDifference(length, (state % 4) - 1));
      },
      isClosed: () => true,
      isListedMore: true,
    },
    Array.from({ length: 10 }, (_, digit) => ZERO + digit),
  );
};

/** The state of the number 0 itself, after which no digit may follow. */
const ONLY_ZERO = 3;

const floorOf = ({ units, scale }: Decimal): bigint => {
  const one = 10n ** BigInt(scale);
  const whole = units / one;
  return units < 0n && whole * one !== units ? whole - 1n : whole;
};
