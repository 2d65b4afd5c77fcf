import {
  AUDITED_DETAIL_TYPES,
  AUDITED_SERVICES,
  auditedOperations,
  EVENT_SOURCES,
  type EventSource,
} from '../shared/events/audited-calls.ts';

/** What a field must be one of, in EventBridge's own form. */
type OneOf = readonly ({ exists: boolean } | { 'anything-but': { prefix: string } })[];

/** An EventBridge pattern in its own form, and why its events are wanted. The id is part of the rule's logical id. */
export type AuditedEvents = {
  id: string;
  reason: string;
  /** Events of another account that are forwarded to the bus are wanted too. */
  isFromAnyAccount?: true;
  /** They reach us-east-1 alone, and are forwarded from there. */
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
 * Management events of a service, which need a trail that logs them. The event source is matched too: other services
 * have operations of the same names. A call that failed changed nothing, and whoever may do nothing can make many.
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

/** The rule of each service. */
const RULES: Record<EventSource, Pick<AuditedEvents, 'id' | 'reason'>> = {
  'sagemaker.amazonaws.com': {
    id: 'SageMakerOperations',
    reason:
      'A pipeline was created, changed, started or deleted, or a job was created, by a pipeline or past it',
  },
  's3.amazonaws.com': {
    id: 'BucketOperations',
    reason: 'The policy or CORS configuration of a bucket changed, or the tags that make it an image bucket',
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
    // A tuning job makes hundreds of training jobs, and is audited itself. A field without value may come as null.
    detail: { TuningJobArn: [{ exists: false }, { 'anything-but': { prefix: 'arn:' } }] },
  },
};

/** The events that make the auditor look: `readEvents` turns each of them into an audit request. */
export const EVENT_PATTERNS: readonly AuditedEvents[] = EVENT_SOURCES.flatMap((source) =>
  source === 'sagemaker.amazonaws.com' ? [operations(source), STATES] : [operations(source)],
);

/** The pattern of the rule that is deployed in an account: whoever may forward events of others must not flood it. */
export const rulePattern = ({ pattern, isFromAnyAccount }: AuditedEvents, account: string) => ({
  ...pattern,
  ...(!isFromAnyAccount && { account: [account] }),
});
