/** The fields of a package-lock.json, or of its entry for a package, that are needed here. */
export type LockedPackage = {
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  devOptional?: boolean;
  link?: boolean;
};

/**
 * Licences (SPDX identifiers) under which an Apache-2.0 project can ship parts. The list names what is allowed, so
 * that a new licence must be looked at.
 */
const ALLOWED = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Zlib',
]);

/** Whether an SPDX expression offers a choice that is allowed; not for a package that names no licence. */
export const isAllowed = (expression: string | undefined): boolean =>
  (expression ?? '')
    .replaceAll(/[()]/g, ' ')
    .split(/\sOR\s/i)
    .some((choice) => choice.split(/\sAND\s/i).every((licence) => ALLOWED.has(licence.trim())));

/** The packages that a deployed or installed Pipewarden contains, by path. */
export const productionPackages = (
  packages: Readonly<Record<string, LockedPackage>>,
): [path: string, entry: LockedPackage][] =>
  Object.entries(packages).filter(
    ([path, { dev, devOptional, link }]) => path.includes('node_modules/') && !link && !dev && !devOptional,
  );

/** The packages, by their path in node_modules, of which esbuild put something into a bundle. */
export const bundledPackages = (inputs: Iterable<string>): string[] => {
  const paths = [...inputs].flatMap((input) => {
    const within = input.includes('node_modules/') ? input.slice(input.indexOf('node_modules/')) : undefined;
    return within?.match(/^.*node_modules\/(?:@[^/]+\/[^/]+|[^/]+)/)?.[0] ?? [];
  });
  return [...new Set(paths)].toSorted();
};
