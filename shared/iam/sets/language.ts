import { compareDecimals, type Decimal } from '../policy/decimal.ts';
import { ANY, type Glob, ONE, parseGlob, pastStars } from '../policy/glob.ts';
import { arnParts } from '../policy/operators.ts';

/** The state from which nothing is accepted any more. */
export const DEAD = -1;

/**
 * A set of texts as a deterministic automaton over UTF-16 code units, whose states are made as they are reached. All
 * that IAM compares texts with is such a set: patterns, ARN patterns, lists of names, whole numbers in an interval.
 */
export type Language = {
  start: number;
  /** The state after one more unit; {@link DEAD} where no continuation is in the set. */
  step: (state: number, unit: number) => number;
  accepts: (state: number) => boolean;
  /** The units that the set tells apart; all others it treats alike. */
  units: ReadonlySet<number>;
};

const COLON = 58;
const SLASH = 47;

const lower = (unit: number): number => (unit >= 65 && unit <= 90 ? unit + 32 : unit);
const upper = (unit: number): number => (unit >= 97 && unit <= 122 ? unit - 32 : unit);

/** The texts that a pattern matches, also where letters differ in their case if that is asked. */
export const globLanguage = (glob: Glob, isCaseIgnored = false): Language =>
  patternLanguage(glob, 0, isCaseIgnored);

/** The ARNs that a pattern matches part by part, as ArnLike does: no wildcard reaches over one of the first five colons. */
export const arnLanguage = (glob: Glob): Language => {
  const isAll = glob.length === 1 && glob[0] === ANY;
  const parts = arnParts(isAll ? parseGlob('*:*:*:*:*:*') : glob);
  if (parts.length < 6) return wordsLanguage([]);
  const last = parts.at(-1) ?? [];
  const whole = parts.slice(0, -1).flatMap((part) => [...part, COLON]);
  return patternLanguage([...whole, ...last], whole.length, false);
};

/**
 * Subset construction over the places of a pattern. Whatever stands before the last star that was reached can be
 * forgotten, as every match goes through that star: so the states stay few, however many stars there are. Before
 * `colonsFrom` a wildcard does not match a colon; all places reached at once then lie between the same two colons.
 */
const patternLanguage = (glob: Glob, colonsFrom: number, isCaseIgnored: boolean): Language => {
  const pattern = isCaseIgnored ? glob.map(lower) : glob;
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
  const next = (state: number, unit: number): number => {
    const places = new Set<number>();
    const from = states[state] ?? [];
    if (from.length === 1 && isOther(pattern[from[0] ?? 0], unit)) return DEAD;
    for (const place of from) {
      const wanted = pattern[place];
      const isWild = (wanted === ANY || wanted === ONE) && (unit !== COLON || place >= colonsFrom);
      if (wanted === ANY && isWild) places.add(place);
      else if (isWild || wanted === unit) places.add(place + 1);
    }
    return idOf(inOrder(pastStars(places, pattern)));
  };
  return {
    start: idOf(inOrder(pastStars([0], pattern))),
    step: (state, unit) => {
      if (state === DEAD) return DEAD;
      const read = isCaseIgnored ? lower(unit) : unit;
      const key = state * 0x10000 + read;
      const known = steps.get(key) ?? next(state, read);
      steps.set(key, known);
      return known;
    },
    accepts: (state) => states[state]?.includes(pattern.length) ?? false,
    units: new Set(
      pattern
        .flatMap((unit) => (unit < 0 ? [] : isCaseIgnored ? [unit, upper(unit)] : [unit]))
        .concat(colonsFrom > 0 ? COLON : []),
    ),
  };
};

/** Whether the pattern wants one unit, and not this one: so at nearly every step, as ARNs begin with much that is fixed. */
const isOther = (wanted: number | undefined, unit: number): boolean =>
  wanted === undefined || (wanted >= 0 && wanted !== unit);

const inOrder = (places: ReadonlySet<number>): number[] => [...places].toSorted((a, b) => a - b);

/** The texts of a list: one automaton for all of them, whatever their number. */
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
  return {
    start: 0,
    step: (state, unit) => nodes[state]?.next.get(unit) ?? DEAD,
    accepts: (state) => nodes[state]?.isEnd ?? false,
    units,
  };
};

/**
 * The ARNs of all jobs that there can be behind a beginning such as `arn:aws:sagemaker:*:111122223333:training-job/`:
 * a name of letters and digits with dashes between. Its length is not looked at.
 */
