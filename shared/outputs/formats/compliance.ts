import type { Finding, Status } from '../../domain/finding.ts';
import { isOpen } from '../../domain/status.ts';
import { type RunLooks, type RunMode, resourcesPassed } from '../../findings/run-looks.ts';
import { nameInRun } from '../../findings/run-places.ts';
import { isNarrowed, selectionTexts } from '../../findings/run-selection.ts';
import { controlsOf, type Framework, INTERPRETATION } from '../../frameworks/framework.ts';
import { cut } from '../../text/cut.ts';
import { listed } from '../../text/listed.ts';
import {
  COMPLIANCE_STATUSES,
  type Compliance,
  type ComplianceStatus,
  type ControlOutcome,
} from './compliance-outcome.ts';
import { coverageText } from './coverage.ts';
import { GAP_CONTROL } from './overview.ts';
import type { Results } from './results.ts';

/**
 * What runs over different accounts or Regions show of a framework together. Passes are known of runs that list them (`--all`)
 * or say what they looked at.
 */
export const complianceOf = (framework: Framework, runs: readonly Results[]): Compliance => {
  const { id, name, title, edition, source, reviewed, note, requirements } = framework;
  const controls: string[] = [...new Set(requirements.flatMap(controlsOf))].toSorted();
  const outcomes = new Map(controls.map((control) => [control, outcomeOf(control, runs)]));
  const worstOf = (of: readonly string[]): ComplianceStatus =>
    worst(of.map((control) => outcomes.get(control)?.status ?? 'not-judged'));
  return {
    framework: { id, name, title, edition, source, reviewed: `${reviewed.against}, ${reviewed.on}` },
    interpretation: [INTERPRETATION, ...(note === undefined ? [] : [note]), ...onlyTexts(runs)].join(' '),
    controls: [...outcomes.values()],
    requirements: requirements.map((requirement) => ({
      id: requirement.id,
      title: requirement.title,
      status: worstOf(controlsOf(requirement)),
      parts: requirement.parts.map(({ shows, controls: of }) => ({
        shows,
        status: worstOf(of),
        controls: [...of],
      })),
      doesNotShow: requirement.doesNotShow,
    })),
  };
};

/** What runs judge that are not about whole accounts. */
const ONLY: Readonly<Record<Exclude<RunMode, 'all'>, string>> = {
  events: 'the resources of their events',
  files: 'definitions in files',
  declared: 'what templates or plans declare',
};

/** That runs judged a part by their kind, so that nobody takes their passes for those of an account. */
const onlyTexts = (runs: readonly Results[]): string[] => {
  const modes = new Set(runs.map(({ mode = 'all' }) => mode));
  const who = modes.size === 1 ? 'The runs' : 'Some runs';
  return [...modes].flatMap((mode) => (mode === 'all' ? [] : `${who} judged only ${ONLY[mode]}.`));
};

const worst = (statuses: readonly ComplianceStatus[]): ComplianceStatus =>
  COMPLIANCE_STATUSES.find((status) => statuses.includes(status)) ?? 'not-judged';

const outcomeOf = (control: string, runs: readonly Results[]): ControlOutcome => {
  const each = runs.map((run) => outcomeIn(control, run));
  const sum = (key: Exclude<keyof ControlOutcome, 'control' | 'status' | 'why'>): number =>
    each.reduce((total, outcome) => total + outcome[key], 0);
  // A run in which there was nothing to judge takes no pass from another one.
  const judging = each.filter(({ isEmpty }) => !isEmpty);
  const of = judging.length > 0 ? judging : each;
  const status = worst(of.map((outcome) => outcome.status));
  const whys = [...new Set(of.flatMap((outcome) => (outcome.status === status ? (outcome.why ?? []) : [])))];
  return {
    control,
    status,
    passed: sum('passed'),
    failed: sum('failed'),
    warning: sum('warning'),
    notAvailable: sum('notAvailable'),
    suppressed: sum('suppressed'),
    ...(whys.length > 0 && { why: listed(whys, MOST_WHYS) }),
  };
};

const MOST_WHYS = 3;

