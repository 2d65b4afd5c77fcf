import { setImmediate } from 'node:timers/promises';
import { parseArn } from '../domain/arn.ts';
import { type Finding, findingId, type Remediation, type Status } from '../domain/finding.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import { watch } from '../facts/dated-context.ts';
import { gather } from '../facts/gather.ts';
import type { GatherContext, GatheredFacts } from '../facts/gathered.ts';
import { hasRun } from '../findings/closing.ts';
import { configurationDigest } from '../findings/configuration-digest.ts';
import { expireDaysOf, gatheredFindings, gatherFinished } from '../findings/finished.ts';
import type { Observation } from '../findings/state.ts';
import { applySuppressions } from '../findings/suppression.ts';
import type { ConfigList, Control, ControlVerdict } from '../judging/control.ts';
import { evaluate, isEnabled, missingLists, severityOf } from '../judging/evaluate.ts';
import { judgementsOf } from '../judging/judgements.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import { found } from '../reader/read.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest, UnreadableRecord } from '../requests/audit-request.ts';
import { mergeRequests, requestKey } from '../requests/merge.ts';
import { inOrder } from './in-order.ts';

/** What an audit needs: the reader and the configuration, the controls, and the time. */
export type AuditContext = GatherContext & {
  controls: readonly Control[];
  now: () => Date;
  /** Whether what passed or did not apply is only counted: of a large account that is nearly all, and nobody reads it. */
  countsPasses?: boolean;
};

/** What one look at a resource gave: observations of it and of its executions, and what to look at next. */
export type Audited = {
  observations: Observation[];
  follow: readonly AuditRequest[];
  /** What a pipeline asks of the account; undefined for any other resource, and for one that could not be read. */
  use?: PipelineUse;
};

/** Gathers the facts of one resource and evaluates its controls. What AWS refuses to tell is a finding, not an exception. */
export const auditResource = async (request: AuditRequest, context: AuditContext): Promise<Audited> => {
  // The time before the first read: what changed during the reads is for a later look to see.
  const startedAt = context.now();
  const judging = { ...context, now: () => startedAt };
  const watched = isOfKept(request) ? watch(context) : undefined;
  const gathered = await gather(request, watched?.context ?? context);
  const { arn, facts, gone, isAbsent, executions, follow = [], use, accountGaps, principalArn } = gathered;
  const about = {
    ...(request.trigger ? { trigger: request.trigger } : {}),
    ...(principalArn === undefined ? {} : { principal: principalArn }),
  };
  const isJudged = !accountGaps && request.type !== 'group' && request.type !== 'policy';
  const gathering = { scope: context.reader.scope, config: context.config };
  const resource: Resource = { type: request.type, arn };
  const dated = (observation: Observation): Observation => {
    const readAt = watched?.readAt();
    return readAt ? { ...observation, readAt } : observation;
  };
  const judged = () => dated(observe(resource, gone ? 'gone' : facts, judging, about, { isAbsent }));
  return {
    observations: [
      ...(isJudged ? gatherFinished(judged(), resource, pipelineOfJob(arn, facts), gathering) : []),
      // What cannot be read was asked for just now: nothing that failed is kept.
      ...(accountGaps ? [observeAccount(accountGaps, judging)] : []),
      ...(!accountGaps && isAboutPrincipals(request) ? [dated(observeAccount([], judging))] : []),
      ...executions.flatMap((execution) => {
        const ran: Resource = { type: 'execution', arn: execution.arn };
        const observed = observe(ran, execution.facts, judging, { trigger: execution.trigger });
        return gatherFinished(observed, ran, arn, gathering);
      }),
    ],
    follow,
    ...(use && { use }),
  };
};

/** Whether its verdicts are made with what readers keep for a while; a pipeline and a job are read anew. */
const isOfKept = ({ type }: AuditRequest): boolean => type !== 'pipeline' && type !== 'job';

/** The pipeline that started a job, in the job's own account and Region. */
const pipelineOfJob = (jobArn: string, { job }: GatheredFacts): string | undefined => {
  const name = job?.ok ? job.value.pipelineName : undefined;
  const arn = parseArn(jobArn);
  return name && arn
    ? `arn:${arn.partition}:sagemaker:${arn.region}:${arn.account}:pipeline/${name}`
    : undefined;
};

/** Whether to say that the account's evidence can be read again; for each role that a pipeline leads to is too often. */
const isAboutPrincipals = ({ type, trigger }: AuditRequest): boolean =>
  (type === 'role' || type === 'user' || type === 'group' || type === 'policy') &&
  !trigger?.eventName.includes('Pipeline');

/** What all principals of an account lack is one finding, on the account. */
const observeAccount = (gaps: readonly Gap[], context: JudgeContext): Observation => {
  const { partition, account } = context.reader.scope;
  const arn = `arn:${partition}:iam::${account}:root`;
  return observe({ type: 'account', arn }, { gaps: found([...gaps]) }, context);
};

