import type { S3Client } from '@aws-sdk/client-s3';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import {
  ORGANIZATION_FILE,
  type OrganizationFile,
  parseOrganizationFile,
} from '../../reader/answers/organization-file.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { readObjectText, type StoredObject } from '../read/bucket-calls.ts';
import { call } from '../read/call.ts';

/** The size limit of the file. JSON without spaces writes the same in no more bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The policies of the organization that the deployment validated and stored. They are checked again, because the object may have
 * been replaced, or may be from another version.
 */
export const readStoredOrganization = async (
  client: S3Client,
  { bucket, key, sha256 }: StoredObject,
): Promise<Read<OrganizationFile>> => {
  const read = await call('GetObject', () => readObjectText(client, { bucket, key, sha256 }, MAX_BYTES));
  if (!read.ok) return { ok: false, unread: { ...read.unread, call: ORGANIZATION_FILE, code: INCOMPLETE } };
  const wrong = (what: string): Read<never> =>
    notRead(
      ORGANIZATION_FILE,
      INCOMPLETE,
      `s3://${bucket}/${key} ${what}: deploy again with --organization-policies`,
    );
  if (read.value === undefined) return wrong(`is larger than ${MAX_BYTES} bytes`);
  const parsed = parseOrganizationFile(read.value);
  if (parsed.ok) return found(parsed.file);
  const [{ line, column, message } = { line: 1, column: 1, message: 'it is empty' }] = parsed.issues;
  return wrong(`is not valid (line ${line}, column ${column}: ${message})`);
};
