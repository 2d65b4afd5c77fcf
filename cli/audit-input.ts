import { type Recorded, recordedBuilder } from '../shared/events/recorded-uses.ts';
import { withOrganization } from '../shared/reader/answers/organization.ts';
import type { Reader } from '../shared/reader/reader.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { snapshotReader } from './audit.ts';
import { UsageError } from './errors.ts';
import { readEventFiles, readSnapshotRecords } from './files.ts';
import { readOrganizationFile } from './organization-file.ts';
import type { Progress } from './progress.ts';

/** The options that say what is audited. */
export type AuditInputOptions = {
  snapshot?: string;
  live?: boolean;
  events?: string[];
  profile?: string;
  region?: string;
  organization?: string;
};

/** What an audit reads. */
export type AuditInput = {
  reader: Reader;
  /** Who reads the account, or made the snapshot. */
  caller?: string;
  /** The events whose resources alone are audited. */
  events: ReadEvents | undefined;
  recorded: Recorded;
  /** Records of the snapshot that could not be read. */
  unreadable: ReadEvents['unreadable'];
};

/**
 * Checks that the options name one account.
 * @throws {UsageError}
 */
export const checkAuditInput = ({
  snapshot,
  live,
  profile,
  region,
  organization,
}: AuditInputOptions): void => {
  if ((snapshot === undefined) === !live) throw new UsageError('give either --snapshot DIR or --live');
  if (!live && (profile ?? region) !== undefined)
    throw new UsageError('--profile and --region go with --live: a snapshot says itself where it is from');
  if (!live && organization !== undefined)
    throw new UsageError('--organization goes with --live: a snapshot holds organizations/scps.json');
};

/**
 * Opens what the options name, and reads its events.
 * @throws {UsageError} if a file or the snapshot cannot be read.
 */
export const openAuditInput = async (options: AuditInputOptions, progress: Progress): Promise<AuditInput> => {
  const { snapshot, organization: organizationFile } = options;
  const organization =
    organizationFile === undefined ? undefined : await readOrganizationFile(organizationFile);
  const records = recordedBuilder();
  const events = options.events ? await readEventFiles(options.events, records, progress.say) : undefined;
  if (events) progress.say(countsOf(events));
  const opened =
    snapshot === undefined
      ? await (await import('../shared/aws/read/live-account.ts')).openAccount(options)
      : await snapshotReader(snapshot);
  const unreadable = snapshot === undefined ? [] : await readSnapshotRecords(snapshot, records, progress.say);
  const recorded = records.recorded();
  if (!events && recorded.records > 0)
    progress.say(`CloudTrail records of the snapshot: ${recorded.records}`);
  return {
    reader: organization ? withOrganization(opened, organization) : opened,
    ...(opened.caller !== undefined && { caller: opened.caller }),
    events,
    recorded,
    unreadable,
  };
};

/** How many events were read, and what became of them. */
export const countsOf = ({ requests, ignored, unreadable }: ReadEvents): string =>
  `events: ${requests.length} to audit, ${ignored.length} ignored, ${unreadable.length} unreadable`;
