import { parseArn, parseAssumedRole } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';

/** Who makes a request. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
export type Principal = {
  kind: 'user' | 'role' | 'federated-user' | 'root' | 'service' | 'federated' | 'anonymous';
  /**
   * The ARN of the user, role, federated user or account; the name of a service (`sagemaker.amazonaws.com`); the ARN
   * or name of an identity provider (`federated`); `*` for an anonymous caller. For a session whose role's path is
   * unknown, the role's ARN without a path.
   */
  arn: string;
  /** 12 digits; absent for services, federated identities and anonymous callers. */
  account?: string;
  /** For a role, if the session is known: `arn:aws:sts::111122223333:assumed-role/Name/session`. */
  sessionArn?: string;
  /** The unique id that IAM gave the user or role (`AIDA…`, `AROA…`), where it is known. */
  uniqueId?: string;
  /** All tags of the user or role, by key in lower case. Absent: the tags are unknown. */
  tags?: ReadonlyMap<string, string>;
  /** Set for a role whose sessions may bring tags of their own, which count in place of the role’s and beside them. */
  bringsTags?: true;
  /**
   * The organization of its account and the account’s path in it (`o-example/r-ab12/ou-ab12-example/`), where these are
   * known; null for an account that is in none.
   */
  organization?: { id: string; path?: string } | null;
  /** The source, and the resource in it, that declares it, where it is not deployed yet. */
  declaredIn?: string;
  /** When it makes the request (ISO 8601), if that is known; the session of a role began then. */
  actsAt?: string;
  /** The services that may assume a role by its trust policy; absent where that is not known, or anyone may. */
  services?: ReadonlySet<string>;
  /** Set for a role that is only known from a session's ARN, which leaves out the role's path, and for any role or user. */
  isPathUnknown?: true;
};

/** Identity providers that trust policies name without an ARN. */
const PROVIDERS: readonly string[] = [
  'accounts.google.com',
  'cognito-identity.amazonaws.com',
  'graph.facebook.com',
  'www.amazon.com',
];

const SERVICE_NAME = /^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/;

/**
 * The principal that an ARN, an account id, a service's name or `*` stands for; undefined for other texts. A role's
 * ARN stands for some session of the role, whose name is unknown.
 */
export const principalOf = (text: string): Principal | undefined => {
  if (text === '*') return { kind: 'anonymous', arn: '*' };
  if (PROVIDERS.includes(text)) return { kind: 'federated', arn: text };
  if (SERVICE_NAME.test(text)) return { kind: 'service', arn: text };
  if (/^\d{12}$/.test(text)) return { kind: 'root', arn: `arn:aws:iam::${text}:root`, account: text };
  const session = parseAssumedRole(text);
  if (session) {
    const { partition, account, roleName } = session;
    return {
      isPathUnknown: true,
      kind: 'role',
      arn: `arn:${partition}:iam::${account}:role/${roleName}`,
      account,
      sessionArn: text,
    };
  }
  const arn = parseArn(text);
  if (!arn || !/^\d{12}$/.test(arn.account)) return undefined;
  const { account, service, resource } = arn;
  if (service === 'iam' && resource === 'root') return { kind: 'root', arn: text, account };
  if (service === 'iam' && resource.startsWith('user/')) return { kind: 'user', arn: text, account };
  if (service === 'iam' && resource.startsWith('role/')) return { kind: 'role', arn: text, account };
  if (service === 'iam' && /^(saml|oidc)-provider\//.test(resource)) return { kind: 'federated', arn: text };
  if (service === 'sts' && resource.startsWith('federated-user/'))
    return { kind: 'federated-user', arn: text, account };
  return undefined;
};

/** A stand-in for any role of an account, to ask what a policy would allow such a role. */
export const roleIn = ({ partition, account }: Pick<Scope, 'partition' | 'account'>): Principal => ({
  kind: 'role',
  arn: `arn:${partition}:iam::${account}:role/any`,
  account,
});
