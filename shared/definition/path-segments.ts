/** A member on the way to a value in a step. Of a list field, each element is followed. */
export type PathSegment = { key: string; isListField: boolean };

/** Never grows large, because all paths come from this program's own tables. */
const known = new Map<string, readonly PathSegment[]>();

/** The segments of a path such as `Arguments.InputDataConfig[].DataSource`. */
export const pathSegments = (path: string): readonly PathSegment[] => {
  const segments =
    known.get(path) ??
    path.split('.').map((segment) => ({
      key: segment.replace(/\[\]$/, ''),
      isListField: segment.endsWith('[]'),
    }));
  known.set(path, segments);
  return segments;
};
