import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Run } from 'sarif';
import {
  DEFINITION_RULES,
  definitionOf,
  described,
  type Files,
  inFolder,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';
import { commitAll, git } from '../support/commands/git.ts';
import { describeWith } from '../support/jest/tools.ts';

const CONFIG = DEFINITION_RULES as { roles: object };
const good = trainStep('fraud-train', 'steps/train', 'Good');
const badRole = (name: string) => trainStep('fraud-train', 'admin', name);
const badPrefix = (name: string) => trainStep('other', 'steps/train', name);
const old = definitionOf(good, badRole('Old'));

const write = async (folder: string, files: Files): Promise<void> => {
  for (const [path, content] of Object.entries(files))
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
};

/** The findings that lint reports for a change of the files since a commit, and the number of earlier ones. */
const introduced = (
  before: Files,
  after: Files | ((folder: string) => Promise<unknown>),
  paths: readonly string[] = ['a.json'],
  args: readonly string[] = [],
) =>
  inFolder({ 'pipewarden.yaml': CONFIG, ...before }, async (cwd) => {
    const base = commitAll(cwd);
    await (typeof after === 'function' ? after(cwd) : write(cwd, after));
    const ran = await run(['lint', ...paths, '--diff', base, '--format', 'json', ...args], { cwd });
    const told = resultsOf(ran).findings.map(({ control, resource, subject }) => [
      control,
      resource.arn,
      subject,
    ]);
    return {
      told,
      status: ran.status,
      known: Number(/^(\d+) more open at [0-9a-f]+ already$/m.exec(ran.stderr)?.[1]),
    };
  });

const NEW_ROLE = ['step-role-authorised', 'a.json', 'New'];
/** The finding that the configuration changed. */
const CHANGED = ['evidence-readable', 'pipewarden.yaml', 'change'];
/** The finding that a place of the configuration lets more pass. */
const lets = (at: string) => ['exceptions-scoped', 'pipewarden.yaml', `change of ${at}`];
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

describeWith('git and bash', 'lint --diff', () => {
  test('a folder for temporary files that is not there is told as that', () =>
    inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': old }, async (cwd) => {
      const base = commitAll(cwd);
      const env = { TMPDIR: join(cwd, 'no-such') };
      const ran = await run(['lint', 'a.json', '--diff', base], { cwd, env });
      expect(ran).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringMatching(/no-such: cannot be written: there is no such folder\n$/),
      });
    }));

  test('known findings are not reported, wherever they moved in the file', async () => {
    const text = JSON.stringify(
      definitionOf(good, trainStep('fraud-train', 'steps/train', 'Other'), badRole('Old')),
      null,
      4,
    );
    expect(await introduced({ 'a.json': old }, { 'a.json': text })).toEqual({
      told: [],
      status: 0,
      known: 1,
    });
  });

  test('a step that newly breaks a rule is reported, and one that broke it before is not', async () => {
    const changed = definitionOf(badRole('New'), good, badRole('Old'));
    expect(await introduced({ 'a.json': old }, { 'a.json': changed })).toEqual({
      told: [NEW_ROLE],
      status: 1,
      known: 1,
    });
  });

  test('another breach of the same step is reported', async () => {
    const changed = definitionOf(good, trainStep('other', 'admin', 'Old'));
    expect(await introduced({ 'a.json': old }, { 'a.json': changed })).toEqual({
      told: [['pipeline-job-prefix', 'a.json', 'Old']],
      status: 1,
      known: 1,
    });
  });

  test('another unauthorised role of the same step is reported', async () => {
    const changed = definitionOf(good, trainStep('fraud-train', 'root', 'Old'));
    expect(await introduced({ 'a.json': old }, { 'a.json': changed })).toEqual({
      told: [['step-role-authorised', 'a.json', 'Old']],
      status: 1,
      known: 0,
    });
  });

  test('only the new steps of a finding for many steps are reported', async () => {
    const bare = (...names: string[]) =>
      definitionOf(...names.map((name) => trainStep(undefined, 'steps/train', name)));
    await inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': bare('A', 'B') }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'a.json': bare('C', 'A', 'B') });
      const [only] = resultsOf(
        await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd }),
      ).findings;
      expect(only?.evidence.map(({ at }) => at)).toEqual(['/Steps/0/Arguments/TrainingJobName']);
    });
  });

  test('a breach that became worse is reported', async () => {
    const retried = (base: string) =>
      definitionOf({
        ...trainStep(base, 'steps/train', 'New'),
        RetryPolicies: [{ ExceptionType: ['Step.THROTTLING'], MaxAttempts: 20 }],
      });
    const before = { 'a.json': retried(`fraud-train-${'x'.repeat(26)}`) };
    const { told } = await introduced(before, { 'a.json': retried(`fraud-train-${'x'.repeat(27)}`) });
    expect(told).toEqual([['job-prefix-length', 'a.json', 'New']]);
  });

  test('all findings of a new file are reported, and of a renamed file only the changed ones', async () => {
    const change = async (cwd: string) => {
      await mkdir(join(cwd, 'moved'));
      await rename(join(cwd, 'a.json'), join(cwd, 'moved/b.json'));
      const text = JSON.stringify(definitionOf(good, badRole('Old'), badPrefix('New')), null, 1);
      await write(cwd, { 'moved/b.json': text, 'c.json': old });
      git(cwd, 'add', '--all');
    };
    const before = { 'a.json': JSON.stringify(old, null, 1) };
    expect((await introduced(before, change, ['moved/b.json', 'c.json'])).told.toSorted()).toEqual([
      ['pipeline-job-prefix', 'moved/b.json', 'New'],
      ['step-role-authorised', 'c.json', 'Old'],
    ]);
  });

  test.each(['./a.json', 'sub/../a.json', 'link/a.json'])(
    '%s is the file that git knows as a.json',
    async (path) => {
      const change = async (cwd: string) => {
        await mkdir(join(cwd, 'sub'));
        await symlink('.', join(cwd, 'link'));
      };
      expect(await introduced({ 'a.json': old }, change, [path])).toEqual({ told: [], status: 0, known: 1 });
    },
  );

  test('a file that was not a definition had no findings', async () => {
    const { told } = await introduced({ 'a.json': '{' }, { 'a.json': old });
    expect(told).toEqual([['step-role-authorised', 'a.json', 'Old']]);
  });

  test('a change of the configuration introduces the findings that its new rules cause', async () => {
    const stricter = { ...CONFIG, roles: { ...CONFIG.roles, steps: [] } };
    const { told } = await introduced({ 'a.json': definitionOf(good) }, { 'pipewarden.yaml': stricter });
    expect(told).toEqual([['step-role-authorised', 'a.json', 'Good'], CHANGED]);
  });

  const bad = { 'a.json': definitionOf(good, badRole('New')) };
  const without = { 'step-role-authorised': { enabled: false, reason: 'later' } };
  const accepted = [
    { control: 'step-role-authorised', resource: 'arn:aws:*:*:*:*', reason: 'later', expires: '2999-01-01' },
  ];
  test.each<[string, object, string]>([
    [
      'that switches off what it would be found by',
      { ...CONFIG, controls: without },
      'controls.step-role-authorised.enabled',
    ],
    ['that suppresses what it would be found by', { ...CONFIG, suppressions: accepted }, 'suppressions[0]'],
    [
      'that authorises what it names',
      { ...CONFIG, roles: { ...CONFIG.roles, steps: [role('*')] } },
      'roles.steps[0]',
    ],
    ['that leaves out the list which it breaks', { ...CONFIG, roles: {} }, 'roles.steps'],
    [
      'that makes it no failure',
      { ...CONFIG, controls: { 'step-role-authorised': { severity: 'low' } } },
      'controls.step-role-authorised.severity',
    ],
  ])('a change %s is judged by the earlier configuration, and this is reported', async (_, changed, at) => {
    const before = { 'a.json': definitionOf(good) };
    const { told, status } = await introduced(before, { ...bad, 'pipewarden.yaml': changed });
    expect(told).toContainEqual(lets(at));
    expect(told).toContainEqual(NEW_ROLE);
    expect(status).toBe(1);
  });

  test('what a change switches off, suppresses and allows is told', async () => {
    const changed = {
      ...CONFIG,
      roles: { ...CONFIG.roles, steps: [role('*')] },
      controls: { ...without, 'job-prefix-length': { severity: 'low' } },
      suppressions: [
        {
          control: 'pipeline-job-prefix',
          resource: 'a.json',
          step: 'New',
          reason: 'moves',
          expires: '2999-01-01',
        },
      ],
    };
    await inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': definitionOf(good) }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'pipewarden.yaml': changed });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      const told = resultsOf(ran).findings.filter(({ subject }) => subject?.startsWith('change'));
      const [steps = ''] = (CONFIG.roles as { steps: string[] }).steps;
      expect(
        told
          .flatMap(({ severity, evidence }) => evidence.map(({ at, found }) => `${severity} ${at}: ${found}`))
          .toSorted(),
      ).toEqual(
        [
          'MEDIUM controls.step-role-authorised.enabled: it switches off step-role-authorised: later (nothing is judged by step-role-authorised any more)',
          'MEDIUM suppressions[0]: it suppresses pipeline-job-prefix on a.json, step New, until 2999-01-01: moves (findings of pipeline-job-prefix are told no more where the suppression is about them)',
          `LOW roles.steps[0]: it adds ${JSON.stringify(role('*'))}, which is wider than ${JSON.stringify(steps)} (more principals are authorised)`,
          `INFORMATIONAL roles.steps: it takes out ${JSON.stringify(steps)}`,
          'INFORMATIONAL controls.step-role-authorised.reason: nothing becomes "later"',
          'MEDIUM controls.job-prefix-length.severity: nothing becomes "low" (its findings are less severe, so that fewer are told of them)',
        ].toSorted(),
      );
    });
  });

  test('a suppression that a change writes into a definition is told and does not count, and an earlier one does', async () => {
    const own = { control: 'step-role-authorised', step: 'New', reason: 'moves', expires: '2999-01-01' };
    const Metadata = { pipewarden: { suppressions: [own] } };
    const changed = { ...definitionOf(good, badRole('New')), Metadata };
    const { told, status } = await introduced({ 'a.json': definitionOf(good) }, { 'a.json': changed });
    expect(told).toEqual([NEW_ROLE, lets('a.json /Metadata/pipewarden/suppressions')]);
    expect(status).toBe(1);
    const early = await introduced({ 'a.json': { ...definitionOf(good), Metadata } }, { 'a.json': changed });
    expect(early.told).toEqual([NEW_ROLE]);
    expect(early.status).toBe(0);
  });

  test('a step that loses its name is told, although it could not be judged before', async () => {
    const prefixes = [
      { prefix: 'fraud-train', roles: [role('pipelines/*')] },
      { prefix: 'pipelines', pipelines: ['sandbox-*'] }, // so that a step without a name may be right
    ];
    const bound = { ...CONFIG, prefixes };
    const nameless = { ...good, Arguments: { ...good.Arguments, TrainingJobName: undefined } };
    const before = { 'pipewarden.yaml': bound, 'a.json': definitionOf(good) };
    const { told, status } = await introduced(before, { 'a.json': definitionOf(nameless) });
    expect(told).toContainEqual(['pipeline-job-prefix', 'a.json', 'Good']);
    expect(status).toBe(3);
    expect(await introduced(before, before)).toMatchObject({ told: [], status: 0, known: 1 });
  });

  test('a configuration behind a link of the repository is the one that the link leads to', async () => {
    await inFolder({ 'rules.yaml': CONFIG, 'out/x.txt': '', 'a.json': definitionOf(good) }, async (cwd) => {
      await rm(join(cwd, 'pipewarden.yaml'), { force: true });
      await symlink('out/../rules.yaml', join(cwd, 'pipewarden.yaml'));
      const base = commitAll(cwd);
      await write(cwd, { 'rules.yaml': { ...CONFIG, roles: {} }, ...bad });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      const told = resultsOf(ran).findings.map(({ control, subject }) => [control, subject]);
      expect(told).toContainEqual(['step-role-authorised', 'New']);
      expect(told).toContainEqual(['exceptions-scoped', 'change of roles.steps']);
      expect(ran.status).toBe(1);
    });
  });

  test.each([
    ['a circle', 'pipewarden.yaml'],
    ['a file outside of the repository', '../../../etc/hostname'],
    ['an absolute path', '/etc/hostname'],
  ])('a configuration that was a link to %s was none', async (_, target) => {
    await inFolder({ 'a.json': definitionOf(good) }, async (cwd) => {
      await symlink(target, join(cwd, 'pipewarden.yaml'));
      const base = commitAll(cwd);
      await rm(join(cwd, 'pipewarden.yaml'));
      await write(cwd, { 'pipewarden.yaml': CONFIG, ...bad });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings.map(({ subject }) => subject)).toContain('New');
    });
  });

  test('comments and the order of keys do not count as a change of the configuration', async () => {
    const { told } = await introduced(
      { 'a.json': definitionOf(good) },
      {
        'pipewarden.yaml': `# why\n${JSON.stringify(Object.fromEntries(Object.entries(CONFIG).toReversed()))}`,
      },
    );
    expect(told).toEqual([]);
  });

  test('a first configuration switches off nothing that is found without one', async () => {
    const long = definitionOf(trainStep(`fraud-train-${'x'.repeat(60)}`, 'steps/train', 'Long'));
    await inFolder({ 'b.json': old }, async (cwd) => {
      const base = commitAll(cwd);
      const controls = { 'job-prefix-length': { enabled: false, reason: 'later' } };
      await write(cwd, { 'a.json': long, 'pipewarden.yaml': { ...CONFIG, controls } });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings.map(({ control, subject }) => [control, subject])).toEqual([
        ['job-prefix-length', 'Long'],
        ['exceptions-scoped', 'change of controls.job-prefix-length.enabled'],
        ['exceptions-scoped', 'job-prefix-length is off'],
      ]);
    });
  });

  const broad = `version: 1
roles:
  steps: [arn:aws:iam::111122223333:role/steps/*]
suppressions:
  - control: step-isolation
    resource: "arn:*:*:*:*:*" # whatever
    reason: noise
    expires: 2099-12-31
`;

  test('what lets more pass has its line and column in each format, and what covers everything fails the run', async () => {
    const before = broad.slice(0, broad.indexOf('suppressions'));
    await inFolder({ 'pipewarden.yaml': before, 'a.json': definitionOf(good) }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'pipewarden.yaml': broad });
      const formats = ['sarif', 'junit', 'table', 'json'] as const;
      const files = formats.flatMap((format) => ['--format', format, '-o', `out.${format}`]);
      const ran = await run(['lint', 'a.json', '--diff', base, ...files], { cwd });
      expect(ran.status).toBe(1);
      const read = (format: string) => readFileSync(join(cwd, `out.${format}`), 'utf8');
      const { runs } = JSON.parse(read('sarif'));
      const placed = (runs[0] as Run).results?.map((result) => [
        result.ruleId,
        result.level,
        ...(result.locations ?? []).map(({ physicalLocation }) => {
          const { artifactLocation, region } = physicalLocation ?? {};
          return [artifactLocation?.uri, region?.startLine, region?.startColumn].join(':');
        }),
      ]);
      expect(placed).toEqual([
        ['exceptions-scoped', 'error', 'pipewarden.yaml:6:15', 'pipewarden.yaml:8:14'],
        ['exceptions-scoped', 'warning', 'pipewarden.yaml:5:5'],
      ]);
      for (const format of ['junit', 'table'])
        for (const place of [
          'pipewarden.yaml:5:5 suppressions[0]',
          'pipewarden.yaml:6:15 suppressions[0].resource',
          'pipewarden.yaml:8:14 suppressions[0].expires',
        ])
          expect(read(format)).toContain(place);
      expect(resultsOf({ stdout: read('json') }).findings.map(({ severity }) => severity)).toEqual([
        'HIGH',
        'MEDIUM',
      ]);
    });
  });

  test.each([
    ['was not there', undefined, []],
    ['was not valid', 'version: 1\nunknown: 1\n', [CHANGED]],
    ['was a folder', { 'pipewarden.yaml/x': '' }, []],
  ])('where the configuration %s, whatever it excepts is told', async (_, then, more) => {
    const files = { 'a.json': definitionOf(good) };
    await inFolder(files, async (cwd) => {
      await rm(join(cwd, 'pipewarden.yaml'), { force: true });
      if (typeof then === 'string') await write(cwd, { 'pipewarden.yaml': then });
      else if (then) {
        await mkdir(join(cwd, 'pipewarden.yaml'));
        await write(cwd, then);
      }
      const base = commitAll(cwd);
      await rm(join(cwd, 'pipewarden.yaml'), { force: true, recursive: true });
      await write(cwd, { 'pipewarden.yaml': broad });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      const told = resultsOf(ran).findings.map(({ control, resource, subject }) => [
        control,
        resource.arn,
        subject,
      ]);
      expect(told).toContainEqual(lets('suppressions[0]'));
      for (const each of more) expect(told).toContainEqual(each);
      expect(ran.status).toBe(1);
    });
  });

  test('a configuration in another repository is not part of the change', async () => {
    await inFolder({ 'policy/pipewarden.yaml': CONFIG, 'code/a.json': definitionOf(good) }, async (cwd) => {
      const [code, policy] = [join(cwd, 'code'), join(cwd, 'policy')];
      commitAll(code);
      commitAll(policy);
      await write(cwd, { 'code/a.json': definitionOf(badRole('New')) });
      await write(cwd, {
        'policy/pipewarden.yaml': { ...CONFIG, roles: { ...CONFIG.roles, steps: [role('*')] } },
      });
      const args = ['lint', 'code/a.json', '--config', 'policy/pipewarden.yaml', '--diff', 'HEAD'];
      const ran = await run([...args, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings).toEqual([]);
      expect(ran.stderr).toContain('what policy/pipewarden.yaml was at HEAD is not compared');
    });
  });

  test('a first configuration judges the definitions of both sides', async () => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'pipewarden.yaml': CONFIG });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings).toEqual([]);
    });
  });

  /** A repository in which everything that it can name would touch a file; `b.json` was `a.json` at its commit. */
  const handedOver = <T>(look: (cwd: string, pwned: () => string[]) => Promise<T>) =>
    inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': JSON.stringify(old, null, 2) }, async (cwd) => {
      commitAll(cwd);
      git(cwd, 'mv', 'a.json', 'b.json');
      await write(cwd, { 'b.json': `${JSON.stringify(old, null, 2)}\n` });
      git(cwd, 'add', '--all');
      const runs = (name: string) => `sh -c 'touch ${join(cwd, `pwned-${name}`)}; cat'`;
      await writeFile(join(cwd, '.git/info/attributes'), '* filter=evil diff=evil\n');
      const settings: Record<string, string> = {
        'filter.evil.clean': runs('clean'),
        'filter.evil.smudge': runs('smudge'),
        'diff.evil.command': runs('command'),
        'diff.evil.textconv': runs('textconv'),
        'diff.external': runs('external'),
        'core.fsmonitor': runs('fsmonitor'),
        'core.sshCommand': runs('ssh'),
        'core.pager': runs('pager'),
        'core.askPass': runs('askpass'),
        'credential.helper': `!${runs('credential')}`,
        'alias.ls-tree': `!${runs('alias')}`,
        'alias.cat-file': `!${runs('alias')}`,
      };
      for (const [key, value] of Object.entries(settings)) git(cwd, 'config', key, value);
      for (const hook of [
        'post-index-change',
        'reference-transaction',
        'fsmonitor-watchman',
        'post-checkout',
      ]) {
        const path = join(cwd, '.git/hooks', hook);
        await mkdir(join(cwd, '.git/hooks'), { recursive: true });
        await writeFile(path, `#!/bin/sh\ntouch ${join(cwd, `pwned-${hook}`)}\n`, { mode: 0o755 });
      }
      // Git decides by the modification time which files it compares.
      await utimes(join(cwd, 'b.json'), 0, 0);
      return look(cwd, () => readdirSync(cwd).filter((name) => name.startsWith('pwned')));
    });

  test('no program that the repository names is run: filters, comparisons, monitors, hooks, aliases', async () => {
    await handedOver(async (cwd, pwned) => {
      const ran = await run(['lint', 'b.json', '--diff', 'HEAD'], { cwd });
      expect({ status: ran.status, pwned: pwned() }).toEqual({ status: 0, pwned: [] });
      expect(ran.stderr).toContain('1 more open at HEAD already');
      git(cwd, 'diff', 'HEAD');
      expect(pwned()).not.toEqual([]);
    });
  });

  test('nothing is fetched that a partial clone lacks, and this is reported', async () => {
    await handedOver(async (cwd, pwned) => {
      const blob = git(cwd, 'rev-parse', 'HEAD:a.json');
      await rm(join(cwd, '.git/objects', blob.slice(0, 2), blob.slice(2)));
      const settings: Record<string, string> = {
        'core.repositoryFormatVersion': '1',
        'extensions.partialClone': 'origin',
        'remote.origin.promisor': 'true',
        'remote.origin.url': join(cwd, 'elsewhere'),
        'remote.origin.uploadpack': `sh -c 'touch ${join(cwd, 'pwned-uploadpack')}; exit 1' #`,
        'protocol.file.allow': 'always',
      };
      for (const [key, value] of Object.entries(settings)) git(cwd, 'config', key, value);
      await write(cwd, { 'a.json': old });
      const ran = await run(['lint', 'a.json', '--diff', 'HEAD'], { cwd });
      expect({ status: ran.status, pwned: pwned() }).toEqual({ status: 2, pwned: [] });
      expect(ran.stderr).toContain('what a.json was there cannot be read');
    });
  });

  test('no file that the settings include is opened, and no replaced object is taken for another', async () => {
    await handedOver(async (cwd, pwned) => {
      execFileSync('mkfifo', [join(cwd, 'pipe')]);
      git(cwd, 'config', 'include.path', join(cwd, 'other'));
      await write(cwd, { other: `[include]\n\tpath = ${join(cwd, 'pipe')}\n` });
      const blob = (path: string, content: string) => {
        writeFileSync(join(cwd, path), content);
        return execFileSync('git', ['hash-object', '-w', path], {
          cwd,
          env: {
            PATH: process.env.PATH ?? '',
            GIT_DIR: join(cwd, '.clean'),
            GIT_OBJECT_DIRECTORY: join(cwd, '.git/objects'),
          },
        })
          .toString()
          .trim();
      };
      execFileSync('git', ['init', '--quiet', '--bare', join(cwd, '.clean')]);
      const [was, other] = [
        blob('a.json', JSON.stringify(old, null, 2)),
        blob('b.json', JSON.stringify(definitionOf(good))),
      ];
      await mkdir(join(cwd, '.git/refs/replace'), { recursive: true });
      await write(cwd, { [`.git/refs/replace/${was}`]: `${other}\n` });
      await write(cwd, { 'a.json': old });
      const ran = await run(['lint', 'a.json', '--diff', 'HEAD'], { cwd });
      expect({ status: ran.status, pwned: pwned() }).toEqual({ status: 0, pwned: [] });
      expect(ran.stderr).toContain('1 more open at HEAD already');
    });
  });

  test('the repository is left as it was, to its last file', async () => {
    await handedOver(async (cwd) => {
      const state = () =>
        readdirSync(join(cwd, '.git'), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(
            ({ parentPath, name }) => `${join(parentPath, name)} ${statSync(join(parentPath, name)).mtimeMs}`,
          )
          .toSorted();
      const before = state();
      await run(['lint', 'b.json', '--diff', 'HEAD'], { cwd });
      expect(state()).toEqual(before);
    });
  });

  test('objects that another machine is said to have are not asked for', async () => {
    await handedOver(async (cwd) => {
      await write(cwd, { '.git/objects/info/alternates': '//files.example.com/objects\n' });
      const ran = await run(['lint', 'b.json', '--diff', 'HEAD'], { cwd });
      expect(ran).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('leads to no git directory on this machine'),
      });
    });
  });

  test.each<[string, (cwd: string) => void]>([
    ['a second working tree', (cwd) => void git(cwd, 'worktree', 'add', '--quiet', '--detach', 'tree')],
    ['a clone that borrows objects', (cwd) => void git(cwd, 'clone', '--quiet', '--shared', '.', 'tree')],
    [
      'packed objects and references',
      (cwd) => {
        git(cwd, 'clone', '--quiet', '.', 'tree');
        git(join(cwd, 'tree'), 'gc', '--quiet');
      },
    ],
  ])('%s is read as well', async (_, make) => {
    await inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': old }, async (cwd) => {
      commitAll(cwd);
      make(cwd);
      await write(join(cwd, 'tree'), { 'a.json': definitionOf(badRole('Old'), badRole('New')) });
      const ran = await run(['lint', 'tree/a.json', '--diff', 'HEAD', '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings.map(({ subject }) => subject)).toEqual(['New']);
    });
  });

  test('a repository of another hash is read as well', async () => {
    await inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': old }, async (cwd) => {
      git(cwd, 'init', '--quiet', '--object-format=sha256');
      commitAll(cwd);
      const ran = await run(['lint', 'a.json', '--diff', 'HEAD', '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings).toEqual([]);
    });
  });

  test.each<[string, (cwd: string) => Record<string, string>]>([
    ['another repository', (cwd) => ({ GIT_DIR: join(cwd, 'none'), GIT_WORK_TREE: '/' })],
    ['another index', (cwd) => ({ GIT_INDEX_FILE: join(cwd, 'none') })],
    [
      'other programs',
      (cwd) => ({ GIT_EXEC_PATH: cwd, GIT_EXTERNAL_DIFF: join(cwd, 'x'), GIT_SSH: join(cwd, 'x') }),
    ],
    [
      'other settings',
      () => ({ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.bare', GIT_CONFIG_VALUE_0: 'true' }),
    ],
    ['a file for its traces', (cwd) => ({ GIT_TRACE: join(cwd, 'pwned-trace') })],
  ])('the environment cannot lead git elsewhere: %s', async (_, env) => {
    await handedOver(async (cwd, pwned) => {
      const ran = await run(['lint', 'b.json', '--diff', 'HEAD'], { cwd, env: env(cwd) });
      expect({ status: ran.status, pwned: pwned() }).toEqual({ status: 0, pwned: [] });
    });
  });

  test('a path that was a link or a folder had no findings', async () => {
    await inFolder({ 'pipewarden.yaml': CONFIG, 'real.json': old }, async (cwd) => {
      await symlink('real.json', join(cwd, 'a.json'));
      const base = commitAll(cwd);
      await rm(join(cwd, 'a.json'));
      await write(cwd, { 'a.json': definitionOf(badRole('Old')) });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings).toMatchObject([{ control: 'step-role-authorised', subject: 'Old' }]);
    });
  });

  test.each([
    ['no-such', 'git knows no such commit (a shallow clone lacks the older ones: fetch it)'],
    ['--output=pwned', 'git knows no such commit (a shallow clone lacks the older ones: fetch it)'],
  ])('%s is not a commit', async (ref, message) => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      commitAll(cwd);
      expect(await run(['lint', 'a.json', '--quiet', `--diff=${ref}`], { cwd })).toEqual({
        status: 2,
        stdout: '',
        stderr: `pipewarden: --diff ${ref}: ${message}\n`,
      });
      expect(git(cwd, 'status', '--porcelain')).toBe('');
    });
  });

  test('files outside a repository and piped definitions are refused', async () => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      expect((await run(['lint', 'a.json', '--diff', 'HEAD', '--quiet'], { cwd })).stderr).toBe(
        'pipewarden: --diff HEAD: . is in no git repository\n',
      );
      const piped = await run(['lint', '-', '--diff', 'HEAD'], { cwd, stdin: JSON.stringify(old) });
      expect(piped).toMatchObject({ status: 2, stderr: expect.stringContaining('--diff goes with files') });
    });
  });
});

describe('lint -', () => {
  const lint = (stdin: string, ...args: string[]) =>
    inFolder({ 'pipewarden.yaml': CONFIG, '-': '{' }, (cwd) => run(['lint', '-', ...args], { cwd, stdin }));

  test.each([
    ['a definition', JSON.stringify(old)],
    ['a describe-pipeline output', JSON.stringify(described('fraud', old))],
  ])('%s from stdin is judged', async (_, text) => {
    const ran = await lint(text, '--format', 'json');
    expect(ran.status).toBe(1);
    expect(resultsOf(ran).findings).toMatchObject([{ resource: { arn: '<stdin>' }, subject: 'Old' }]);
  });

  test('SARIF names its place', async () => {
    const log = JSON.parse((await lint(JSON.stringify(old, null, 2), '--format', 'sarif')).stdout);
    expect(log.runs[0].results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: '%3Cstdin%3E' },
      region: { startLine: 17, startColumn: 20, endLine: 17, endColumn: 58 },
    });
  });

  test.each([
    ['', '<stdin>:1:1: not a pipeline definition: '],
    ['{', '<stdin>:1:2: not a pipeline definition: '],
  ])('%j is not a definition', async (text, message) => {
    const { status, stdout, stderr } = await lint(text);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
