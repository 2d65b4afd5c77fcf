import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAllowed } from './licences.ts';
import { shippedPackages, shippedSbom } from './sbom.ts';

/**
 * Writes the SBOM of what ships, checks its licences, and asks the registry for known vulnerabilities. Ends with
 * status 1 if something is wrong.
 */

const root = join(import.meta.dirname, '..');
const SBOM = 'out/sbom.cdx.json';
const MAX_BYTES = 64 * 1024 * 1024;
/** CI waits no longer for a registry that cannot be reached: npm tries several times. */
const TIMEOUT_MILLIS = 60_000;

const problems: string[] = [];
const say = (message: string): void => void process.stdout.write(`supply chain: ${message}\n`);

const shipped = shippedPackages(root);

const writeSbom = (): void => {
  const { sbom, lacking } = shippedSbom(root);
  if (lacking > 0) problems.push(`the SBOM lacks ${lacking} of ${shipped.length} packages`);
  mkdirSync(join(root, 'out'), { recursive: true });
  writeFileSync(join(root, SBOM), `${JSON.stringify(sbom, null, 2)}\n`);
  say(`${SBOM}: ${sbom.components.length} packages`);
};

const checkLock = (): void => {
  for (const [path, { license, integrity }] of shipped) {
    if (!isAllowed(license)) problems.push(`${path}: ships under ${license ?? 'no licence that it names'}`);
    if (!integrity) problems.push(`${path}: has no integrity in package-lock.json`);
  }
};

/** Runs an audit of npm. If the registry does not offer it, this is only reported. */
const audit = (
  args: readonly string[],
  judge: (output: string, failed: boolean) => string | undefined,
): void => {
  const name = `npm ${args.join(' ')}`;
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: MAX_BYTES,
    timeout: TIMEOUT_MILLIS,
  });
  const output = `${stdout}\n${stderr}`;
  if (
    status === null ||
    /audit endpoint returned an error|ENOAUDIT|npm error network|\bE?(?:404|405|503)\b/.test(output)
  ) {
    say(`${name}: skipped, as the registry does not answer it`);
    return;
  }
  const problem = judge(stdout, status !== 0);
  if (problem) problems.push(`${name}: ${problem}`);
  else say(`${name}: nothing found`);
};

writeSbom();
checkLock();
audit(['audit', '--omit', 'dev', '--audit-level', 'high', '--json'], (output, failed) =>
  failed ? output.slice(0, 4000) : undefined,
);
audit(['audit', 'signatures', '--omit', 'dev'], (output, failed) =>
  failed ? output.slice(0, 4000) : undefined,
);
for (const problem of problems) say(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
