import { BatchCreatePartitionCommand, GlueClient, type GlueClientConfig } from '@aws-sdk/client-glue';
import { LAKE_TABLES, type LakeTable, PARQUET_FORMAT } from '../../outputs/formats/lake-tables.ts';
import { namingActions } from '../read/naming-actions.ts';

export const makeGlueClient = (config: GlueClientConfig): GlueClient =>
  namingActions('glue', new GlueClient(config));

/** A partition of a table: its values, in the order of the table’s keys, and where its files are. */
export type TablePartition = { table: LakeTable['name']; values: readonly string[]; location: string };

const columnsOf = (table: LakeTable['name']) =>
  LAKE_TABLES.find(({ name }) => name === table)?.columns.map(({ name: Name, type: Type }) => ({
    Name,
    Type,
  }));

/**
 * Makes a partition known to the queries of its table. That it is known already is no fault.
 * https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html
 */
export const createPartition = async (
  client: GlueClient,
  database: string,
  { table, values, location }: TablePartition,
): Promise<void> => {
  const { Errors = [] } = await client.send(
    new BatchCreatePartitionCommand({
      DatabaseName: database,
      TableName: table,
      PartitionInputList: [
        {
          Values: [...values],
          StorageDescriptor: {
            Columns: columnsOf(table),
            Location: location,
            InputFormat: PARQUET_FORMAT.inputFormat,
            OutputFormat: PARQUET_FORMAT.outputFormat,
            SerdeInfo: { SerializationLibrary: PARQUET_FORMAT.serializationLibrary },
          },
        },
      ],
    }),
  );
  const refused = Errors.find(({ ErrorDetail }) => ErrorDetail?.ErrorCode !== 'AlreadyExistsException');
  if (refused)
    throw new Error(
      `Glue has no partition ${values.join('/')} of ${table}: ${refused.ErrorDetail?.ErrorCode}: ${refused.ErrorDetail?.ErrorMessage}`,
    );
};
