import { existsSync, globSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Log } from 'sarif';
import type { Results } from '../../shared/outputs/formats/results.ts';
import { describeCases } from '../support/builders/cases.ts';
import { cloudTrail, envelope } from '../support/builders/events.ts';
import {
  CLEAN,
  definitionOf,
  described,
  type Files,
  inFolder,
  ROOT,
  type Run,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';

const EXAMPLE = ['audit', '--snapshot', 'examples/account'];
const CONFIG = ['--config', 'examples/pipewarden.yaml'];

const audit = (files: Files, ...args: string[]): Promise<Run> =>
  inFolder({ ...CLEAN, ...files }, (cwd) => run(['audit', '--snapshot', 'account', ...args], { cwd }));

describe('lint', () => {
  const good = definitionOf(trainStep('fraud-train', 'steps/train'));
  const lint = (files: Files, ...args: string[]): Promise<Run> =>
    inFolder(files, (cwd) => run(['lint', ...args, '--format', 'json'], { cwd }));
  const told = (of: Run) =>
    resultsOf(of).findings.map(({ control, status, resource, subject }) => [
      control,
      status,
      resource.arn,
      subject,
    ]);
  const LISTS = ['evidence-readable', 'WARNING', 'pipewarden.yaml', undefined];
  const LENGTH = ['job-prefix-length', 'FAILED', 'b.json', 'Train'];
  const tooLong = definitionOf(trainStep('x'.repeat(39), 'steps/train'));

  test('without a configuration, missing lists are reported once for all files', async () => {
    const linted = await lint(
      { 'a.json': good, 'b.json': tooLong, 'c.json': good },
      'a.json',
      'b.json',
      'c.json',
    );
    expect(told(linted)).toEqual([LENGTH, LISTS]);
    expect(linted.status).toBe(0);
    expect(linted.stderr).toBe(
      'configuration: none found (pipewarden.yaml in the folder or above it, up to the root of the repository), so that safe defaults apply; of 7 controls 2 cannot judge (pipeline-job-prefix, step-role-authorised)\n' +
        'exit 0: nothing of high or above (--fail-on) was found; 1 finding below it; 2 controls did not judge, as the configuration lacks their lists\n',
    );
  });

  test('SARIF names the configuration by its file', async () => {
    const { stdout } = await inFolder({ 'a.json': good, 'team.yaml': { version: 1 } }, (cwd) =>
      run(['lint', 'a.json', '--config', 'team.yaml', '--format', 'sarif'], { cwd }),
    );
    const { results } = (JSON.parse(stdout) as Log).runs[0] ?? {};
    const uris = (results ?? []).map(({ locations }) => locations?.[0]?.physicalLocation?.artifactLocation);
    expect(uris).toEqual([{ uri: 'team.yaml' }]);
  });

  test('the threshold decides the exit status', async () => {
    expect((await lint({ 'b.json': tooLong }, 'b.json', '--fail-on', 'medium')).status).toBe(1);
  });

  test.each<[string, unknown]>([
    ['what describe-pipeline puts out', described('other', good)],
    ['the same with the definition as an object', { ...described('other', good), PipelineDefinition: good }],
    [
      'the same in UTF-16, as PowerShell writes it',
      Buffer.from(`\uFEFF${JSON.stringify(described('other', good))}`, 'utf16le'),
    ],
  ])('%s: its name and role are known', async (_title, content) => {
    const linted = await lint({ 'pipewarden.yaml': CLEAN['pipewarden.yaml'], 'a.json': content }, 'a.json');
    expect(told(linted)).toEqual([['pipeline-job-prefix', 'FAILED', 'a.json', 'Train']]);
    expect(linted.status).toBe(1);
  });

  test('pipewarden.yaml in the working folder applies, and a definition that keeps its rules is clean', async () => {
    const linted = await lint(
      { 'pipewarden.yaml': CLEAN['pipewarden.yaml'], 'a.json': described('fraud', good) },
      'a.json',
    );
    expect(told(linted)).toEqual([]);
    expect(linted.status).toBe(0);
  });

  test('lint and audit find the same faults in the definitions of the examples', async () => {
    const path = (name: string) => `examples/account/sagemaker/pipelines/${name}/pipeline.json`;
    const names = ['fraud-daily', 'fraud-weekly', 'sandbox-ideas', 'vision-scans'];
    const linted = resultsOf(await run(['lint', ...names.map(path), ...CONFIG, '--format', 'json']));
    const audited = resultsOf(await run([...EXAMPLE, ...CONFIG, '--format', 'json']));
    const linting = new Set(
      resultsOf(await run(['lint', ...names.map(path), ...CONFIG, '--format', 'json', '--all'])).findings.map(
        ({ control }) => control,
      ),
    );
    const keyed = ({ findings }: Results, nameOf: (arn: string) => string | undefined) =>
      findings
        .filter(({ control, resource }) => linting.has(control) && resource.type === 'pipeline')
        .map(({ control, status, subject, resource }) =>
          [control, status, subject, nameOf(resource.arn)].join(' '),
        )
        .toSorted();
    expect(keyed(linted, (arn) => arn.split('/').at(-2))).toEqual(
      keyed(audited, (arn) => arn.split('/').at(-1)),
    );
  });
});

describeCases('pipelines', 'lint of real definitions', (folder) => {
  const files = globSync('*/*.json', { cwd: folder }).toSorted();

  test.each(files)('%s', async (file) => {
    const linted = await run(['lint', join(folder, file), ...CONFIG, '--format', 'json', '--quiet']);
    const { findings } = resultsOf(linted);
    const isBreach = findings.some(({ status, severity }) => status === 'FAILED' && severity === 'HIGH');
    const isUnread = findings.some(({ status }) => status === 'NOT_AVAILABLE');
    expect(linted).toMatchObject({ status: isBreach ? 1 : isUnread ? 3 : 0, stderr: '' });
    const ours = findings.filter(({ evidence }) => evidence[0]?.at.startsWith('control '));
    expect(ours).toEqual([]); // a control that threw
  });
});

describe('events', () => {
  const record = cloudTrail('UpdatePipeline', { pipelineName: 'fraud' });
  const log = { Records: [record, cloudTrail('DeletePipeline', { pipelineName: 'old' })] };
  const lines = (...records: unknown[]) => records.map((each) => JSON.stringify(each)).join('\n');
  const read = async (files: Files, ...args: string[]) => {
    const { status, stdout, stderr } = await inFolder(files, (cwd) => run(['events', ...args], { cwd }));
    const { requests, ignored, unreadable } = JSON.parse(stdout) as Record<
      string,
      { at: string; reason: string }[]
    >;
    return { status, stderr, requests: requests?.length, ignored: ignored?.length, unreadable };
  };

  test.each<[string, Files, string[], number]>([
    ['one event', { a: record }, ['a'], 1],
    ['an EventBridge event', { a: envelope(record) }, ['a'], 1],
    ['an array', { a: [record, envelope(record)] }, ['a'], 2],
    ['JSON lines', { a: lines(record, envelope(record)) }, ['a'], 2],
    ['a CloudTrail log file', { a: log }, ['a'], 2],
    ['the same, gzip', { 'a.json.gz': gzipSync(JSON.stringify(log)) }, ['a.json.gz'], 2],
    ['gzip by its bytes, not its name', { a: gzipSync(lines(record, record)) }, ['a'], 2],
    ['several files', { a: record, b: log }, ['a', 'b'], 3],
    [
      'a folder and what is below it',
      { 'a/2026/11/20/x': record, 'a/2026/11/21/y.gz': gzipSync(JSON.stringify(log)) },
      ['a'],
      3,
    ],
    [
      'UTF-16, as PowerShell writes it',
      { a: Buffer.from(`\uFEFF${JSON.stringify(record)}`, 'utf16le') },
      ['a'],
      1,
    ],
    ['an empty array', { a: [] }, ['a'], 0],
    ['a line of 6 MB', { a: lines({ ...record, additionalEventData: 'x'.repeat(6e6) }, record) }, ['a'], 2],
  ])('%s', async (_title, files, args, requests) => {
    expect(await read(files, ...args)).toEqual({
      status: 0,
      stderr: `events: ${requests} to audit, 0 ignored, 0 unreadable\n`,
      requests,
      ignored: 0,
      unreadable: [],
    });
  });

  test('a file whose name begins with a dot is told, and not read', async () => {
    expect(await read({ 'a/x': record, 'a/.z': 'x' }, 'a')).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^not read, as their names begin with a dot: a\/\.z\nevents: 1 to audit, /,
      ),
      requests: 1,
    });
  });

  const NEITHER = 'it is neither a CloudTrail record nor an EventBridge event';
  test.each<[string, unknown, number, string, string]>([
    [
      'a line that is no JSON',
      `${lines(record)}\n{"a":\n${lines(record)}`,
      2,
      'a:2',
      'the line is not JSON: Unexpected end of the text',
    ],
    ['something that is no event', [record, { hello: 1 }], 1, 'a[1]', NEITHER],
    ['an event behind __proto__', `[{"__proto__":${lines(record)}},${lines(record)}]`, 1, 'a[0]', NEITHER],
    ['a scalar', '42', 0, 'a', NEITHER],
    [
      'a record without what it is about',
      [{ ...record, requestParameters: null }],
      0,
      'a[0]',
      'the record of UpdatePipeline names no pipeline',
    ],
    [
      'nesting of any depth',
      `${'['.repeat(1e5)}${']'.repeat(1e5)}`,
      0,
      'a[0][0][0][0][0][0][0][0]',
      'it is wrapped too many times',
    ],
  ])('unreadable, kept with its place and reported: %s', async (_title, content, requests, at, reason) => {
    expect(await read({ a: content }, 'a', '--quiet')).toEqual({
      status: 3,
      stderr: '',
      requests,
      ignored: 0,
      unreadable: [expect.objectContaining({ at, reason })],
    });
    const audited = await audit({ a: content }, '--events', 'a', '--format', 'json', '--quiet');
    const kept = resultsOf(audited).findings.filter(({ resource }) => resource.type === 'event');
    expect(kept).toEqual([
      expect.objectContaining({ resource: { type: 'event', arn: at }, status: 'NOT_AVAILABLE' }),
    ]);
    expect(audited.status).toBe(3);
  });

  test('ignored events are listed with the reason, and make no gap', async () => {
    const ignored = cloudTrail('UpdatePipeline', { pipelineName: 'x' }, { errorCode: 'AccessDenied' });
    expect(await read({ a: [ignored] }, 'a')).toMatchObject({
      status: 0,
      requests: 0,
      ignored: 1,
      unreadable: [],
    });
  });

  test('-o writes the file, and nothing to stdout', async () => {
    await inFolder({ a: record }, async (cwd) => {
      expect(await run(['events', 'a', '-o', 'new/b.json'], { cwd })).toMatchObject({
        status: 0,
        stdout: '',
      });
      expect(JSON.parse(await readFile(join(cwd, 'new/b.json'), 'utf8'))).toMatchObject({
        requests: [{ name: 'fraud' }],
      });
    });
  });
});

