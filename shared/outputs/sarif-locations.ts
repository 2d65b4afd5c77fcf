import type { Location, PhysicalLocation } from 'sarif';
import type { Region } from '../definition/places.ts';
import type { Finding } from '../findings/finding.ts';
import { resourceName } from './asff.ts';
import { filePlaces } from './file-places.ts';

export const locator = (findings: readonly Finding[], files: ReadonlyMap<string, string>) => {
  const regions = filePlaces(findings, files);
  return (finding: Finding): Location[] => {
    const { resource, subject } = finding;
    const known = regions.get(resource.arn);
    const logicalLocations = [
      { name: resourceName(resource.arn), fullyQualifiedName: resource.arn, kind: resource.type },
      ...(subject === undefined
        ? []
        : [{ name: subject, fullyQualifiedName: `${resource.arn}#${subject}`, kind: 'member' }]),
    ];
    const isFile = known !== undefined || resource.type === 'configuration';
    if (!isFile) return [{ logicalLocations }];
    const pointers = [...new Set(finding.evidence.map(({ at }) => at))].filter((at) => known?.has(at));
    const places = pointers.length === 0 ? [undefined] : pointers.map((at) => known?.get(at));
    return places.map((region, index) => ({
      physicalLocation: physical(resource.arn, region),
      ...(index === 0 && { logicalLocations }),
    }));
  };
};

const physical = (path: string, region: Region | undefined): PhysicalLocation => ({
  artifactLocation: { uri: uriOf(path) },
  region: region
    ? {
        startLine: region.line,
        startColumn: region.column,
        ...(region.end && { endLine: region.end.line, endColumn: region.end.column }),
      }
    : { startLine: 1 },
});

/** A relative path stays relative, to whatever folder the viewer takes for the root. */
const uriOf = (path: string): string => {
  const parts = path
    .toWellFormed()
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '')
    .split('/');
  const uri = parts.map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${uri}` : uri;
};
