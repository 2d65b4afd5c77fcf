import type { Config } from '../config/schema.ts';
import { accountRootArn, sagemakerArn } from '../domain/arn.ts';
import { type Finding, findingId, type Remediation } from '../domain/finding.ts';
import type { Unread } from '../domain/gap.ts';
import type { Judgement, Judgements } from '../domain/judgement.ts';
import type { Resource } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import { statusWeight } from '../domain/status.ts';
import { originOf } from '../domain/trigger.ts';
import {
  type GatherContext,
  type GatheredFacts,
  notApplicable,
  notKnown,
  type SomeFacts,
} from '../facts/gathered.ts';
import { hasRun } from '../findings/closing-changes.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import { expireDaysOf } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import { applySuppressions, type SuppressibleFile } from '../findings/suppression.ts';
import type { Control, ControlVerdict } from '../judging/control.ts';
import { evaluate, severityOf } from '../judging/evaluate.ts';
import { judgementsOf } from '../judging/judgements.ts';
import { passEvidence } from '../judging/pass-evidence.ts';
import { found } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import type { UnreadableRecord } from '../requests/audit-request.ts';
import { shortenFinding } from './shorten-finding.ts';

/** What judging needs. It is less than gathering needs, so that a definition from a file can be judged as well. */
export type JudgeContext = Pick<GatherContext, 'config'> & {
  reader: Pick<Reader, 'scope'>;
  controls: readonly Control[];
  now: () => Date;
  /** Whether passed verdicts are only counted. In a large account most verdicts pass, and nobody reads them. */
  countsPasses?: boolean;
  /** Whether looks also tell what the history keeps: every verdict, with what it rests on. */
  tellsHistory?: boolean;
  /** For a linted file: how suppressions find it. */
  file?: SuppressibleFile;
};

/** This control says that evidence could be read, so its passes are not counted as kept rules. */
const READABLE = 'evidence-readable';

/** The event of a look, and whom its findings are to name, if that is not who caused the event. */
type LookOrigin = Parameters<typeof originOf>[0];

/**
 * The findings of the controls on gathered facts, and what each control came to; no findings for a resource that is
 * gone. `isAbsent`: the resource does not exist, but something still refers to it.
 */
export const observe = (
  resource: Resource,
  facts: SomeFacts | 'gone',
  context: JudgeContext,
  about: LookOrigin = {},
  { isAbsent = false }: { isAbsent?: boolean | undefined } = {},
): Observation => {
  const now = context.now();
  const { controls, config } = context;
  const verdicts = facts === 'gone' ? [] : evaluate(controls, resource.type, facts, config);
  const told = distinct(verdicts);
  // A verdict on what has run stands until the next one, so that a look that judged nothing is not taken for a pass.
  const isCounting = context.countsPasses && !hasRun(resource);
  const listed = isCounting ? told.filter(([{ verdict }]) => 'evidence' in verdict) : told;
  const passed = told.filter(
    ([{ verdict, control }]) => verdict.status === 'PASSED' && control.id !== READABLE,
  ).length;
  const findingsOf = (some: readonly SameVerdicts[], hasPassEvidence: boolean): Finding[] =>
    toFindings(some, resource, context, now, about).map((finding, index) =>
      facts === 'gone' || !hasPassEvidence
        ? finding
        : withPassEvidence(finding, some[index]?.[0], facts, config),
    );
  const judged =
    facts === 'gone'
      ? {}
      : judgementsOf(controls, { type: resource.type, facts, config, verdicts, isAbsent });
  return {
    resourceArn: resource.arn,
    observedAt: now.toISOString(),
    gone: facts === 'gone',
    findings: findingsOf(listed, !context.countsPasses),
    judged,
    configuration: configurationDigest(config),
    ...(isCounting && { passed, counted: countedIn(told) }),
    ...(context.tellsHistory && {
      told: {
        scope: context.reader.scope,
        resource,
        verdicts: findingsOf([...told, ...withoutVerdict(controls, judged, told)], true),
        ...originOf(about),
        ...pipelineVersionIn(facts),
      },
    }),
  };
};

/** That a control has nothing to judge, where it said so by giving no verdict. */
const withoutVerdict = (
  controls: readonly Control[],
  judged: Judgements,
  told: readonly SameVerdicts[],
): SameVerdicts[] => {
  const saying = new Set(told.map(([{ control }]) => control.id));
  return controls.flatMap((control): SameVerdicts[] => {
    const judgement = Object.hasOwn(judged, control.id) ? judged[control.id] : undefined;
    const because = judgement && !saying.has(control.id) ? inapplicable(judgement) : undefined;
    return because === undefined ? [] : [[{ control, verdict: { status: 'NOT_APPLICABLE', because } }]];
  });
};

const inapplicable = (judgement: Judgement): string | undefined =>
  judgement.is === 'gone'
    ? 'what the control judges no longer exists'
    : judgement.is === 'nothing' || (judgement.is === 'ungathered' && judgement.isInapplicable)
      ? judgement.because
      : undefined;

const pipelineVersionIn = (facts: SomeFacts | 'gone'): { pipelineVersion?: number } =>
  facts !== 'gone' && facts.version?.ok ? { pipelineVersion: facts.version.value.versionId } : {};

