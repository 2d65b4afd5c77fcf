import type { ContextValue } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { statementsAbout } from '../iam/sets/statements.ts';

const OF_RESOURCE = /^(?:aws|iam|sagemaker):resourcetag\//;

/**
 * The context keys of a resource’s tags. Tags are known completely, so a key that a statement asks about and that no tag
 * has is absent from the request. Tag keys are compared without letter case, as in condition keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
 */
export const tagsInRequest = (
  tags: ReadonlyMap<string, string>,
  policies: Policies,
  action: string,
): Record<string, ContextValue> =>
  Object.fromEntries(
    statementsAbout(policies, action.toLowerCase())
      .flatMap(({ statement }) => statement.conditions)
      .filter(({ keyName }) => OF_RESOURCE.test(keyName))
      .map(({ keyName }) => [keyName, tags.get(keyName.slice(keyName.indexOf('/') + 1)) ?? null]),
  );
