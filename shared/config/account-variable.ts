import { parseArn } from '../domain/arn.ts';

/** What an ARN pattern of the configuration has in place of the number of the resource’s own account. */
export const ACCOUNT_VARIABLE = '${account}';

const VARIABLES = /\$\{[^}]*\}?/g;

/** Whether a text has a variable, known or not. */
const hasVariable = (text: string): boolean => text.includes('${');

/** What is wrong with a text in which no variable may be; undefined where it has none. */
export const variableProblem = (text: string): string | undefined =>
  hasVariable(text)
    ? `cannot contain ${firstVariable(text)}: patterns of ARNs alone may contain ${ACCOUNT_VARIABLE}; write * in a pattern of names, or name each account’s own in overrides`
    : undefined;

/**
 * What is wrong with the variables of an ARN pattern; undefined where it has none, or the account’s in a place where it may
 * be: as the whole account, or inside of the resource.
 */
export const arnVariableProblem = (pattern: string): string | undefined => {
  if (!hasVariable(pattern)) return undefined;
  const unknown = (pattern.match(VARIABLES) ?? []).find((each) => each !== ACCOUNT_VARIABLE);
  if (unknown !== undefined)
    return `contains ${shown(unknown)}, which is not known; write ${ACCOUNT_VARIABLE} for the resource’s own account`;
  const arn = parseArn(pattern);
  if (arn === undefined)
    return `is not an ARN; write ${ACCOUNT_VARIABLE} inside of one, such as arn:aws:iam::${ACCOUNT_VARIABLE}:root`;
  const isElsewhere = [arn.partition, arn.service, arn.region].some(hasVariable);
  return isElsewhere || (hasVariable(arn.account) && arn.account !== ACCOUNT_VARIABLE)
    ? `has ${ACCOUNT_VARIABLE} in a wrong place; write it as the whole account, as in arn:aws:iam::${ACCOUNT_VARIABLE}:role/x, or inside of the resource`
    : undefined;
};

const firstVariable = (text: string): string => shown(text.match(VARIABLES)?.[0] ?? ACCOUNT_VARIABLE);

const LONGEST_SHOWN = 40;
const shown = (variable: string): string =>
  variable.length > LONGEST_SHOWN ? `${variable.slice(0, LONGEST_SHOWN)}…` : variable;

/** An ARN pattern with any account’s number in place of the variable, to be checked as one without variables. */
export const withoutVariable = (pattern: string): string =>
  pattern.replaceAll(ACCOUNT_VARIABLE, () => '000000000000');

/**
 * IAM and STS have no Region in their ARNs, and a role’s path may contain colons. So a star in place of the Region would
 * reach over the account’s number into the path of another account’s role.
 */
const WITHOUT_REGION: readonly string[] = ['iam', 'sts'];

/** An ARN pattern of the configuration for one account. It matches no ARN of another account by its variable. */
export const patternFor = (
  pattern: string,
  { account, partition }: { account: string; partition: string },
): string => {
  const arn = parseArn(pattern);
  const filled = (text: string): string => text.replaceAll(ACCOUNT_VARIABLE, () => account);
  if (arn?.account !== ACCOUNT_VARIABLE) return filled(pattern);
  const own = arn.partition === '*' ? partition : arn.partition;
  const region = WITHOUT_REGION.includes(arn.service) ? '' : arn.region;
  return `arn:${own}:${arn.service}:${region}:${account}:${filled(arn.resource)}`;
};
