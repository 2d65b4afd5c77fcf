import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startMoto } from '../test/support/emulators/moto-server.ts';
import { tryPythonEnv } from '../test/support/jest/prepare.ts';
import { ensurePythonEnv, isPythonEnvReady } from '../test/support/python/python-env.ts';
import { createAccount } from './accounts/account.ts';
import type { World } from './accounts/world.ts';
import { measureBundle } from './cases/bundle.ts';
import { measureCustodian, measureCustodianColdStart, measurePull } from './cases/custodian-case.ts';
import { measureColdStart, measureHandler, measureOwnJobs } from './cases/handler-case.ts';
import { BOUND, measureHostile } from './cases/hostile-case.ts';
import { measureHub } from './cases/hub-case.ts';
import { measureHubLoad } from './cases/hub-load-case.ts';
import { measureHubSweep } from './cases/hub-sweep-case.ts';
import { measureKinds } from './cases/kinds-case.ts';
import { measureDecisions, measureGlob, measureLoading } from './cases/policy-case.ts';
import { measureProwler } from './cases/prowler-case.ts';
import { measureReport } from './cases/report-case.ts';
import { measureScale, type ScaleLine } from './cases/scale-case.ts';
import { measureTemplates } from './cases/templates-case.ts';
import { compareWithKept, type KeptFigure, type Line, shownFigure } from './kept/compare.ts';
import { runToEnd } from './processes/children.ts';
import { rounded } from './processes/figures.ts';
import { inCheckout, startCountingProcess } from './processes/servers.ts';

const CASES = [
  'policy',
  'scale',
  'templates',
  'report',
  'hub',
  'hostile',
  'prowler',
  'bundle',
  'cold-start',
  'handler',
  'custodian',
] as const;
const SCALE_PIPELINES = [1000, 2000, 5000, 10_000] as const;
const STORED_JOBS = [100, 1000, 5000] as const;
/** The number of stored jobs for cases that run at one size only. */
const USUAL_STORED_JOBS = 1000;

/** What was printed so far. */
const lines: Line[] = [];

const print = <T extends Line>(line: T): T => {
  console.log(JSON.stringify(line));
  lines.push(line);
  if (line.failures) {
    progress(`${line.failures} events failed`);
    process.exitCode = 1;
  }
  return line;
};

const progress = (text: string): void => console.error(`bench: ${text}`);

/** The handler's figure divided by Custodian's; null if Custodian has none. */
const times = (ours: number, theirs: number): string | null =>
  theirs > 0 ? `${rounded(ours / theirs)}x` : null;

type Throughput = {
  eventsPerSecond: number;
  cpuMsPerEvent: number;
  readsPerEventWarm: number;
  rssMiB: number | undefined;
};
/** The handler's figures by batch size. */
type HandlerLines = Record<1 | 10, Throughput>;

const ratio = (
  name: string,
  storedJobs: number,
  custodianMode: string,
  ours: HandlerLines,
  theirs: Throughput,
): Line => ({
  case: name,
  storedJobs,
  custodianMode,
  eventsPerSecond: times(ours[10].eventsPerSecond, theirs.eventsPerSecond),
  eventsPerSecondBatch1: times(ours[1].eventsPerSecond, theirs.eventsPerSecond),
  cpuMsPerEvent: times(ours[10].cpuMsPerEvent, theirs.cpuMsPerEvent),
  readsPerEvent: times(ours[10].readsPerEventWarm, theirs.readsPerEventWarm),
  rss: times(ours[10].rssMiB ?? Number.NaN, theirs.rssMiB ?? Number.NaN),
});

/** The largest process of each in the whole run, in MiB; a function's memory must fit it. */
const peakRssMiB = { handler: 0, custodian: 0 };

