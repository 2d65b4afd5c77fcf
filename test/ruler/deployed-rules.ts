import { Template } from 'aws-cdk-lib/assertions';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Rules } from '../support/emulators/ruler-env.ts';
import { stackSetsOf, UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';
import { resourcesOf, templates } from '../support/templates/templates.ts';

/**
 * The patterns of all rules in the synthesised templates: those of the audited Region, and those that forward from
 * us-east-1.
 */
export const deployedPatterns = (): { home: Rules; forwarding: Rules } => {
  const { state, pipewarden, iamEvents } = templates();
  return { home: patternsOf([state, pipewarden]), forwarding: patternsOf([iamEvents]) };
};

/** The patterns of a hub: those of its members’ rules in the Region of IAM’s events, and those of its intake. */
export const hubPatterns = (): { member: Rules; intake: Rules } => {
  const { remove, ...files } = deployables();
  try {
    const settings = settingsFor(files, { members: UNIT_MEMBERS, regions: ['us-east-1'] });
    const { pipewarden, members } = deployment(settings);
    if (!members) throw new Error('a hub has a stack for its members');
    const { Resources } = JSON.parse(stackSetsOf(members).rules.properties.TemplateBody) as {
      Resources: Record<string, { Properties: { EventPattern: JsonObject } }>;
    };
    const intake = resourcesOf([Template.fromStack(pipewarden)], 'AWS::Events::Rule').filter(
      ({ properties }) => properties.EventBusName !== undefined,
    );
    return {
      member: Object.fromEntries(
        Object.entries(Resources).map(([id, { Properties }]) => [id, Properties.EventPattern]),
      ),
      intake: Object.fromEntries(
        intake.map(({ id, properties }) => [id, properties.EventPattern as JsonObject]),
      ),
    };
  } finally {
    remove();
  }
};

const patternsOf = (of: readonly Template[]): Rules =>
  Object.fromEntries(
    // The rule for purged queues names queues, which only a deployment knows.
    withoutPurges(of).flatMap(({ id, properties }) =>
      properties.EventPattern ? [[id, properties.EventPattern as JsonObject]] : [],
    ),
  );

/** The patterns as CloudFormation deploys them in an account. */
export const inAccount = (patterns: Rules, account: string): Rules =>
  JSON.parse(JSON.stringify(patterns).replaceAll('{"Ref":"AWS::AccountId"}', JSON.stringify(account)));

const withoutPurges = (of: readonly Template[]) =>
  resourcesOf(of, 'AWS::Events::Rule').filter(({ id }) => !id.startsWith('QueuePurges'));
