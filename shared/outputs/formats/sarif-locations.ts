import type { Location, LogicalLocation, PhysicalLocation } from 'sarif';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { visibleText } from '../../text/visible-text.ts';
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
    ...(place?.construct ? [constructLocation(place.construct)] : []),
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

/** A construct of the CDK. The code that makes it is a related location. */
const constructLocation = ({ path }: Construct): LogicalLocation => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  fullyQualifiedName: path,
  kind: 'construct',
});

/** Where the code makes the construct that a finding is to be mended in. */
export const relatedLocationsOf = (place: EvidencePlace | undefined): Location[] => {
  const { path = '', writtenAt = '' } = place?.construct ?? {};
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(writtenAt) ?? [];
  if (file === undefined) return [];
  return [
    {
      id: 1,
      physicalLocation: physical(file, { line: Number(line), column: Number(column) }),
      message: { text: `the construct ${visibleText(path)} is made here` },
    },
  ];
};

type Construct = NonNullable<EvidencePlace['construct']>;

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
