import { once } from '../../memo.ts';
import { canonicalGlob, type Glob, literalGlob } from '../policy/glob.ts';
import { areApart, covers } from '../policy/glob-relations.ts';
import {
  arnLanguage,
  arnRuns,
  globLanguage,
  globRuns,
  type Language,
  type Runs,
  runsOf,
  wordsLanguage,
} from './language.ts';

/** A set of texts. Its automaton is made when a search first needs it; `glob` and `is` allow comparisons without it. */
export type Pattern = {
  language: () => Language;
  /** The runs of the set, for a search for one of its texts. */
  runs: () => Runs;
  /** A canonical pattern that matches all texts of the set. */
  glob?: Glob;
  /** Set if the texts are exactly those of `glob`, in its letter case or in any; otherwise the set is smaller. */
  is?: 'exact' | 'folded';
  /** All texts of the set, if there are only a few. */
  texts?: readonly Glob[];
};

/** Up to this many texts, comparing each of them is faster than searching the automaton of the set. */
const FEW_TEXTS = 8;

/** The texts that a policy's pattern matches; `folded`: in any letter case. */
export const globPattern = (glob: Glob, is: 'exact' | 'folded' = 'exact'): Pattern => ({
  language: once(() => globLanguage(glob, is === 'folded')),
  runs: once(() => globRuns(glob, is === 'folded')),
  glob: canonicalGlob(glob),
  is,
  ...(is === 'exact' && !glob.some((unit) => unit < 0) && { texts: [glob] }),
});

/** The set of exactly these texts. */
export const wordsPattern = (words: readonly string[]): Pattern => {
  const [first] = words;
  if (first !== undefined && words.length === 1) return globPattern(literalGlob(first));
  const texts = words.length <= FEW_TEXTS ? words.map(literalGlob) : undefined;
  return { ...opaque(() => wordsLanguage(words)), ...(texts && { texts }) };
};

/** The ARNs that a pattern matches part by part. */
export const arnPattern = (glob: Glob): Pattern => ({
  language: once(() => arnLanguage(glob)),
  runs: once(() => arnRuns(glob)),
  glob: canonicalGlob(glob),
});

/** A set that cannot be compared without its automaton. */
export const opaque = (make: () => Language): Pattern => {
  const language = once(make);
  return { language, runs: once(() => runsOf(language())) };
};

/** Whether comparing the patterns shows that `outer` contains `inner`. */
export const isWithinAtSight = (inner: Pattern, outer: Pattern): boolean => {
  if (!inner.glob || !outer.glob) return false;
  if (outer.is === 'folded') return covers(folded(outer.glob), folded(inner.glob));
  return outer.is === 'exact' && inner.is !== 'folded' && covers(outer.glob, inner.glob);
};

/** Whether comparing the patterns shows that the sets have nothing in common. */
export const areApartAtSight = (one: Pattern, other: Pattern): boolean => {
  if (hasNoneOf(one, other) || hasNoneOf(other, one)) return true;
  if (!one.glob || !other.glob) return false;
  return one.is === 'folded' || other.is === 'folded'
    ? areApart(folded(one.glob), folded(other.glob))
    : areApart(one.glob, other.glob);
};

/** Whether the pattern of the first set matches none of the few texts of the second set. */
const hasNoneOf = ({ glob, is }: Pattern, { texts }: Pattern): boolean => {
  if (!glob || !texts) return false;
  const pattern = is === 'folded' ? folded(glob) : glob;
  return texts.every((text) => !covers(pattern, is === 'folded' ? folded(text) : text));
};

const lowers = new WeakMap<Glob, Glob>();

const folded = (glob: Glob): Glob => {
  const known = lowers.get(glob);
  if (known) return known;
  const lower = glob.map((unit) => (unit >= 65 && unit <= 90 ? unit + 32 : unit));
  lowers.set(glob, lower);
  return lower;
};
