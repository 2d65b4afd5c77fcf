import { DEFAULT_NAMES } from '../authorised/prefixes.ts';
import type { Prefix } from '../config/schema.ts';
import { JOB_STEP_TYPES } from '../definition/step-types.ts';
import { groupBy } from '../group-by.ts';
import { tooLongFor } from '../policies/prefix-policy.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';
import { isRoleArn, type NameUse, type PipelineSurvey } from './survey.ts';
import { wordPrefixes } from './word-prefixes.ts';

/** The schema of the configuration allows this many. */
const MAX_PREFIXES = 1000;

type Use = NameUse & { pipeline: string; roleArn: string };

/**
 * The job-name prefixes in use. Job names of pipelines with the same execution roles are grouped by their first
 * words, as long as no job name of other roles begins with the same words.
 */
export const foundPrefixes = (pipelines: readonly PipelineSurvey[]): Noted<Prefix>[] => {
  const uses = pipelines.flatMap(({ name: pipeline, roleArn, names }) =>
    names.map((use): Use => ({ ...use, pipeline, roleArn })),
  );
  const all = pipelines.map(({ name }) => name);
  const byName = groupBy(
    uses.filter(({ name }) => name !== DEFAULT_NAMES),
    ({ name }) => name,
  );
  const byTeam = groupBy(byName, ([, of]) =>
    [...new Set(of.map(({ roleArn }) => roleArn))].toSorted().join(' '),
  );
  const found = [...byTeam.values()].flatMap((team) => {
    const own = new Set(team.map(([name]) => name));
    const others = [...byName.keys()].filter((name) => !own.has(name));
    return wordPrefixes([...own], others).map(({ prefix, names }) =>
      entryOf(
        prefix,
        names,
        names.flatMap((name) => byName.get(name) ?? []),
        all,
      ),
    );
  });
  const unnamed = uses.filter(({ name }) => name === DEFAULT_NAMES);
  return [
    ...found.toSorted((one, other) => (one.value.prefix < other.value.prefix ? -1 : 1)),
    ...(unnamed.length > 0 ? [defaultEntry(unnamed, all)] : []),
  ].slice(0, MAX_PREFIXES);
};

const entryOf = (prefix: string, names: string[], uses: Use[], all: readonly string[]): Noted<Prefix> => {
  const types = new Set(uses.map(({ stepType }) => stepType));
  const roles = [...new Set(uses.map(({ roleArn }) => roleArn))].filter(isRoleArn).toSorted();
  const patterns = pipelinePatterns(
    uses.map(({ pipeline }) => pipeline),
    all,
  );
  const cut = new Set(uses.flatMap(({ name, isWhole }) => (isWhole ? [] : name)));
  const parameters = [...new Set(uses.flatMap(({ hangsOn }) => hangsOn))].toSorted();
  return {
    value: {
      prefix,
      stepTypes: JOB_STEP_TYPES.filter((type) => types.has(type)),
      ...(roles.length > 0 && { roles }),
      ...(patterns.length > 0 && { pipelines: patterns }),
    },
    notes: [
      `in ${counted(new Set(uses.map(({ pipeline }) => pipeline)).size, 'pipeline')}: ${listed(names)}`,
      ...prefixDoubts(prefix, uses),
      ...(cut.size > 0 ? [`only a run tells how they go on: ${listed([...cut])}`] : []),
      ...(parameters.length > 0
        ? [`by the defaults of parameters, which an execution may change: ${listed(parameters)}`]
        : []),
    ],
  };
};

/** Why a prefix in use may not be one that somebody means: shown in the file, and once beside it. */
const prefixDoubts = (prefix: string, uses: readonly Use[]): string[] => {
  const types = JOB_STEP_TYPES.filter((type) => uses.some(({ stepType }) => stepType === type));
  return [
    ...(uses.some(({ name, isOfAnyTeam }) => isOfAnyTeam && name === prefix)
      ? ['look at it: the SDK gives such names where no base job name is given, to the jobs of every team']
      : []),
    ...tooLongFor(prefix, types).map(
      ({ type, longest }) =>
        `look at it: too long for ${type} steps, whose base job names have ${longest} characters at most (job-prefix-length)`,
    ),
  ];
};

/** The prefixes that somebody should look at before the configuration is used. */
export const doubtfulPrefixes = (prefixes: readonly Noted<Prefix>[]): string[] =>
  prefixes.flatMap(({ value: { prefix }, notes }) => {
    const doubts = notes.flatMap((note) => (note.startsWith(LOOK) ? note.slice(LOOK.length) : []));
    return doubts.length > 0 ? `look at prefix ${prefix}: ${doubts.join('; ')}` : [];
  });

const LOOK = 'look at it: ';

const defaultEntry = (uses: Use[], all: readonly string[]): Noted<Prefix> => {
  const pipelines = new Set(uses.map(({ pipeline }) => pipeline));
  const patterns = pipelinePatterns([...pipelines], all);
  return {
    value: { prefix: DEFAULT_NAMES, ...(patterns.length > 0 && { pipelines: patterns }) },
    notes: [
      `jobs without a base job name in ${counted(pipelines.size, 'pipeline')}: this entry allows it; without it they are findings`,
    ],
  };
};

/** Names and patterns that match these pipelines and no others of the account; nobody reads a long list of names. */
export const pipelinePatterns = (used: readonly string[], all: readonly string[]): string[] => {
  const own = new Set(used);
  return wordPrefixes(
    used,
    all.filter((name) => !own.has(name)),
  ).flatMap(({ prefix, names, isExact }) => {
    if (isExact) return [prefix];
    return [...(names.includes(prefix) ? [prefix] : []), `${prefix}-*`];
  });
};
