import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { parseResults } from '../../shared/outputs/formats/results-schema.ts';
import { summaryText } from '../../shared/outputs/formats/table.ts';
import { cloudTrail } from '../support/builders/events.ts';
import {
  CLEAN,
  COMMAND,
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
const EVENTS = ['--events', 'examples/events'];
const CONFIG = ['--config', 'examples/pipewarden.yaml'];

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
      const results = resultsOf(json);
      const schema = z.fromJSONSchema(
        JSON.parse(await readFile(join(ROOT, 'docs/results.schema.json'), 'utf8')),
      );
      expect(schema.safeParse(resultsOf(all)).error).toBeUndefined();
      const { evaluated, passed } = results.summary;
      // Readable evidence does not count as a passed rule.
      const counted = resultsOf(all).findings.filter(
        ({ status, control }) =>
          status !== 'NOT_APPLICABLE' && !(status === 'PASSED' && control === 'evidence-readable'),
      );
      expect(counted).toHaveLength(evaluated);
      expect(results.findings).toHaveLength(evaluated - passed);
      expect(table.stdout.trimEnd().split('\n').at(-1)).toBe(summaryText(results.summary));
      expect([json.status, all.status, table.status]).toEqual(Array(3).fill(json.status));
      expect([json.stderr, all.stderr, table.stderr]).toEqual(['', '', '']);
    },
  );

  const OF_THE_ACCOUNT = [
    'execution-role-administrator role/admin',
    'execution-role-job-permissions role/pipelines/fraud',
    'execution-role-job-permissions role/pipelines/vision',
    'execution-role-trust role/pipelines/vision',
    'image-bucket-cors acme-scans',
    'job-prefix-length pipeline/fraud-weekly TuneFraudModel',
    'pass-role-scoped role/notebook',
    'pipeline-job-prefix pipeline/fraud-weekly PrepareFeatures',
    'pipeline-job-prefix pipeline/vision-scans',
    'prefix-policy-enforced role/pipelines/fraud',
    'scp-exception-unique role/report-export',
    'step-role-authorised pipeline/fraud-weekly Retrain',
    'version-floor-enforced role/data-scientist',
  ];
  const OF_WHAT_HAPPENED = [
    'job-name-prefix training-job/scratch-2026-11-20',
    'job-role-as-declared training-job/scratch-2026-11-20',
    'step-role-authorised pipeline/fraud-daily executions',
    'version-floor-kept pipeline/fraud-daily executions',
  ];

  test.each([
    // No event leads to the role that may start another team's pipeline.
    ['the account', [], OF_THE_ACCOUNT, ['pipeline-access-scoped role/release']],
    ['its events', EVENTS, [...OF_THE_ACCOUNT, ...OF_WHAT_HAPPENED].toSorted(), []],
  ])('%s: exactly the intended findings', async (_title, events, expected, warnings) => {
    const { findings } = resultsOf(await run([...EXAMPLE, ...events, ...CONFIG, '--format', 'json']));
    const named = (status: string) =>
      findings
        .filter((finding) => finding.status === status)
        .map(({ control, resource, subject }) =>
          [control, resource.arn.split(':').at(-1), subject].filter(Boolean).join(' '),
        )
        .toSorted();
    expect(named('FAILED')).toEqual(expected);
    expect(named('WARNING')).toEqual(warnings);
    expect(named('NOT_AVAILABLE')).toEqual(['evidence-readable pipeline/sandbox-ideas Summarise']);
  });

  test('every format at once: one on stdout, the others in files of a new folder', async () => {
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
      const results = resultsOf({ stdout: json });
      expect(status).toBe(3);
      expect(stdout).toContain(summaryText(results.summary));
      expect(table).toContain(summaryText(results.summary));
      expect(JSON.parse(asff)).toHaveLength(results.findings.length);
      expect(html).toMatch(/^<!doctype html>/);
      for (const { control } of results.findings) expect(html).toContain(control);
      expect(stderr.split('\n')).toEqual([
        expect.stringMatching(/^events: \d+ to audit, \d+ ignored, \d+ unreadable$/),
        expect.stringMatching(
          /^configuration: examples\/pipewarden\.yaml; of \d+ controls none lacks its list$/,
        ),
        'auditing account 111122223333 in eu-west-1 (snapshot examples/account)',
        expect.stringMatching(/^audited (\d+) of \1 resources$/),
        `json: ${file('a.json')}`,
        `asff: ${file('a.asff.json')}`,
        `html: ${file('a.html')}`,
        `table: ${file('a.txt')}`,
        expect.stringMatching(/^done in \d+\.\d s$/),
        expect.stringMatching(
          /^exit 3: no finding fails the run \(--fail-on none\), but \d+ could not be judged/,
        ),
        '',
      ]);
    });
  });

  test('an audit writes every format from the same findings', async () => {
    await inFolder({}, async (folder) => {
      const formats = ['json', 'sarif', 'csv', 'md', 'junit', 'ocsf', 'oscal'];
      const asked = formats.flatMap((format) => ['--format', format, '-o', join(folder, format)]);
      await run([...EXAMPLE, ...CONFIG, ...asked]);
      const [json = '', ...texts] = await Promise.all(
        formats.map((name) => readFile(join(folder, name), 'utf8')),
      );
      const { findings } = resultsOf({ stdout: json });
      for (const text of texts) {
        for (const { control, subject } of findings) {
          expect(text).toContain(control);
          if (subject !== undefined) expect(text).toContain(subject);
        }
      }
      const validate = new Ajv2020({ strict: false }).addFormat('date-time', true);
      const schema = JSON.parse(await readFile(join(ROOT, 'docs/results.schema.json'), 'utf8'));
      expect(validate.validate(schema, JSON.parse(json))).toBe(true);
      expect(validate.validate(schema, { ...JSON.parse(json), more: 1 })).toBe(false);
    });
  });

  test('node_modules/.bin/pipewarden is the built command', async () => {
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

  const of = (resource: string) =>
    configured({}, [{ control: 'pipeline-job-prefix', resource, reason: 'x', expires: '9999-12-31' }]);
  const suppressed = of('arn:aws:sagemaker:*:*:pipeline/fraud*');
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
    ['a breach that is suppressed with all others', { ...BROKEN, ...of('arn:*:*:*:*:*') }, [], 1],
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

  test('a large output passes completely through a pipe', async () => {
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
