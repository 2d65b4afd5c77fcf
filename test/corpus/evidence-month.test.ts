import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { DESCRIBED_CONTROLS } from '../../shared/controls/texts.ts';
import { SOC_2 } from '../../shared/frameworks/soc-2.ts';
import { historyRecordSchema } from '../../shared/history/records.ts';
import { verifyPack } from '../../shared/outputs/evidence/verify-pack.ts';
import { packOf, readerOfPack, SIGNER } from '../support/builders/evidence-pack.ts';
import { november } from './month.ts';

const asked = {
  from: '2026-11-01',
  to: '2026-11-30',
  accounts: [],
  regions: [],
  madeAt: '2026-12-01T06:00:00.000Z',
};
const making = { version: '0.2.0', controls: DESCRIBED_CONTROLS, framework: SOC_2 };

describe('the pack of a month of the example account', () => {
  let records: Awaited<ReturnType<typeof november>>;
  let pack: Awaited<ReturnType<typeof packOf>>;

  beforeAll(async () => {
    records = await november();
    pack = await packOf(records, { asked, making });
  });

  const rows = (name: string): Record<string, string>[] =>
    parse(pack.files.get(name) ?? '', { columns: true }) as Record<string, string>[];

  test('is made of records that fit the schema, and verifies', async () => {
    for (const record of records) expect(historyRecordSchema.safeParse(record).success).toBe(true);
    const { faults } = await verifyPack(readerOfPack(pack.files), { key: SIGNER.publicKey, making });
    expect(faults).toEqual([]);
  });

  test('has every pipeline and role of the account, and the deleted one with its end', () => {
    const all = rows('population.csv').filter(({ resource_type: type }) => type === 'pipeline');
    expect(
      all.map(({ resource = '', gone = '' }) => [resource.split('/').at(-1), gone.slice(0, 10)]),
    ).toEqual([
      ['fraud-daily', ''],
      ['fraud-weekly', ''],
      ['sandbox-ideas', '2026-11-20'],
      ['vision-scans', ''],
    ]);
    expect(rows('population.csv').map(({ resource }) => resource)).toEqual(
      expect.arrayContaining(['arn:aws:iam::111122223333:role/pipelines/vision', 'arn:aws:s3:::acme-images']),
    );
  });

  test('tells who made a role an administrator, by which event, and that it was mended', () => {
    const changes = rows('changes.csv').filter(
      ({ control, resource = '' }) =>
        control === 'execution-role-administrator' && resource.endsWith('role/pipelines/vision'),
    );
    expect(changes).toMatchObject([
      {
        at: expect.stringMatching(/^2026-11-06T09:12/),
        change: 'opened',
        event_name: 'AttachRolePolicy',
        event_id: expect.stringMatching(/^corpus-/),
      },
      {
        at: expect.stringMatching(/^2026-11-09T15:40/),
        change: 'resolved',
        ended: 'mended',
        event_name: 'DetachRolePolicy',
      },
    ]);
    const stretches = rows('verdicts.csv').filter(
      ({ control, resource = '' }) =>
        control === 'execution-role-administrator' && resource.endsWith('role/pipelines/vision'),
    );
    expect(stretches.map(({ status, at_begin: begin, at_end: end }) => [status, begin, end])).toEqual([
      ['PASSED', 'yes', 'no'],
      ['FAILED', 'no', 'no'],
      ['PASSED', 'no', 'yes'],
    ]);
  });

  test('tells by which event a pipeline ended, although its finding knows only an earlier look', () => {
    expect(rows('changes.csv').filter(({ change }) => change === 'gone')).toMatchObject([
      { event_name: 'DeletePipeline', event_id: expect.stringMatching(/^corpus-/), ended: 'gone' },
    ]);
  });

  test('tells the hours without heartbeats, the incomplete sweep with the day that it left, and nothing else', () => {
    expect(
      rows('gaps.csv').map(({ kind, from = '', until = '' }) => [
        kind,
        from.slice(0, 16),
        until.slice(0, 16),
      ]),
    ).toEqual([
      ['heartbeat-missing', '2026-11-14T04:00', '2026-11-14T17:00'],
      ['sweep-missing', expect.stringMatching(/^2026-11-17T02/), expect.stringMatching(/^2026-11-19T02/)],
      ['sweep-incomplete', expect.stringMatching(/^2026-11-18T02/), expect.stringMatching(/^2026-11-18T02/)],
    ]);
  });

  test('tells the exception since the day on which it came into force, and both deployments', () => {
    expect(rows('exceptions.csv').filter(({ what }) => what === 'suppression')).toMatchObject([
      {
        control: 'scp-exception-unique',
        reason: 'replaced in January',
        first_look: expect.stringMatching(/^2026-11-17/),
        days: '14',
      },
    ]);
    expect(pack.model.deployments.map(({ version, configuration }) => [version, configuration])).toEqual([
      ['0.1.0', 'of-november'],
      ['0.2.0', 'with-exception'],
    ]);
  });
});
