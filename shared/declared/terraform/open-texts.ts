import { matchesGlob } from '../../iam/policy/glob.ts';
import type { Fill, Hole } from '../declared.ts';
import { mayHoldToken, token } from '../fill.ts';
import type { OpenTexts } from '../hcl/open-texts.ts';
import { Untold } from '../hcl/values.ts';

/** What holes leave open in texts. `filled`: the holes that were asked for so far, by their values. */
export const openTexts = (filled: ReadonlyMap<string, Hole>, ask: Fill): OpenTexts => {
  const holesIn = (text: string): { hole: Hole; start: number; end: number }[] =>
    mayHoldToken(text)
      ? [...filled].flatMap(([value, hole]) => {
          const own = token(hole.name);
          // A hole that somebody has given a value leaves nothing open.
          const start = value.includes(own) ? text.indexOf(own) : -1;
          return start < 0 ? [] : [{ hole, start, end: text.lastIndexOf(own) + own.length }];
        })
      : [];
  const partsOf = (text: string): readonly (readonly [number, number])[] =>
    holesIn(text)
      .map(({ start, end }) => [start, end] as const)
      .toSorted(([one], [other]) => one - other);
  return {
    partsOf,
    isSame: (one, other) => {
      if (one === other) return true;
      for (const [value, text] of [
        [one, other],
        [other, one],
      ] as const) {
        const hole = filled.get(value);
        if (!hole || partsOf(text).length > 0) continue;
        // The text may be its value, so that this is tried.
        if (hole.like === undefined || matchesGlob(hole.like, text)) ask({ ...hole, compared: [text] });
        return false;
      }
      const [first, second] = [partsOf(one), partsOf(other)];
      if (first.length + second.length === 0) return false;
      const least = Math.min(first[0]?.[0] ?? one.length, second[0]?.[0] ?? other.length);
      if (one.slice(0, least) !== other.slice(0, least)) return false;
      throw new Untold('whether two texts are the same hangs on what only the deployment tells');
    },
    mayBeNull: (text) => {
      const hole = partsOf(text).length > 0 ? filled.get(text) : undefined;
      return hole !== undefined && !isName(hole);
    },
    mayHold: (text, part) => holesIn(text).some(({ hole }) => !(isName(hole) && /[^\w+=,.@-]/.test(part))),
  };
};

/** Whether its value is a name, or a part of one. */
const isName = ({ by, like }: Hole): boolean => by === 'generated' || like !== undefined;
