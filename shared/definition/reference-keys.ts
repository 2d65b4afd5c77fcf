import { keeping } from '../memo.ts';

/** One key of a reference’s path: a field, the name of an entry of a list, or an index. `isEntry`: it stands in brackets. */
export type ReferenceKey = { key: string | number; isEntry: boolean };

/** A name in brackets ends where its quote does, so that it may have dots and brackets of its own. */
const TOKEN = /\.([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(\d{1,6}))\]/g;

const NO_KEYS: readonly never[] = [];

/** Parsed paths are kept, because most pipelines refer to the same properties. */
const paths = keeping<readonly ReferenceKey[]>(1000);

/** The keys of a path as in references (`.Outputs['train'].S3Uri`, `.Outputs[0]`); none for a path of another form. */
export const referenceKeys = (path: string): readonly ReferenceKey[] => paths(path, () => keysOf(path));

const keysOf = (path: string): readonly ReferenceKey[] => {
  const tokens = [...path.matchAll(TOKEN)];
  if (tokens.map(([token]) => token).join('') !== path) return NO_KEYS;
  return tokens.map(([, field, single, double, index]) => ({
    key: index === undefined ? (field ?? single ?? double ?? '') : Number(index),
    isEntry: field === undefined,
  }));
};
