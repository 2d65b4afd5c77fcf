import type { Scope } from '../../domain/scope.ts';
import { keeping } from '../../memo.ts';
import { parseTemplate } from '../decide/variables.ts';
import { type Glob, globText, literalGlob, parseGlob } from '../policy/glob.ts';
import { jobNames, roleNames, separatedAs } from './language.ts';
import { arnPattern, globPattern, opaque, type Pattern, wordsPattern } from './pattern.ts';

/** A set of resources that is asked about: those ARNs of a pattern that lie in further sets, or `only` one. */
export type Universe = { arn: Glob; patterns: readonly Pattern[]; only?: string };

/** They are made of an account's number and of the configuration, so that few serve all looks; none remembers steps. */
const kept = keeping<Universe>(500);

const universeOf = (arn: Glob, ...others: readonly Pattern[]): Universe => ({
  arn,
  patterns: [arnPattern(arn), ...others],
});

/** The ARNs of a pattern, compared part by part. */
export const arnsOf = (pattern: string): Universe =>
  kept(`arns ${pattern}`, () => universeOf(parseGlob(pattern)));

/** One resource. */
export const onlyOne = (resource: string): Universe => {
  const arn = literalGlob(resource);
  return { arn, patterns: [globPattern(arn)], only: resource };
};

type Account = Pick<Scope, 'partition' | 'account'>;

const roleArns = ({ partition, account }: Account): Glob =>
  parseGlob(`arn:${partition}:iam::${account}:role/?*`);

/** All roles that there can be in an account. */
export const rolesIn = (account: Account): Universe =>
  kept(`roles ${account.partition} ${account.account}`, () =>
    universeOf(
      roleArns(account),
      opaque(() => roleNames(1)),
    ),
  );

/** Some roles of an account, by ARN. */
export const amongRoles = (arns: readonly string[], account: Account): Universe =>
  universeOf(roleArns(account), wordsPattern(arns));

/**
 * All resources of SageMaker whose ARNs fit a pattern and end in a name behind one slash: letters and digits with dashes
 * between. Its length is not looked at.
 */
export const namedIn = (pattern: string): Universe =>
  kept(`named ${pattern}`, () =>
    universeOf(
      parseGlob(pattern),
      opaque(() => jobNames(1)),
    ),
  );

/**
 * All that a pattern of a need means. No name in SageMaker has a colon or a slash, though a star of a policy takes both:
 * without this, `NotResource: arn:aws:sagemaker:*:*:app/*` would leave out a job that is called `x:app/`.
 */
export const meantBy = (pattern: string, action: string): Universe => {
  // Of this version `${*}` is a star that is meant as such; needs have no other variables.
  const arn = parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));
  if (pattern === '*' || !arn.some((unit) => unit < 0)) return onlyOne(globText(arn));
  return /^sagemaker:/i.test(action)
    ? universeOf(
        arn,
        opaque(() => separatedAs(arn)),
      )
    : universeOf(arn);
};
