import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';

/** Files by their paths, with slashes. */
export type Files = ReadonlyMap<string, Uint8Array>;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The first day that a zip can tell, in the time of the machine, in which zips are written. */
const NO_TIME = new Date(1980, 0, 1);
/** A file that everybody may read, as Unix has it, in the upper half of the attributes. */
const READABLE = 0o100644 * 0x10000;
const UNIX = 3;

/** A zip of files that is the same for the same files, wherever and whenever it is made. */
export const zipOf = (files: Files): Uint8Array =>
  zipSync(
    Object.fromEntries(
      sorted(files).map(([path, bytes]) => [
        path,
        [bytes, { mtime: NO_TIME, os: UNIX, attrs: READABLE, level: 9 }],
      ]),
    ),
  );

/** The checksums of files, as `sha256sum --check` reads them. */
export const checksumsOf = (files: Files): string =>
  sorted(files)
    .map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`)
    .join('');

const RELEASE_PART = '\n### Without a checkout\n';

/**
 * What tells how a release is deployed: the part of docs/operations.md about it. Its links lead to parts that a release has not.
 * @throws {Error} where the page has no such part.
 */
export const releaseReadme = (operations: string): string => {
  const begin = operations.indexOf(RELEASE_PART);
  if (begin < 0) throw new Error('docs/operations.md has no part “Without a checkout”');
  const from = begin + RELEASE_PART.length;
  const end = operations.indexOf('\n### ', from);
  const part = operations.slice(from, end < 0 ? undefined : end);
  const text = part.trim().replace(/\[([^[\]]+)\]\(#[\w-]+\)/g, '$1');
  return `# Deploying this release of Pipewarden\n\n${text}\n\nMore is in docs/operations.md of the sources.\n`;
};

/** What a release was made of. `commit` is missing where the sources are not those of a commit. */
export type Sources = {
  version: string;
  commit?: string;
  lockSha256: string;
  node: string;
  regions: readonly string[];
};

/**
 * Says of what and how files were made: an in-toto statement with SLSA’s predicate for builds. Nobody has signed it.
 * https://slsa.dev/spec/v1.1/provenance
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export const provenanceOf = (
  files: Files,
  { version, commit, lockSha256, node, regions }: Sources,
): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: sorted(files).map(([name, bytes]) => ({ name, digest: { sha256: sha256(bytes) } })),
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'urn:pipewarden:release:v1',
      externalParameters: { command: 'npm run release', version, regions },
      resolvedDependencies: [
        ...(commit === undefined ? [] : [{ name: 'sources', digest: { gitCommit: commit } }]),
        { name: 'package-lock.json', digest: { sha256: lockSha256 } },
        { name: `node ${node}` },
      ],
    },
    runDetails: { builder: { id: 'urn:pipewarden:npm' } },
  },
});

const sorted = (files: Files): [path: string, bytes: Uint8Array][] =>
  [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
