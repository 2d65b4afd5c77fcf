import type { Finding } from '../domain/finding.ts';
import type { Resource } from '../domain/resource.ts';
import type { Lifetime } from './entries.ts';
import type { Change } from './state.ts';

/** Whether the resource is something that runs once and is finished, so that nobody can mend it. */
export const hasRun = ({ type }: Resource): boolean => type === 'job' || type === 'execution';

/** Whether its findings end with their time: what has run, and a record that nobody understood, are not looked at again. */
export const expires = (resource: Resource): boolean => hasRun(resource) || resource.type === 'event';

/** The last form of a finding that does not hold any more; `gone` = nothing is left that it could hold of. */
export const resolved = (
  before: Finding,
  now: Finding | undefined,
  { observedAt, gone }: { observedAt: string; gone: boolean },
): Finding => ({
  ...closed(now ?? before, before, observedAt),
  status: gone ? 'NOT_AVAILABLE' : 'PASSED',
});

const whyExpired = ({ resource }: Finding, period: string): string =>
  resource.type === 'event'
    ? `Expired: it came ${period} ago, and a record is not looked at again.`
    : `Expired: what has run can no longer be mended, and nothing of it was seen for ${period}.`;

/** The end of a finding on something finished whose time is over: nobody has mended it, and nobody can. */
export const expired = (before: Finding, { now, expireDays }: Lifetime): Change => ({
  kind: 'expired',
  finding: {
    ...closed(before, before, now),
    status: 'NOT_AVAILABLE',
    remediation: { text: whyExpired(before, days(expireDays)) },
  },
});

/** The last form of a finding on a job or an execution that has become a part of the one on its pipeline. */
export const moved = (before: Finding, pipelineArn: string, observedAt: string): Finding => ({
  ...closed(before, before, observedAt),
  status: 'NOT_AVAILABLE',
  remediation: { text: `Gathered with others like it in the finding on ${pipelineArn}.` },
});

/** A number of days, in words. */
export const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

const closed = (last: Finding, before: Finding, observedAt: string): Finding => {
  const { suppression: _, ...finding } = last;
  return { ...finding, firstObservedAt: before.firstObservedAt, lastObservedAt: observedAt };
};
