import { parseArn } from '../domain/arn.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PrincipalFact, ResourcePolicies } from '../facts/facts.ts';
import { assume, type Context, contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Explanation } from '../iam/explain/explain.ts';
import { why } from '../iam/explain/why.ts';
import { allowedForAll } from '../iam/sets/reach.ts';
import { isPartial, type Need, type NeedKind } from '../needs/need.ts';
import type { RoleNeed, RoleUses } from '../needs/roster.ts';
import { groupedPolicy } from '../policies/least-policy.ts';
import { changeCommand, putPolicy } from './role-change.ts';

/** What is known of every request that SageMaker makes under a role of its own accord. */
export const serviceContext = ({ scope }: Pick<PrincipalFact, 'scope'>): Context =>
  contextOf({
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': scope.region,
    'aws:MultiFactorAuthPresent': null,
    'aws:CalledVia': null,
  });

/** How a need of a role comes out. */
export type NeedAnswer = {
  answer: 'met' | 'unmet' | 'unknown';
  asked: RoleNeed;
  explanation?: Explanation | undefined;
};

/** What a control asks about: who, under which policies, and in which context. */
export type Asking = {
  principal: PrincipalFact;
  policiesFor: (need: Need) => Policies;
  context: Context;
};

/** The policies that bear on a need: those of the principal, and that of its bucket or key. */
export const policiesWithResources =
  (policies: Policies, { buckets, keys }: ResourcePolicies) =>
  ({ resource, alias }: Need): Policies => {
    const [, bucket] = /^arn:[^:]*:s3:::([^/]+)/.exec(resource) ?? [];
    const index = bucket === undefined ? keys.get(alias ?? resource) : buckets.get(bucket);
    return index ? { ...policies, resource: index } : policies;
  };

/** Whether a role may do all that a need means, or what does as well. */
const answerNeed = (asked: RoleNeed, asking: Asking): NeedAnswer => {
  const first = answerOne(asked.need, asking);
  if (first.answer === 'met') return { ...first, asked };
  const others = (asked.need.or ?? []).map((other) => answerOne({ ...asked.need, ...other }, asking));
  if (others.some(({ answer }) => answer === 'met')) return { answer: 'met', asked };
  const isUnknown = [first, ...others].some(({ answer }) => answer === 'unknown');
  return { ...first, answer: isUnknown ? 'unknown' : 'unmet', asked };
};

const answerOne = (
  need: Need,
  { principal, policiesFor, context }: Asking,
): Pick<NeedAnswer, 'answer' | 'explanation'> => {
  const request = {
    principal: principal.identity.principal,
    action: need.action,
    context: assume(context, need.context ?? {}),
  };
  const policies = withForeignOwner(policiesFor(need), need, principal);
  const { answer, example } = allowedForAll(policies, request, need.resource);
  const explanation = example?.explanation;
  if (answer === 'all') return { answer: 'met' };
  if (answer === 'unknown' || (answer === 'some' && isPartial(need)))
    return { answer: 'unknown', explanation };
  return { answer: 'unmet', explanation };
};

/** What belongs to another account needs its word as well, which is read for buckets and keys alone. */
const withForeignOwner = (
  policies: Policies,
  { action, resource }: Need,
  { scope }: PrincipalFact,
): Policies => {
  const owner = parseArn(resource)?.account;
  const isForeign = /^\d{12}$/.test(owner ?? '') && owner !== scope.account;
  return isForeign && !policies.resource && action !== 'iam:PassRole'
    ? { ...policies, resource: FOREIGN_POLICY }
    : policies;
};

const FOREIGN_POLICY = indexPolicies([
  {
    name: 'policy of the resource',
    kind: 'resource',
    version: '2012-10-17',
    statements: [],
    problems: [
      { code: 'unread', severity: 'error', message: 'policies of other accounts are not read', pointer: '' },
    ],
    isReadable: false,
  },
]);

/** More evidence than this helps nobody; the rest is counted. */
const MAX_EVIDENCE = 20;

/** What needs are for, and the roles that may do whatever they like, which no command may hand to anyone. */
type Told = { purpose: string; expected: string; administrators?: ReadonlySet<string> };

