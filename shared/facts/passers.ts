import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Identities } from './account-evidence.ts';

/** A look at more principals would delay the looks at what changed; the next sweep looks at the others. */
const MAX_PASSERS = 200;

const ACTION = 'iam:PassRole';

/**
 * The principals that may pass a role to some service, or perhaps may: what they reach depends on the role’s policies
 * and on its trust. At most 200; none if the role trusts no service.
 */
export const passersOf = (
  { principal: { arn }, trust }: Identity,
  { identities }: Identities,
  layers: Partial<Policies>,
): string[] => {
  const takesServices = trust?.statements.some(
    ({ effect, principals }) =>
      effect === 'Allow' &&
      principals?.principals.some(({ type, value }) => type === 'Service' || value === '*'),
  );
  if (takesServices === false) return [];
  return identities
    .filter(
      ({ principal, policies }) =>
        principal.arn !== arn &&
        (policies.identity?.candidates(ACTION.toLowerCase()).allows.length ?? 0) > 0 &&
        !decide(
          { ...policies, ...layers },
          { principal, action: ACTION, resource: arn, context: contextOf() },
        ).endsWith('Deny'),
    )
    .slice(0, MAX_PASSERS)
    .map(({ principal }) => principal.arn);
};
