import type { Location, PhysicalLocation } from 'sarif';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { TextRange } from '../places/definition-places.ts';
import type { EvidencePlace } from '../places/evidence-places.ts';

/**
 * GitHub shows this many locations, and refuses a file with ten times as many for one result.
 * https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
 */
const MAX_LOCATIONS = 100;

/**
 * The locations of a finding: one for each place of its evidence in a file. Each also names the resource, whether or
 * not there is a file.
 */
export const locationsOf = (finding: Finding, place: EvidencePlace | undefined): Location[] => {
  const { resource, subject } = finding;
  const logicalLocations = [
    { name: resourceName(resource.arn), fullyQualifiedName: resource.arn, kind: resource.type },
    ...(subject === undefined
      ? []
      : [{ name: subject, fullyQualifiedName: `${resource.arn}#${subject}`, kind: 'member' }]),
  ];
  const inFile =
    place ?? (resource.type === 'configuration' ? { path: resource.arn, regions: [] } : undefined);
  if (!inFile) return [{ logicalLocations }];
  const { path, regions } = inFile;
  return (regions.length === 0 ? [undefined] : regions.slice(0, MAX_LOCATIONS)).map((region, index) => ({
    physicalLocation: physical(path, region),
    ...(index === 0 && { logicalLocations }),
  }));
};

const physical = (path: string, region: TextRange | undefined): PhysicalLocation => ({
  artifactLocation: { uri: uriOf(path) },
  region: region
    ? {
        startLine: region.line,
        startColumn: region.column,
        ...(region.end && { endLine: region.end.line, endColumn: region.end.column }),
      }
    : { startLine: 1 },
});

/** A relative path stays relative, so that the viewer resolves it against its own root. */
const uriOf = (path: string): string => {
  const parts = path
    .toWellFormed()
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .split('/');
  const uri = parts.map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${uri}` : uri;
};