const measureAt = async (world: World, cases: Set<string>, hasCustodian: boolean): Promise<void> => {
  const runCustodian = hasCustodian && cases.has('custodian');
  const storedJobs = world.account.jobs.length;
  print({
    case: 'emulator',
    storedJobs,
    ...(await world.account.emulatorTimes()),
    note: 'moto is one Python process and bounds events per second; calls and CPU per event do not depend on it',
  });
  const ownJobs =
    cases.has('handler') && storedJobs === STORED_JOBS[0] ? print(await measureOwnJobs(world)) : undefined;
  for (const violating of storedJobs === USUAL_STORED_JOBS ? [false, true] : [false]) {
    const suffix = violating ? '-violations' : '';
    let ours: HandlerLines | undefined;
    if (cases.has('handler')) {
      const [one, ten] = [
        await measureHandler(world, 1, violating),
        await measureHandler(world, 10, violating),
      ];
      ours = { 1: print(one), 10: print(ten) };
      peakRssMiB.handler = Math.max(peakRssMiB.handler, one.rssMiB ?? 0, ten.rssMiB ?? 0);
    }
    if (!runCustodian) continue;
    for (const mode of ['event', 'condition'] as const) {
      const theirs = print(await measureCustodian(world, mode, violating));
      peakRssMiB.custodian = Math.max(peakRssMiB.custodian, theirs.rssMiB ?? 0);
      if (ours) print(ratio(`ratio${suffix}`, storedJobs, mode, ours, theirs));
      if (ownJobs && mode === 'event') {
        const { eventsPerSecond, cpuMsPerEvent } = ownJobs;
        print({
          case: 'ratio-own-jobs',
          storedJobs,
          custodianMode: mode,
          eventsPerSecond: times(eventsPerSecond, theirs.eventsPerSecond),
          cpuMsPerEvent: times(cpuMsPerEvent, theirs.cpuMsPerEvent),
        });
      }
    }
  }
  if (runCustodian && storedJobs <= USUAL_STORED_JOBS) print(await measurePull(world));
};

const chosenCases = (names: string[]): Set<string> => {
  const unknown = names.find((name) => !(CASES as readonly string[]).includes(name));
  if (unknown) throw new Error(`there is no case ${unknown}; there are ${CASES.join(', ')}`);
  return new Set(names.length > 0 ? names : CASES);
};

/** The path of the handler's bundle, which is built unless the caller names a folder. */
const builtBundle = async (folder: string | undefined): Promise<string> => {
  if (folder === undefined) {
    progress('building');
    await runToEnd('npm', ['run', '--silent', 'build'], { cwd: inCheckout('') });
  }
  return resolve(folder ?? inCheckout('dist/functions/audit'), 'index.mjs');
};

const startWorld = async (bundle: string): Promise<World> => {
  await ensurePythonEnv('moto');
  const { endpoint: motoUrl } = await startMoto();
  const proxies = {
    handler: await startCountingProcess(motoUrl),
    custodian: await startCountingProcess(motoUrl),
  };
  return { account: await createAccount(motoUrl), motoUrl, proxies, bundle };
};

/** Compares the policy engine with iam-simulate, on AWS's own policy if the shared cases are beside the checkout. */
const measurePolicies = (): void => {
  const file = inCheckout('../shared/cases/policies/managed/AmazonSageMakerFullAccess.json');
  print({ case: 'policy-decisions', ...measureDecisions(existsSync(file) ? file : undefined) });
  for (const roles of [250, 500, 1000, 2000]) print({ case: 'policy-loading', ...measureLoading(roles) });
  print({ case: 'policy-glob', ...measureGlob() });
};

/**
 * What an audit costs beside reading and parsing the same files, and how its cost grows: ten times as many pipelines take less
 * than ten times as much, as roles and buckets stay the same.
 */
const measureScales = async (): Promise<void> => {
  const measured: ScaleLine[] = [];
  for (const pipelines of SCALE_PIPELINES) {
    progress(`auditing ${pipelines} pipelines`);
    const line = print({ case: 'scale', ...(await measureScale(pipelines)) });
    measured.push(line);
    print({ case: 'ratio-scale', pipelines, cpu: times(line.cpuSeconds, line.parsingCpuSeconds) });
  }
  const [least, most] = [measured[0], measured.at(-1)];
  if (least && most)
    print({
      case: 'scale-growth',
      pipelines: times(most.pipelines, least.pipelines),
      cpu: times(most.cpuSeconds, least.cpuSeconds),
    });
};

/** A look above its bound fails the run. */
const measureHostileInputs = async (only: string | undefined): Promise<void> => {
  for await (const line of measureHostile(only)) {
    print({ case: 'hostile', ...line });
    const { look } = line;
    if (!look || (look.cpuSeconds <= BOUND.cpuSeconds && look.peakMiB <= BOUND.peakMiB)) continue;
    progress(`${line.input} takes more than ${BOUND.cpuSeconds} CPU-seconds or ${BOUND.peakMiB} MiB`);
    process.exitCode = 1;
  }
};

