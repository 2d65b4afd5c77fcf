import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { JsonObject } from '../../../shared/json/json.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, '.venv/ruler');
const sources = ['test/ruler/pom.xml', 'test/ruler/MatchRules.java'].map((path) => join(root, path));
const stamp = join(folder, '.sources-sha256');
const classPath = `${join(folder, 'classes')}:${join(folder, 'lib')}/*`;

const wantedStamp = (): string => {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  return hash.digest('hex');
};

/** Whether AWS Event Ruler is installed, and our program around it was compiled from the present sources. */
export const isRulerReady = (): boolean => {
  try {
    return readFileSync(stamp, 'utf8') === wantedStamp();
  } catch {
    return false;
  }
};

const run = promisify(execFile);
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Installs `.venv/ruler` if it is missing or stale. Throws if Java, Maven or the library is not available. */
export const ensureRuler = async (): Promise<void> => {
  if (isRulerReady()) return;
  const [pom = '', program = ''] = sources;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('mvn', ['-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${join(folder, 'lib')}`]);
  await run('javac', ['-d', join(folder, 'classes'), '-cp', classPath, program]);
  writeFileSync(stamp, wantedStamp());
};

export type Rules = Readonly<Record<string, JsonObject>>;
export type Ruler = {
  /** The names of the rules that match each event. Rejects for a pattern that Event Ruler refuses. */
  match: (rules: Rules, events: readonly JsonObject[]) => Promise<string[][]>;
  stop: () => void;
};

/** Starts AWS Event Ruler, with which EventBridge matches events (https://github.com/aws/event-ruler), in one JVM. */
export const startRuler = (): Ruler => {
  const jvm = spawn('java', ['-Xshare:auto', '-Xmx256m', '-cp', classPath, 'MatchRules'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface(jvm.stdout)[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (question: string): Promise<string[][]> => {
    jvm.stdin.write(`${question}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error('the JVM has left');
    const answer = JSON.parse(value) as { matched: string[][] } | { error: string };
    if ('error' in answer) throw new Error(answer.error);
    return answer.matched;
  };
  return {
    match: (rules, events) => {
      const asked = last.then(() => ask(JSON.stringify({ rules, events })));
      last = asked.catch(() => undefined);
      return asked;
    },
    stop: () => {
      jvm.stdin.end();
    },
  };
};
