import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOf, folderOf } from '../../../shared/history/files.ts';
import { historyFile } from '../../../shared/history/parquet.ts';
import type { HistoryRecord } from '../../../shared/history/records.ts';

/** Writes records as the files of a history, as `aws s3 sync` copies them out of its bucket. */
export const writeHistory = async (folder: string, records: readonly HistoryRecord[]): Promise<void> => {
  for (const { table, partition, name, records: of } of filesOf(records)) {
    const path = join(folder, folderOf(table, partition));
    await mkdir(path, { recursive: true });
    await writeFile(join(path, `${name}.parquet`), historyFile(table, of));
  }
};