/** What is counted and not listed, by control. */
const countedIn = (told: readonly SameVerdicts[]): NonNullable<Observation['counted']> => {
  const counts = new Map<string, { passed: number; notApplicable: number }>();
  for (const [{ verdict, control }] of told) {
    const own = counts.get(control.id) ?? { passed: 0, notApplicable: 0 };
    if (verdict.status === 'NOT_APPLICABLE') own.notApplicable++;
    else if (verdict.status === 'PASSED' && control.id !== READABLE) own.passed++;
    counts.set(control.id, own);
  }
  return Object.fromEntries(counts);
};

/** Whoever counts passes tells nobody what they rest on. */
const withPassEvidence = (
  finding: Finding,
  judged: ControlVerdict | undefined,
  facts: SomeFacts,
  config: Config,
): Finding =>
  judged?.verdict.status === 'PASSED'
    ? shortenFinding({
        ...finding,
        evidence: passEvidence(judged.control, facts, config, judged.verdict.subject),
      })
    : finding;

/** Verdicts with the same identity (from steps of the same name), the worst one first. */
type SameVerdicts = [ControlVerdict, ...ControlVerdict[]];

const distinct = (verdicts: readonly ControlVerdict[]): SameVerdicts[] => {
  const told = new Map<string, SameVerdicts>();
  for (const verdict of verdicts) {
    const { subject } = verdict.verdict;
    const key = subject === undefined ? verdict.control.id : `${verdict.control.id} ${subject}`;
    const others = told.get(key);
    if (!others) told.set(key, [verdict]);
    else if (statusWeight(verdict.verdict.status) > statusWeight(others[0].verdict.status))
      told.set(key, [verdict, ...others]);
    else others.push(verdict);
  }
  return [...told.values()];
};

/** The worst verdict of one identity becomes the finding; it carries the evidence of all. */
const toFindings = (
  told: readonly SameVerdicts[],
  resource: Resource,
  context: JudgeContext,
  now: Date,
  about: LookOrigin,
): Finding[] =>
  told.map(([worst, ...others]) => {
    const finding = toFinding(worst, resource, context, now, about);
    const more = others.flatMap(({ verdict }) => ('evidence' in verdict ? verdict.evidence : []));
    return shortenFinding({ ...finding, evidence: [...finding.evidence, ...more] });
  });

/** Makes a finding of a verdict, and marks it if the configuration suppresses it. */
export const toFinding = (
  { control, verdict }: ControlVerdict,
  resource: Resource,
  { config, reader, file }: JudgeContext,
  now: Date,
  about: LookOrigin = {},
): Finding => {
  const { subject } = verdict;
  const hasEvidence = 'evidence' in verdict;
  const time = now.toISOString();
  const finding: Finding = {
    id: findingId({ control: control.id, scope: reader.scope, resourceArn: resource.arn, subject }),
    control: control.id,
    status: verdict.status,
    severity: (hasEvidence ? verdict.severity : undefined) ?? severityOf(control, config),
    title: control.title,
    resource,
    ...(subject === undefined ? {} : { subject }),
    evidence: hasEvidence ? verdict.evidence : [],
    remediation: hasEvidence ? remediationOf(verdict.remediation) : { text: verdict.because ?? '' },
    ...originOf(about),
    firstObservedAt: time,
    lastObservedAt: time,
  };
  return applySuppressions(finding, config.suppressions, now, file);
};

const remediationOf = ({ text, patch, undo, changes }: Remediation): Remediation => ({
  text,
  ...(patch === undefined ? {} : { patch }),
  ...(undo === undefined ? {} : { undo }),
  ...(changes === undefined ? {} : { changes }),
});

/** The observation of an account, or of a Region of it, that cannot be read at all, with the call that failed and, by a hub, what it covers. */
export const unconnectedObservation = (
  scope: Scope,
  isWholeAccount: boolean,
  unread: Unread,
  context: JudgeContext,
  coverage: GatheredFacts<'account'>['coverage'] = notApplicable('only a hub says what it covers'),
): Observation => {
  const arn = isWholeAccount ? accountRootArn(scope) : sagemakerArn(scope, '*');
  const subject = isWholeAccount ? 'the whole account' : `the account in ${scope.region}`;
  const facts: GatheredFacts<'account'> = {
    trails: notKnown('nothing of the account is read'),
    coverage,
    gaps: found([{ ...unread, subject }]),
  };
  return observe({ type: 'account', arn }, facts, context);
};

/** The observation of a part of a template or plan that could not be understood. `at` is `file:line`. */
export const unreadSourceObservation = (at: string, message: string, context: JudgeContext): Observation => {
  const facts: GatheredFacts<'source'> = { gaps: found([{ call: at, code: 'NotUnderstood', message }]) };
  return observe({ type: 'source', arn: at }, facts, context);
};

/**
 * The observation of a record that could not be understood. It keeps the record's place and beginning until it
 * expires.
 */
export const unreadableObservation = (record: UnreadableRecord, context: JudgeContext): Observation => {
  const gap = { call: record.at, code: 'Unreadable', message: `${record.reason}: ${record.excerpt}` };
  const about = record.trigger ? { trigger: record.trigger } : {};
  const facts: GatheredFacts<'event'> = { gaps: found([gap]) };
  const observation = observe({ type: 'event', arn: record.at }, facts, context, about);
  return { ...observation, expireDays: expireDaysOf(context.config) };
};
