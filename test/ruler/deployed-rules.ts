import type { Template } from 'aws-cdk-lib/assertions';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Rules } from '../support/emulators/ruler-env.ts';
import { resourcesOf, templates } from '../support/templates/templates.ts';

/**
 * The patterns of all rules in the synthesised templates: those of the audited Region, and those that forward from
 * us-east-1.
 */
export const deployedPatterns = (): { home: Rules; forwarding: Rules } => {
  const { state, pipewarden, iamEvents } = templates();
  return { home: patternsOf([state, pipewarden]), forwarding: patternsOf([iamEvents]) };
};

const patternsOf = (of: readonly Template[]): Rules =>
  Object.fromEntries(
    resourcesOf(of, 'AWS::Events::Rule').flatMap(({ id, properties }) =>
      properties.EventPattern ? [[id, properties.EventPattern as JsonObject]] : [],
    ),
  );

/** The patterns as CloudFormation deploys them in an account. */
export const inAccount = (patterns: Rules, account: string): Rules =>
  JSON.parse(JSON.stringify(patterns).replaceAll('{"Ref":"AWS::AccountId"}', JSON.stringify(account)));
