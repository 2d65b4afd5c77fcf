import type { AccountScope } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import type { Policy, Statement } from '../iam/policy/policy.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { oncePer, remembered, rememberedBeside, rememberedPart } from '../memo.ts';
import { noUses } from '../needs/roster.ts';
import { type Answer, isAssumedForOwn, tellsRolesApart } from './assuming.ts';

/** The work for the questions about one role’s trust; ordinary trust policies need little of it. */
const TRUST_STEPS = 300_000;

/** The roles among the principals of an account. */
export const rolesAmong = remembered((principals: readonly AccountPrincipal[]) =>
  principals.filter(({ identity }) => identity.principal.kind === 'role'),
);

/** Whether a service can assume a role for the role’s own account. Without a trust policy that can be read it is unknown. */
export const trusts = (role: AccountPrincipal, service: string): Answer => {
  const { trust } = role.identity;
  if (!trust) return 'unknown';
  const answers = tellsRolesApart(trust)
    ? answersOfOne(role)(trust)
    : alike(trust.statements)(role.scope)(role, trust);
  return answers(service);
};

const answersOfOne = remembered((role: AccountPrincipal) =>
  rememberedPart((trust: Policy) => answersOf(role, trust)),
);

const answersOf = ({ identity, scope }: AccountPrincipal, policy: Policy): ((service: string) => Answer) => {
  const roleArn = identity.principal.arn;
  const shared = sharedWork(TRUST_STEPS);
  return oncePer((service) =>
    isAssumedForOwn(service, { roleArn, identity, scope, policy }, noUses(roleArn), shared),
  );
};

/** The answers for all roles of an account that share the statements of their trust. */
const alike = remembered((_statements: readonly Statement[]) =>
  rememberedBeside((_scope: AccountScope) => {
    let known: ReturnType<typeof answersOf> | undefined;
    return (role: AccountPrincipal, trust: Policy) => {
      known ??= answersOf(role, trust);
      return known;
    };
  }),
);

/** The services that an Allow of the role’s trust policy names. */
export const servicesNamed = remembered(({ identity: { trust } }: AccountPrincipal): string[] => [
  ...new Set(
    (trust?.statements ?? []).flatMap(({ effect, principals }) =>
      effect === 'Allow' && principals && !principals.isNot
        ? principals.principals.flatMap(({ type, value }) => (type === 'Service' ? value : []))
        : [],
    ),
  ),
]);

/** Whether a trust policy lets in roles or users of the role’s own account, as far as its principals tell. */
export const trustsOwnAccount = ({ identity: { trust }, scope }: AccountPrincipal): boolean =>
  (trust?.statements ?? []).some(
    ({ effect, principals }) =>
      effect === 'Allow' &&
      principals !== undefined &&
      (principals.isNot ||
        principals.principals.some(
          ({ type, value }) =>
            type === 'AWS' &&
            (value === '*' || value === scope.account || value.includes(`::${scope.account}:`)),
        )),
  );
