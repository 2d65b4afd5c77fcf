import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allCoverage,
  type CoverageNote,
  noteCoverage,
  readCoverage,
} from '../../shared/aws/keep/coverage.ts';
import { lastSweep, rememberSweep } from '../../shared/aws/keep/sweep-mark.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { describeWith } from '../support/jest/tools.ts';

const PLACE = { account: '444455556666', region: 'eu-west-1' };
const DENIED = { call: 'AssumeRole', code: 'AccessDenied', message: 'no' };
const at = (hour: number) => new Date(Date.UTC(2026, 10, 24, hour));

describeWith('DynamoDB Local', 'the coverage of a hub, in its table', () => {
  let local: Awaited<ReturnType<typeof startDynamodbLocal>>;
  let client: DynamoDBClient;
  let table: string;
  let made = 0;
  beforeAll(async () => {
    local = await startDynamodbLocal();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new DynamoDBClient({ endpoint: local.endpoint, region: 'eu-west-1', credentials });
  });
  afterAll(async () => {
    client?.destroy();
    await local?.stop();
  });
  const newTable = async (): Promise<string> => {
    const name = `coverage-${++made}`;
    await createFindingsTable(client, name);
    return name;
  };
  beforeEach(async () => {
    table = await newTable();
  });

  test('keeps the place of an account in its organization, and the names of its units, until others are noted', async () => {
    const [path, unitNames] = ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/', { 'ou-ab12-11111111': 'Fraud' }];
    await noteCoverage({ client, table }, PLACE, { at: at(1), unread: null, path, unitNames });
    await noteCoverage({ client, table }, PLACE, { at: at(2), lastSweep: at(2) });
    expect(await readCoverage({ client, table }, PLACE)).toMatchObject({ path, unitNames });
    await noteCoverage({ client, table }, PLACE, { at: at(3), unitNames: { 'ou-ab12-11111111': 'Vision' } });
    expect(await readCoverage({ client, table }, PLACE)).toMatchObject({
      path,
      unitNames: { 'ou-ab12-11111111': 'Vision' },
    });
  });

  test('is what was noted last of each account and Region', async () => {
    expect(await readCoverage({ client, table }, PLACE)).toBeUndefined();
    await noteCoverage({ client, table }, PLACE, { at: at(1), unread: DENIED });
    await noteCoverage({ client, table }, PLACE, { at: at(2), unread: null, lastEvent: at(2).toISOString() });
    await noteCoverage({ client, table }, PLACE, { at: at(3), lastSweep: at(2) });
    const other = { ...PLACE, region: 'us-east-1' };
    await noteCoverage({ client, table }, other, { at: at(3), unread: DENIED });
    expect(await allCoverage({ client, table })).toEqual([
      {
        ...PLACE,
        firstAt: at(1).toISOString(),
        triedAt: at(2).toISOString(),
        lastSweep: at(2).toISOString(),
        lastEvent: at(2).toISOString(),
      },
      { ...other, firstAt: at(3).toISOString(), triedAt: at(3).toISOString(), unread: DENIED },
    ]);
  });

  test('is the same whatever the order of its notes, also of notes at the same time', async () => {
    const notes: CoverageNote[] = [
      { at: at(1), unread: DENIED },
      { at: at(2), unread: null, lastEvent: at(1).toISOString() },
      { at: at(3), lastSweep: at(2) },
      { at: at(4), unread: { ...DENIED, message: 'not again' }, lastEvent: at(3).toISOString() },
      { at: at(5), lastSweep: at(1) },
    ];
    const held = async (order: readonly CoverageNote[], isSideBySide: boolean) => {
      const name = await newTable();
      const note = (each: CoverageNote) => noteCoverage({ client, table: name }, PLACE, each);
      if (isSideBySide)
        for (const [one, other] of pairs(order)) await Promise.all([one, other].map(noteOf(note)));
      else for (const each of order) await note(each);
      return readCoverage({ client, table: name }, PLACE);
    };
    const expected = await held(notes, false);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(notes, { minLength: notes.length }),
        fc.boolean(),
        async (order, isSideBySide) => {
          expect(await held(order, isSideBySide)).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  });

  test('the mark of a sweep is that of one account, and the own account keeps its old one', async () => {
    const marks = { client, table };
    await rememberSweep(marks, { sweepId: 'a', until: at(1) });
    await rememberSweep(marks, { sweepId: 'a', until: at(3), member: PLACE.account });
    await rememberSweep(marks, { sweepId: 'b', until: at(2), member: PLACE.account });
    expect(await lastSweep(marks)).toEqual(at(1));
    expect(await lastSweep(marks, PLACE.account)).toEqual(at(3));
    expect(await lastSweep(marks, '777788889999')).toBeUndefined();
  });
});

const pairs = (order: readonly CoverageNote[]): [CoverageNote, CoverageNote | undefined][] =>
  order.flatMap((note, index) => (index % 2 === 0 ? [[note, order[index + 1]]] : []));

const noteOf =
  (note: (each: CoverageNote) => Promise<void>) =>
  async (each: CoverageNote | undefined): Promise<void> => {
    if (each) await note(each);
  };
