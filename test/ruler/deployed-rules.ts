import type { JsonObject } from '../../shared/json.ts';
import type { Rules } from '../setup/ruler-env.ts';
import { resourcesOf, templates } from '../setup/templates.ts';

/** The patterns of all rules of the synthesised templates, by logical id. */
export const deployedPatterns = (): Rules =>
  Object.fromEntries(
    resourcesOf(templates(), 'AWS::Events::Rule').flatMap(({ id, properties }) =>
      properties.EventPattern ? [[id, properties.EventPattern as JsonObject]] : [],
    ),
  );

/** The patterns as CloudFormation deploys them in an account. */
export const inAccount = (patterns: Rules, account: string): Rules =>
  JSON.parse(JSON.stringify(patterns).replaceAll('{"Ref":"AWS::AccountId"}', JSON.stringify(account)));
