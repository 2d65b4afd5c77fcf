import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { auditedOperations } from '../events/audited-calls.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny } from '../iam/policy/glob.ts';

/**
 * The actions that make a principal matter: passing roles, changing or starting what is audited, setting an exception’s
 * tag.
 */
const ACTIONS = [
  'iam:PassRole',
  'iam:CreateRole',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:TagUser',
  'iam:UntagUser',
  ...auditedOperations('sagemaker.amazonaws.com').map((operation) => `sagemaker:${operation}`),
].map((action) => action.toLowerCase());

/**
 * Whether a sweep looks at a user or role: pipelines use it, the configuration names it, or one of its policies allows
 * an action that matters. Conditions and boundaries are ignored here, as a needless look costs little.
 */
export const wantedIdentities = (
  usedRoles: readonly string[],
  config: Pick<Config, 'roles' | 'prefixes' | 'scpException'>,
): ((identity: Identity) => boolean) => {
  const used = new Set(usedRoles);
  const { execution = [], steps = [] } = config.roles ?? {};
  const ofPrefixes = (config.prefixes ?? []).flatMap(({ roles = [] }) => roles);
  const named = [...creatorPatterns(config), ...execution, ...steps, ...ofPrefixes];
  const tagKey = config.scpException?.tagKey.toLowerCase();
  return ({ principal: { arn, tags }, policies: { identity } }) =>
    used.has(arn) ||
    matchesAny(named, arn) ||
    (tagKey !== undefined && tags?.has(tagKey) === true) ||
    (identity !== undefined &&
      (identity.unreadable.length > 0 ||
        ACTIONS.some((action) => identity.candidates(action).allows.length > 0)));
};
