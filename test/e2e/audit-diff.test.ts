import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type Files, inFolder, resultsOf, run } from '../support/commands/cli.ts';
import { commitAll } from '../support/commands/git.ts';
import { describeWith } from '../support/jest/tools.ts';

const RULES = {
  version: 1,
  roles: { execution: ['arn:aws:iam::111122223333:role/*'], steps: ['arn:aws:iam::111122223333:role/*'] },
};
const TRUST = {
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' },
  ],
};
const role = (name: string, more: object = {}, trust: object = TRUST) => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: name, AssumeRolePolicyDocument: trust },
  ...more,
});
const template = (...names: string[]) => ({
  Resources: Object.fromEntries(names.map((name) => [name, role(name)])),
});
const OWN = { control: 'execution-role-trust', reason: 'moves', expires: '2027-01-01' };
const suppressed = (name: string) => ({
  Resources: { [name]: role(name, { Metadata: { pipewarden: { suppressions: [OWN] } } }) },
});

/** What an audit tells of a change of files since a commit, by control and the resource’s name. */
const introduced = (
  before: Files,
  change: (cwd: string) => Promise<unknown>,
  templates: readonly string[] = ['a.json'],
) =>
  inFolder({ 'pipewarden.yaml': RULES, ...before }, async (cwd) => {
    const base = commitAll(cwd);
    await change(cwd);
    const ran = await run(
      [
        'audit',
        '--template',
        ...templates,
        '--parameter',
        'AWS::AccountId=111122223333',
        '--control',
        'execution-role-trust,exceptions-scoped',
        '--diff',
        base,
        '--unread',
        'ok',
        '--format',
        'json',
      ],
      { cwd },
    );
    expect(ran.stderr).not.toContain('pipewarden:');
    return {
      told: resultsOf(ran)
        .findings.filter(({ control }) => control !== 'evidence-readable')
        .map(({ control, status, resource, suppression, evidence }) =>
          [
            control,
            status,
            resource.arn.split('/').at(-1),
            ...(suppression ? ['suppressed'] : []),
            ...(evidence.length > 1 ? [evidence.length] : []),
          ].join(' '),
        ),
      known: Number(/^(\d+) more open at [0-9a-f]+ already$/m.exec(ran.stderr)?.[1]),
    };
  });

const write = (files: Files) => async (cwd: string) => {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(
      join(cwd, path),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  }
};

describeWith('git and bash', 'audit --template --diff', () => {
  test('tells what a change adds, wherever the rest has moved in the file', async () => {
    const change = write({ 'a.json': template('new', 'old') });
    const { told, known } = await introduced({ 'a.json': template('old') }, change);
    expect(told).toEqual(['execution-role-trust FAILED new']);
    expect(known).toBeGreaterThan(0);
  });

  test('tells a further breach in a policy that had one, and not the one that only moved', async () => {
    const more = {
      Statement: [
        { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole' },
        ...TRUST.Statement,
      ],
    };
    const { told } = await introduced(
      { 'a.json': template('old') },
      write({ 'a.json': { Resources: { old: role('old', {}, more) } } }),
    );
    expect(told).toEqual(['execution-role-trust FAILED old']);
  });

  test('takes a template that was not there for new as a whole, and follows one that was renamed', async () => {
    const { told } = await introduced(
      { 'a.json': template('old') },
      async (cwd) => {
        await rename(join(cwd, 'a.json'), join(cwd, 'renamed.json'));
        await write({ 'b.json': template('new') })(cwd);
        commitAll(cwd);
      },
      ['renamed.json', 'b.json'],
    );
    expect(told).toEqual(['execution-role-trust FAILED new']);
  });

  test('a suppression that the change writes does not count and is told, and an earlier one counts', async () => {
    const added = await introduced({ 'a.json': template() }, write({ 'a.json': suppressed('new') }));
    expect(added.told).toEqual([
      'execution-role-trust FAILED new',
      'exceptions-scoped WARNING pipewarden.yaml',
    ]);
    const early = await introduced(
      { 'a.json': suppressed('old') },
      write({ 'a.json': { ...suppressed('old'), Description: 'changed' } }),
    );
    expect(early.told).toEqual([]);
  });

  test('a configuration that is changed beside the template does not switch off what would find it', async () => {
    const { told } = await introduced(
      { 'a.json': template() },
      write({
        'a.json': template('new'),
        'pipewarden.yaml': {
          ...RULES,
          controls: { 'execution-role-trust': { enabled: false, reason: 'noise' } },
        },
      }),
    );
    expect(told).toContain('execution-role-trust FAILED new');
    expect(told.some((each) => each.startsWith('exceptions-scoped WARNING'))).toBe(true);
  });

  test('a nested template is compared with the one that was nested then', async () => {
    const outer = (url: string) => ({
      Resources: { Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: url } } },
    });
    const { told } = await introduced(
      { 'a.json': outer('./then/inner.json'), 'then/inner.json': template('old'), 'then/other': '' },
      async (cwd) => {
        await write({ 'a.json': outer('./inner.json'), 'inner.json': template('old', 'new') })(cwd);
        await rm(join(cwd, 'then/inner.json'));
      },
    );
    expect(told).toEqual(['execution-role-trust FAILED new']);
  });

  test.each([
    [
      ['--template', 'cdk.out'],
      /cdk\.out is a folder that `cdk synth` writes.*`pipewarden diff BEFORE AFTER`/,
    ],
    [['--plan', 'tfplan'], /a plan is in no commit.*`pipewarden diff BEFORE AFTER`/],
    [['--template', '-'], /git knows nothing of what is piped in/],
    [['--snapshot', 'cdk.out'], /--diff goes with --template.*`pipewarden diff OLD NEW`/],
  ])('with %s is refused with what to do', (args, message) =>
    inFolder({ 'cdk.out/manifest.json': '{}' }, async (cwd) => {
      const ran = await run(['audit', ...args, '--diff', 'HEAD'], { cwd });
      expect([ran.status, ran.stderr]).toEqual([2, expect.stringMatching(message)]);
    }),
  );
});
