import { type Json, member } from '../../json/json.ts';
import { trailFact } from '../answers/trails.ts';
import { found, notRead, type Read } from '../read-result.ts';
import type { Reader, TrailFact } from '../reader.ts';
import { atTop, ifAbsent, malformed, NOT_IN_SNAPSHOT, pathOf, readJson, type SnapshotFile } from './files.ts';

export const TRAILS: SnapshotFile = {
  path: ['cloudtrail', 'trails.json'],
  madeBy: 'aws cloudtrail describe-trails',
};

const FORM = '[{"Trail": {…}, "Status": {…}, "EventSelectors": {…}}, …]';

/** The trails of a snapshot. One file holds the outputs of three commands for each trail. */
export const snapshotTrails = (root: string): Pick<Reader, 'readTrails'> => ({
  readTrails: async (): Promise<Read<TrailFact[]>> => {
    const file = await readJson(root, TRAILS);
    if (!file.ok) return ifAbsent(file, []);
    if (!Array.isArray(file.value)) return malformed(TRAILS, atTop(`it is not ${FORM}`));
    const trails = file.value.map((entry) =>
      trailFact(
        member(entry, 'Trail') ?? null,
        partOf(entry, 'Status', 'get-trail-status'),
        partOf(entry, 'EventSelectors', 'get-event-selectors'),
      ),
    );
    const known = trails.filter((trail) => trail !== undefined);
    return known.length === trails.length
      ? found(known)
      : malformed(TRAILS, atTop('a Trail lacks its TrailARN or HomeRegion'));
  },
});

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
