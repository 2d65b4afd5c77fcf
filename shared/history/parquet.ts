import { parquetMetadataAsync, parquetReadObjects, type SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { groupBy } from '../group-by.ts';
import { VERSION } from '../version.ts';
import { recordId } from './record-id.ts';
import { type HistoryRecord, historyRecordSchema } from './records.ts';
import { type Row, recordIn, rowsOf } from './rows.ts';
import { type Column, type ColumnType, TABLES, type TableName } from './tables.ts';

const PARQUET_TYPES: Readonly<Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  flag: { type: 'BOOLEAN' },
  number: { type: 'INT32' },
};

/** A table’s records as a file of Parquet, in the order of their times. The same records give the same bytes. */
export const historyFile = (table: TableName, records: readonly HistoryRecord[]): Uint8Array => {
  const rows = [...records].toSorted(byTime).flatMap(rowsOf);
  const columns: readonly Column[] = TABLES[table];
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)],
      columnData: columns.map(({ name }) => ({ name, data: rows.map((row) => row[name] ?? null) })),
      // The first row group of the library is small, for previews.
      rowGroupSize: ROWS_A_GROUP,
      createdBy: `pipewarden ${VERSION}`,
    }),
  );
};

const ROWS_A_GROUP = 100_000;

const elementOf = ({ name, type, isAlways }: Column): SchemaElement => ({
  name,
  ...PARQUET_TYPES[type],
  repetition_type: isAlways ? 'REQUIRED' : 'OPTIONAL',
});

const byTime = (one: HistoryRecord, other: HistoryRecord): number =>
  one.at < other.at ? -1 : one.at > other.at ? 1 : recordId(one) < recordId(other) ? -1 : 1;

/** The records of a file by their ids, and what is wrong with the file. */
export type ReadHistoryFile = { records: { id: string; record: HistoryRecord }[]; faults: string[] };

/** No file that the auditor writes comes near to these. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_PLAIN_BYTES = 512 * 1024 * 1024;
const MAX_ROWS = 2_000_000;

/**
 * The records of a file that `historyFile` has made. Whoever may write to the bucket may have changed it, so that sizes are bounded,
 * each record is parsed by its schema, and its id must be that of what it says. Never rejects: what is wrong is a fault.
 */
export const readHistoryFile = async (bytes: Uint8Array): Promise<ReadHistoryFile> => {
  try {
    return recordsIn(await rowsIn(bytes));
  } catch (error) {
    return { records: [], faults: [error instanceof Error ? error.message : String(error)] };
  }
};

const rowsIn = async (bytes: Uint8Array): Promise<Row[]> => {
  if (bytes.length > MAX_FILE_BYTES)
    throw new Error(`the file has ${bytes.length} bytes; at most ${MAX_FILE_BYTES} are read`);
  const file = new Uint8Array(bytes).buffer;
  const metadata = await parquetMetadataAsync(file);
  const plain = metadata.row_groups.reduce((sum, { total_byte_size }) => sum + Number(total_byte_size), 0);
  if (metadata.num_rows > MAX_ROWS || plain > MAX_PLAIN_BYTES)
    throw new Error(
      `the file has ${metadata.num_rows} rows of ${plain} bytes, which is more than a file of the history has`,
    );
  return (await parquetReadObjects({ file, metadata })) as Row[];
};

const recordsIn = (rows: readonly Row[]): ReadHistoryFile => {
  const read: ReadHistoryFile = { records: [], faults: [] };
  for (const [id, ofOne] of groupBy(rows, ({ record_id }) => String(record_id))) {
    const { success, data, error } = historyRecordSchema.safeParse(recordIn(ofOne));
    const [issue] = error?.issues ?? [];
    if (!success) read.faults.push(`record ${id}: /${issue?.path.join('/')}: ${issue?.message}`);
    else if (recordId(data) === id) read.records.push({ id, record: data });
    else read.faults.push(`record ${id}: it was changed, as what it says has another id`);
  }
  return read;
};
