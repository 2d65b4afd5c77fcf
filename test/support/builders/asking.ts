import { assume, type ContextValue, contextOf } from '../../../shared/iam/decide/context.ts';
import { type Decision, decide } from '../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../shared/iam/decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../../../shared/iam/decide/policy-index.ts';
import type { Request } from '../../../shared/iam/decide/request.ts';
import { type Explanation, explain } from '../../../shared/iam/explain/explain.ts';
import type { PolicyKind } from '../../../shared/iam/policy/policy.ts';
import { principalOf } from '../../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../shared/json/json.ts';

export const ACCOUNT = '111122223333';
export const OTHER = '444455556666';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Data`;
export const USER = `arn:aws:iam::${ACCOUNT}:user/ana`;
export const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Data/run`;
export const OBJECT = 'arn:aws:s3:::acme-data/in.csv';
export const JOB = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/fraud-1`;

/** A statement that allows everything, with some members replaced. */
const statement = (more: Record<string, Json> = {}): Record<string, Json> => {
  const raw: Record<string, Json> = { Effect: 'Allow', ...more };
  if (!('Action' in more || 'NotAction' in more)) raw.Action = '*';
  if (!('Resource' in more || 'NotResource' in more)) raw.Resource = '*';
  return raw;
};

export const documentOf = (...statements: Record<string, Json>[]): Json => ({
  Version: '2012-10-17',
  Statement: statements.map(statement),
});

/** A layer of one policy with these statements. */
export const layer = (kind: PolicyKind, ...statements: Record<string, Json>[]): PolicyIndex =>
  indexPolicies([readPolicy(documentOf(...statements), { name: kind, kind })]);

/** A layer whose policy cannot be read. */
export const broken = (kind: PolicyKind): PolicyIndex =>
  indexPolicies([readPolicy('{', { name: kind, kind })]);

export type Asked = {
  principal?: string;
  actsAt?: string;
  action?: string;
  resource?: string;
  resourceAccount?: string;
  isForeign?: true;
  context?: Record<string, ContextValue>;
  others?: 'absent' | 'unknown';
};

export const requestOf = ({
  principal = ROLE,
  actsAt,
  action = 's3:GetObject',
  resource = OBJECT,
  resourceAccount,
  isForeign,
  context = {},
  others = 'unknown',
}: Asked = {}): Request => {
  const known = principalOf(principal);
  if (!known) throw new Error(`${principal} is no principal`);
  return {
    principal: { ...known, ...(actsAt !== undefined && { actsAt }) },
    action,
    resource,
    ...(resourceAccount !== undefined && { resourceAccount }),
    ...(isForeign && { isForeign }),
    context: assume(contextOf({}, others), context),
  };
};

/** The decision of the engine. Also asks for the explanation, which must contain the same decision. */
export const ask = (policies: Policies, asked: Asked = {}): Decision => {
  const decision = decide(policies, requestOf(asked));
  if (explained(policies, asked).decision !== decision)
    throw new Error('the explanation says something else');
  return decision;
};

export const explained = (policies: Policies, asked: Asked = {}): Explanation =>
  explain(policies, requestOf(asked));
