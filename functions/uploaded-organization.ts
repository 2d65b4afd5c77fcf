import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  type OrganizationChanges,
  readOrganizationChanges,
} from '../shared/aws/keep/organization-changes.ts';
import { readStoredOrganization } from '../shared/aws/keep/stored-organization.ts';
import type { StoredObject } from '../shared/aws/read/bucket-calls.ts';
import { call } from '../shared/aws/read/call.ts';
import { INCOMPLETE } from '../shared/reader/answers/describe.ts';
import {
  ORGANIZATION_FILE,
  type OrganizationOfFile,
  organizationOfFile,
} from '../shared/reader/answers/organization-file.ts';
import type { OrganizationSource } from '../shared/reader/organization-source.ts';
import { readCache } from '../shared/reader/read-cache.ts';
import { found, notRead, type Read } from '../shared/reader/read-result.ts';
import type { OrganizationReach } from '../shared/requests/audit-request.ts';

/** The policies of the organization that a deployment was given in a file. */
export type UploadedOrganization = OrganizationSource & {
  /** Whether a change reaches an account; one that the file lacks may be reached by any. */
  reaches: (reach: OrganizationReach) => Promise<Read<(account: string) => boolean>>;
};

type Connected = {
  s3: () => Promise<S3Client>;
  place: StoredObject;
  findings: { client: DynamoDBClient; table: string };
  now: () => Date;
};

type Uploaded = { told: OrganizationOfFile; asOf: string };

/**
 * Answers from the file, which is read once. What an event has changed since the file was taken is not known, until another file is
 * given: then nothing that hangs on it is told.
 */
export const uploadedOrganization = ({ s3, place, findings, now }: Connected): UploadedOrganization => {
  const files = readCache<Uploaded>({ now, seconds: Number.POSITIVE_INFINITY, maxEntries: 1 });
  const changes = readCache<OrganizationChanges>({ now, seconds: 60, maxEntries: 1 });
  const file = async (): Promise<Read<Uploaded>> => {
    const read = await files.read('', async () => {
      const stored = await readStoredOrganization(await s3(), place);
      return stored.ok ? found({ told: organizationOfFile(stored.value), asOf: stored.value.asOf }) : stored;
    });
    // The file does not say what was true when it was read, but what the deployment goes by.
    return read.ok ? found(read.value) : read;
  };
  const changed = async (): Promise<Read<OrganizationChanges>> => {
    const read = await changes.read('', () => call('Query', () => readOrganizationChanges(findings)));
    // What is refused here is no refusal of Organizations, which an audit may do without.
    return read.ok
      ? read
      : { ok: false, unread: { ...read.unread, call: ORGANIZATION_FILE, code: INCOMPLETE } };
  };
  const current = async <T>(
    account: string,
    ids: (uploaded: Uploaded) => Iterable<string>,
    tell: (uploaded: Uploaded) => Promise<Read<T>>,
  ): Promise<Read<T>> => {
    const read = await file();
    if (!read.ok) return read;
    const known = await changed();
    if (!known.ok) return known;
    const told = await tell(read.value);
    if (!told.ok) return told;
    const { all, byId } = known.value;
    const { asOf } = read.value;
    const isLater = (time: number): boolean => time >= Date.parse(asOf);
    const later = [...ids(read.value)].find((id) => isLater(byId.get(id) ?? 0));
    if (later === undefined && !isLater(all)) return found(told.value, known.asOf);
    const time = new Date(later === undefined ? all : (byId.get(later) ?? all)).toISOString();
    return notRead(
      ORGANIZATION_FILE,
      'NotCurrent',
      `the policies of the organization are those of ${asOf}, and ${later ?? 'something'} that the account ${account} hangs on has changed at ${time}: take them again with pipewarden snapshot --organization, and deploy with --organization-policies`,
    );
  };
  return {
    policiesOf: (account) =>
      current(
        account,
        ({ told }) => told.hangsOn(account) ?? [],
        ({ told }) => told.policiesOf(account),
      ),
    // An account is where it was until it is moved itself.
    ownOf: (account) =>
      current(
        account,
        () => [account],
        ({ told }) => told.ownOf(account),
      ),
    reaches: async (reach) => {
      const read = await file();
      if (!read.ok) return read;
      return found((account) => {
        const ids = read.value.told.hangsOn(account);
        return reach === 'all' || ids === undefined || reach.some((id) => ids.has(id));
      });
    },
    // An event is noted some time after its change, so that no time tells which answers know of it.
    forgetBefore: () => changes.forgetBefore(Number.POSITIVE_INFINITY),
  };
};
