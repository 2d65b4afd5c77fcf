import { accountOfPrincipal } from '../concerns/sharing.ts';
import { isOfIam } from '../domain/arn.ts';
import { unreadText } from '../domain/gap.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { matchesGlob } from '../iam/policy/glob.ts';
import type { PrincipalElement } from '../iam/policy/policy.ts';
import { type Principal, principalOf } from '../iam/policy/principal.ts';
import type { PipelineShare } from '../reader/reader.ts';
import type { AskedAccount } from './account.ts';
import { type Condition, ofRequest } from './answer.ts';

/** Somebody outside of the account: an account, or one of its principals, an organization, or an identity provider. */
export type Outsider = {
  /** As the trust policy or the share names it. */
  who: string;
  answer: 'yes' | 'unknown';
  /** The role that it may assume, or the share that names it. */
  by: string;
  /** The place in a trust policy, or the permission of the share. */
  at: string;
  conditions: readonly Condition[];
  why?: string;
};

/** The policies of the other account are not known; it is told what this account lets its principals do. */
const OWN = indexPolicies([FULL_AWS_ACCESS]);

/** A stand-in for anybody, where a trust policy names everybody. */
const ANYBODY: Principal = {
  kind: 'role',
  arn: 'arn:aws:iam::000000000000:role/any',
  account: '000000000000',
};

/** Who outside of the account may assume a role, as far as the role’s account lets it. */
export const outsidersOf = (
  { identity, scope }: AccountPrincipal,
  { layers }: Pick<AskedAccount, 'layers'>,
): Outsider[] => {
  const { trust, principal: role } = identity;
  if (!trust) return [];
  const policies = { ...layers, identity: OWN, resource: indexPolicies([trust]) };
  const seen = new Set<string>();
  return trust.statements.flatMap(({ effect, principals }) => {
    if (effect === 'Deny' || !principals) return [];
    if (principals.isNot)
      return [
        {
          who: 'all but those whom NotPrincipal names',
          answer: 'unknown' as const,
          by: role.arn,
          at: trust.name,
          conditions: [],
          why: 'a trust policy with NotPrincipal lets in whom nobody names',
        },
      ];
    return principals.principals.flatMap((entry) => {
      if (seen.has(entry.value)) return [];
      seen.add(entry.value);
      return outsiderBy(entry, role.arn, trust.name, scope.account, policies);
    });
  });
};

type Entry = PrincipalElement['principals'][number];

const outsiderBy = (
  { type, value, pointer }: Entry,
  roleArn: string,
  trustName: string,
  account: string,
  policies: Policies,
): Outsider[] => {
  const principal = value === '*' ? ANYBODY : principalOf(value);
  // An id in place of a principal is of one that was deleted.
  if (type === 'Service' || principal?.account === account || DELETED.test(value)) return [];
  const place = { who: value, by: roleArn, at: `${trustName}${pointer}` };
  if (!principal || type === 'CanonicalUser')
    return [{ ...place, answer: 'unknown', conditions: [], why: 'who this is is not known' }];
  const action = actionOf(principal);
  const answered = ofRequest(policies, { principal, action, resource: roleArn, context: contextOf() });
  switch (answered.answer) {
    case 'no':
      return [];
    case 'yes':
      return [{ ...place, answer: 'yes', conditions: answered.step.conditions }];
    case 'unknown':
      return [{ ...place, answer: 'unknown', conditions: [], why: answered.why }];
  }
};

const DELETED = /^A[A-Z0-9]{15,}$/;

const actionOf = ({ kind, arn }: Principal): string => {
  if (kind !== 'federated') return 'sts:AssumeRole';
  return isOfIam(arn, 'saml-provider/') ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity';
};

/**
 * Whom the shares of a pipeline let call an action, as AWS RAM’s permissions allow it.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-xaccount.html
 */
export const sharedWith = (
  pipelineArn: string,
  action: string,
  shares: readonly PipelineShare[],
  account: string,
): Outsider[] =>
  shares
    .filter(({ pipelineArns }) => pipelineArns.some((arn) => arn.toLowerCase() === pipelineArn.toLowerCase()))
    .flatMap((share) => {
      const given = givenBy(share, action);
      if (!given) return [];
      return share.principals
        .filter(({ id }) => accountOfPrincipal(id) !== account)
        .map(({ id }) => ({ who: id, by: share.arn, conditions: [], ...given }));
    });

/** How a share allows an action; undefined where it does not. */
const givenBy = (
  { permissions }: PipelineShare,
  action: string,
): Pick<Outsider, 'answer' | 'at' | 'why'> | undefined => {
  if (!permissions.ok)
    return { answer: 'unknown', at: 'permissions of the share', why: unreadText(permissions.unread) };
  const found = permissions.value.flatMap(
    ({ name, actions, isConditional }): Pick<Outsider, 'answer' | 'at' | 'why'>[] => {
      if (!actions.ok) return [{ answer: 'unknown', at: name, why: unreadText(actions.unread) }];
      if (!actions.value.some((each) => matchesGlob(each.toLowerCase(), action.toLowerCase()))) return [];
      return [
        isConditional
          ? {
              answer: 'unknown',
              at: name,
              why: 'the permission allows it under a condition that is not read',
            }
          : { answer: 'yes', at: name },
      ];
    },
  );
  return found.find(({ answer }) => answer === 'yes') ?? found[0];
};
