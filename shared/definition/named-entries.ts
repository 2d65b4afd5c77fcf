import { asText, type Json, member } from '../json/json.ts';
import { remembered } from '../memo.ts';

/**
 * The fields by which lists are indexed. An index is needed because thousands of references may each name another
 * entry of one list.
 */
type NameFields = 'output' | 'file' | 'any';

const FIELDS: Readonly<Record<NameFields, readonly string[]>> = {
  output: ['OutputName'],
  file: ['PropertyFileName'],
  any: ['OutputName', 'InputName', 'ChannelName', 'DefinitionName'],
};

/** The first entry of a list with that name. A single object may stand in place of a list. */
export const entryNamed = (list: Json | undefined, fields: NameFields, name: string): Json | undefined =>
  Array.isArray(list) ? indexOf(list)(fields).get(name) : isNamed(list, fields, name) ? list : undefined;

const isNamed = (entry: Json | undefined, fields: NameFields, name: string): boolean =>
  FIELDS[fields].some((field) => asText(member(entry, field)) === name);

const indexOf = remembered((list: readonly Json[]) => {
  const indexes = new Map<NameFields, ReadonlyMap<string, Json>>();
  return (fields: NameFields): ReadonlyMap<string, Json> => {
    const index = indexes.get(fields) ?? indexBy(list, FIELDS[fields]);
    indexes.set(fields, index);
    return index;
  };
});

const indexBy = (list: readonly Json[], fields: readonly string[]): ReadonlyMap<string, Json> => {
  const index = new Map<string, Json>();
  for (const entry of list)
    for (const field of fields) {
      const name = asText(member(entry, field));
      if (name !== undefined && !index.has(name)) index.set(name, entry);
    }
  return index;
};

/**
 * The names of all entries of a list, by whichever field has them; undefined where one has none, or an expression does.
 * Remembered, because thousands of references may lead into one list.
 */
export const entryNames = remembered((list: readonly Json[]): readonly string[] | undefined => {
  const names = list.map((entry) =>
    FIELDS.any.map((field) => asText(member(entry, field))).find((name) => name !== undefined),
  );
  return names.every((name) => name !== undefined) ? names : undefined;
});
