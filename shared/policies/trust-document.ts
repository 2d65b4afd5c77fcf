import { groupBy } from '../group-by.ts';
import type { Policy, PrincipalElement, Statement } from '../iam/policy/policy.ts';
import type { Json, JsonObject } from '../json/json.ts';

type PrincipalEntry = PrincipalElement['principals'][number];

/**
 * A trust policy that keeps only the principals that `isMeant` accepts, each under its actions and conditions. Denies
 * stay as they are, because nobody knows whom they keep out.
 */
export const trustOf = (
  policy: Policy,
  isMeant: (principal: PrincipalEntry, statement: Statement) => boolean,
  added: readonly Json[],
): Json => ({
  Version: policy.version,
  Statement: [...added, ...policy.statements.flatMap((statement) => reduced(statement, isMeant))],
});

/** The trust policy as it is. */
export const trustAsItIs = (policy: Pick<Policy, 'version' | 'statements'>): Json => ({
  Version: policy.version,
  Statement: policy.statements.flatMap((statement) =>
    statement.principals ? statementText(statement, statement.principals) : [],
  ),
});

/** The statement that trusts services, whoever’s account they act for, to assume the role and for the other calls. */
export const forServices = (services: readonly string[], others: readonly string[]): JsonObject => ({
  Effect: 'Allow',
  Principal: { Service: [...services] },
  Action: others.length > 0 ? ['sts:AssumeRole', ...others] : 'sts:AssumeRole',
});

/** The same on behalf of one account alone. */
export const forAccount = (
  services: readonly string[],
  account: string,
  others: readonly string[],
): JsonObject => ({
  ...forServices(services, others),
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});

const reduced = (
  statement: Statement,
  isMeant: (principal: PrincipalEntry, statement: Statement) => boolean,
): Json[] => {
  const { effect, principals } = statement;
  if (!principals) return [];
  if (effect === 'Deny') return [statementText(statement, principals)];
  const meant = principals.isNot ? [] : principals.principals.filter((each) => isMeant(each, statement));
  return meant.length > 0 ? [statementText(statement, { isNot: false, principals: meant })] : [];
};

const statementText = (
  { sid, effect, actions, conditions }: Statement,
  { isNot, principals }: PrincipalElement,
): Json => ({
  ...(sid !== undefined && { Sid: sid }),
  Effect: effect,
  [isNot ? 'NotPrincipal' : 'Principal']: valuesByType(principals),
  [actions.isNot ? 'NotAction' : 'Action']: [...actions.texts],
  ...(conditions.length > 0 && { Condition: conditionText(conditions) }),
});

const valuesByType = (principals: readonly PrincipalEntry[]): Json =>
  Object.fromEntries(
    [...groupBy(principals, ({ type }) => type)].map(([type, entries]) => [
      type,
      entries.map(({ value }) => value),
    ]),
  );

const conditionText = (conditions: Statement['conditions']): Json =>
  Object.fromEntries(
    [...groupBy(conditions, ({ operator }) => operator)].map(([operator, keys]) => [
      operator,
      Object.fromEntries(keys.map(({ key, texts }) => [key, [...texts]])),
    ]),
  );
