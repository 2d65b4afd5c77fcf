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
  return conditions.some((each) => limits(each, key.toLowerCase(), issuer.toLowerCase())) ? undefined : key;
};

const EXACT: readonly Condition['base'][] = ['stringequals', 'stringequalsignorecase'];

/** A condition that also holds without the key, or for everything but some values, limits nothing. */
const limits = ({ base, set, isIfExists, keyName, texts }: Condition, key: string, issuer: string): boolean =>
  keyName === key &&
  set !== 'all' &&
  !isIfExists &&
  texts.length > 0 &&
  (EXACT.includes(base)
    ? texts.every((text) => NO_OWNER.test(text) || isOfOwner(text, issuer))
    : base === 'stringlike' && texts.every((text) => namesSomebody(text, issuer)));

/** A name of an owner has no such character, so that no subject equals such a text: it lets nobody in. */
const NO_OWNER = /^repo:[^/:]*[*?]/;

const GITHUB = 'token.actions.githubusercontent.com';

/** Whether one subject is of one customer. An owner of GitHub’s repositories chooses of which claims subjects consist. */
const isOfOwner = (subject: string, issuer: string): boolean =>
  issuer !== GITHUB || OWNED_ON_GITHUB.test(`${subject}:`);

/**
 * Whether a pattern of subjects leaves some customer of the issuer: what stands before its first wildcard names an owner.
 * `repo:*`, `repo:*\/model:*` and `repo:acme*` do not: anybody may have an account with such a name.
 */
const namesSomebody = (pattern: string, issuer: string): boolean => {
  const wildcard = pattern.search(/[*?]|\$\{(?![*?$]\})/);
  if (wildcard < 0) return isOfOwner(pattern, issuer);
  const head = pattern.slice(0, wildcard);
  const owner = ISSUERS.get(issuer);
  if (owner) return owner.test(head);
  const shape = SUBJECTS.find(({ begins }) => head.startsWith(begins) || begins.startsWith(head));
  return shape ? shape.owner.test(head) : head !== '';
};

/**
 * How far subjects of GitHub must be told. Their claims are joined by colons in the order that an organization or repository
 * chooses, and a colon in a claim is encoded. So any claim that names an owner will do, and others, such as the environment,
 * everybody may have.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
const OWNED_ON_GITHUB =
  /(?:^|:)(?:(?:repo|repository|workflow_ref|job_workflow_ref):[^/:]+\/|(?:repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id):[^:]+:)/i;

const PROJECT = /^project_path:[^/]+\//;
const ORGANIZATION = /^organization:[^:]+:/;

/**
 * How far subjects must be told of the issuers that have the same name for all their customers.
 * https://docs.gitlab.com/ci/cloud_services/aws/
 * https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
 */
const ISSUERS: ReadonlyMap<string, RegExp> = new Map([
  [GITHUB, OWNED_ON_GITHUB],
  ['gitlab.com', PROJECT],
  ['app.terraform.io', ORGANIZATION],
]);

/**
 * How the subjects of such software begin at other issuers, and how far they must be told.
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 */
const SUBJECTS: readonly { begins: string; owner: RegExp }[] = [
  { begins: 'repo:', owner: /^repo:[^/]+\// },
  { begins: 'project_path:', owner: PROJECT },
  { begins: 'organization:', owner: ORGANIZATION },
  { begins: 'system:serviceaccount:', owner: /^system:serviceaccount:[^:]/ },
];
