import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { resourceName } from '../domain/resource.ts';
import { matchesGlob } from '../iam/policy/glob.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';

/** What a run was narrowed to. What it left out, it says nothing of. */
export type RunSelection = {
  /** The controls that judged, where some were left out. */
  controls?: readonly string[];
  /** Patterns of ARNs, names or paths. */
  resources?: readonly string[];
  team?: string;
  /** The lowest severity that is listed. */
  severity?: Lowercase<Severity>;
  /** Only what earlier results, or the files at a commit, did not have. */
  since?: 'baseline' | 'commit';
};

/** Whether a pattern of a selection means the resource: by its ARN, its name or its path. */
export const meansResource = (pattern: string, arn: string): boolean =>
  [arn, resourceName(arn)].some((text) => matchesGlob(pattern.toLowerCase(), text.toLowerCase()));

/** Whether a run lists less than what it looked at, so that a finding which it lacks need not be gone. */
export const listsPart = ({ severity, since }: RunSelection): boolean =>
  severity !== undefined || since !== undefined;

const MOST = 5;

/** Why a selection leaves a finding out; undefined where it does not. Who belongs to a team is known by the run alone. */
export const leftOutBy = (
  { controls, resources, team, severity, since }: RunSelection,
  finding: Pick<Finding, 'control' | 'resource' | 'severity'>,
): string | undefined => {
  if (controls && !controls.includes(finding.control))
    return `the run was narrowed to ${counted(controls.length, 'control')}`;
  if (resources && !resources.some((pattern) => meansResource(pattern, finding.resource.arn)))
    return `the run was narrowed to the resources ${listed(resources, MOST)}`;
  if (team !== undefined) return `the run was narrowed to the team ${team}`;
  if (severity !== undefined && severityRank(finding.severity) < rankOf(severity))
    return `the run lists findings from ${severity} on`;
  return since === undefined ? undefined : `the run lists only what its ${since} did not have`;
};

const rankOf = (severity: Lowercase<Severity>): number => severityRank(severity.toUpperCase() as Severity);

/** What a run was narrowed to, for a person; empty for a whole run. */
export const selectionTexts = (
  { controls, resources, team, severity, since }: RunSelection,
  ofControls?: number,
): string[] => [
  ...(controls
    ? [
        ofControls === undefined
          ? counted(controls.length, 'control')
          : `${controls.length} of ${ofControls} controls`,
      ]
    : []),
  ...(resources ? [`resources ${resources.join(', ')}`] : []),
  ...(team === undefined ? [] : [`team ${team}`]),
  ...(severity === undefined ? [] : [`listed from ${severity} on`]),
  ...(since === undefined ? [] : [`listed as far as its ${since} did not have it`]),
];

/** Whether a run was narrowed at all. */
export const isNarrowed = (selection: RunSelection | undefined): boolean =>
  selection !== undefined && Object.keys(selection).length > 0;
