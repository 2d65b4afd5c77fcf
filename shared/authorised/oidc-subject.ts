import type { Condition, PrincipalElement, Statement } from '../iam/policy/policy.ts';

/**
 * Issuers whose audience is made for each customer, so that the audience tells whose tokens are meant. All others need the
 * subject: the audience of GitHub’s tokens is the same for everybody.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
const TOLD_BY_AUDIENCE: readonly string[] = ['api.pulumi.com/oidc', 'sandboxes.cloud', 'oidc.vercel.com'];

/**
 * The condition key that should say whose tokens an OpenID Connect provider in IAM lets in, where no condition of the
 * statement limits it; undefined for any other principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
 */
export const openIssuer = (
  { type, value }: PrincipalElement['principals'][number],
  { conditions }: Pick<Statement, 'conditions'>,
): string | undefined => {
  const [, issuer] = /^arn:[^:]+:iam::\d{12}:oidc-provider\/(.+)$/.exec(value) ?? [];
  if (type !== 'Federated' || issuer === undefined) return undefined;
  const claim = TOLD_BY_AUDIENCE.includes(issuer.toLowerCase()) ? 'aud' : 'sub';
  const key = `${issuer}:${claim}`;
  return conditions.some((each) => limits(each, key.toLowerCase())) ? undefined : key;
};

const EXACT: readonly Condition['base'][] = ['stringequals', 'stringequalsignorecase'];

/** A condition that also holds without the key, or for everything but some values, limits nothing. */
const limits = ({ base, set, isIfExists, keyName, texts }: Condition, key: string): boolean =>
  keyName === key &&
  set !== 'all' &&
  !isIfExists &&
  texts.length > 0 &&
  (EXACT.includes(base) || (base === 'stringlike' && texts.every(namesSomebody)));

/**
 * Whether a pattern of subjects leaves some customer of the issuer: what stands before its first wildcard names an owner.
 * `repo:*`, `repo:*\/model:*` and `repo:acme*` do not: anybody may have an account with such a name.
 */
const namesSomebody = (pattern: string): boolean => {
  const wildcard = pattern.search(/[*?]|\$\{(?![*?$]\})/);
  if (wildcard < 0) return true;
  const head = pattern.slice(0, wildcard);
  const shape = SUBJECTS.find(({ begins }) => head.startsWith(begins) || begins.startsWith(head));
  return shape ? shape.owner.test(head) : head !== '';
};

/**
 * How the subjects of widely used issuers begin, and how far they must be told.
 * https://docs.github.com/en/actions/reference/security/oidc
 * https://docs.gitlab.com/ci/cloud_services/aws/
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
const SUBJECTS: readonly { begins: string; owner: RegExp }[] = [
  { begins: 'repo:', owner: /^repo:[^/]+\// },
  { begins: 'project_path:', owner: /^project_path:[^/]+\// },
  { begins: 'organization:', owner: /^organization:[^:]+:/ },
  { begins: 'system:serviceaccount:', owner: /^system:serviceaccount:[^:]/ },
];
