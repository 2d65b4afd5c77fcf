import type { Finding } from '../domain/finding.ts';
import type { Unjudged } from '../domain/judgement.ts';
import type { Resource } from '../domain/resource.ts';
import { counted } from '../text/counted.ts';
import type { Lifetime } from './finished-entries.ts';
import type { Change } from './state.ts';
import { type Became, unreadBecause } from './what-became.ts';

/** Whether the resource is a job or an execution: it has run, so that nobody can mend it any more. */
export const hasRun = ({ type }: Resource): boolean => type === 'job' || type === 'execution';

/** Whether findings on the resource expire. Nobody looks again at a job, an execution or an unreadable event. */
export const expires = (resource: Resource): boolean => hasRun(resource) || resource.type === 'event';

/** The change that ends a finding. `now` is the finding of the newest look, where that look made one. */
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
          now?.status === 'NOT_APPLICABLE'
            ? `From now on ${now.remediation.text}.`
            : 'Other findings of the control report what is left of it.',
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
 * A verdict that stays because a newer look could not judge the resource. `now` is the NOT_AVAILABLE finding of that
 * look, where it made one. A suppression whose last day is over is dropped here too.
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

const notJudged = ({ because }: Pick<Unjudged, 'because'>): string => `Not judged any more: ${because}.`;

const unknown = (finding: Finding, text: string): Finding => ({
  ...finding,
  status: 'NOT_AVAILABLE',
  remediation: { text },
});

const whyExpired = ({ resource }: Finding, period: string): string =>
  resource.type === 'event'
    ? `Expired: it was told ${period} ago, and nobody looks at what has happened again.`
    : `Expired: what has run can no longer be mended, and it was not seen for ${period}.`;

/** The change that ends a finding on a job, an execution or an event after `expireDays`. Nobody mended it. */
export const expired = (before: Finding, { now, expireDays }: Lifetime): Change => ({
  kind: 'expired',
  finding: unknown(closed(before, before, now), whyExpired(before, counted(expireDays, 'day'))),
});

/** The change that ends a finding on a job or an execution which is from now on part of a grouped finding. */
export const moved = (before: Finding, pipelineArn: string, observedAt: string): Change => ({
  kind: 'gathered',
  finding: unknown(
    closed(before, before, observedAt),
    `From now on a part of the finding on ${pipelineArn}, with others like it.`,
  ),
});

const closed = (last: Finding, before: Finding, observedAt: string): Finding => {
  const { suppression: _suppression, unjudged: _unjudged, ...finding } = last;
  return { ...finding, firstObservedAt: before.firstObservedAt, lastObservedAt: observedAt };
};
