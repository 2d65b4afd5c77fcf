import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { parseResults, type Results } from '../../shared/outputs/results.ts';
import { summaryText } from '../../shared/outputs/table.ts';
import {
  CLEAN,
  COMMAND,
  definitionOf,
  described,
  type Files,
  inFolder,
  ROOT,
  type Run,
  run,
  trainStep,
} from '../setup/cli.ts';
import { cloudTrail, envelope } from '../setup/events.ts';

const EXAMPLE = ['audit', '--snapshot', 'examples/account'];
const EVENTS = ['--events', 'examples/events'];
const CONFIG = ['--config', 'examples/pipewarden.yaml'];

const parsed = ({ stdout }: Run): Results => {
  const results = parseResults(JSON.parse(stdout));
  if (!results.ok) throw new Error(JSON.stringify(results.issues));
  return results.results;
};

const audit = (files: Files, ...args: string[]): Promise<Run> =>
  inFolder({ ...CLEAN, ...files }, (cwd) => run(['audit', '--snapshot', 'account', ...args], { cwd }));

const BROKEN: Files = {
  'account/sagemaker/pipelines/fraud/pipeline.json': described(
    'fraud',
    definitionOf(trainStep(undefined, 'steps/train')),
  ),
};
const UNREAD: Files = { 'account/s3/acme-images/cors.json': '{"CORSRules": [' };

