import { partitionOfRegion } from '../shared/domain/regions.ts';
import {
  AUDITED_DETAIL_TYPES,
  AUDITED_SERVICES,
  auditedOperations,
  EVENT_SOURCES,
  type EventSource,
} from '../shared/events/audited-calls.ts';
import { globalRegionOf } from '../shared/reader/answers/trails.ts';

/** The values that a field may have, in EventBridge’s form. */
type OneOf = readonly ({ exists: boolean } | { 'anything-but': { prefix: string } })[];

/** A pattern of EventBridge, and why its events are wanted. `id` is part of the rule’s logical id. */
export type AuditedEvents = {
  id: string;
  reason: string;
  /** Whether events of other accounts on the bus are wanted too. */
  isFromAnyAccount?: true;
  /** Whether the events arrive only in us-east-1 (the one such Region of the partition) and are forwarded from there. */
  isGlobal?: true;
  pattern: {
    source: readonly string[];
    'detail-type': readonly string[];
    detail:
      | { eventSource: readonly string[]; eventName: readonly string[]; errorCode: OneOf }
      | { TuningJobArn: OneOf };
  };
};

/**
 * The management events of a service, which EventBridge gets only while a trail logs them. The event source is matched
 * too, because other services have operations with the same names. Failed calls are left out: they change nothing, and
 * anybody could make many of them.
 */
const operations = (eventSource: EventSource): AuditedEvents => {
  const { arrivesIn, loggedIn } = AUDITED_SERVICES[eventSource];
  return {
    ...RULES[eventSource],
    ...(loggedIn === 'management account' && { isFromAnyAccount: true }),
    ...(arrivesIn === 'global' && { isGlobal: true }),
    pattern: {
      source: [`aws.${eventSource.split('.')[0]}`],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: [eventSource],
        eventName: auditedOperations(eventSource),
        errorCode: [{ exists: false }],
      },
    },
  };
};

const RULES: Record<EventSource, Pick<AuditedEvents, 'id' | 'reason'>> = {
  'sagemaker.amazonaws.com': {
    id: 'SageMakerOperations',
    reason:
      'A pipeline was created, changed, started or deleted, or a job was created, by a pipeline or by anybody else',
  },
  's3.amazonaws.com': {
    id: 'BucketOperations',
    reason: 'The policy or CORS configuration of a bucket changed, or the tags that make it an image bucket',
  },
  'kms.amazonaws.com': {
    id: 'KeyOperations',
    reason: 'The policy of a KMS key changed, or what an alias of one means',
  },
  'ram.amazonaws.com': {
    id: 'ShareOperations',
    reason: 'A pipeline was shared with others by AWS RAM, or what a share allows them changed',
  },
  'iam.amazonaws.com': {
    id: 'IamOperations',
    reason:
      'A role, user, group or policy changed. The records of IAM reach us-east-1 only; elsewhere they must be forwarded',
  },
  'organizations.amazonaws.com': {
    id: 'OrganizationOperations',
    reason:
      'An SCP or RCP changed. These records reach the management account, in us-east-1 only: forward them from there',
  },
};

const STATES: AuditedEvents = {
  id: 'SageMakerStates',
  reason:
    'An execution, a step or a job changed its state: it names the job even where no CloudTrail record arrives',
  pattern: {
    source: ['aws.sagemaker'],
    'detail-type': AUDITED_DETAIL_TYPES,
    // A tuning job makes hundreds of training jobs and is audited itself, so that they are left out. A field without a
    // value may come as null.
    detail: { TuningJobArn: [{ exists: false }, { 'anything-but': { prefix: 'arn:' } }] },
  },
};

/** The patterns of all events that the auditor looks at. `readEvents` makes an audit request of each such event. */
export const EVENT_PATTERNS: readonly AuditedEvents[] = EVENT_SOURCES.flatMap((source) =>
  source === 'sagemaker.amazonaws.com' ? [operations(source), STATES] : [operations(source)],
);

/** The patterns of the events that arrive in a Region, or only of those that all Regions of the partition have there. */
export const patternsOf = (region: string, events: 'all' | 'global'): readonly AuditedEvents[] => {
  const isGlobalRegion = region === globalRegionOf(partitionOfRegion(region));
  return EVENT_PATTERNS.filter(({ isGlobal }) => (isGlobal ? isGlobalRegion : events === 'all'));
};

/** The pattern of a rule. Without `account`, events of any account match. */
export type RulePattern = AuditedEvents['pattern'] & { account?: string[] };

/**
 * The pattern of a rule on the default bus of an account. Only events of this account match, so that whoever forwards other
 * accounts’ events to the bus cannot flood the auditor.
 */
export const rulePattern = (
  { pattern, isFromAnyAccount }: Pick<AuditedEvents, 'pattern' | 'isFromAnyAccount'>,
  account: string,
): RulePattern => ({
  ...pattern,
  ...(!isFromAnyAccount && { account: [account] }),
});
