import { parseArn } from '../domain/arn.ts';
import type { Evidence, TriedRemediation, Verdict } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import {
  AUDITED_SERVICES,
  auditedOperations,
  EVENT_SOURCES,
  type EventSource,
  regionOfRecords,
} from '../events/audited-calls.ts';
import { logsEvery, logsIn } from '../facts/logged-calls.ts';
import { defineControl } from '../judging/control.ts';
import type { TrailFact } from '../reader/reader.ts';
import { shellText } from '../text/shell-text.ts';

/** The audited calls of a service, and the Region that their records arrive in. */
type Wanted = { source: EventSource; region: string; operations: readonly string[] };

/** An account can have a few trails, and those of its organization. */
const MAX_EVIDENCE = 20;

export const control = defineControl({
  id: 'trail-logging',
  system: 'The audit itself',
  title: 'A trail logs the management events that audits start from',
  severity: 'HIGH',
  on: ['account'],
  requires: ['trails'],
  evaluate: ({ trails: { scope, trails } }): Verdict[] => {
    const missed = wantedIn(scope).filter((wanted) => missedBy(trails, wanted).length > 0);
    const [first, ...others] = missed.flatMap((wanted) => reasons(trails, wanted)).slice(0, MAX_EVIDENCE);
    if (!first) return [{ status: 'PASSED' }];
    const doubtful = trails.filter(
      (trail) => missed.some(({ region }) => logsIn(trail, region)) && unreadOf(trail).length > 0,
    );
    const [gap, ...gaps] = doubtful.flatMap(unreadOf);
    if (gap)
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [gap, ...gaps],
          remediation: { text: readingOf(doubtful, scope, gap) },
        },
      ];
    const isBlind = missed.some(({ source }) => source === 'sagemaker.amazonaws.com');
    return [
      {
        status: 'FAILED',
        ...(!isBlind && { severity: 'MEDIUM' as const }),
        evidence: [first, ...others],
        remediation: remedy(trails, missed),
      },
    ];
  },
});

const wantedIn = (scope: Scope): Wanted[] =>
  EVENT_SOURCES.filter((source) => AUDITED_SERVICES[source].loggedIn === 'own account').map((source) => ({
    source,
    region: regionOfRecords(source, scope),
    operations: auditedOperations(source),
  }));

/** The calls that no trail is known to log. */
const missedBy = (trails: readonly TrailFact[], { source, region, operations }: Wanted): string[] =>
  operations.filter((eventName) => {
    const call = { eventCategory: AUDITED_SERVICES[source].category, eventSource: source, eventName };
    return !trails.some(
      (trail) =>
        logsIn(trail, region) &&
        trail.isLogging.ok &&
        trail.isLogging.value &&
        trail.selectors.ok &&
        logsEvery(trail.selectors.value, call),
    );
  });

const reasons = (trails: readonly TrailFact[], wanted: Wanted): Evidence[] => {
  const { source, region } = wanted;
  const expected = `a trail that logs the calls that write of ${source} in ${region}`;
  const inRegion = trails.filter((trail) => logsIn(trail, region));
  if (inRegion.length === 0) return [{ at: 'DescribeTrails', found: `no trail logs in ${region}`, expected }];
  return inRegion.flatMap((trail) => {
    const found = reason(trail, wanted);
    return found === undefined ? [] : [{ at: trail.arn, found, expected }];
  });
};

const reason = (trail: TrailFact, wanted: Wanted): string | undefined => {
  const { isLogging, selectors } = trail;
  if (isLogging.ok && !isLogging.value) return 'it is not logging';
  if (!isLogging.ok || !selectors.ok) return 'whether it logs them could not be read';
  const [first, ...others] = missedBy([trail], wanted);
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` and ${others.length} more calls` : '';
  return `its event selectors leave out ${first}${more} of ${wanted.source}`;
};

const unreadOf = ({ arn, isLogging, selectors }: TrailFact): Evidence[] => {
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

/** Nobody in a member account can allow what CloudTrail refuses there of the organization's trail. */
const readingOf = (doubtful: readonly TrailFact[], { account }: Scope, gap: Evidence): string => {
  const foreign = doubtful.filter(({ isOrganizationTrail, arn }) => {
    const owner = parseArn(arn)?.account;
    return isOrganizationTrail && owner !== account;
  });
  const [first] = foreign;
  const own = `Allow the auditor to read these trails (${gap.at}), and audit again.`;
  if (!first) return own;
  const asked = `CloudTrail does not tell member accounts all of an organization’s trail: ask account ${parseArn(first.arn)?.account ?? ''} whether \`aws cloudtrail get-event-selectors --trail-name ${shellText(first.arn)}\` lists all management events that write, or have a trail of this account log them.`;
  return foreign.length === doubtful.length ? asked : `${own} ${asked}`;
};

const remedy = (trails: readonly TrailFact[], missed: readonly Wanted[]): TriedRemediation => {
  const stopped = trails.find(
    (trail) =>
      trail.isLogging.ok &&
      !trail.isLogging.value &&
      missed.every(
        (wanted) => missedBy([{ ...trail, isLogging: { ok: true, value: true } }], wanted).length === 0,
      ),
  );
  if (stopped)
    return {
      text: `Start the logging of ${stopped.arn}.`,
      patch: `aws cloudtrail start-logging --name ${shellText(stopped.arn)} --region ${shellText(stopped.homeRegion)}`,
    };
  const what = [...new Set(missed.map(({ source, region }) => `${source} in ${region}`))].join(', ');
  return {
    text: `Have a trail of all Regions log all management events that write (${what}). Selectors replace those that a trail has, so add to them.`,
  };
};
