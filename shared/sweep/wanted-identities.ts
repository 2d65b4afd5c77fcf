import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { auditedOperations } from '../events/audited-calls.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny } from '../iam/policy/glob.ts';

/** What makes a principal matter: to pass roles, to change or start what is audited, to set the tag of an exception. */
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
 * Whether a sweep looks at a user or role: pipelines use it, the configuration names it, or a policy of it allows what
 * matters (conditions and boundaries aside: what is asked in vain costs one look).
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
