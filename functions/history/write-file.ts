import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPartition, type TablePartition } from '../../shared/aws/keep/glue-partitions.ts';
import { describedControl } from '../../shared/controls/texts.ts';
import { folderOf, type HistoryFile, LAKE_TABLE, lakeFolderOf } from '../../shared/history/files.ts';
import { historyFile } from '../../shared/history/parquet.ts';
import { complianceChange } from '../../shared/outputs/formats/ocsf-change.ts';
import { complianceFile } from '../../shared/outputs/formats/ocsf-parquet.ts';

type Place = {
  s3: S3Client;
  bucket: string;
  glue: Parameters<typeof createPartition>[0];
  database: string;
  partition: string;
};

/**
 * Writes files of the history, and of changes also the Compliance Findings for Security Lake. A partition is made known after its first
 * file, and once by each execution environment.
 */
export const fileWriter = ({ s3, bucket, glue, database, partition: awsPartition }: Place) => {
  const known = new Set<string>();
  const put = async (folder: string, name: string, Body: Uint8Array): Promise<void> => {
    const Key = `${folder}/${name}.parquet`;
    // A bucket with Object Lock takes only objects with a checksum.
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body,
        ContentType: 'application/vnd.apache.parquet',
        ChecksumAlgorithm: 'SHA256',
      }),
    );
  };
  const makeKnown = async (folder: string, of: Omit<TablePartition, 'location'>): Promise<void> => {
    if (known.has(folder)) return;
    await createPartition(glue, database, { ...of, location: `s3://${bucket}/${folder}/` });
    known.add(folder);
  };
  return async ({ table, partition, name, records }: HistoryFile): Promise<void> => {
    const { region, account, day } = partition;
    const folder = folderOf(table, partition);
    await put(folder, name, historyFile(table, records));
    await makeKnown(folder, { table, values: [region, account, day] });
    if (table !== 'changes') return;
    const lakeFolder = lakeFolderOf(partition);
    const context = { controls: describedControl, partition: awsPartition };
    const events = records
      .flatMap((record) => (record.kind === 'change' ? record : []))
      .map((record) => complianceChange(record, context));
    await put(lakeFolder, name, complianceFile(events));
    await makeKnown(lakeFolder, { table: LAKE_TABLE, values: [region, account, day.replaceAll('-', '')] });
  };
};
