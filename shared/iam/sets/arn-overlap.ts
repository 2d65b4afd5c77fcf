import { ANY, type Glob, ONE, pastStars } from '../policy/glob.ts';

const COLON = 58;
const COLONS_BEFORE_RESOURCE = 5;

/**
 * Whether some ARN matches both patterns: the ARN pattern of a resource type, whose wildcards match none of the first
 * five colons, and a policy's pattern, whose wildcards match anything. The time is bounded by the product of the two
 * lengths.
 */
export const canOverlap = (type: Glob, pattern: Glob): boolean => {
  // All positions in `pattern` that can be reached with the part of `type` that was read so far.
  let places = pastStars([0], pattern);
  let colons = 0;
  for (const unit of type) {
    if (unit === COLON) colons++;
    places =
      unit === ANY
        ? pastText(places, pattern, colons < COLONS_BEFORE_RESOURCE)
        : pastStars(pastUnit(places, pattern, unit), pattern);
  }
  return places.has(pattern.length);
};

const pastText = (places: Iterable<number>, pattern: Glob, isWithoutColon: boolean): Set<number> => {
  const all = new Set(places);
  for (const place of all)
    if (place < pattern.length && !(isWithoutColon && pattern[place] === COLON)) all.add(place + 1);
  return all;
};

const pastUnit = (places: Iterable<number>, pattern: Glob, unit: number): number[] => {
  const next: number[] = [];
  for (const place of places) {
    const wanted = pattern[place];
    if (wanted === ANY) next.push(place);
    else if (wanted === unit || wanted === ONE) next.push(place + 1);
  }
  return next;
};