describe('audit of the examples', () => {
  const runs = [
    EXAMPLE,
    [...EXAMPLE, ...CONFIG],
    [...EXAMPLE, ...EVENTS],
    [...EXAMPLE, ...EVENTS, ...CONFIG],
  ];

  test.each(runs.map((args) => [args.slice(3).join(' ') || 'without more', args]))(
    '%s',
    async (_title, args) => {
      const [json, all, table] = await Promise.all([
        run([...args, '--format', 'json', '--quiet']),
        run([...args, '--format', 'json', '--quiet', '--all']),
        run([...args, '--quiet']),
      ]);
      const results = parsed(json);
      const schema = z.fromJSONSchema(
        JSON.parse(await readFile(join(ROOT, 'docs/results.schema.json'), 'utf8')),
      );
      expect(schema.safeParse(parsed(all)).error).toBeUndefined();
      const { evaluated, passed } = results.summary;
      const counted = parsed(all).findings.filter(({ status }) => status !== 'NOT_APPLICABLE');
      expect(counted).toHaveLength(evaluated);
      expect(results.findings).toHaveLength(evaluated - passed);
      expect(table.stdout.trimEnd().split('\n').at(-1)).toBe(summaryText(results.summary));
      expect([json.status, all.status, table.status]).toEqual(Array(3).fill(json.status));
      expect([json.stderr, all.stderr, table.stderr]).toEqual(['', '', '']);
    },
  );

  test('every format at once: one on stdout, the others in files, in a folder that is made', async () => {
    await inFolder({}, async (folder) => {
      const file = (name: string) => join(folder, 'new/folder', name);
      const { status, stdout, stderr } = await run([
        ...EXAMPLE,
        ...EVENTS,
        ...CONFIG,
        ...['--fail-on', 'none', '--format', 'json', '-o', file('a.json'), '--format', 'table'],
        ...['--format', 'asff', '-o', file('a.asff.json'), '--format', 'html', '-o', file('a.html')],
        ...['--format', 'table', '-o', file('a.txt')],
      ]);
      const [json = '', asff = '', html = '', table = ''] = await Promise.all(
        ['a.json', 'a.asff.json', 'a.html', 'a.txt'].map((name) => readFile(file(name), 'utf8')),
      );
      const results = parsed({ status, stdout: json, stderr });
      expect(status).toBe(3);
      expect(stdout).toContain(summaryText(results.summary));
      expect(table).toContain(summaryText(results.summary));
      expect(JSON.parse(asff)).toHaveLength(results.findings.length);
      expect(html).toMatch(/^<!doctype html>/);
      for (const { control } of results.findings) expect(html).toContain(control);
      expect(stderr.split('\n')).toEqual([
        expect.stringMatching(/^events: \d+ to audit, \d+ ignored, \d+ unreadable$/),
        'auditing account 111122223333 in eu-west-1 (snapshot examples/account)',
        expect.stringMatching(/^audited (\d+) of \1 resources$/),
        `json: ${file('a.json')}`,
        `asff: ${file('a.asff.json')}`,
        `html: ${file('a.html')}`,
        `table: ${file('a.txt')}`,
        expect.stringMatching(/^done in \d+\.\d s$/),
        '',
      ]);
    });
  });

  test('npx pipewarden is the built command', async () => {
    const linked = join(ROOT, 'node_modules/.bin/pipewarden');
    expect(await readFile(linked, 'utf8')).toBe(await readFile(COMMAND, 'utf8'));
    expect(await readFile(COMMAND, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('exit status', () => {
  const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];
  const THRESHOLDS = ['low', 'medium', 'high', 'critical', 'none'];
  const configured = (controls: object, suppressions: object[] = []): Files => ({
    'pipewarden.yaml': { ...(CLEAN['pipewarden.yaml'] as object), controls, suppressions },
  });

  test.each(LEVELS)('a breach that is %s', async (severity) => {
    await inFolder(
      { ...CLEAN, ...BROKEN, ...configured({ 'pipeline-job-prefix': { severity } }) },
      async (cwd) => {
        const statuses = await Promise.all(
          THRESHOLDS.map(
            async (threshold) =>
              (await run(['audit', '--snapshot', 'account', '--fail-on', threshold], { cwd })).status,
          ),
        );
        const isOver = (threshold: string) =>
          threshold !== 'none' && LEVELS.indexOf(severity) >= LEVELS.indexOf(threshold);
        expect(statuses).toEqual(THRESHOLDS.map((threshold) => (isOver(threshold) ? 1 : 0)));
      },
    );
  });

  const suppressed = configured({}, [
    {
      control: 'pipeline-job-prefix',
      resource: 'arn:aws:sagemaker:*:*:pipeline/*',
      reason: 'x',
      expires: '9999-12-31',
    },
  ]);
  const expired = configured({}, [
    {
      control: 'pipeline-job-prefix',
      resource: 'arn:aws:sagemaker:*:*:pipeline/*',
      reason: 'x',
      expires: '2020-01-01',
    },
  ]);

  test.each<[string, Files, string[], number]>([
    ['nothing to say', {}, ['--fail-on', 'low'], 0],
    ['a breach, by default from high on', BROKEN, [], 1],
    ['a breach that is suppressed', { ...BROKEN, ...suppressed }, [], 0],
    ['a suppression that is over', { ...BROKEN, ...expired }, [], 1],
    ['evidence that cannot be read', UNREAD, [], 3],
    ['evidence that cannot be read, and no threshold', UNREAD, ['--fail-on', 'none'], 3],
    ['a breach outweighs unread evidence', { ...BROKEN, ...UNREAD }, [], 1],
    [
      'unread evidence, and a breach below the threshold',
      { ...BROKEN, ...UNREAD },
      ['--fail-on', 'critical'],
      3,
    ],
  ])('%s', async (_title, files, args, status) => {
    expect(await audit(files, '--quiet', ...args)).toMatchObject({ status, stderr: '' });
  });
});

describe('stdout', () => {
  const many = (count: number): Files => ({
    'events.jsonl': Array.from({ length: count }, (_, index) =>
      JSON.stringify(cloudTrail('UpdatePipeline', { pipelineName: index === 0 ? 'fraud' : `gone-${index}` })),
    ).join('\n'),
  });
  const args = ['audit', '--snapshot', 'account', '--events', 'events.jsonl', '--quiet', '--format', 'json'];

  test.each<[string, Files, number]>([
    ['findings', BROKEN, 1],
    ['unread evidence', {}, 3],
  ])(
    'a reader that leaves early changes neither the status nor the other outputs: %s',
    async (_title, files, status) => {
      await inFolder({ ...CLEAN, ...files, ...many(500) }, async (cwd) => {
        const left = await run([...args, '--format', 'html', '-o', 'a.html'], { cwd, leaveEarly: true });
        expect(left).toMatchObject({ status, stderr: '' });
        expect(await readFile(join(cwd, 'a.html'), 'utf8')).toMatch(/<\/html>\s*$/);
      });
    },
  );

  test('a large output comes whole through a pipe', async () => {
    const { stdout } = await inFolder({ ...CLEAN, ...many(500) }, (cwd) => run(args, { cwd }));
    expect(stdout.length).toBeGreaterThan(500_000);
    expect(parseResults(JSON.parse(stdout)).ok).toBe(true);
  });

  const coloured = (env: Record<string, string>, ...more: string[]) =>
    inFolder({ ...CLEAN, ...BROKEN }, (cwd) =>
      run(['audit', '--snapshot', 'account', '--quiet', ...more], { cwd, env }),
    );

  test.each<[string, Record<string, string>, string[]]>([
    ['no terminal', {}, []],
    ['no terminal, though one is named', { TERM: 'xterm-256color', COLORTERM: 'truecolor' }, []],
    ['--no-color', {}, ['--no-color']],
    ['NO_COLOR', { NO_COLOR: '1' }, []],
  ])('no colours: %s', async (_title, env, more) => {
    const { stdout } = await coloured(env, ...more);
    expect(stdout).toContain('FAILED');
    expect(stripVTControlCharacters(stdout)).toBe(stdout);
  });

  const onTerminal = existsSync('/usr/bin/script') && process.platform === 'linux' ? test : test.skip;
  onTerminal.each<[string, string, boolean]>([
    ['colours', '', true],
    ['none with --no-color', '--no-color', false],
  ])('on a terminal: %s', async (_title, option, hasColours) => {
    await inFolder({ ...CLEAN, ...BROKEN }, async (cwd) => {
      const command = `'${process.execPath}' '${COMMAND}' audit --snapshot account --quiet ${option}`;
      const { execFileSync } = await import('node:child_process');
      const text = execFileSync('/usr/bin/script', ['-qc', command, '/dev/null'], {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(text).toContain('FAILED');
      expect(stripVTControlCharacters(text) !== text).toBe(hasColours);
    });
  });
});

describe('lint', () => {
  const good = definitionOf(trainStep('fraud-train', 'steps/train'));
  const lint = (files: Files, ...args: string[]): Promise<Run> =>
    inFolder(files, (cwd) => run(['lint', ...args, '--format', 'json'], { cwd }));
  const told = (of: Run) =>
    parsed(of).findings.map(({ control, status, resource, subject }) => [
      control,
      status,
      resource.arn,
      subject,
    ]);
  const LISTS = ['prefixes', 'roles.steps'].map((list) => [
    'evidence-readable',
    'WARNING',
    'pipewarden.yaml',
    list,
  ]);
  const LENGTH = ['job-prefix-length', 'FAILED', 'b.json', 'Train'];
  const tooLong = definitionOf(trainStep('x'.repeat(39), 'steps/train'));

  test('without a configuration, what needs a list is said once for all files, as what to configure', async () => {
    const linted = await lint(
      { 'a.json': good, 'b.json': tooLong, 'c.json': good },
      'a.json',
      'b.json',
      'c.json',
    );
    expect(told(linted)).toEqual([LENGTH, ...LISTS]);
    expect(linted).toMatchObject({ status: 0, stderr: '' });
  });

  test('the threshold decides about the status', async () => {
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

  test('pipewarden.yaml of the working folder applies, and a definition that keeps to it is clean', async () => {
    const linted = await lint(
      { 'pipewarden.yaml': CLEAN['pipewarden.yaml'], 'a.json': described('fraud', good) },
      'a.json',
    );
    expect(told(linted)).toEqual([]);
    expect(linted.status).toBe(0);
  });

  test('the pipelines of the examples have with lint the findings that an audit gives their definitions', async () => {
    const path = (name: string) => `examples/account/sagemaker/pipelines/${name}/pipeline.json`;
    const names = ['fraud-daily', 'fraud-weekly', 'sandbox-ideas', 'vision-scans'];
    const linted = parsed(await run(['lint', ...names.map(path), ...CONFIG, '--format', 'json']));
    const audited = parsed(await run([...EXAMPLE, ...CONFIG, '--format', 'json']));
    const linting = new Set(
      parsed(await run(['lint', ...names.map(path), ...CONFIG, '--format', 'json', '--all'])).findings.map(
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
      { 'a/2026/11/20/x': record, 'a/2026/11/21/y.gz': gzipSync(JSON.stringify(log)), 'a/.z': 'x' },
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
    const kept = parsed(audited).findings.filter(({ resource }) => resource.type === 'event');
    expect(kept).toEqual([
      expect.objectContaining({ resource: { type: 'event', arn: at }, status: 'NOT_AVAILABLE' }),
    ]);
    expect(audited.status).toBe(3);
  });

  test('what is ignored is listed with the reason, and is no gap', async () => {
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
  test.each([[], ['audit'], ['lint'], ['events'], ['controls'], ['explain']])(
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

  test('no command: the help, on stderr', async () => {
    const { status, stdout, stderr } = await run([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: pipewarden/);
  });

  test('controls names each control that explain knows', async () => {
    const { stdout } = await run(['controls']);
    const ids = [...stdout.matchAll(/^\| \[([a-z-]+)\]/gm)].map(([, id = '']) => id);
    expect(ids.length).toBeGreaterThan(6);
    const pages = await Promise.all(ids.map((id) => run(['explain', id])));
    expect(pages.map(({ status, stdout: page }) => [status, page.split('\n')[0]])).toEqual(
      ids.map((id) => [0, `# ${id}`]),
    );
  });

  const ACCOUNT_ARGS = ['audit', '--snapshot', 'examples/account'];
  test.each<[string[], string]>([
    [['adit'], "unknown command 'adit'\n(Did you mean audit?)"],
    [['audit', '--snapshto', 'x'], "unknown option '--snapshto'\n(Did you mean --snapshot?)"],
    [['audit'], 'give either --snapshot DIR or --live'],
    [[...ACCOUNT_ARGS, '--live'], 'give either --snapshot DIR or --live'],
    [
      [...ACCOUNT_ARGS, '--region', 'eu-west-1'],
      '--profile and --region go with --live: a snapshot says itself where it is from',
    ],
    [[...ACCOUNT_ARGS, 'more'], "too many arguments for 'audit'. Expected 0 arguments but got 1: more."],
    [
      [...ACCOUNT_ARGS, '--fail-on', 'HIGH'],
      "option '--fail-on <severity>' argument 'HIGH' is invalid. Allowed choices are critical, high, medium, low, none.",
    ],
    [
      [...ACCOUNT_ARGS, '--format', 'json', '--format', 'table'],
      'only one format can go to stdout; give the others a file with -o',
    ],
    [[...ACCOUNT_ARGS, '-o', 'out/a', '-o', 'out/b'], '-o out/b: name the --format of this file before it'],
    [
      [...ACCOUNT_ARGS, '-o', 'out/a', '--format', 'json', '-o', './out/a'],
      '-o ./out/a: two formats would go to this file',
    ],
    [['lint'], "missing required argument 'files'"],
    [['explain'], "missing required argument 'control'"],
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

  test('one output that fails at the end keeps no other from being written', async () => {
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
