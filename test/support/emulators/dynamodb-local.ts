import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmulator } from './emulator.ts';
import { freePort } from './free-port.ts';

const folder = join(import.meta.dirname, '../../../.venv/dynamodb-local');
const library = join(folder, 'lib');
const pom = join(import.meta.dirname, 'dynamodb-local-pom.xml');
const stamp = join(folder, '.pom-sha256');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const MAIN = 'software.amazon.dynamodb.services.local.main.ServerRunner';

const wantedStamp = (): string => createHash('sha256').update(readFileSync(pom)).digest('hex');

/** Whether DynamoDB Local is installed in the version of the project file. */
export const isDynamodbLocalReady = (): boolean => {
  try {
    return readFileSync(stamp, 'utf8') === wantedStamp();
  } catch {
    return false;
  }
};

const run = promisify(execFile);

/** Installs `.venv/dynamodb-local` if it is missing or stale. Throws if Java, Maven or the library is not available. */
export const ensureDynamodbLocal = async (): Promise<void> => {
  if (isDynamodbLocalReady()) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('java', ['-version']);
  await run('mvn', ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${library}`, '-DincludeScope=runtime']);
  writeFileSync(stamp, wantedStamp());
};

/**
 * Starts a fresh DynamoDB Local, AWS's own emulator, on a free port.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html
 */
export const startDynamodbLocal = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const port = await freePort();
  // The optimising compiler would cost a short run more than it saves.
  const java = [
    'java',
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    `-Djava.library.path=${library}`,
    '-cp',
    `${library}/*`,
  ];
  const { stop } = await startEmulator(
    [...java, MAIN, '-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    { port },
  );
  return { endpoint: `http://127.0.0.1:${port}`, stop };
};