/**
 * Compares the run with the figures that are kept (`bench/kept/figures.json`). A figure that is worse than kept, beyond its
 * tolerance, fails the run.
 */
const compareAll = async (): Promise<void> => {
  const kept = JSON.parse(await readFile(inCheckout('bench/kept/figures.json'), 'utf8')) as KeptFigure[];
  const compared = compareWithKept(lines, kept);
  if (compared.length === 0) return;
  const of = (verdict: string): string[] =>
    compared.filter((each) => each.verdict === verdict).map(shownFigure);
  const [worse, better] = [of('worse'), of('better')];
  print({
    case: 'kept-figures',
    compared: compared.length,
    notMeasured: kept.length - compared.length,
    worse,
    better,
  });
  for (const each of better) progress(`better: ${each}; keep the new figure in bench/kept/figures.json`);
  for (const each of worse) progress(`WORSE: ${each}`);
  if (worse.length > 0) process.exitCode = 1;
};

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { bundle: { type: 'string' }, only: { type: 'string' } },
  });
  const cases = chosenCases(positionals);
  if (cases.delete('policy')) measurePolicies();
  if (['scale', 'templates', 'report', 'hostile', 'prowler'].some((name) => cases.has(name)))
    await builtBundle(undefined);
  if (cases.delete('scale')) await measureScales();
  if (cases.delete('templates')) {
    progress('auditing 50 stacks');
    await measureTemplates(print);
  }
  if (cases.delete('report'))
    for (const findings of [100, 1000, 5000]) print({ case: 'report', ...(await measureReport(findings)) });
  if (cases.delete('hub')) {
    const bundles = dirname(dirname(await builtBundle(values.bundle)));
    progress('handling events in a small and in a large account');
    await measureHub(bundles, print);
    progress('handling events of 500 accounts');
    await measureHubLoad(bundles, print);
    progress('sweeping 500 accounts');
    await measureHubSweep(bundles, print);
  }
  if (cases.delete('hostile')) await measureHostileInputs(values.only);
  if (cases.delete('prowler')) {
    progress('auditing beside Prowler');
    await measureProwler(print);
  }
  if (cases.size === 0) return;
  const isCustodianOnly = cases.size === 1 && cases.has('custodian');
  const bundle = isCustodianOnly ? '' : await builtBundle(values.bundle);
  if (cases.has('bundle')) print(await measureBundle(bundle));
  if (cases.size === 1 && cases.has('bundle')) return;

  if (cases.has('handler')) {
    progress('changing pipelines and roles');
    await measureKinds(bundle, print);
  }
  const wantsCustodian = cases.has('custodian') || cases.has('cold-start');
  if (wantsCustodian) await tryPythonEnv('bench-c7n');
  const hasCustodian = wantsCustodian && isPythonEnvReady('bench-c7n');
  if (wantsCustodian && !hasCustodian) {
    print({
      case: 'custodian',
      note: 'Cloud Custodian could not be installed (python3 with venv is needed); left out',
    });
  }
  const world = await startWorld(bundle);
  const runsThroughput = cases.has('handler') || cases.has('custodian');
  for (const storedJobs of runsThroughput ? STORED_JOBS : STORED_JOBS.slice(0, 1)) {
    progress(`storing ${storedJobs} jobs`);
    await world.account.growTo(storedJobs);
    if (cases.has('cold-start') && storedJobs === STORED_JOBS[0]) {
      const ours = print(await measureColdStart(world));
      const theirs = hasCustodian ? print(await measureCustodianColdStart(world)) : undefined;
      if (theirs)
        print({
          case: 'ratio-cold-start',
          coldStart: times(ours.coldStartMs, theirs.coldStartMs),
          cpu: times(ours.cpuMs, theirs.cpuMs),
        });
    }
    progress('measuring');
    if (runsThroughput) await measureAt(world, cases, hasCustodian);
  }
  const { handler, custodian } = peakRssMiB;
  if (handler > 0 && custodian > 0)
    print({ case: 'peak-rss', ...peakRssMiB, ratio: times(handler, custodian) });
};

try {
  await main();
  await compareAll();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
process.exit();
