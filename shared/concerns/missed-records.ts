import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import type { Unread } from '../domain/gap.ts';
import { type AuditedCalls, logsIn, missedBy } from '../facts/logged-calls.ts';
import { unreadRemedy } from '../judging/unread-remedy.ts';
import type { TrailFact } from '../reader/reader.ts';
import { shellText } from '../text/shell-text.ts';

/** Why no trail is known to log the calls: one reason for each trail of their Region. */
export const missedRecords = (trails: readonly TrailFact[], calls: AuditedCalls): Evidence[] => {
  const { source, region } = calls;
  const expected = `a trail that logs the calls that write of ${source} in ${region}`;
  const inRegion = trails.filter((trail) => logsIn(trail, region));
  if (inRegion.length === 0) return [{ at: 'DescribeTrails', found: `no trail logs in ${region}`, expected }];
  return inRegion.flatMap((trail) => {
    const found = reasonOf(trail, calls);
    return found === undefined ? [] : [{ at: trail.arn, found, expected }];
  });
};

const reasonOf = (trail: TrailFact, calls: AuditedCalls): string | undefined => {
  const { isLogging, selectors } = trail;
  if (isLogging.ok && !isLogging.value) return 'it is not logging';
  if (!isLogging.ok || !selectors.ok) return 'whether it logs them could not be read';
  const [first, ...others] = missedBy([trail], calls);
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more calls` : '';
  return `its event selectors leave out ${first}${more} of ${calls.source}`;
};

/** What could not be read about a trail that may be logging. */
export const unreadOfTrail = ({ isLogging, selectors }: TrailFact): Unread[] =>
  isLogging.ok && !isLogging.value
    ? []
    : [isLogging, selectors].flatMap((read) => (read.ok ? [] : [read.unread]));

/** The same as evidence. */
export const evidenceOfUnread = (trail: TrailFact): Evidence[] =>
  unreadOfTrail(trail).map(({ call, code, message }) => ({
    at: `${call} of ${trail.arn}`,
    found: `${code}: ${message}`,
    expected: 'evidence that can be read',
  }));

/**
 * Advice on closing the gaps of trails. A member account cannot grant itself what CloudTrail refuses there about the
 * organization's trail.
 */
export const adviceOnUnread = (trails: readonly TrailFact[], account: string): string => {
  const isForeign = ({ isOrganizationTrail, arn }: TrailFact): boolean =>
    isOrganizationTrail === true && parseArn(arn)?.account !== account;
  const foreign = trails.find(isForeign);
  const [first, ...others] = trails.filter((trail) => !isForeign(trail)).flatMap(unreadOfTrail);
  return [
    ...(first ? [unreadRemedy(first, ...others)] : []),
    ...(foreign ? [adviceOnForeign(foreign)] : []),
  ].join(' ');
};

const adviceOnForeign = ({ arn }: TrailFact): string =>
  `CloudTrail does not tell member accounts all of an organization’s trail: ask account ${parseArn(arn)?.account ?? ''} whether \`aws cloudtrail get-event-selectors --trail-name ${shellText(arn)}\` lists all management events that write, or have a trail of this account log them.`;
