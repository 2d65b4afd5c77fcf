import type { Finding } from '../domain/finding.ts';
import type { Unjudged } from '../domain/judgement.ts';
import type { Resource } from '../domain/resource.ts';
import type { Lifetime } from './finished-entries.ts';
import type { Change } from './state.ts';
import { type Became, unreadBecause } from './what-became.ts';

/** Whether the resource is something that runs once and is finished, so that nobody can mend it. */
export const hasRun = ({ type }: Resource): boolean => type === 'job' || type === 'execution';

/** Whether its findings end with their time: what has run, and a record that nobody understood, are not looked at again. */
export const expires = (resource: Resource): boolean => hasRun(resource) || resource.type === 'event';

/** The change that ends a finding, by what became of it; `now` = what the look says of it, where it says anything. */
export const ending = (
  before: Finding,
  now: Finding | undefined,
  became: Became,
  observedAt: string,
): Change => {
  const finding = closed(now ?? before, before, observedAt);
  switch (became.is) {
    case 'mended':
      return { kind: 'resolved', finding: { ...finding, status: 'PASSED' } };
    case 'not-applicable':
      return {
        kind: 'resolved',
        finding: {
          ...finding,
          status: 'NOT_APPLICABLE',
          remediation: { text: `It does not apply any more: ${became.because}.` },
        },
      };
    case 'gone':
      return { kind: 'gone', finding: unknown(finding, 'Gone: it does not exist any more.') };
    case 'gathered':
      return {
        kind: 'gathered',
        finding: unknown(
          finding,
          'What is left of it is told by other findings of the control on the resource.',
        ),
      };
    case 'unjudged': {
      const { why, because } = became;
      const unjudged = { since: observedAt, why, because };
      return { kind: 'unjudged', finding: { ...unknown(finding, notJudged(unjudged)), unjudged } };
    }
  }
};

/**
 * A verdict that stands because a newer look could not judge it; `now` = what that look says of it, where it says
 * anything. The day after its last one a suppression covers nothing, whether or not the finding could be judged on it.
 */
export const standing = (
  verdict: Finding,
  now: Finding | undefined,
  { because, observedAt }: { because: string; observedAt: string },
): Finding => {
  const { suppression: last, unjudged: _, ...finding } = verdict;
  const suppression = now
    ? now.suppression
    : last && observedAt.slice(0, 10) <= last.expires
      ? last
      : undefined;
  return {
    ...finding,
    ...(suppression && { suppression }),
    unjudged: {
      since: verdict.lastObservedAt,
      why: 'unread',
      because: now ? unreadBecause(now.evidence) : because,
    },
  };
};

/** A sentence that says why a finding is not judged any more. */
const notJudged = ({ because }: Pick<Unjudged, 'because'>): string => `Not judged any more: ${because}.`;

const unknown = (finding: Finding, text: string): Finding => ({
  ...finding,
  status: 'NOT_AVAILABLE',
  remediation: { text },
});

const whyExpired = ({ resource }: Finding, period: string): string =>
  resource.type === 'event'
    ? `Expired: it came ${period} ago, and a record is not looked at again.`
    : `Expired: what has run can no longer be mended, and nothing of it was seen for ${period}.`;

/** The end of a finding on something finished whose time is over: nobody has mended it, and nobody can. */
export const expired = (before: Finding, { now, expireDays }: Lifetime): Change => ({
  kind: 'expired',
  finding: unknown(closed(before, before, now), whyExpired(before, days(expireDays))),
});

/** The end of a finding on a job or an execution that has become a part of the one on its pipeline. */
export const moved = (before: Finding, pipelineArn: string, observedAt: string): Change => ({
  kind: 'gathered',
  finding: unknown(
    closed(before, before, observedAt),
    `Gathered with others like it in the finding on ${pipelineArn}.`,
  ),
});

/** A number of days, in words. */
export const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

const closed = (last: Finding, before: Finding, observedAt: string): Finding => {
  const { suppression: _suppression, unjudged: _unjudged, ...finding } = last;
  return { ...finding, firstObservedAt: before.firstObservedAt, lastObservedAt: observedAt };
};