/** What verdicts are made with: less than gathering needs, so that a file can be judged as well. */
export type JudgeContext = Pick<AuditContext, 'controls' | 'config' | 'now' | 'countsPasses'> & {
  reader: Pick<Reader, 'scope'>;
};

type About = Pick<Finding, 'trigger' | 'principal'>;

/** The controls' findings on facts that were gathered; none for a resource that is gone. */
export const observe = (
  resource: Resource,
  facts: GatheredFacts | 'gone',
  context: JudgeContext,
  about: About = {},
  { isAbsent = false }: { isAbsent?: boolean | undefined } = {},
): Observation => {
  const now = context.now();
  const { controls, config } = context;
  const verdicts = facts === 'gone' ? [] : evaluate(controls, resource.type, facts, config);
  const told = distinct(verdicts);
  // Of what has run, a verdict stands until another comes: that nothing was judged must not be taken for a pass.
  const isCounting = context.countsPasses && !hasRun(resource);
  const listed = isCounting ? told.filter(([{ verdict }]) => 'evidence' in verdict) : told;
  const passed = told.filter(([{ verdict }]) => verdict.status === 'PASSED').length;
  return {
    resourceArn: resource.arn,
    observedAt: now.toISOString(),
    gone: facts === 'gone',
    findings: toFindings(listed, resource, context, now, about),
    judged:
      facts === 'gone'
        ? {}
        : judgementsOf(controls, { type: resource.type, facts, config, verdicts, isAbsent }),
    configuration: configurationDigest(config),
    ...(isCounting && { passed }),
  };
};

const BY_WEIGHT: readonly Status[] = ['FAILED', 'WARNING', 'NOT_AVAILABLE', 'PASSED', 'NOT_APPLICABLE'];

/** Verdicts of one identity (steps of the same name), the worst of them first. */
type SameVerdicts = [ControlVerdict, ...ControlVerdict[]];

const distinct = (verdicts: readonly ControlVerdict[]): SameVerdicts[] => {
  const told = new Map<string, SameVerdicts>();
  for (const verdict of verdicts) {
    const { subject } = verdict.verdict;
    const key = subject === undefined ? verdict.control.id : `${verdict.control.id} ${subject}`;
    const others = told.get(key);
    if (!others) told.set(key, [verdict]);
    else if (weight(verdict) < weight(others[0])) told.set(key, [verdict, ...others]);
    else others.push(verdict);
  }
  return [...told.values()];
};

const weight = ({ verdict }: ControlVerdict): number => BY_WEIGHT.indexOf(verdict.status);

/** Of verdicts with one identity the worst is the finding, with the evidence of all. */
const toFindings = (
  told: readonly SameVerdicts[],
  resource: Resource,
  context: JudgeContext,
  now: Date,
  about: About = {},
): Finding[] =>
  told.map(([worst, ...others]) => {
    const finding = toFinding(worst, resource, context, now, about);
    const more = others.flatMap(({ verdict }) => ('evidence' in verdict ? verdict.evidence : []));
    return more.length > 0 ? { ...finding, evidence: [...finding.evidence, ...more] } : finding;
  });

const toFinding = (
  { control, verdict }: ControlVerdict,
  resource: Resource,
  { config, reader }: JudgeContext,
  now: Date,
  about: About,
): Finding => {
  const { subject } = verdict;
  const isOpen = 'evidence' in verdict;
  const time = now.toISOString();
  const finding: Finding = {
    id: findingId({ control: control.id, scope: reader.scope, resourceArn: resource.arn, subject }),
    control: control.id,
    status: verdict.status,
    severity: (isOpen ? verdict.severity : undefined) ?? severityOf(control, config),
    title: control.meta.title,
    resource,
    ...(subject === undefined ? {} : { subject }),
    evidence: isOpen ? verdict.evidence : [],
    remediation: isOpen ? remediationOf(verdict.remediation) : { text: verdict.because ?? '' },
    ...about,
    firstObservedAt: time,
    lastObservedAt: time,
  };
  return applySuppressions(finding, config.suppressions, now);
};

const remediationOf = ({ text, patch }: Remediation): Remediation => ({
  text,
  ...(patch === undefined ? {} : { patch }),
});

/** The observation of a record that nobody could understand: it is kept with its place and its beginning, until it expires. */
export const unreadableObservation = (record: UnreadableRecord, context: JudgeContext): Observation => {
  const gap = { call: record.at, code: 'Unreadable', message: `${record.reason}: ${record.excerpt}` };
  const about = record.trigger ? { trigger: record.trigger } : {};
  const observation = observe({ type: 'event', arn: record.at }, { gaps: found([gap]) }, context, about);
  return { ...observation, expireDays: expireDaysOf(context.config) };
};

