import { isOfIam } from '../domain/arn.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { remembered } from '../memo.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { type Call, callOf, type Reaching } from './iam-calls.ts';
import { giving } from './way.ts';
import { isOfAws } from './writing-policies.ts';

/** One of these is enough to act as a user. */
export const CREDENTIALS = [
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:UpdateLoginProfile',
] as const satisfies readonly GivingCall[];

const ASSUME = 'sts:AssumeRole';
const RETRUST = 'iam:UpdateAssumeRolePolicy';

/** The calls on identity providers by which somebody may sign in as whoever the provider tells. */
const OF_PROVIDERS = {
  saml: ['iam:UpdateSAMLProvider', 'iam:CreateSAMLProvider'],
  oidc: [
    'iam:AddClientIDToOpenIDConnectProvider',
    'iam:UpdateOpenIDConnectProviderThumbprint',
    'iam:CreateOpenIDConnectProvider',
  ],
} as const satisfies Record<string, readonly GivingCall[]>;

/** The calls by which a principal acts as another one. */
export const ACTING: readonly string[] = [
  ...CREDENTIALS,
  ASSUME,
  RETRUST,
  ...Object.values(OF_PROVIDERS).flat(),
];

/** The call by which a principal acts as another one. */
export const actingAs = (
  by: AccountPrincipal,
  to: AccountPrincipal,
  reaching: Reaching,
): Call | undefined => {
  const { arn, kind } = to.identity.principal;
  if (kind === 'user')
    return CREDENTIALS.map((action) => giving(by, action, arn, reaching, {}, to)).find(Boolean);
  // A stack assumes no role as its caller.
  const assumed = reaching.isByStack ? undefined : assuming(by, to, reaching);
  if (assumed?.isSure) return assumed;
  const trusted = isOfAws(arn) ? undefined : giving(by, RETRUST, arn, reaching, {}, to);
  if (trusted?.isSure) return trusted;
  const signing = signedIn(by, to, reaching);
  return signing?.isSure ? signing : (trusted ?? assumed ?? signing);
};

const assuming = (by: AccountPrincipal, to: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const { trust } = to.identity;
  if (!trust || !admits(trust, 'AWS')) return undefined;
  return callOf(by, ASSUME, to.identity.principal.arn, reaching, {}, to, trustIndex(trust));
};

const trustIndex = remembered((trust: Policy): PolicyIndex => indexPolicies([trust]));

/** Whether a trust policy may let in principals of accounts, or of identity providers. Most let in services alone. */
const admits = ({ statements, isReadable }: Policy, wanted: 'AWS' | 'Federated'): boolean =>
  !isReadable ||
  statements.some(
    ({ effect, principals }) =>
      effect === 'Allow' &&
      (!principals || principals.isNot || principals.principals.some(({ type }) => type === wanted)),
  );

/**
 * The call that makes an identity provider whom the role trusts tell what the caller wants. Whoever replaces the metadata of
 * a SAML provider signs any assertion. A provider of OpenID Connect still signs its tokens itself, and whether a provider
 * that could be made is there already is not known.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
 */
const signedIn = (by: AccountPrincipal, to: AccountPrincipal, reaching: Reaching): Call | undefined => {
  const { trust, principal } = to.identity;
  if (!trust || !admits(trust, 'Federated')) return undefined;
  const calls = providersIn(trust).flatMap(({ kind, arn, isForged }) =>
    OF_PROVIDERS[kind].flatMap((action): Call[] => {
      const call = giving(by, action, arn, reaching);
      if (!call) return [];
      const { evidence } = call;
      const isEnough = action === 'iam:UpdateSAMLProvider' && isForged;
      const doubt = isEnough ? '' : '; whether this is enough to sign in is not known';
      return [
        {
          ...call,
          isSure: call.isSure && isEnough,
          evidence: {
            ...evidence,
            found: `${evidence.found}, whose users may assume ${principal.arn}${doubt}`,
          },
        },
      ];
    }),
  );
  return calls.find(({ isSure }) => isSure) ?? calls[0];
};

type Provider = { kind: 'saml' | 'oidc'; arn: string; isForged: boolean };

const SIGNING_IN = { saml: 'sts:assumerolewithsaml', oidc: 'sts:assumerolewithwebidentity' } as const;

/** The identity providers whom a trust policy lets in, and whether what their assertions say is enough. */
const providersIn = remembered((trust: Policy): Provider[] => {
  const index = trustIndex(trust);
  return (['saml', 'oidc'] as const).flatMap((kind) => {
    const { allows, denies } = index.candidates(SIGNING_IN[kind]);
    return allows.flatMap(({ statement: { principals, conditions } }) => {
      const isForged = denies.length === 0 && conditions.every(({ keyName }) => keyName.startsWith('saml:'));
      return principals && !principals.isNot
        ? principals.principals.flatMap(({ type, value }) =>
            type === 'Federated' && isOfIam(value, `${kind}-provider/`) ? { kind, arn: value, isForged } : [],
          )
        : [];
    });
  });
});
