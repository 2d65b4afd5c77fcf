import type { Command } from 'commander';
import { groupBy } from '../shared/group-by.ts';
import { shellQuoted } from '../shared/text/shell-text.ts';
import { type CommandNode, commandTree } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The script by which a shell completes commands, options and known values. The script walks over the words before
 * the cursor. It finds the command (`at`), the last option, and the number of words after this option. Everything
 * else is completed as a file name.
 */
export const completionScript = (program: Command, shell: Shell): string =>
  SCRIPTS[shell](program.name(), commandTree(program));

/** Without an answer, bash completes file names (`-o default`). Bash treats "=" as a word of its own. */
const bash = (name: string, tree: readonly CommandNode[]): string => `# In ~/.bashrc:
#   eval "$(${name} completion bash)"
_${name}() {
  local at=${name} option= values=0 word i current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at $word" in
      ${subcommandPattern(tree)}) at="$at $word"; continue ;;
    esac
    case $word in
      =) ;;
      -*) option=$word values=0 ;;
      *) values=$((values + 1)) ;;
    esac
  done
  [[ $current == = ]] && current=
  if [[ $current == -* ]]; then
    case $at in
${cases(optionWords(tree), compgen)}
    esac
    return
  fi
  case "$at $option $values" in
${cases(optionValues(tree), compgen)}
  esac
  case $at in
${cases(candidateWords(tree), compgen)}
  esac
}
complete -o default -F _${name} ${name}
`;

const compgen = (words: readonly string[]): string =>
  words.length === 0
    ? 'return'
    : `COMPREPLY=($(compgen -W ${shellQuoted(words.join(' '))} -- "$current")); return`;

/**
 * Zsh uses the file as the function's body if it lies in a folder of `fpath`; `source` registers the function
 * instead.
 */
const zsh = (name: string, tree: readonly CommandNode[]): string => `#compdef ${name}
# In ~/.zshrc, behind compinit:
#   source <(${name} completion zsh)
_${name}() {
  local at=${name} option= values=0 word
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${subcommandPattern(tree)}) at="$at $word"; continue ;;
    esac
    case $word in
      -*) option=$word values=0 ;;
      *) values=$((values + 1)) ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then
    option=\${PREFIX%%=*} values=0
    compset -P '*='
  elif [[ $PREFIX == -* ]]; then
    case $at in
${cases(describedOptions(tree), describe('-o option'))}
    esac
    return
  fi
  case "$at $option $values" in
${cases(optionValues(tree), compadd)}
  esac
  case $at in
${cases(describedCandidates(tree), describe('argument'))}
  esac
  _files
}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;

const compadd = (words: readonly string[]): string =>
  `${words.length === 0 ? '_files' : `compadd -- ${words.map(shellQuoted).join(' ')}`}; return`;

const describe =
  (what: string) =>
  (entries: readonly string[]): string =>
    `candidates=(${entries.map(shellQuoted).join(' ')}); _describe ${what} candidates; return`;

/** Fish itself knows which option a word belongs to, except for further values of an option that takes several. */
const fish = (name: string, tree: readonly CommandNode[]): string => `# In ~/.config/fish/config.fish:
#   ${name} completion fish | source
function __${name}_state
    set -l at ${name}
    set -l option
    for word in (commandline -opc)[2..]
        switch "$at $word"
            case ${subcommandPaths(tree).map(fishQuoted).join(' ')}
                set at "$at $word"
            case '* -*'
                set option $word
        end
    end
    echo $at
    echo "$at $option"
end
complete -c ${name} -e
${tree.flatMap((node) => fishLines(name, node)).join('\n')}
`;

const fishLines = (name: string, { path, candidates, options }: CommandNode): string[] => {
  const complete = (state: 1 | 2, at: string) =>
    `complete -c ${name} -n ${fishQuoted(`test (__${name}_state)[${state}] = "${at}"`)}`;
  return [
    ...candidates.map(
      ({ word, description }) => `${complete(1, path)} -f -a ${fishQuoted(word)}${fishText(description)}`,
    ),
    ...options.flatMap(({ words, description, takes, values }) => {
      const flags = words.map((word) =>
        word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`,
      );
      const list = fishQuoted(values.join(' '));
      const taken = takes === 'none' ? '' : values.length > 0 ? ` -x -a ${list}` : ' -r -F';
      return [
        `${complete(1, path)} ${flags.join(' ')}${taken}${fishText(description)}`,
        ...(takes === 'many' && values.length > 0
          ? words.map((word) => `${complete(2, `${path} ${word}`)} -f -a ${list}`)
          : []),
      ];
    }),
  ];
};

const SCRIPTS = { bash, zsh, fish };

/** Patterns of a shell `case`, and the words that they lead to. */
type Case = { patterns: string[]; words: readonly string[] };

const optionWords = (tree: readonly CommandNode[]): Case[] =>
  tree.map(({ path, options }) => ({
    patterns: [shellQuoted(path)],
    words: options.flatMap(({ words }) => words),
  }));

const describedOptions = (tree: readonly CommandNode[]): Case[] =>
  tree.map(({ path, options }) => ({
    patterns: [shellQuoted(path)],
    words: options.flatMap(({ words, description }) => words.map((word) => `${word}:${description}`)),
  }));

const candidateWords = (tree: readonly CommandNode[]): Case[] =>
  tree.flatMap(({ path, candidates }) =>
    candidates.length === 0
      ? []
      : { patterns: [shellQuoted(path)], words: candidates.map(({ word }) => word) },
  );

const describedCandidates = (tree: readonly CommandNode[]): Case[] =>
  tree.flatMap(({ path, candidates }) =>
    candidates.length === 0
      ? []
      : {
          patterns: [shellQuoted(path)],
          words: candidates.map(({ word, description }) => (description ? `${word}:${description}` : word)),
        },
  );

const optionValues = (tree: readonly CommandNode[]): Case[] =>
  tree.flatMap(({ path, options }) =>
    options
      .filter(({ takes }) => takes !== 'none')
      .map(({ words, takes, values }) => ({
        patterns: words.map((word) =>
          takes === 'many' ? `${shellQuoted(`${path} ${word} `)}*` : shellQuoted(`${path} ${word} 0`),
        ),
        words: values,
      })),
  );

/** The cases as lines. Cases with the same answer share a line. */
const cases = (all: readonly Case[], answer: (words: readonly string[]) => string): string =>
  [...groupBy(all, ({ words }) => answer(words))]
    .map(([text, same]) => `      ${same.flatMap(({ patterns }) => patterns).join(' | ')}) ${text} ;;`)
    .join('\n');

const subcommandPaths = (tree: readonly CommandNode[]): string[] => tree.slice(1).map(({ path }) => path);

const subcommandPattern = (tree: readonly CommandNode[]): string =>
  subcommandPaths(tree).map(shellQuoted).join(' | ');

const fishQuoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

const fishText = (description: string): string =>
  description === '' ? '' : ` -d ${fishQuoted(description)}`;
