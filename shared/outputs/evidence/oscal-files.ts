import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { counted } from '../../text/counted.ts';
import { field } from '../../text/one-line.ts';
import { toJsonText } from '../../text/strict-json.ts';
import { oscalMetadata, reviewedControls, toOscal, uuidOf } from '../formats/oscal.ts';
import { summarise } from '../formats/results.ts';
import { unwatchedHours } from './gaps.ts';
import type { EvidenceModel } from './model.ts';
import { hoursBetween, STANDS_HOURS } from './period.ts';
import { memberKey } from './population.ts';
import type { Stretch } from './stretches.ts';

const PLAN_FILE = 'assessment-plan.json';
const RESULTS_FILE = 'assessment-results.json';

/** More findings make documents that tools of OSCAL do not open; passes are then left to verdicts.csv. */
const MOST_FINDINGS = 20_000;

type Controls = readonly { id: string; title: string; requirements: readonly string[] }[];

/** The assessment plan and the assessment results of a pack, which name each other by their files. */
export const oscalFiles = (
  model: EvidenceModel,
  { controls, version }: { controls: Controls; version: string },
): Record<string, Iterable<string>> => {
  const all = findingsAtEnd(model, controls);
  const findings =
    all.length > MOST_FINDINGS
      ? all.filter(({ status }) => status !== 'PASSED' && status !== 'NOT_APPLICABLE')
      : all;
  const { asked, begin, end, places } = model;
  const results = {
    schemaVersion: '1.0' as const,
    generatedAt: asked.madeAt,
    account: places.accounts.join(', '),
    region: places.regions.join(', '),
    ...(places.accounts.length > 1 && {
      scopes: places.accounts.map((account) => ({ account, region: places.regions.join(', ') })),
    }),
    summary: summarise(findings, 0),
    findings,
  };
  const left = all.length - findings.length;
  const period = { begin, end, plan: PLAN_FILE, description: descriptionOf(model, left) };
  return {
    [PLAN_FILE]: [`${toJsonText(planOf(model, { controls, version, findings: all }), 2)}\n`],
    [RESULTS_FILE]: [toOscal(results, { controls, version, period })],
  };
};

const descriptionOf = (model: EvidenceModel, left: number): string => {
  const { begin, end, gaps } = model;
  const hours = hoursBetween(begin, end);
  return [
    `What stood at the end of the period from ${begin} to ${end}, by looks of at most ${STANDS_HOURS} hours before.`,
    gaps.length === 0
      ? 'The history shows no gap.'
      : `In ${unwatchedHours(gaps)} of ${hours} hours events may have been missed; ${counted(gaps.length, 'gap')} in gaps.csv.`,
    ...(left > 0
      ? [`${counted(left, 'verdict')} that passed or did not apply are in verdicts.csv alone.`]
      : []),
  ].join(' ');
};

/** What stood at the end. A resource that was gone by then is told in the population, and has no verdict any more. */
const findingsAtEnd = ({ members, stretches }: EvidenceModel, controls: Controls): Finding[] => {
  const titles = new Map(controls.map(({ id, title }) => [id, title]));
  return stretches
    .filter(
      ({ atEnd, account, resource }) =>
        atEnd && members.get(memberKey({ account, resource }))?.goneAt === undefined,
    )
    .map((stretch) => findingOf(stretch, titles.get(stretch.control) ?? stretch.control));
};

const findingOf = (stretch: Stretch, title: string): Finding => {
  const { id, account, control, said, severity = 'INFORMATIONAL', resource, subject, first, last } = stretch;
  const { evidence, because, suppression, trigger, principal } = stretch;
  const isNotJudged = said === 'NOT_JUDGED';
  return {
    // A control that gave no verdict has no id of a finding.
    id: isNotJudged ? JSON.stringify([id, account, resource.arn]) : id,
    control,
    status: isNotJudged ? 'NOT_AVAILABLE' : said,
    severity,
    title,
    resource,
    ...(subject !== undefined && { subject }),
    ...(parseArn(resource.arn)?.account !== account && { account }),
    evidence: isNotJudged
      ? [{ at: 'the look', found: `no verdict: ${because ?? ''}`, expected: 'a verdict' }]
      : [...evidence],
    remediation: { text: '' },
    ...(trigger && { trigger }),
    ...(principal !== undefined && { principal }),
    firstObservedAt: first,
    lastObservedAt: last,
    ...(suppression && { suppression }),
  };
};

/** What was to be assessed, and how: the plan that the results name (https://pages.nist.gov/OSCAL/resources/concepts/layer/assessment/assessment-plan/). */
const planOf = (
  { asked, begin, end, places }: EvidenceModel,
  { controls, version, findings }: { controls: Controls; version: string; findings: readonly Finding[] },
): object => {
  const about = JSON.stringify([places, begin, end, asked.madeAt]);
  const plan = uuidOf('system-security-plan', about);
  const what = field(
    `The pipelines and their roles, buckets and executions in ${counted(places.accounts.length, 'account')} (${places.accounts.join(', ')})`,
    2048,
  );
  return {
    'assessment-plan': {
      uuid: uuidOf('assessment-plan', about),
      metadata: oscalMetadata(asked.madeAt, version),
      'import-ssp': { href: `#${plan}` },
      'reviewed-controls': reviewedControls({ findings: [...findings] }, { controls }),
      'assessment-subjects': [{ type: 'inventory-item', description: what, 'include-all': {} }],
      tasks: [
        {
          uuid: uuidOf('task', about),
          type: 'action',
          title: 'Look at each resource at each event about it, and in each sweep',
          timing: { 'within-date-range': { start: begin, end } },
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'System security plan',
            description: 'The plan of the assessed system is not part of this pack.',
          },
        ],
      },
    },
  };
};
