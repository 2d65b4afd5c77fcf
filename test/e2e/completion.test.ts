import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROLS } from '../../shared/controls/index.ts';
import { inFolder, ROOT, run } from '../support/commands/cli.ts';
import { describeWith } from '../support/jest/tools.ts';

const scripts = { bash: '', zsh: '', fish: '' };

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const { status, stdout, stderr } = await run(['completion', shell]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    scripts[shell] = stdout;
  }
});

const ids = CONTROLS.map(({ id }) => id);
const jobControls = ids.filter((id) => id.startsWith('job-'));

/** A command line up to the cursor, and the words that can follow. */
const LINES: [string, string[]][] = [
  ['pipewarden mc', ['mcp']],
  ['pipewarden ex', ['explain', 'explain-denied']],
  ['pipewarden explain ', ids],
  ['pipewarden explain job-', jobControls],
  ['pipewarden help ge', ['generate']],
  ['pipewarden generate co', ['cors']],
  ['pipewarden who-can ', ['create-job', 'help', 'pass', 'retry', 'start', 'update']],
  ['pipewarden completion ', ['bash', 'fish', 'zsh']],
  ['pipewarden audit --sn', ['--snapshot']],
  ['pipewarden audit --format j', ['json', 'junit']],
  ['pipewarden audit --live --fail-on ', ['critical', 'high', 'low', 'medium', 'none']],
  ['pipewarden generate prefix-policy --step-types Training Tr', ['Training', 'Transform']],
];

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('bash', () => {
  /** Bash calls the function with the words, also divided at "=", and takes the result from COMPREPLY. */
  const complete = (words: readonly string[]): string[] =>
    lines(
      execFileSync(
        'bash',
        [
          '-c',
          'eval "$PW"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pipewarden; printf "%s\\n" "${COMPREPLY[@]}"',
          'bash',
          ...words,
        ],
        { encoding: 'utf8', env: { ...process.env, PW: scripts.bash } },
      ),
    );

  test.each(LINES)('%s', (line, expected) => {
    expect(complete(line.split(' ')).toSorted()).toEqual(expected);
  });

  test.each<[string[], string[]]>([
    [
      ['pipewarden', 'audit', '--format', '='],
      ['table', 'json', 'asff', 'html'],
    ],
    [['pipewarden', 'audit', '--format', '=', 'js'], ['json']],
    [['pipewarden', 'audit', '--format', '=', 'json', '--fail-on', 'cr'], ['critical']],
  ])('%j', (words, expected) => {
    expect(complete(words)).toEqual(expect.arrayContaining(expected));
  });

  test.each(['pipewarden lint READ', 'pipewarden audit --config pack', 'pipewarden audit --events a b'])(
    '%s: left to the completion of file names',
    (line) => {
      expect(complete(line.split(' '))).toEqual([]);
      expect(scripts.bash).toContain('complete -o default -F _pipewarden pipewarden');
    },
  );
});

describeWith('fish', 'fish', () => {
  const complete = (line: string): string[] =>
    inFish(`source (echo $PW | psub); complete -C ${JSON.stringify(line)}`).map(
      (found) => found.split('\t')[0] ?? '',
    );
  const inFish = (code: string): string[] =>
    lines(
      execFileSync('fish', ['--no-config', '-c', code], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, PW: scripts.fish },
      }),
    );

  test.each([
    ...LINES,
    ['pipewarden lint READ', ['README.md']],
    ['pipewarden audit --config READ', ['README.md']],
    ['pipewarden audit --format=js', ['--format=json']],
  ] as [string, string[]][])('%s', (line, expected) => {
    expect(complete(line).toSorted()).toEqual(expected);
  });
});

describeWith('zsh', 'zsh', () => {
  /** The line in a terminal after Tab is pressed at its end. */
  const afterTab = (line: string): Promise<string> =>
    inFolder({ 'completion.zsh': scripts.zsh }, async (folder) => {
      const start = `autoload -U compinit; compinit -u -D; source ${folder}/completion.zsh
        tab() { zle complete-word; print -r -- "<$BUFFER>" }; zle -N tab; bindkey '^I' tab; print READ''Y`;
      const terminal = `zmodload zsh/zpty; zpty -b z zsh -f -i; zpty -w z "$1"; zpty -r z out '*READY*'
        zpty -n -w z "$2"$'\\t'; zpty -r z out '*<*>*'; print -r -- "$out"; zpty -d z`;
      const out = execFileSync('zsh', ['-f', '-c', terminal, 'zsh', start.replaceAll(/\n\s*/g, '; '), line], {
        cwd: ROOT,
        encoding: 'utf8',
        timeout: 30_000,
        env: { ...process.env, TERM: 'dumb', HOME: folder },
      });
      return /<([^>]*)>/.exec(out)?.[1] ?? out;
    });

  test.each<[string, string]>([
    ['pipewarden gr', 'pipewarden graph '],
    ['pipewarden explain job-p', 'pipewarden explain job-prefix-length '],
    ['pipewarden generate co', 'pipewarden generate cors '],
    ['pipewarden audit --sn', 'pipewarden audit --snapshot '],
    ['pipewarden audit --format js', 'pipewarden audit --format json '],
    ['pipewarden audit --format=js', 'pipewarden audit --format=json '],
    ['pipewarden lint READ', 'pipewarden lint README.md '],
    ['pipewarden audit --config READ', 'pipewarden audit --config README.md '],
  ])('%s', async (line, completed) => {
    expect(await afterTab(line)).toBe(completed);
  });
});
