import { generateKeyPairSync } from 'node:crypto';
import type { DayOfRecords } from '../../../shared/history/history-days.ts';
import type { HistoryRecord, WatchRecord } from '../../../shared/history/records.ts';
import { makePack, type PackMaking } from '../../../shared/outputs/evidence/make-pack.ts';
import { type Asked, daysOf } from '../../../shared/outputs/evidence/period.ts';
import { localSigner, type Signer } from '../../../shared/outputs/evidence/signature.ts';
import type { PackReader } from '../../../shared/outputs/evidence/verify-pack.ts';
import { aWatch } from './history.ts';

export const ASKED: Asked = {
  from: '2026-11-20',
  to: '2026-11-26',
  accounts: [],
  regions: [],
  madeAt: '2026-11-30T06:00:00.000Z',
};

export const MAKING: PackMaking = {
  version: '0.1.0',
  controls: [
    {
      id: 'step-isolation',
      title: 'Steps cannot change each other’s data',
      requirements: ['NIST 800-53 AC-6', 'SOC 2 CC6.3'],
    },
    { id: 'pass-role-scoped', title: 'Roles pass only step roles', requirements: ['NIST 800-53 AC-6(1)'] },
  ],
};

/** Heartbeats each hour and a complete sweep each six hours, from the days before the period to its end. */
export const watchedAll = (asked: Asked = ASKED): WatchRecord[] => {
  const [first = asked.from] = daysOf(asked);
  const hours = daysOf(asked).length * 24;
  const at = (hour: number) => new Date(Date.parse(first) + hour * 3_600_000 + 5000).toISOString();
  return Array.from({ length: hours }, (_, hour) => [
    aWatch({ at: at(hour) }),
    ...(hour % 6 === 0
      ? [
          aWatch({
            at: at(hour),
            watched: 'sweep-complete',
            because: 'all lists were read',
            listed: { pipeline: 1 },
          }),
        ]
      : []),
  ]).flat();
};

/** Records by their days, as a reader of a history gives them. */
async function* inDays(
  records: readonly HistoryRecord[],
  asked: Asked = ASKED,
): AsyncGenerator<DayOfRecords> {
  for (const day of daysOf(asked)) yield { day, records: records.filter(({ at }) => at.startsWith(day)) };
}

export const SIGNER = localSigner(
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
) as Signer;

/** A pack in memory: its files by name. */
export type Pack = Map<string, Buffer>;

export const packOf = async (
  records: readonly HistoryRecord[],
  { asked = ASKED, making = MAKING, signer = SIGNER, refused = { count: 0, examples: [] as string[] } } = {},
) => {
  const files: Pack = new Map();
  const made = await makePack(inDays(records, asked), {
    asked,
    making,
    signer,
    refused: () => refused,
    write: async (name, pieces) => {
      const parts: string[] = [];
      for await (const piece of pieces) parts.push(piece);
      files.set(name, Buffer.from(parts.join('')));
    },
  });
  return { ...made, files };
};

/** A pack in memory as whoever verifies it reads it. */
export const readerOfPack = (files: Pack): PackReader => ({
  entries: [...files].map(([name, bytes]) => ({ name, size: bytes.length })),
  read: async function* (name) {
    yield files.get(name) ?? Buffer.alloc(0);
  },
});
