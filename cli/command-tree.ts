import type { Command, Option } from 'commander';

/** A word that can come next, and what it is. */
export type Candidate = { word: string; description: string };

/** An option by its words, how many values it takes, and those values where they are known. */
export type OptionNode = {
  words: string[];
  description: string;
  takes: 'none' | 'one' | 'many';
  values: readonly string[];
};

/** A command by its whole path, such as "pipewarden generate cors", with its subcommands or the values of its argument. */
export type CommandNode = { path: string; candidates: Candidate[]; options: OptionNode[] };

/** The program and all that is below it, as its help shows them. */
export const commandTree = (command: Command, path = command.name()): CommandNode[] => {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  const candidates = [
    ...subcommands.map((each) => ({ word: each.name(), description: each.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [] }) =>
      argChoices.map((word) => ({ word, description: '' })),
    ),
  ];
  return [
    { path, candidates, options: help.visibleOptions(command).map(optionNode) },
    ...subcommands.flatMap((each) =>
      each.name() === 'help' ? helpNode(candidates, path) : commandTree(each, `${path} ${each.name()}`),
    ),
  ];
};

/** The argument of `help`, a command of commander's own, is one of its siblings. */
const helpNode = (siblings: readonly Candidate[], path: string): CommandNode[] => [
  { path: `${path} help`, candidates: siblings.filter(({ word }) => word !== 'help'), options: [] },
];

const optionNode = ({
  short,
  long,
  description,
  required,
  optional,
  variadic,
  argChoices,
}: Option): OptionNode => ({
  words: [short, long].flatMap((word) => word ?? []),
  description,
  takes: variadic ? 'many' : required || optional ? 'one' : 'none',
  values: argChoices ?? [],
});