describe('manners', () => {
  test.each([[], ['audit'], ['lint'], ['events'], ['controls'], ['explain'], ['completion']])(
    'help %s has examples',
    async (...args) => {
      const { status, stdout, stderr } = await run([...args, '--help']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/\nExamples?:\n {2}pipewarden /);
    },
  );

  test('--version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('without a command, the help goes to stderr', async () => {
    const { status, stdout, stderr } = await run([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: pipewarden/);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      'execution and step roles, job prefixes, versions, CORS of image buckets, and SCPs.',
    );
  });

  test('controls lists each control that explain knows', async () => {
    const { stdout } = await run(['controls']);
    const ids = [...stdout.matchAll(/^([a-z-]+) +[A-Z]+ /gm)].map(([, id = '']) => id);
    expect(ids.length).toBeGreaterThan(6);
    const pages = await Promise.all(ids.map((id) => run(['explain', id])));
    expect((await run(['explain'])).stdout).toBe(stdout);
    expect(pages.map(({ status, stdout: page }) => [status, page.split('\n')[0]])).toEqual(
      ids.map((id) => [0, `# ${id}`]),
    );
  }); // a process for each control

  const NOTHING_TO_READ =
    'give --snapshot DIR, or what to read live: --live, --regions, --accounts or --organization';
  const ACCOUNT_ARGS = ['audit', '--snapshot', 'examples/account'];
  test.each<[string[], string]>([
    [['adit'], "unknown command 'adit'\n(Did you mean audit?)"],
    [['audit', '--snapshto', 'x'], "unknown option '--snapshto'\n(Did you mean --snapshot?)"],
    [['audit'], `${NOTHING_TO_READ}; of what is not deployed yet, --template FILE or --plan FILE`],
    [[...ACCOUNT_ARGS, '--live'], NOTHING_TO_READ],
    [
      [...ACCOUNT_ARGS, '--region', 'eu-west-1'],
      '--profile and --region go with --live: a snapshot says itself where it is from',
    ],
    [[...ACCOUNT_ARGS, 'more'], "too many arguments for 'audit'. Expected 0 arguments but got 1."],
    [
      [...ACCOUNT_ARGS, '--fail-on', 'hihg'],
      "option '--fail-on <severity>' argument 'hihg' is invalid. Allowed choices are critical, high, medium, low, none; did you mean \"high\"?",
    ],
    [
      ['explain-denied', 'x.json', '--snapshot', 'one', '--snapshot', 'other'],
      '--snapshot is given twice ("one", "other"): give it once',
    ],
    [['diff', 'a.json', 'b.json', '-o', 'a', '-o', 'b'], '--output is given twice ("a", "b"): give it once'],
    [
      ['report', '--in', 'a.json', '-o', 'out.json'],
      '-o out.json: its ending is .json, and what is written is HTML; name a file that ends in .html',
    ],
    [
      ['audit', '--snapshot', 'examples/account/caller-identity.json'],
      'examples/account/caller-identity.json: it is a file, and the folder of a snapshot was expected; `pipewarden snapshot --out DIR` makes a snapshot',
    ],
    [
      ['fix', 'pass-role-scoped/0'],
      'say where the finding is: --in FILE (results that --format json wrote), --snapshot DIR, --live, or the files of lint',
    ],
    [
      [...ACCOUNT_ARGS, '--format', 'json', '--format', 'table'],
      'only one format can go to stdout; give the others a file with -o',
    ],
    [
      [...ACCOUNT_ARGS, '-o', 'out/a', '-o', 'out/b'],
      '-o out/a: neither a --format nor its ending tells the format of this file; give each file its format, as in --format json -o out/a',
    ],
    [
      [...ACCOUNT_ARGS, '-o', 'out/a', '--format', 'json', '-o', './out/b'],
      '-o out/a: neither a --format nor its ending tells the format of this file; give each file its format, as in --format json -o out/a',
    ],
    [
      [...ACCOUNT_ARGS, '--format', 'csv', '-o', 'out/a', '--format', 'json', '-o', './out/a'],
      '-o ./out/a: two formats would go to this file',
    ],
    [
      ['lint', 'README.md', '--format', 'asff'],
      'lint has no format asff: Security Hub accepts only findings of an account, and a file belongs to no account',
    ],
    [['lint'], "missing required argument 'files'"],
    [['completion'], "missing required argument 'shell'"],
    [
      ['completion', 'powershell'],
      "command-argument value 'powershell' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.",
    ],
  ])('%j', async (args, message) => {
    expect(await run(args)).toEqual({ status: 2, stdout: '', stderr: `pipewarden: ${message}\n` });
  });

  test.each<[string[], string]>([
    [
      ['explain', 'job-prefix-lenght'],
      'there is no control "job-prefix-lenght"; did you mean "job-prefix-length"?\ncontrols: ',
    ],
    [['explain', '__proto__'], 'there is no control "__proto__"\ncontrols: '],
    [
      [...ACCOUNT_ARGS, '--format', 'jsn'],
      'there is no format "jsn"; did you mean "json"?\nformats: table, json, ',
    ],
    [[...ACCOUNT_ARGS, '--format', 'toString'], 'there is no format "toString"\nformats: table, json, '],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.startsWith(`pipewarden: ${message}`)).toBe(true);
  });

  test.each<[string, string, string]>([
    ['a folder', 'account', 'account: cannot be written: it is a folder, and a file was expected'],
    [
      'below a file',
      'pipewarden.yaml/a',
      'pipewarden.yaml/a: cannot be written: a part of the path is not a folder',
    ],
    ['nothing', '', '"": cannot be written: there is no such folder'],
  ])(
    'an output that cannot be written is said before anything is read: %s',
    async (_title, file, message) => {
      expect(await audit({}, '--format', 'json', '-o', file)).toEqual({
        status: 2,
        stdout: '',
        stderr: `pipewarden: ${message}\n`,
      });
    },
  );

  test('an output that fails at the end does not stop the others', async () => {
    const full = '/dev/full';
    if (!existsSync(full)) return;
    await inFolder(CLEAN, async (cwd) => {
      const args = [
        'audit',
        '--snapshot',
        'account',
        '--quiet',
        '--format',
        'json',
        '-o',
        full,
        '--format',
        'html',
        '-o',
        'a.html',
      ];
      expect(await run([...args, '--format', 'table'], { cwd })).toEqual({
        status: 2,
        stdout: expect.stringContaining('evaluated'),
        stderr: 'pipewarden: /dev/full: cannot be written: no space is left on the device\n',
      });
      await expect(readFile(join(cwd, 'a.html'), 'utf8')).resolves.toMatch(/<\/html>/);
    });
  });

  test('a file that only others may read', async () => {
    await inFolder(CLEAN, async (cwd) => {
      await chmod(cwd, 0o755);
      await chmod(join(cwd, 'pipewarden.yaml'), 0);
      const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {}; // for root, every file is readable
      const refused = await run(['audit', '--snapshot', 'account'], { cwd, ...uid });
      expect(refused).toEqual({
        status: 2,
        stdout: '',
        stderr: 'pipewarden: pipewarden.yaml: cannot be read: permission denied\n',
      });
    });
  });
});
