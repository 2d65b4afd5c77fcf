import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import { isDenied, type Unread } from '../domain/gap.ts';
import { type AuditedCalls, logsIn, missedBy } from '../facts/logged-calls.ts';
import { allow, unreadRemedy } from '../judging/unread-remedy.ts';
import type { ListedTrails, TrailFact } from '../reader/reader.ts';
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
  const { isLogging } = trail;
  if (isLogging.ok && !isLogging.value) return 'it is not logging';
  const [first, ...others] = missedBy([trail], calls);
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more calls` : '';
  return `its event selectors leave out ${first}${more} of ${calls.source}`;
};

/** What could not be read about a trail that may be logging. */
const unreadOfTrail = ({ isLogging, selectors }: TrailFact): Unread[] =>
  isLogging.ok && !isLogging.value
    ? []
    : [isLogging, selectors].flatMap((read) => (read.ok ? [] : [read.unread]));

/** What could not be read of trails, on which it hangs whether calls in some Regions are logged. */
export type TrailGaps = { trails: readonly TrailFact[]; unlisted: NonNullable<ListedTrails['unlisted']> };

/**
 * What is not known of the trails that may log in a Region. The trails of all Regions are listed in each, so that a list that is
 * missing leaves open only the trails of its own Region.
 */
export const gapsIn = ({ trails, unlisted = [] }: ListedTrails, regions: readonly string[]): TrailGaps => ({
  trails: trails.filter(
    (trail) => regions.some((region) => logsIn(trail, region)) && unreadOfTrail(trail).length > 0,
  ),
  unlisted: unlisted.filter(({ region }) => regions.includes(region)),
});

/** The same as evidence. */
export const evidenceOfGaps = ({ trails, unlisted }: TrailGaps): Evidence[] => [
  ...unlisted.map(({ region, unread }) => evidenceOf(unread, `in ${region}`)),
  ...trails.flatMap((trail) => unreadOfTrail(trail).map((unread) => evidenceOf(unread, `of ${trail.arn}`))),
];

const evidenceOf = ({ call, code, message }: Unread, where: string): Evidence => ({
  at: `${call} ${where}`,
  found: `${code}: ${message}`,
  expected: 'evidence that can be read',
});

/**
 * Advice on closing the gaps. CloudTrail tells members of an organization the status of its trail by the trail’s ARN; its selectors
 * it refuses them, whatever their permissions are.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html
 */
export const adviceOnGaps = ({ trails, unlisted }: TrailGaps, account: string): string => {
  const isForeign = ({ isOrganizationTrail, arn }: TrailFact): boolean =>
    isOrganizationTrail === true && parseArn(arn)?.account !== account;
  const own = [
    ...unlisted.map(({ unread }) => unread),
    ...trails.filter((trail) => !isForeign(trail)).flatMap(unreadOfTrail),
  ];
  const [first, ...others] = own;
  return [
    ...(first ? [unreadRemedy(first, ...others)] : []),
    ...trails.filter(isForeign).map(adviceOnForeign),
  ].join(' ');
};

const adviceOnForeign = ({ arn, isLogging, selectors }: TrailFact): string => {
  const isStatusRefused = !isLogging.ok && isDenied(isLogging.unread.code);
  const commands = [
    ...(isLogging.ok ? [] : [`\`aws cloudtrail get-trail-status --name ${shellText(arn)}\` says IsLogging`]),
    ...(selectors.ok
      ? []
      : [
          `\`aws cloudtrail get-event-selectors --trail-name ${shellText(arn)}\` lists all management events that write`,
        ]),
  ];
  return [
    ...(isStatusRefused ? [allow(['cloudtrail:GetTrailStatus'])] : []),
    `The trail is the organization’s, of which CloudTrail does not tell member accounts everything: ask account ${parseArn(arn)?.account ?? ''}, to which it belongs, whether ${commands.join(' and ')}, or have a trail of this account log them.`,
  ].join(' ');
};
