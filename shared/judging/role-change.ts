import { isOfIam } from '../domain/arn.ts';
import type { Evidence, TriedRemediation } from '../domain/finding.ts';
import type { PolicyText, RoleChange } from '../domain/role-change.ts';
import type { PrincipalFact, TrustFact } from '../facts/facts.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { administratorAnswer } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import type { Json } from '../json/json.ts';
import { trustAsItIs } from '../policies/trust-document.ts';
import { listed } from '../text/listed.ts';
import { oneLine } from '../text/one-line.ts';
import { shellJson, shellText } from '../text/shell-text.ts';
import { type ChangedSubject, effectOf } from './change-effects.ts';
import { cutOff, trustRead } from './cut-off.ts';

/**
 * The change that adds a policy. The policy's name contains a checksum of its content, so that two policies never
 * replace each other.
 */
export const putPolicy = (control: string, document: PolicyText): RoleChange => ({
  type: 'put-policy',
  name: policyName(control, document),
  document,
});

/** The name contains the control and a checksum of the document. */
export const policyName = (control: string, document: PolicyText): string =>
  `pipewarden-${control}-${checksum(JSON.stringify(document))}`;

/** Eight digits that distinguish texts (FNV-1a). The checksum need not resist attacks: nobody gains by a collision. */
const checksum = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
};

/** The principal after the change. Whether it is an administrator is asked anew. */
export const changedPrincipal = (
  before: PrincipalFact,
  change: RoleChange,
  shared: SharedWork,
): PrincipalFact => {
  const changed = changeOf(before, change);
  const { policies, identity } = changed;
  return { ...changed, administrator: administratorAnswer(policies, identity.principal, shared) };
};

const changeOf = (principal: PrincipalFact, change: RoleChange): PrincipalFact => {
  const { identity } = principal;
  const { identity: index } = principal.policies;
  const own = index?.policies ?? [];
  switch (change.type) {
    case 'put-policy':
      return withPolicies(principal, [...own, read(change.document, change.name)]);
    case 'tag':
    case 'untag': {
      const tags = new Map(identity.principal.tags);
      if (change.type === 'tag') tags.set(change.key.toLowerCase(), change.value);
      else tags.delete(change.key.toLowerCase());
      return { ...principal, identity: { ...identity, principal: { ...identity.principal, tags } } };
    }
    case 'trust':
      return { ...principal, identity: withTrust(identity, change.document) };
  }
};

/** The role's trust after the change. */
export const changedTrust = (trust: TrustFact, change: RoleChange): TrustFact =>
  change.type === 'trust' && trust.identity
    ? { ...trust, identity: withTrust(trust.identity, change.document) }
    : trust;

const withTrust = (identity: Identity, document: Json): Identity => ({
  ...identity,
  trust: trustRead(identity, document),
});

const read = (document: PolicyText, name: string) =>
  readPolicy(document as unknown as Json, { name, kind: 'identity' });

const withPolicies = (principal: PrincipalFact, own: Parameters<typeof indexPolicies>[0]): PrincipalFact => {
  const index = indexPolicies(own);
  const policies = { ...principal.policies, identity: index };
  return {
    ...principal,
    identity: { ...principal.identity, policies: { ...principal.identity.policies, identity: index } },
    policies,
  };
};

/** IAM's limit for all inline policies of one principal together, not counting white space. */
const MAX_INLINE = { role: 10_240, user: 2_048 } as const;

/**
 * Why IAM would refuse the policy for its length; undefined if it would not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const refusedLength = (change: RoleChange, identity: Identity | undefined): string | undefined => {
  if (change.type !== 'put-policy') return undefined;
  const kind = identity?.principal.kind === 'user' ? 'user' : 'role';
  const { length } = JSON.stringify(change.document);
  return length > MAX_INLINE[kind]
    ? `the policy would have ${length} characters, and IAM takes ${MAX_INLINE[kind]} of a ${kind}’s inline policies`
    : undefined;
};

/**
 * Why nobody should change the principal by a command; undefined if a command is fine. AWS refuses commands on roles of
 * its own, a deployment by a template would undo the command, and what is only declared is not there yet.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export const ownedElsewhere = ({ arn, tags, declaredIn }: Identity['principal']): string | undefined => {
  if (declaredIn !== undefined) return `${declaredIn} declares it: change it there`;
  if (isOfIam(arn, 'role/aws-reserved/'))
    return 'AWS lets nobody change the role of a permission set: change the permission set in IAM Identity Center';
  if (isServiceLinkedRole(arn)) return 'AWS lets nobody change a service-linked role';
  const stack = tags?.get('aws:cloudformation:stack-name');
  if (stack !== undefined) {
    const logicalId = tags?.get('aws:cloudformation:logical-id');
    const part = logicalId === undefined ? '' : `, resource ${oneLine(logicalId)}`;
    return `CloudFormation owns it (stack ${oneLine(stack)}${part}): change the template, as the next deployment undoes a command`;
  }
  const isTerraform = [...(tags ?? [])].some(
    ([key, value]) =>
      /^(managed[-_ :]?by|provisioner|iac|created[-_ :]?by)$/.test(key) && /^terraform\b/i.test(value),
  );
  return isTerraform || tags?.get('terraform')?.toLowerCase() === 'true'
    ? 'Terraform owns it, by its tags: change its configuration, as the next apply undoes a command'
    : undefined;
};

/**
 * Advice without a command about a policy of a role or user, with who can change it where the account cannot: a policy
 * that AWS manages, and a principal that something else owns.
 */
