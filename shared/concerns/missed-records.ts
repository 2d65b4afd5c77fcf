import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import { type AuditedCalls, logsIn, missedBy } from '../facts/logged-calls.ts';
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

/** What could not be read of a trail that may be logging. */
export const unreadOfTrail = ({ arn, isLogging, selectors }: TrailFact): Evidence[] => {
  if (isLogging.ok && !isLogging.value) return [];
  return [isLogging, selectors].flatMap((read) =>
    read.ok
      ? []
      : [
          {
            at: `${read.unread.call} of ${arn}`,
            found: `${read.unread.code}: ${read.unread.message}`,
            expected: 'evidence that can be read',
          },
        ],
  );
};

/**
 * How the gaps of trails can be closed. Nobody in a member account can allow what CloudTrail refuses there of the
 * organization's trail.
 */
export const adviceOnUnread = (trails: readonly TrailFact[], account: string, gap: Evidence): string => {
  const foreign = trails.filter(({ isOrganizationTrail, arn }) => {
    const owner = parseArn(arn)?.account;
    return isOrganizationTrail && owner !== account;
  });
  const [first] = foreign;
  const own = `Allow the auditor to read these trails (${gap.at}), and audit again.`;
  if (!first) return own;
  const asked = `CloudTrail does not tell member accounts all of an organization’s trail: ask account ${parseArn(first.arn)?.account ?? ''} whether \`aws cloudtrail get-event-selectors --trail-name ${shellText(first.arn)}\` lists all management events that write, or have a trail of this account log them.`;
  return foreign.length === trails.length ? asked : `${own} ${asked}`;
};
