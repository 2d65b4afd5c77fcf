import { Aws } from 'aws-cdk-lib';
import { EventBus, type Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import type { MemberTargets } from '../shared/config/member-targets.ts';
import { INTAKE_BUS } from '../shared/domain/member-roles.ts';
import type { Base } from './base.ts';
import { EVENT_PATTERNS } from './event-patterns.ts';
import { membersEvents } from './rules.ts';

/** The ARN of the intake, in the account and Region of the stack. */
export const intakeArn = `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/${INTAKE_BUS}`;

/** The bus to which the rules of members send, with its policy and its rules into the queue. */
export const intake = (
  { stack, settings, requests }: Pick<Base, 'stack' | 'settings' | 'requests'>,
  members: MemberTargets,
): Rule[] => {
  const { eventSourcePrefix } = settings;
  const bus = new EventBus(stack, 'Intake', {
    eventBusName: INTAKE_BUS,
    description: 'The events of other accounts that Pipewarden watches',
  });
  bus.addToResourcePolicy(
    new PolicyStatement({
      sid: 'MembersOfThisHub',
      principals: [new StarPrincipal()],
      actions: ['events:PutEvents'],
      resources: [bus.eventBusArn],
      conditions: membersCondition(members, eventSourcePrefix),
    }),
  );
  return membersEvents(stack, requests, bus, settings);
};

/** A policy of a bus has at most 10 KB, of which this many account ids take about 8. */
const MOST_ACCOUNTS = 500;

/**
 * Only accounts of the organization, and of these only members, may send, and only events from the services that are audited.
 * Nobody but AWS itself makes events with these sources. Where there are
 * units, any account of the organization may send but those that are excluded, because accounts come and go in units.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
 */
const membersCondition = (
  { organization, units, accounts, excluded, exclude, includesManagementAccount }: MemberTargets,
  eventSourcePrefix = '',
): Record<string, object> => {
  const sources = [...new Set(EVENT_PATTERNS.flatMap(({ pattern }) => pattern.source))];
  const members = [...accounts, ...(includesManagementAccount ? [organization.managementAccount] : [])];
  const named = (list: readonly string[]) =>
    list.length > 0 && list.length <= MOST_ACCOUNTS && { 'aws:PrincipalAccount': list };
  const areAllNamed = units.length === 0;
  const excludedAccounts = areAllNamed ? false : named([...new Set([...excluded, ...exclude])]);
  return {
    StringEquals: { 'aws:PrincipalOrgID': organization.id, ...(areAllNamed && named(members)) },
    ...(excludedAccounts && { StringNotEquals: excludedAccounts }),
    'ForAllValues:StringEquals': {
      'events:source': sources.map((source) => `${eventSourcePrefix}${source}`),
    },
  };
};
