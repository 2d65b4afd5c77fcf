import { describe, expect, test } from '@jest/globals';
import { Argument, Command, Option } from 'commander';
import { commandTree } from '../../../cli/command-tree.ts';
import { completionScript, SHELLS } from '../../../cli/completion.ts';

const program = new Command('brew').version('1.0.0', '-V, --version');
program
  .command('coffee')
  .description("the guest's cup")
  .addArgument(new Argument('[bean]').choices(['arabica', 'robusta']))
  .addOption(new Option('-s, --size <size>', 'how much').choices(['small', 'large']))
  .addOption(new Option('--with <what...>', 'beside it').choices(['milk', 'sugar']))
  .option('--from <file>', 'the order')
  .addOption(new Option('--secret').hideHelp());
program.command('tea').description('tea').command('green').description('green tea').argument('<files...>');
program.command('poison', { hidden: true });

const HELP = {
  words: ['-h', '--help'],
  description: 'display help for command',
  takes: 'none',
  values: [],
};

test('the command tree contains what the help shows', () => {
  expect(commandTree(program)).toEqual([
    {
      path: 'brew',
      candidates: [
        { word: 'coffee', description: "the guest's cup" },
        { word: 'tea', description: 'tea' },
        { word: 'help', description: 'display help for command' },
      ],
      options: [
        { words: ['-V', '--version'], description: 'output the version number', takes: 'none', values: [] },
        HELP,
      ],
    },
    {
      path: 'brew coffee',
      candidates: [
        { word: 'arabica', description: '' },
        { word: 'robusta', description: '' },
      ],
      options: [
        { words: ['-s', '--size'], description: 'how much', takes: 'one', values: ['small', 'large'] },
        { words: ['--with'], description: 'beside it', takes: 'many', values: ['milk', 'sugar'] },
        { words: ['--from'], description: 'the order', takes: 'one', values: [] },
        HELP,
      ],
    },
    {
      path: 'brew tea',
      candidates: [
        { word: 'green', description: 'green tea' },
        { word: 'help', description: 'display help for command' },
      ],
      options: [HELP],
    },
    { path: 'brew tea green', candidates: [], options: [HELP] },
    { path: 'brew tea help', candidates: [{ word: 'green', description: 'green tea' }], options: [] },
    {
      path: 'brew help',
      candidates: [
        { word: 'coffee', description: "the guest's cup" },
        { word: 'tea', description: 'tea' },
      ],
      options: [],
    },
  ]);
});

describe.each(SHELLS)('the script for %s', (shell) => {
  const script = completionScript(program, shell);

  test.each(['coffee', 'green', 'arabica', 'large', 'sugar', 'size', 'from'])('contains %s', (word) => {
    expect(script).toMatch(new RegExp(`\\b${word}\\b`));
  });

  test('contains nothing that the help hides', () => {
    expect(script).not.toMatch(/poison|secret/);
  });
});

test.each([
  ['bash', "'brew coffee -s 0' | 'brew coffee --size 0') COMPREPLY=($(compgen -W 'small large' "],
  ['bash', "'brew coffee --with '*) COMPREPLY=($(compgen -W 'milk sugar' "],
  ['zsh', `candidates=('coffee:the guest'"'"'s cup' 'tea:tea' `],
  ['fish', "-f -a 'coffee' -d 'the guest\\'s cup'"],
  ['fish', "-s s -l size -x -a 'small large' -d 'how much'"],
  ['fish', '-l from -r -F '],
] as const)('%s: %s', (shell, part) => {
  expect(completionScript(program, shell)).toContain(part);
});
