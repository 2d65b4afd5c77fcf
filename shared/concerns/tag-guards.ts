import type { Config } from '../config/schema.ts';
import type { Evidence } from '../domain/finding.ts';
import type { OrganizationFact } from '../facts/account-evidence.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Condition, Policy, Statement } from '../iam/policy/policy.ts';
import { remembered } from '../memo.ts';
import { listed } from '../text/listed.ts';

/** Whether a condition tells tag keys in other letters apart, which are one key to IAM. */
const mindsCase = ({ keyName, base }: Condition): boolean =>
  keyName === 'aws:tagkeys' && base === 'stringequals';

/** The calls that set a tag on a principal or its session, or take it away. */
const GUARDED = [
  'iam:tagrole',
  'iam:createrole',
  'iam:untagrole',
  'iam:taguser',
  'iam:createuser',
  'sts:tagsession',
];

/** The statements that should keep the tag from roles and do not, and what to do about them. */
export type WeakGuards = { evidence: [Evidence, ...Evidence[]]; closing: string };

/**
 * The statements of SCPs that deny the tag of the exception in one spelling alone; undefined if there are none. IAM ignores
 * the letter case of the keys of its tags, and a condition by StringEquals does not, so that the key in other letters passes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 */
export const weakGuardsOf = (
  { layers: { scps } }: OrganizationFact,
  { scpException }: Config,
): WeakGuards | undefined => {
  if (!scpException) return undefined;
  const key = scpException.tagKey;
  const places = scps.flatMap((index) =>
    GUARDED.flatMap((action) => index.candidates(action).denies).flatMap(({ policy, statement }) =>
      statement.conditions.some(
        (condition) =>
          mindsCase(condition) && condition.texts.some((text) => text.toLowerCase() === key.toLowerCase()),
      )
        ? `${policy.name}${statement.pointer}`
        : [],
    ),
  );
  const [first, ...others] = [...new Set(places)].map((at) => ({
    at,
    found: `it denies the tag ${key} in these letters alone: ${key.toUpperCase()} passes`,
    expected: 'StringEqualsIgnoreCase on aws:TagKeys, as IAM ignores the letter case of tag keys',
  }));
  if (!first) return undefined;
  const evidence: WeakGuards['evidence'] = [first, ...others];
  return {
    evidence,
    closing: `write ForAnyValue:StringEqualsIgnoreCase in place of StringEquals in ${listed(evidence.map(({ at }) => at))}, so that nobody gives a role the exception by the tag ${key} in other letters.`,
  };
};

/**
 * SCPs as they are meant: their Denies of tag keys hold in any letter case. That they do not is told once, of the
 * organization, and not of each principal that they should keep from the tag.
 */
export const inAnyLetterCase = remembered((index: PolicyIndex): PolicyIndex => {
  const statements = index.policies.flatMap((policy) => policy.statements);
  return statements.some((statement) => statement.conditions.some(mindsCase))
    ? indexPolicies(index.policies.map(policyInAnyCase))
    : index;
});

const policyInAnyCase = (policy: Policy): Policy => ({
  ...policy,
  statements: policy.statements.map((statement) =>
    statement.effect === 'Deny' ? statementInAnyCase(statement) : statement,
  ),
});

const statementInAnyCase = (statement: Statement): Statement => ({
  ...statement,
  conditions: statement.conditions.map((condition) =>
    mindsCase(condition) ? { ...condition, base: 'stringequalsignorecase' } : condition,
  ),
});