/** The verdict on all needs of some kind that pipelines have of a role: one, as one role is wrong, whatever it lacks. */
export const needsVerdict = (
  control: string,
  kind: NeedKind,
  uses: RoleUses,
  asking: Asking,
  told: Told,
): Verdict[] => {
  const needs = uses.needs.filter((need) => need.kind === kind);
  const reasons = uses.open.filter((open) => open.kind === kind).map(({ reason }) => reason);
  const leftOut = reasons.length > 0 ? `not judged, as only a run tells: ${reasons.join('; ')}` : undefined;
  // Where a step's data lies is often for a run to tell; of a file that decides what runs, it is a gap.
  const untold = kind === 'json-get' ? untoldEvidence(reasons) : [];
  if (needs.length === 0 && untold.length === 0)
    return [{ status: 'NOT_APPLICABLE', because: leftOut ?? `no pipeline needs it to ${told.purpose}` }];
  const answers = needs.map((need) => answerNeed(need, asking));
  const unmet = answers.filter(({ answer }) => answer === 'unmet');
  const open = unmet.length > 0 ? unmet : answers.filter(({ answer }) => answer === 'unknown');
  const [first, ...others] = [...evidenceOf(open, told.expected), ...(unmet.length > 0 ? [] : untold)];
  if (!first) return [{ status: 'PASSED', ...(leftOut && { because: leftOut }) }];
  const who = asking.principal.identity.principal.arn;
  if (unmet.length === 0)
    return [
      {
        status: 'NOT_AVAILABLE',
        evidence: [first, ...others],
        remediation: {
          text:
            open.length > 0
              ? `Whether ${who} may ${told.purpose} hangs on what only a request tells. Try it with pipewarden simulate and --context, or allow it without that condition.`
              : `Give the parameters that the place hangs on a default, or see by hand that ${who} may ${told.purpose}.`,
        },
      },
    ];
  return [
    { status: 'FAILED', evidence: [first, ...others], remediation: remedyFor(control, unmet, asking, told) },
  ];
};

const remedyFor = (
  control: string,
  unmet: readonly NeedAnswer[],
  asking: Asking,
  { purpose, administrators }: Told,
) => {
  const { principal } = asking;
  const who = principal.identity.principal.arn;
  const strong = unmet.find(({ asked }) => administrators?.has(asked.need.resource))?.asked;
  if (strong)
    return {
      text: `Name another role in ${askersText(strong.askers, strong.count)}: ${strong.need.resource} may do whatever it likes, and ${who} could as well if it might pass it.`,
    };
  const denied = unmet.find(({ explanation }) => explanation?.decision === 'ExplicitDeny');
  const [deny] = denied?.explanation?.decidedBy ?? [];
  if (deny)
    return {
      text: `Take the role, or what it needs, out of statement ${deny.statement} of ${deny.policy}, which denies it; no Allow helps against it.`,
    };
  const layer = unmet.find(({ explanation }) => explanation?.failedLayer?.layer !== 'identity')?.explanation
    ?.failedLayer?.layer;
  const document = groupedPolicy(unmet.map(({ asked }) => asked.need));
  const change = putPolicy(control, document);
  return {
    text: `Allow ${who} to ${purpose}: put this policy beside those that it has${layer && layer !== 'identity' ? `, and allow it in its ${layer === 'boundary' ? 'permissions boundary' : `${layer} policy`} too` : ''}.`,
    patch: changeCommand(principal, change),
    change,
  };
};

const evidenceOf = (all: readonly NeedAnswer[], expected: string): Evidence[] => {
  const answers = onePerReason(all);
  const shown = answers.slice(0, MAX_EVIDENCE).map(({ asked, explanation }): Evidence => {
    const { need, askers, count } = asked;
    const reason = explanation
      ? why(explanation, need.action, need.resource)
      : { at: 'policies', found: `${need.action} on ${need.resource} is not allowed` };
    return {
      ...reason,
      expected: `${expected}: ${need.action} on ${need.resource}, for ${askersText(askers, count)}`,
    };
  });
  const rest = answers.length - shown.length;
  return rest > 0 ? [...shown, { at: 'further needs', found: `${rest} more like these`, expected }] : shown;
};

const untoldEvidence = (reasons: readonly string[]): Evidence[] =>
  [...new Set(reasons)].slice(0, MAX_EVIDENCE).map((found) => ({
    at: 'definition',
    found,
    expected: 'a file whose place the definition tells',
  }));

/** What is not known for one reason, such as a bucket’s policy, is told once, by the first need that hangs on it. */
const onePerReason = (answers: readonly NeedAnswer[]): NeedAnswer[] =>
  [
    ...new Map(
      answers.toReversed().map((each, index) => {
        const { doubts = [], missingContext = [] } = each.explanation ?? {};
        const isOpen = each.answer === 'unknown' && doubts.length + missingContext.length > 0;
        return [isOpen ? JSON.stringify([doubts, missingContext]) : index, each] as const;
      }),
    ).values(),
  ].toReversed();

/** Who asks: `step Train (/Steps/0) of pipeline fraud-daily`, the first few and how many more. */
export const askersText = (askers: RoleNeed['askers'], count: number): string => {
  const shown = askers
    .slice(0, 5)
    .map(({ pipeline, step, pointer }) => `step ${step} (${pointer}) of pipeline ${pipeline.name}`);
  return [...shown, ...(count > shown.length ? [`${count - shown.length} more`] : [])].join(', ');
};