export const jobLanguage = (beginning: string): Language => {
  const glob = parseGlob(`${beginning}*`);
  return everyOf([globLanguage(glob), nameLanguage(count(glob, SLASH))]);
};

/** The ARNs of all roles of an account. No name or path has a colon, so that no star reaches over one into it. */
export const roleLanguage = ({ partition, account }: { partition: string; account: string }): Language => {
  const glob = parseGlob(`arn:${partition}:iam::${account}:role/?*`);
  return everyOf([globLanguage(glob), atMost(count(glob, COLON), COLON), complementOf(PATH)]);
};

/** What ends in a slash: a path without a name. */
const PATH = globLanguage(parseGlob('*/'));

/** The texts whose part behind that many slashes is a name. */
const nameLanguage = (slashes: number): Language => {
  const [empty, name, dash] = [slashes, slashes + 1, slashes + 2];
  return {
    start: 0,
    step: (state, unit) => {
      if (state === DEAD) return DEAD;
      if (state < slashes) return unit === SLASH ? state + 1 : state;
      if (ALPHANUMERIC.has(unit)) return name;
      return unit === DASH && state !== empty ? dash : DEAD;
    },
    accepts: (state) => state === name,
    units: new Set([SLASH, DASH, ...ALPHANUMERIC]),
  };
};

const ALPHANUMERIC: ReadonlySet<number> = new Set(
  Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', (letter) =>
    letter.charCodeAt(0),
  ),
);

/** The texts with no more colons and slashes than a pattern has. */
export const separatedAs = (glob: Glob): Language =>
  everyOf([COLON, SLASH].map((separator) => atMost(count(glob, separator), separator)));

const count = (glob: Glob, unit: number): number => glob.filter((each) => each === unit).length;

/** The texts with a unit no more often than that; the walk through a set ends where it is once more. */
const atMost = (limit: number, separator: number): Language => ({
  start: 0,
  step: (state, unit) => (state === DEAD || unit !== separator ? state : state < limit ? state + 1 : DEAD),
  accepts: (state) => state !== DEAD,
  units: new Set([separator]),
});

/** The texts that lie in all of some sets. */
export const everyOf = (languages: readonly Language[]): Language =>
  combined(languages, (is) => is.every(Boolean), false);

/** The texts that lie in any of some sets. */
export const someOf = (languages: readonly Language[]): Language =>
  combined(languages, (is) => is.some(Boolean), false);

/** The texts that do not lie in a set. */
export const complementOf = (language: Language): Language => combined([language], ([is]) => !is, true);

/** `isDeadUseful`: a text can be in the combination though it is in none of the sets. */
const combined = (
  languages: readonly Language[],
  isIn: (is: readonly boolean[]) => boolean,
  isDeadUseful: boolean,
): Language => {
  const states: (readonly number[])[] = [];
  const ids = new Map<string, number>();
  const steps = new Map<number, number>();
  const idOf = (parts: readonly number[]): number => {
    if (!isDeadUseful && !isIn(parts.map((state) => state !== DEAD))) return DEAD;
    const key = parts.join();
    const id = ids.get(key) ?? states.push(parts) - 1;
    ids.set(key, id);
    return id;
  };
  return {
    start: idOf(languages.map(({ start }) => start)),
    step: (state, unit) => {
      const key = state * 0x10000 + unit;
      const known =
        steps.get(key) ??
        idOf(languages.map((language, at) => language.step(states[state]?.[at] ?? DEAD, unit)));
      steps.set(key, known);
      return known;
    },
    accepts: (state) => isIn(languages.map((language, at) => language.accepts(states[state]?.[at] ?? DEAD))),
    units: new Set(languages.flatMap(({ units }) => [...units])),
  };
};

const DASH = 45;
const ZERO = 48;

/** How a whole number stands to a limit. */
export type Comparison = 'less' | 'less-equals' | 'equals' | 'greater-equals' | 'greater';

/**
 * The whole numbers from 0 up, without leading zeros, that stand so to a limit (which may have a fraction). The state
 * is how many digits were read and how they compare with as many digits of the limit.
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
  return {
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
    units: new Set(Array.from({ length: 10 }, (_, digit) => ZERO + digit)),
  };
};

/** The state of the number 0 itself, behind which no digit may follow. */
const ONLY_ZERO = 3;

const floorOf = ({ units, scale }: Decimal): bigint => {
  const one = 10n ** BigInt(scale);
  const whole = units / one;
  return units < 0n && whole * one !== units ? whole - 1n : whole;
};