const outcomeIn = (control: string, run: Results): ControlOutcome & { isEmpty: boolean } => {
  const own = run.findings.filter((finding) => finding.control === control);
  const open = own.filter(({ status }) => isOpen(status));
  const left = open.filter(({ suppression }) => suppression === undefined);
  const having = (status: Status) => left.filter((finding) => finding.status === status);
  const faulty = resourcesOf(open);
  const counts = {
    passed: Math.max(
      passedIn(run.looks, control),
      [...resourcesOf(own.filter(({ status }) => status === 'PASSED'))].filter((name) => !faulty.has(name))
        .length,
    ),
    failed: resourcesOf(having('FAILED')).size,
    warning: resourcesOf(having('WARNING')).size,
    notAvailable: resourcesOf(having('NOT_AVAILABLE')).size,
    suppressed: resourcesOf(open.filter(({ suppression }) => suppression !== undefined)).size,
  };
  const told = (status: ComplianceStatus, why?: string, isEmpty = false) => ({
    control,
    status,
    ...counts,
    ...(why !== undefined && { why: cut(why, LONGEST_WHY) }),
    isEmpty,
  });
  if (counts.failed > 0) return told('failed');
  if (counts.warning > 0) return told('warning');
  if (counts.notAvailable > 0) return told('unread', foundIn(having('NOT_AVAILABLE')));
  const [accepted] = open.flatMap(({ suppression }) => suppression ?? []);
  if (accepted) return told('accepted', `accepted until ${accepted.expires}: ${accepted.reason}`);
  const off = run.controlsOff?.find((each) => each.control === control);
  if (off) return told('not-judged', `${off.because}${off.accounts ? ` (${listed(off.accounts)})` : ''}`);
  const file = run.overview?.notInSnapshot?.find(({ controls }) => controls.includes(control))?.file;
  if (file !== undefined) return told('not-judged', `the snapshot lacks ${file}`);
  const unjudged = run.coverage?.find((row) => row.control === control && row.notJudged > 0);
  if (unjudged) return told('not-judged', unjudged.why);
  const nothing = counts.passed === 0 ? whyNothing(control, run) : undefined;
  if (nothing !== undefined && nothing !== NOTHING) return told('not-judged', nothing);
  const part = partOf(run);
  if (part !== undefined) return told('unread', part);
  return nothing === undefined ? told('passed') : told('not-judged', nothing, true);
};

const LONGEST_WHY = 300;

const NOTHING = 'the run found nothing that it judges';

const whyNothing = (control: string, { looks, mode }: Results): string => {
  if (!looks) return 'the results do not say what passed';
  if (!looks.controls.includes(control)) return 'the run left the control out';
  return mode === 'events' ? 'none of the events was about what it judges' : NOTHING;
};

const passedIn = (looks: RunLooks | undefined, control: string): number =>
  looks ? resourcesPassed(looks, control) : 0;

const resourcesOf = (findings: readonly Finding[]): Set<string> =>
  new Set(findings.map(({ account, resource }) => nameInRun(resource.arn, account)));

const foundIn = ([first]: readonly Finding[]): string | undefined => {
  const [evidence] = first?.evidence ?? [];
  return evidence && `${evidence.at}: ${evidence.found}`;
};

/** Types of resources that stand for many: what could not be read of them may have hidden anything. */
const OF_MANY: readonly string[] = ['account', 'event', 'source'];

/** The gap that concerns shares of pipelines alone, about which their own control says nothing then. */
const SHARES = 'shares of pipelines';

/** Why the passes of a run are those of a part only; undefined where everything was listed and read. */
const partOf = ({ schemaVersion, findings, scopes = [], scope }: Results): string | undefined => {
  if (schemaVersion === '1.0') return 'results of version 1.0 do not say what the run was narrowed to';
  const { controls: _, ...narrowed } = scope?.selection ?? {};
  if (isNarrowed(narrowed)) return `the run was narrowed: ${selectionTexts(narrowed).join('; ')}`;
  if (scopes.some(({ coverage = 'judged' }) => coverage !== 'judged')) return coverageText(scopes);
  const gap = findings.find(
    ({ control, status, resource, subject }) =>
      control === GAP_CONTROL &&
      status === 'NOT_AVAILABLE' &&
      OF_MANY.includes(resource.type) &&
      subject !== SHARES,
  );
  return gap && `not everything was read: ${foundIn([gap]) ?? gap.title}`;
};
