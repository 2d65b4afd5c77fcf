import { once } from '../../memo.ts';
import { canonicalGlob, type Glob, literalGlob } from '../policy/glob.ts';
import { areApart, covers } from './glob-relations.ts';
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

/** A set of texts whose automaton is made when a search first needs it, and what is seen of it without one. */
export type Pattern = {
  language: () => Language;
  /** The ways through it, for a walk that looks for one of its texts. */
  runs: () => Runs;
  /** A pattern that all its texts match, canonical. */
  glob?: Glob;
  /** The texts are those of `glob`, in its letter case or in any; otherwise there are fewer. */
  is?: 'exact' | 'folded';
  /** All its texts, where these are few. */
  texts?: readonly Glob[];
};

/** With more texts than that, it takes longer to see where they lie than to walk through the set. */
const FEW_TEXTS = 8;

/** The texts that a pattern of a policy matches; `folded`: in any letter case. */
export const globPattern = (glob: Glob, is: 'exact' | 'folded' = 'exact'): Pattern => ({
  language: once(() => globLanguage(glob, is === 'folded')),
  runs: once(() => globRuns(glob, is === 'folded')),
  glob: canonicalGlob(glob),
  is,
  ...(is === 'exact' && !glob.some((unit) => unit < 0) && { texts: [glob] }),
});

/** The texts of a list. */
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

/** A set of which nothing is seen. */
export const opaque = (make: () => Language): Pattern => {
  const language = once(make);
  return { language, runs: once(() => runsOf(language())) };
};

/** Whether a set is seen to hold all of another. */
export const isWithinAtSight = (inner: Pattern, outer: Pattern): boolean => {
  if (!inner.glob || !outer.glob) return false;
  if (outer.is === 'folded') return covers(folded(outer.glob), folded(inner.glob));
  return outer.is === 'exact' && inner.is !== 'folded' && covers(outer.glob, inner.glob);
};

/** Whether two sets are seen to have nothing in common. */
export const areApartAtSight = (one: Pattern, other: Pattern): boolean => {
  if (hasNoneOf(one, other) || hasNoneOf(other, one)) return true;
  if (!one.glob || !other.glob) return false;
  return one.is === 'folded' || other.is === 'folded'
    ? areApart(folded(one.glob), folded(other.glob))
    : areApart(one.glob, other.glob);
};

/** Whether a pattern matches none of a few texts. */
const hasNoneOf = ({ glob, is }: Pattern, { texts }: Pattern): boolean => {
  if (!glob || !texts) return false;
  const pattern = is === 'folded' ? folded(glob) : glob;
  return texts.every((text) => !covers(pattern, is === 'folded' ? folded(text) : text));
};

const lowers = new WeakMap<Glob, Glob>();

const folded = (glob: Glob): Glob => {
  const known = lowers.get(glob) ?? glob.map((unit) => (unit >= 65 && unit <= 90 ? unit + 32 : unit));
  lowers.set(glob, known);
  return known;
};
