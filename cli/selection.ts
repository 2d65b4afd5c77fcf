import { type Command, Option } from 'commander';
import type { Config, FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { type Finding, SEVERITIES, type Severity, severityRank } from '../shared/domain/finding.ts';
import { type Resource, typeOfArn } from '../shared/domain/resource.ts';
import { meansResource, type RunSelection, selectionTexts } from '../shared/findings/run-selection.ts';
import type { Control } from '../shared/judging/control.ts';
import { teamNames, teamsOf } from '../shared/outputs/report/owners.ts';
import { listed } from '../shared/text/listed.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { UsageError } from './errors.ts';

/** The options that narrow a run. */
export type SelectionOptions = {
  control?: string[];
  skip?: string[];
  severity?: Lowercase<Severity>;
  resource?: string[];
  team?: string;
};

/** A part of a run: the controls that judge, and which of their findings count and are listed. */
export type Selection = {
  controls: readonly Control[];
  /** All controls that could have judged. */
  known: readonly Control[];
  /** Whether a finding is of the resources or the team that were asked for. Others do not count. */
  concerns: (finding: Finding) => boolean;
  /** Whether a finding is severe enough to be listed. Others count all the same. */
  isListed: (finding: Finding) => boolean;
  /**
   * Refuses a selection of resources that nothing which was judged is among: it would look clean.
   * @throws {UsageError}
   */
  requireSome: (judged: readonly Finding[]) => void;
  /** Whether a resource is among those that were asked for. */
  isAsked: (resource: Pick<Resource, 'arn'>, account: string | undefined) => boolean;
  /** What the run was narrowed to, for a person; empty for a whole run. */
  texts: readonly string[];
  /** The same for the results, of which nobody may take what was left out for mended. */
  told: RunSelection;
};

const collect = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  ...value.split(',').flatMap((each) => each.trim() || []),
];

const SEVERITY_NAMES = SEVERITIES.toReversed().map((name) => name.toLowerCase() as Lowercase<Severity>);

/** Adds the options that narrow a run. */
export const withSelection = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--control <ids>',
        'only these controls judge, and evidence-readable, which tells what they lack; repeated, or with commas',
      ).argParser(collect),
    )
    .addOption(new Option('--skip <ids>', 'these controls do not judge').argParser(collect))
    .addOption(
      new Option(
        '--severity <severity>',
        'list only findings of this severity or above; all of them count',
      ).choices(SEVERITY_NAMES),
    )
    .addOption(
      new Option(
        '--resource <pattern>',
        'only findings on these resources: an ARN, a name or the path of a file, * and ? allowed; may be repeated',
      ).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]),
    )
    .option(
      '--team <team>',
      'only findings of this team of the configuration; without teams there, the first word of its prefixes',
    );

/** This control tells what the others could not see, so it judges with whichever are chosen. */
const ALWAYS = 'evidence-readable';

/**
 * What a run is about. `pipelineIn`: the pipeline of a linted file, where the file or an option tells it. `own`: what of the
 * configuration the run judges by, once this is known; its teams are those that work in the account.
 */
type Run = { isOfFiles: boolean; pipelineIn: (finding: Finding) => string | undefined; own?: Config };

/** A run about an account, before its configuration is known. */
export const OF_ACCOUNT: Run = { isOfFiles: false, pipelineIn: () => undefined };

/** Whole accounts that could not be read would look clean to whoever asks for one resource. */
const isOfEverybody = ({ status, resource: { type } }: Finding): boolean =>
  status === 'NOT_AVAILABLE' && ['account', 'organization', 'event'].includes(type);

/**
 * The part of a run that the options ask for, of these controls.
 * @throws {UsageError} for a control or team that there is not.
 */
export const selectionOf = (
  { control, skip = [], severity, resource, team }: SelectionOptions,
  controls: readonly Control[],
  config: FileConfig,
  run: Run = OF_ACCOUNT,
): Selection => {
  if (control?.length === 0)
    throw new UsageError('--control: it names no control, so that nothing would judge');
  for (const [option, ids] of [
    ['--control', control ?? []],
    ['--skip', skip],
  ] as const)
    for (const id of ids) requireControl(option, id, controls);
  const chosen = controls.filter(
    ({ id }) => (control === undefined || control.includes(id) || id === ALWAYS) && !skip.includes(id),
  );
  if (chosen.length === 0) throw new UsageError('--control and --skip leave no control that judges');
  const isOfTeam = team === undefined ? () => true : membersOf(team, config, run);
  const isAsked = (finding: Finding) =>
    (resource === undefined || resource.some((pattern) => meansResource(pattern, finding.resource.arn))) &&
    isOfTeam(finding);
  const told: RunSelection = {
    ...(chosen.length < controls.length && { controls: chosen.map(({ id }) => id) }),
    ...(resource !== undefined && { resources: resource }),
    ...(team !== undefined && { team }),
    ...(severity !== undefined && { severity }),
  };
  return {
    controls: chosen,
    known: controls,
    concerns: (finding) => isOfEverybody(finding) || isAsked(finding),
    requireSome: (judged) => {
      if ((resource ?? team) !== undefined && !judged.some(isAsked))
        throw new UsageError(
          `${[...(resource ?? []).map((each) => `--resource ${each}`), ...(team === undefined ? [] : [`--team ${team}`])].join(' ')}: nothing of what was judged is meant by it`,
        );
    },
    isListed: (finding) =>
      severity === undefined ||
      severityRank(finding.severity) >= severityRank(severity.toUpperCase() as Severity),
    isAsked: ({ arn }, account) => isAsked(about(arn, account)),
    texts: selectionTexts(told, controls.length),
    told,
  };
};

/** A finding of no matter, by which a selection is asked whether it means a resource. */
const about = (arn: string, account: string | undefined): Finding => ({
  id: '',
  control: '',
  status: 'PASSED',
  severity: 'INFORMATIONAL',
  title: '',
  resource: { type: typeOfArn(arn) ?? 'pipeline', arn },
  ...(account !== undefined && { account }),
  evidence: [],
  remediation: { text: '' },
  firstObservedAt: '',
  lastObservedAt: '',
});

const requireControl = (option: string, id: string, controls: readonly Control[]): void => {
  const ids = controls.map((control) => control.id);
  if (ids.includes(id)) return;
  const isOther = CONTROLS.some((control) => control.id === id);
  throw new UsageError(
    isOther
      ? `${option} ${id}: this control needs more than files; lint has ${ids.join(', ')}`
      : `${option}: there is no control ${JSON.stringify(id)}${suggestion(id, ids)}\ncontrols: ${ids.join(', ')}`,
  );
};

const membersOf = (
  team: string,
  config: FileConfig,
  { isOfFiles, pipelineIn, own }: Run,
): ((finding: Finding) => boolean) => {
  const names = teamNames(config);
  const told = config.teams ? 'its teams are' : 'teams are the first words of prefixes:';
  if (!names.includes(team))
    throw new UsageError(
      `--team: the configuration has no team ${JSON.stringify(team)}${suggestion(team, names)}: ${told} ${listed(names, MOST_SHOWN) || 'none'}`,
    );
  const ofTeams = teamsOf(own ?? config);
  return (finding) => {
    const pipeline = pipelineIn(finding);
    const isUntold = isOfFiles && pipeline === undefined;
    const of = { pipeline, account: finding.account };
    return isUntold || ofTeams?.(finding, of).includes(team) === true;
  };
};

const MOST_SHOWN = 50;
