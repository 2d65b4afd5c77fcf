import type { S3Client } from '@aws-sdk/client-s3';
import { checkConfig } from '../../config/check-config.ts';
import type { FileConfig } from '../../config/schema.ts';
import { CONTROL_IDS } from '../../domain/control-ids.ts';
import { parseJson } from '../../json/json-text.ts';
import type { StoredObject } from '../read/bucket-calls.ts';
import { shorten } from '../read/call.ts';

/** The size limit of a configuration file. JSON writes the same configuration in no more bytes. */
const MAX_BYTES = 1024 * 1024;
const MAX_PROBLEMS = 5;

/** Where the configuration was deployed to, and the auditor’s own bucket with a copy of each that was in force. */
export type DeployedConfig = StoredObject & { copiesIn?: string | undefined };

/** The copy of a configuration with this SHA-256. */
export const copyOf = (copiesIn: string, sha256: string): StoredObject => ({
  bucket: copiesIn,
  key: `configurations/${sha256}.json`,
  sha256,
});

/**
 * The configuration, and its text. `copy`: where it was read from the deployed object because the auditor’s own copy could not be read. That
 * is so at the first start of a deployment; `replaced` says what somebody has put in place of the copy.
 */
export type ReadConfig = {
  config: FileConfig;
  text: string;
  copy?: { lacks: StoredObject; replaced?: string };
};

/** The configuration of {@link readDeployedConfig}. */
export const readStoredConfig = async (client: S3Client, place: DeployedConfig): Promise<FileConfig> =>
  (await readDeployedConfig(client, place)).config;

/**
 * The configuration that the deployment validated and stored as JSON: the auditor’s own copy, else the deployed object, of
 * which a copy is made. Whoever replaces or deletes the deployed object later changes nothing. It is checked again,
 * because it may be from another version.
 * @throws where it cannot be read or is not valid, with what to do. No verdict may rest on a configuration that nobody
 * gave.
 */
export const readDeployedConfig = async (client: S3Client, place: DeployedConfig): Promise<ReadConfig> => {
  const { copiesIn, sha256 } = place;
  if (copiesIn === undefined || sha256 === undefined) return readValid(client, place);
  const lacks = copyOf(copiesIn, sha256);
  try {
    return await readValid(client, lacks);
  } catch (error) {
    const { OBJECT_REPLACED } = await import('../read/bucket-calls.ts');
    const { cause, message } = error instanceof Error ? error : new Error(String(error));
    const isReplaced = cause instanceof Error && cause.name === OBJECT_REPLACED;
    return { ...(await readValid(client, place)), copy: { lacks, ...(isReplaced && { replaced: message }) } };
  }
};

const readValid = async (client: S3Client, { bucket, key, sha256 }: StoredObject): Promise<ReadConfig> => {
  const at = `s3://${bucket}/${key}`;
  const refuse = (problem: string, advice: string, cause?: unknown): Error =>
    new Error(`the configuration ${at} ${problem}: ${advice}`, { cause });
  // With the client, which is loaded at its first use, so that S3 is no part of what a start loads.
  const { OBJECT_REPLACED, readObjectText } = await import('../read/bucket-calls.ts');
  const text = await readObjectText(client, { bucket, key, sha256 }, MAX_BYTES).catch((error: unknown) => {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    const advice =
      name === OBJECT_REPLACED
        ? 'find out who wrote to the bucket, and deploy again'
        : 'deploy again, and let the role of the function read the object (s3:GetObject)';
    throw refuse(`cannot be read (${name}: ${shorten(message)})`, advice, error);
  });
  const again = 'correct pipewarden.yaml and deploy again';
  if (text === undefined) throw refuse(`is larger than ${MAX_BYTES} bytes`, again);
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { fault, line, column, message } = parsed.error;
    throw refuse(`is ${fault} (line ${line}, column ${column}: ${message})`, again);
  }
  const checked = checkConfig(parsed.value, CONTROL_IDS);
  if (checked.ok) return { config: checked.config, text };
  const problems = checked.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const more = problems.length > MAX_PROBLEMS ? [`and ${problems.length - MAX_PROBLEMS} more`] : [];
  const told = [...problems.slice(0, MAX_PROBLEMS).map(shorten), ...more].join('; ');
  throw refuse(`is not valid (${told})`, again);
};
