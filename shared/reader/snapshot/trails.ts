import { asText, type Json, member } from '../../json/json.ts';
import { trailFact } from '../answers/trails.ts';
import { found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type { ListedTrails, Reader } from '../reader.ts';
import { atTop, ifAbsent, malformed, pathOf, readJson, type SnapshotFile } from './files.ts';

export const TRAILS: SnapshotFile = {
  path: ['cloudtrail', 'trails.json'],
  madeBy: 'aws cloudtrail describe-trails',
};

const FORM = '[{"Trail": {…}, "Status": {…}, "EventSelectors": {…}}, …]';

/**
 * The trails of a snapshot. One file holds the outputs of three commands for each trail, and says of which Regions the trails could
 * not be listed.
 */
export const snapshotTrails = (root: string): Pick<Reader, 'readTrails'> => ({
  readTrails: async (): Promise<Read<ListedTrails>> => {
    const file = await readJson(root, TRAILS);
    if (!file.ok) return ifAbsent(file, { trails: [] });
    if (!Array.isArray(file.value)) return malformed(TRAILS, atTop(`it is not ${FORM}`));
    const unlisted = file.value.flatMap((entry) => unlistedIn(entry) ?? []);
    const entries = file.value.filter((entry) => !unlistedIn(entry));
    const trails = entries.map((entry) =>
      trailFact(
        member(entry, 'Trail') ?? null,
        partOf(entry, 'Status', 'get-trail-status'),
        partOf(entry, 'EventSelectors', 'get-event-selectors'),
      ),
    );
    const known = trails.filter((trail) => trail !== undefined);
    return known.length === trails.length
      ? found({ trails: known, ...(unlisted.length > 0 && { unlisted }) })
      : malformed(TRAILS, atTop('a Trail lacks its TrailARN or HomeRegion'));
  },
});

/** The Region whose trails could not be listed, and why; undefined for a trail. */
const unlistedIn = (entry: Json): NonNullable<ListedTrails['unlisted']>[number] | undefined => {
  const told = member(entry, 'Unlisted');
  const [region, code, message] = ['Region', 'code', 'message'].map((key) => asText(member(told, key)));
  if (region === undefined) return undefined;
  return {
    region,
    unread: {
      call: 'DescribeTrails',
      code: code ?? NOT_IN_SNAPSHOT,
      message: message ?? 'it was not listed',
    },
  };
};

const partOf = (entry: Json, part: string, command: string): Read<Json> => {
  const value = member(entry, part);
  const path = pathOf(TRAILS);
  return value === undefined
    ? notRead(
        path,
        NOT_IN_SNAPSHOT,
        `${path} has a trail without "${part}"; \`aws cloudtrail ${command}\` makes it`,
      )
    : found(value);
};
