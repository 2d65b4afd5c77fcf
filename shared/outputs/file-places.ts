import { definitionPlaces, type Region } from '../definition/places.ts';
import type { Finding } from '../findings/finding.ts';

/** Where what findings point to stands in the files that were linted, by path and pointer: found at once for each file. */
export const filePlaces = (
  findings: readonly Finding[],
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlyMap<string, Region>> =>
  new Map([...files].map(([path, text]) => [path, definitionPlaces(text, pointersInto(path, findings))]));

const pointersInto = (path: string, findings: readonly Finding[]): string[] =>
  findings
    .filter(({ resource }) => resource.arn === path)
    .flatMap(({ evidence }) => evidence.map(({ at }) => at))
    .filter((at) => at.startsWith('/'));
