import { oncePer } from '../memo.ts';

/** A member on the way to a value in a step. Of a list field, each element is followed. */
export type PathSegment = { key: string; isListField: boolean };

/**
 * The segments of a path such as `Arguments.InputDataConfig[].DataSource`. What is kept never grows large, because all paths
 * come from this program's own tables.
 */
export const pathSegments = oncePer((path): readonly PathSegment[] =>
  path.split('.').map((segment) => ({
    key: segment.replace(/\[\]$/, ''),
    isListField: segment.endsWith('[]'),
  })),
);
