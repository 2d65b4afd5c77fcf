import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LockedPackage, productionPackages } from './licences.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** A CycloneDX document, as far as it is changed here. */
export type Sbom = {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { 'bom-ref': string; name: string } };
  components: { 'bom-ref': string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

/** The packages of package-lock.json that ship. */
export const shippedPackages = (root: string): [path: string, entry: LockedPackage][] =>
  productionPackages(
    (
      JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, LockedPackage>;
      }
    ).packages,
  );

/**
 * Of npm’s SBOM, what ships, and how many packages it lacks: npm’s own `--omit dev` leaves out what a workspace brings.
 * https://docs.npmjs.com/cli/commands/npm-sbom
 */
export const shippedSbom = (root: string): { sbom: Sbom; lacking: number } => {
  const all = JSON.parse(
    execFileSync('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], {
      cwd: root,
      maxBuffer: MAX_BYTES,
      encoding: 'utf8',
    }),
  ) as Sbom;
  const refs = new Set(
    shippedPackages(root).map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`),
  );
  const own = all.metadata.component['bom-ref'];
  const components = all.components.filter((component) => refs.has(component['bom-ref']));
  const dependencies = all.dependencies
    .filter(({ ref }) => ref === own || refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  return { sbom: { ...all, components, dependencies }, lacking: refs.size - components.length };
};
