import type { RoleChange } from '../domain/role-change.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Json } from '../json/json.ts';

/** A trust policy as it would be read of the role. */
export const trustRead = ({ principal }: Pick<Identity, 'principal'>, document: Json): Policy =>
  readPolicy(document, { name: `trust policy of ${principal.arn}`, kind: 'trust' });

/** The principals whom the trust policy names today, and no longer after the change. */
export const cutOff = ({ principal, trust }: Identity, change: RoleChange): string[] => {
  if (change.type !== 'trust' || !trust) return [];
  const named = (of: Policy): string[] =>
    of.statements.flatMap(({ effect, principals, conditions }) =>
      effect === 'Allow' && principals
        ? principals.principals.map(({ value }) =>
            value === '*' && conditions.length > 0 ? 'whomever the conditions of a statement let in' : value,
          )
        : [],
    );
  const after = new Set(named(trustRead({ principal }, change.document)));
  return [...new Set(named(trust))].filter((value) => !after.has(value));
};
