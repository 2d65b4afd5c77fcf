import { Logger } from '@aws-lambda-powertools/logger';
import { expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { writeBatch } from '../../../../functions/history/write-batch.ts';
import type { HistoryFile } from '../../../../shared/history/files.ts';
import { packRecords } from '../../../../shared/history/pack-records.ts';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { aChange, aLook, aWatch } from '../../../support/builders/history.ts';

const handle = async (messages: (readonly HistoryRecord[] | string)[], refused: readonly string[] = []) => {
  const files: HistoryFile[] = [];
  const batch = writeBatch({
    write: async (file) => {
      if (refused.includes(file.table)) throw new Error('S3 is not there');
      files.push(file);
    },
    logger: new Logger({ logLevel: 'SILENT' }),
  });
  const Records = messages.map((message, index) => ({
    messageId: `m-${index}`,
    body: typeof message === 'string' ? message : (packRecords(message)[0] ?? ''),
  }));
  const { batchItemFailures } = await batch({ Records } as never, {} as Context);
  return { files, failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
};

test('the messages of a batch become one file for each table, Region, account and day', async () => {
  const { files, failed } = await handle([[aLook(), aChange()], [aLook({ gone: true })], [aWatch()]]);
  expect(failed).toEqual([]);
  expect(files.map(({ key, records }) => [key.split('/')[0], records.length])).toEqual([
    ['verdicts', 2],
    ['changes', 1],
    ['watch', 1],
  ]);
});

test('a message that nobody can read fails alone', async () => {
  const { files, failed } = await handle([[aLook()], 'no message of ours', [aWatch()]]);
  expect(failed).toEqual(['m-1']);
  expect(files).toHaveLength(2);
});

test('where a file cannot be written, the messages with its records fail, each once, and the others are done', async () => {
  const { files, failed } = await handle(
    [[aLook(), aLook({ gone: true })], [aChange(), aLook()], [aWatch()]],
    ['verdicts'],
  );
  expect(failed.toSorted()).toEqual(['m-0', 'm-1']);
  expect(files.map(({ table }) => table).toSorted()).toEqual(['changes', 'watch']);
});

test('a batch that comes again writes the same files under the same names', async () => {
  const messages = [[aLook(), aChange()], [aWatch()]];
  const names = async () => (await handle(messages)).files.map(({ key, name }) => `${key}/${name}`);
  expect(await names()).toEqual(await names());
});
