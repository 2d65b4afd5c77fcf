import type { Command, Option } from 'commander';

/** A word that can come next, and its description. */
export type Candidate = { word: string; description: string };

/** An option: its words, how many values it takes, and the possible values if they are known. */
export type OptionNode = {
  words: string[];
  description: string;
  takes: 'none' | 'one' | 'many';
  values: readonly string[];
};

/**
 * A command by its full path, such as "pipewarden generate cors", with its subcommands or the values of its argument.
 */
export type CommandNode = { path: string; candidates: Candidate[]; options: OptionNode[] };

/** The program and all its subcommands, as the help shows them. */
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

/** Commander's own command `help` takes the name of a sibling command as its argument. */
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
