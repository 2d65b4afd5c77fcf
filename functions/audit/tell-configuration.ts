import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  changedConfiguration,
  configurationObservation,
  OWN_SEVERITIES,
} from '../../shared/audit/configuration-findings.ts';
import { dayOf, type InForce, noteInForce } from '../../shared/aws/keep/configuration-in-force.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import {
  copyOf,
  type DeployedConfig,
  type ReadConfig,
  readStoredConfig,
} from '../../shared/aws/keep/stored-config.ts';
import { type ConfigChange, changeText, configChanges } from '../../shared/config/config-changes.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { severityRank } from '../../shared/domain/finding.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import type { Observation } from '../../shared/findings/state.ts';
import { type Reporting, report } from './look.ts';

/** What it takes to tell of the configuration itself. */
export type TellingDependencies = Omit<Reporting, 'tellHistory'> & {
  read: ReadConfig;
  place: DeployedConfig & { sha256: string; copiesIn: string };
  findings: { client: DynamoDBClient; table: string };
  s3: S3Client;
  scope: Scope;
  now: () => Date;
  /** Tells the history since when this configuration is in force, and of these looks at it; missing where none is kept. */
  tellInForce?: (at: Date, looks: readonly Observation[]) => Promise<void>;
};

/**
 * Tells what the deployed configuration excepts too broadly, and where it lets more pass than the one before it, and keeps a
 * copy of it in the auditor’s own bucket. Nothing is told twice, whoever does this at the same time, and however often it is
 * broken off.
 */
export const tellConfiguration = async (
  dependencies: TellingDependencies,
  before: InForce | undefined,
): Promise<void> => {
  const { read, place, findings, scope, now, tellInForce } = dependencies;
  const looks: Observation[] = [];
  const reporting = { ...dependencies, tellHistory: (look: Observation) => looks.push(look) };
  const { organization: _, overrides: __, ...config } = read.config;
  const context = {
    config,
    controls: CONTROLS,
    now,
    reader: { scope },
    countsPasses: true,
    tellsHistory: tellInForce !== undefined,
  };
  const changes = [
    ...(read.copy?.replaced === undefined
      ? []
      : [{ at: 'the copy of the configuration', found: read.copy.replaced }]),
    ...(before === undefined || before.sha256 === place.sha256 ? [] : await since(before, dependencies)),
  ];
  if (read.copy) await keepCopy(dependencies, read.copy.lacks);
  const number = (before?.changes ?? 0) + 1;
  // The number tells a configuration that comes again from what was told of it before; the checksum, two that come at the same time.
  const change = `change ${number}, SHA-256 ${place.sha256.slice(0, 16)}`;
  if (changes.length > 0) await report(changedConfiguration(changes, change, context), reporting, undefined);
  await report(configurationObservation(context, read.config), reporting, undefined);
  await tellInForce?.(now(), looks);
  const next = {
    sha256: place.sha256,
    day: dayOf(now()),
    changes: changes.length > 0 ? number : (before?.changes ?? 0),
  };
  await noteInForce(findings, next, before);
};

/** Where more passes than before. Where nobody can tell what passed before, whatever is excepted. */
const since = async (
  { sha256 }: InForce,
  { read, place, s3 }: TellingDependencies,
): Promise<ConfigChange[]> => {
  const earlier = await readStoredConfig(s3, copyOf(place.copiesIn, sha256)).catch(
    (error: unknown): { unread: string } => ({
      unread: error instanceof Error ? error.message : String(error),
    }),
  );
  const isKnown = !('unread' in earlier);
  const changes = configChanges(isKnown ? earlier : undefined, read.config, OWN_SEVERITIES);
  return [
    ...(isKnown
      ? []
      : [{ at: 'the configuration before', found: `it is not known what passed before: ${earlier.unread}` }]),
    ...changes.filter(isTold).map((change) => ({ at: change.at, found: changeText(change) })),
  ];
};

/** What is only authorised changes with each new team, and is no exception. */
const isTold = ({ lets }: ConfigChange): boolean =>
  lets !== undefined && severityRank(lets.severity) >= severityRank('MEDIUM');

/** Without a copy the functions go by the deployed object, which their checksum holds as well. */
const keepCopy = async (
  { read, s3, logger }: TellingDependencies,
  { bucket, key }: { bucket: string; key: string },
): Promise<void> => {
  try {
    const object = { Bucket: bucket, Key: key, ContentType: 'application/json' };
    await writeObject(s3, object, only(read.text));
  } catch (error) {
    logger.error('the copy of the configuration could not be written', { error: error as Error });
  }
};

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}
