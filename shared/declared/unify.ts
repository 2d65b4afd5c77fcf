import { ANY, ONE, parseGlob } from '../iam/policy/glob.ts';

/** A unit of a text with a hole in it: a character, or a wildcard; `isHole`: whether it belongs to the hole’s value. */
type Unit = { code: number; isHole: boolean };

/** The longest texts that are compared, in characters each. */
const MAX_LENGTH = 600;

/**
 * A value of the hole with which a text matches a pattern; undefined where there is none, or the text is too long. `parts` are the
 * text around the hole, which stands between each two of them; `like` is the pattern of the hole’s values.
 */
export const valueMatching = (
  parts: readonly string[],
  like: string,
  pattern: string,
): string | undefined => {
  const [first = '', ...others] = parts;
  const outer = parseGlob(pattern);
  const inner: Unit[] = [
    ...literal(first),
    ...parseGlob(like).map((code) => ({ code, isHole: true })),
    // Further occurrences of the hole are any text here; who asks tries the value in all of them.
    ...others.flatMap((part, index) => [
      ...(index === 0 ? [] : [{ code: ANY, isHole: false }]),
      ...literal(part),
    ]),
  ];
  if (inner.length > MAX_LENGTH || outer.length > MAX_LENGTH) return undefined;
  const way = commonText(inner, outer);
  return way === undefined
    ? undefined
    : way.flatMap(({ code, isHole }) => (isHole ? String.fromCharCode(code) : [])).join('');
};

const literal = (text: string): Unit[] =>
  [...text].map((character) => ({ code: character.charCodeAt(0), isHole: false }));

const FILLER = 'x'.charCodeAt(0);

/** A text that both patterns match, unit by unit. Each pair of places is visited once. */
const commonText = (inner: readonly Unit[], outer: readonly number[]): Unit[] | undefined => {
  const width = outer.length + 1;
  const start = 0;
  const end = inner.length * width + outer.length;
  const came = new Map<number, { from: number; unit?: Unit }>([[start, { from: -1 }]]);
  const queue = [start];
  for (const place of queue) {
    if (place === end) break;
    const [at, of] = [Math.floor(place / width), place % width];
    const [unit, wanted] = [inner[at], outer[of]];
    const from = place;
    const go = (to: number, made?: Unit): void => {
      if (came.has(to)) return;
      came.set(to, { from, ...(made && { unit: made }) });
      queue.push(to);
    };
    if (unit?.code === ANY) go(place + width);
    if (wanted === ANY) go(place + 1);
    if (unit === undefined || wanted === undefined) continue;
    const code = unit.code >= 0 ? unit.code : wanted >= 0 ? wanted : FILLER;
    const takes = (by: number): boolean => by === ANY || by === ONE || by === code;
    if (!takes(unit.code) || !takes(wanted)) continue;
    const [onward, beyond] = [unit.code === ANY ? 0 : width, wanted === ANY ? 0 : 1];
    go(place + onward + beyond, { code, isHole: unit.isHole });
  }
  if (!came.has(end)) return undefined;
  const way: Unit[] = [];
  for (let place = end; place > 0; ) {
    const step = came.get(place);
    if (!step || step.from < 0) break;
    if (step.unit) way.push(step.unit);
    place = step.from;
  }
  return way.reverse();
};