export const withOwners = (
  { text }: Pick<TriedRemediation, 'text'>,
  evidence: readonly Pick<Evidence, 'at'>[],
  { principal, policies: { identity } }: Identity,
): string => {
  const names = (identity?.policies ?? []).map(({ name }) => name);
  const concerned = names.filter((name) => evidence.some(({ at }) => at.startsWith(`${name}/Statement`)));
  if (concerned.length === 0) return text;
  const managed = concerned.filter((name) => OF_AWS.test(name) && !text.includes(`AWS manages ${name}`));
  const owner = /permission set|CloudFormation owns|Terraform owns|declares it/.test(text)
    ? undefined
    : ownedElsewhere(principal);
  return [
    text,
    ...(managed.length > 0
      ? [
          `AWS manages ${listed(managed, 3)}, which nobody else can change: put a policy of your own in its place.`,
        ]
      : []),
    ...(owner === undefined ? [] : [`${owner}.`]),
  ].join(' ');
};

const OF_AWS = /^arn:[^:]*:iam::aws:policy\//;

/**
 * A remediation that changes a role or user, in words and as a command; `proven-remedies.ts` tries the change. There is
 * no command that cuts off somebody whom the trust policy names, because nobody but the account can tell why. A text that
 * points at the policy needs other words (`plain`) for where no policy is shown.
 */
export const remedyBy = (
  principal: ChangedSubject,
  change: RoleChange,
  text: string,
  plain?: string,
): TriedRemediation => {
  const { identity } = principal;
  if (change.type === 'trust' && !identity.trust?.isReadable) return { text };
  const lost = cutOff(identity, change).filter((each) => each !== '*');
  if (lost.length > 0)
    return { text: `${text} No command is given, because it would cut off ${listed(lost)}.` };
  return {
    text,
    ...(plain !== undefined && { plain }),
    change,
    patch: changeCommand(principal, change),
    undo: changeCommand(principal, reverseOf(identity, change)),
    changes: effectOf(principal, change),
  };
};

/** A change, or the removal of an inline policy, which only takes back a change. */
type ReversibleChange = RoleChange | { type: 'delete-policy'; name: string };

/** The change that takes a change back. */
const reverseOf = ({ principal, trust }: Identity, change: RoleChange): ReversibleChange => {
  switch (change.type) {
    case 'put-policy':
      return { type: 'delete-policy', name: change.name };
    case 'trust':
      return { type: 'trust', document: trust ? trustAsItIs(trust) : null };
    case 'tag':
    case 'untag': {
      const { key } = change;
      const before = principal.tags?.get(key.toLowerCase());
      return before === undefined ? { type: 'untag', key } : { type: 'tag', key, value: before };
    }
  }
};

/** The change as AWS CLI commands, quoted for pasting into a shell. */
export const changeCommand = (
  { identity }: Pick<PrincipalFact, 'identity'>,
  change: ReversibleChange,
): string => {
  const { name, principal } = identity;
  const kind = principal.kind === 'user' ? 'user' : 'role';
  const who = `--${kind}-name ${shellText(name)}`;
  const put = (policy: string, document: PolicyText): string =>
    `aws iam put-${kind}-policy ${who} --policy-name ${policy} --policy-document ${shellJson(document)}`;
  switch (change.type) {
    case 'put-policy':
      return put(change.name, change.document);
    case 'delete-policy':
      return `aws iam delete-${kind}-policy ${who} --policy-name ${change.name}`;
    case 'trust':
      return `aws iam update-assume-role-policy ${who} --policy-document ${shellJson(change.document)}`;
    case 'tag':
      return `aws iam tag-${kind} ${who} --tags ${shellText(`Key=${change.key},Value=${change.value}`)}`;
    case 'untag':
      return `aws iam untag-${kind} ${who} --tag-keys ${shellText(change.key)}`;
  }
};