const CONFIGURATION: Resource = { type: 'configuration', arn: 'pipewarden.yaml' };

/** The findings on the configuration itself: lists that are missing in it, and what the controls say of those it has. */
export const configurationFindings = (context: JudgeContext): Finding[] => [
  ...missingListFindings(context),
  ...observe(CONFIGURATION, {}, { ...context, countsPasses: false }).findings,
];

/** One finding for each list that controls need and the configuration does not give: what to configure, said once. */
const missingListFindings = (context: JudgeContext): Finding[] => {
  const { config } = context;
  const controls = context.controls.filter((control) => isEnabled(control, config));
  const reporter = controls.find(({ id }) => id === 'evidence-readable');
  if (!reporter) return [];
  const waitingFor = (list: ConfigList) =>
    controls.filter((control) => missingLists(control, config).includes(list)).map(({ id }) => id);
  const lists = new Set(controls.flatMap((control) => missingLists(control, config)));
  const verdicts = [...lists].map((list): ControlVerdict => {
    const waiting = waitingFor(list).join(' and ');
    return {
      control: reporter,
      verdict: {
        status: 'WARNING',
        severity: 'INFORMATIONAL',
        subject: list,
        evidence: [
          { at: list, found: 'not configured', expected: `what ${waiting} can hold resources against` },
        ],
        remediation: {
          text: `Add ${list} to pipewarden.yaml, so that ${waiting} can judge: pipewarden init tells what is in use.`,
        },
      },
    };
  });
  return toFindings(distinct(verdicts), CONFIGURATION, context, context.now());
};

/** How many resources are looked at side by side. */
const CONCURRENCY = 8;

/** Audits resources in another thread; what it gives has the order of the requests. */
export type Aside = (requests: readonly AuditRequest[]) => Promise<Audited[]>;

/** Another thread to share pipelines and jobs with, and what else there is to look at, listed while it is at work. */
export type Sharing = { aside: Aside; more: () => Promise<readonly AuditRequest[]> };

/** How many resources go to the other thread at a time, and how often: it is given the next while it is at work. */
const ASIDE = { resources: 20, times: 2 };

/** Policies lead to principals, and pipelines to both: so much is enough, and ends whatever comes. */
const MAX_ROUNDS = 4;

/**
 * Audits every request, pipelines and jobs first, and then what they lead to. `onAudited` is told after each resource,
 * in the order of the requests, and given what pipelines ask of the account and how much passed.
 */
export const auditAll = async (
  requests: readonly AuditRequest[],
  context: AuditContext,
  onAudited: (audited: Audited, done: number, total: number) => void = () => {},
  sharing?: Sharing,
): Promise<Finding[]> => {
  const findings = new Map<string, Finding>();
  const gathering: Observation[] = [];
  const seen = new Set<string>();
  let done = 0;
  let total = 0;
  const keep = (observation: Observation): void => {
    if (observation.gathers !== undefined) gathering.push(observation);
    else for (const finding of observation.findings) findings.set(finding.id, finding);
  };
  const run = async (round: readonly AuditRequest[], other?: Aside): Promise<AuditRequest[]> => {
    const fresh = mergeRequests(round).filter((request) => !seen.has(requestKey(request)));
    for (const request of fresh) seen.add(requestKey(request));
    total += fresh.length;
    const followed: AuditRequest[] = [];
    const tell = inOrder((audited: Audited) => {
      audited.observations.forEach(keep);
      followed.push(...audited.follow);
      onAudited(audited, ++done, total);
    });
    let next = 0;
    const here = async (): Promise<void> => {
      for (let index = next++; index < fresh.length; index = next++) {
        tell(index, await auditResource(fresh[index] as AuditRequest, context));
        await setImmediate(); // where reading waits for nothing, timers and the other thread would not be heard
      }
    };
    const there = async (auditAside: Aside): Promise<void> => {
      while (next < fresh.length) {
        const from = next;
        next += ASIDE.resources;
        const all = await auditAside(fresh.slice(from, next));
        for (const [at, audited] of all.entries()) tell(from + at, audited);
      }
    };
    await Promise.all([
      ...(other ? Array.from({ length: ASIDE.times }, () => there(other)) : []),
      ...Array.from({ length: CONCURRENCY }, here),
    ]);
    return followed;
  };
  const isFirst = ({ type }: AuditRequest): boolean => type === 'pipeline' || type === 'job';
  const [followed, more] = await Promise.all([
    run(requests.filter(isFirst), sharing?.aside),
    sharing?.more() ?? [],
  ]);
  followed.push(...(await run(more.filter(isFirst), sharing?.aside)));
  let next = [...[...requests, ...more].filter((request) => !isFirst(request)), ...followed];
  for (let round = 0; round < MAX_ROUNDS && next.length > 0; round++) next = await run(next);
  return [...findings.values(), ...gatheredFindings(gathering)];
};
