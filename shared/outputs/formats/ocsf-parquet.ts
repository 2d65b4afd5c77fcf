import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { member } from '../../json/json.ts';
import { toJsonText } from '../../text/strict-json.ts';
import { VERSION } from '../../version.ts';
import { COMPLIANCE_COLUMNS, type LakeObject, type LakeType } from './ocsf-columns.ts';

/**
 * Compliance Findings, in the order of their times, as a file for Security Lake: pages of at most a mebibyte, compressed with zstd. A list
 * has the three levels that Parquet asks of it. Only Node 22.15 and later have zstd, and so has the function.
 * https://docs.aws.amazon.com/security-lake/latest/userguide/custom-sources.html
 */
export const complianceFile = (events: readonly object[]): Uint8Array => {
  const names = Object.keys(COMPLIANCE_COLUMNS);
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [{ name: 'root', num_children: names.length }, ...elementsIn(COMPLIANCE_COLUMNS)],
      columnData: names.map((name) => ({
        name,
        data: events.map((event) => cellOf(member(event, name), COMPLIANCE_COLUMNS[name] ?? 'json')),
      })),
      codec: 'ZSTD',
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
      createdBy: `pipewarden ${VERSION}`,
    }),
  );
};

const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;
const LEAVES = {
  string: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int: { type: 'INT32' },
  bigint: { type: 'INT64' },
} as const;

const elementsIn = (object: LakeObject): SchemaElement[] =>
  Object.entries(object).flatMap(([name, type]) => elementsOf(name, type));

const elementsOf = (name: string, type: LakeType): SchemaElement[] => {
  if (typeof type === 'string') return [{ name, ...OPTIONAL, ...LEAVES[type] }];
  if (isList(type))
    return [
      { name, ...OPTIONAL, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elementsOf('element', type[0]),
    ];
  return [{ name, ...OPTIONAL, num_children: Object.keys(type).length }, ...elementsIn(type)];
};

const isList = (type: LakeType): type is readonly [LakeType] => Array.isArray(type);

const cellOf = (value: unknown, type: LakeType): unknown => {
  if (value === undefined || value === null) return null;
  if (type === 'json') return toJsonText(value);
  if (type === 'bigint') return BigInt(value as number);
  if (typeof type === 'string') return value;
  if (isList(type)) return (value as unknown[]).map((each) => cellOf(each, type[0]));
  return Object.fromEntries(
    Object.entries(type).map(([name, of]) => [name, cellOf(member(value, name), of)]),
  );
};
