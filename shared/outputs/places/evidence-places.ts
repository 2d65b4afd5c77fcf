import type { Finding } from '../../domain/finding.ts';
import { groupBy } from '../../group-by.ts';
import { once } from '../../memo.ts';
import { definitionPlaces, type TextRange } from './definition-places.ts';

/** Where a piece of evidence stands in a file. `at` is the evidence’s own name for the place. */
type EvidenceRegion = TextRange & { at?: string };

/** The file that holds a finding’s evidence, and the places in it; no regions where the evidence names no place. */
export type EvidencePlace = {
  path: string;
  regions: readonly EvidenceRegion[];
  /** The construct of the CDK to change, where it has made the file. `writtenAt`: `file:line:column` of the code. */
  construct?: { path: string; writtenAt?: string };
};

/** The place of a finding’s evidence; undefined where no file contains it. */
export type PlaceOf = (finding: Finding) => EvidencePlace | undefined;

/** The evidence’s own name for its place, with file, line and column where a file contains it. */
export const placedAt = (at: string, place: EvidencePlace | undefined): string => {
  const region = place?.regions.find((each) => each.at === at);
  return place && region ? `${place.path}:${region.line}:${region.column} ${at}${constructText(place)}` : at;
};

const constructText = ({ construct }: EvidencePlace): string => {
  if (!construct) return '';
  const { path, writtenAt } = construct;
  return ` (construct ${path}${writtenAt === undefined ? '' : `, made at ${writtenAt}`})`;
};

/** The JSON pointer into a file for a piece of evidence; undefined where there is none. */
export type PointerOf = (finding: Finding, at: string) => string | undefined;

/** The places of findings that are all about one file. The file’s text is walked through once. */
export const placesInFile = (
  { path, text }: { path: string; text: string },
  findings: readonly Finding[],
  pointerOf: PointerOf,
): Map<Finding, EvidencePlace> => {
  const pointers = new Map(findings.map((finding) => [finding, pointersOf(finding, pointerOf)]));
  const regions = definitionPlaces(
    text,
    [...pointers.values()].flatMap((own) => own.map(({ pointer }) => pointer)),
  );
  return new Map(
    [...pointers].map(([finding, own]) => [
      finding,
      {
        path,
        regions: own.flatMap(({ at, pointer }) => {
          const region = regions.get(pointer);
          return region ? { ...region, at } : [];
        }),
      },
    ]),
  );
};

/** Each pointer once, even where several pieces of evidence have the same one. */
const pointersOf = (finding: Finding, pointerOf: PointerOf): { at: string; pointer: string }[] => {
  const found = new Map<string, string>();
  for (const { at } of finding.evidence) {
    const pointer = pointerOf(finding, at);
    if (pointer !== undefined && !found.has(pointer)) found.set(pointer, at);
  }
  return [...found].map(([pointer, at]) => ({ at, pointer }));
};

/**
 * The places of findings on linted files, by the paths in the findings. They are computed when a format asks for one, and found by
 * the id of a finding, because formats make findings of findings.
 */
export const lintedPlaces = (files: ReadonlyMap<string, string>, findings: readonly Finding[]): PlaceOf => {
  const places = once(
    () =>
      new Map(
        [...groupBy(findings, ({ resource }) => resource.arn)].flatMap(([path, own]) => {
          const text = files.get(path);
          if (text === undefined) return [];
          const found = placesInFile({ path, text }, own, (_, at) => (at.startsWith('/') ? at : undefined));
          return [...found].map(([{ id }, place]) => [id, place] as const);
        }),
      ),
  );
  return ({ id }) => places().get(id);
};

/** The place of an unreadable record or part of a source, which is named `file:line`, `file:line:column` or by a path inside a file. */
export const eventPlace = ({ resource }: Finding): EvidencePlace | undefined => {
  if (resource.type !== 'event' && resource.type !== 'source') return undefined;
  const file = withoutIndexes(resource.arn);
  const [, path = file, line, column = 1] = /^(.+?):(\d+)(?::(\d+))?$/.exec(file) ?? [];
  return { path, regions: line === undefined ? [] : [{ line: Number(line), column: Number(column) }] };
};

const LISTS = ['.Records', '.Events', '.Messages'];

/** The file in a name such as `trail.json.Records[3]`, through any number of nested lists. */
const withoutIndexes = (name: string): string => {
  let end = name.length;
  while (name[end - 1] === ']') {
    const open = name.lastIndexOf('[', end - 1);
    if (open < 0 || !/^\d+$/.test(name.slice(open + 1, end - 1))) break;
    const list = LISTS.find((each) => name.endsWith(each, open)) ?? '';
    end = open - list.length;
  }
  return name.slice(0, end);
};
