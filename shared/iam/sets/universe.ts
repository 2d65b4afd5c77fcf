import type { Scope } from '../../domain/scope.ts';
import { keeping, once } from '../../memo.ts';
import { parseTemplate } from '../decide/variables.ts';
import { type Glob, globText, literalGlob, parseGlob } from '../policy/glob.ts';
import { jobNames, roleNames, separatedAs, withNames } from './language.ts';
import { arnPattern, globPattern, opaque, type Pattern, wordsPattern } from './pattern.ts';

/** A set of resources in a question: the ARNs of a pattern that lie in further sets, or `only` one resource. */
export type Universe = { arn: Glob; patterns: readonly Pattern[]; only?: string };

/** Few universes serve all looks, because they depend only on the account and the configuration. */
const kept = keeping<Universe>(500);

const universeOf = (arn: Glob, ...others: readonly Pattern[]): Universe => ({
  arn,
  patterns: [arnPattern(arn), ...others],
});

/** The ARNs of a pattern, compared part by part. */
export const arnsOf = (pattern: string): Universe =>
  kept(`arns ${pattern}`, () => universeOf(parseGlob(pattern)));

/** A universe with one resource. Its patterns are made only if a question compares them. */
export const onlyOne = (resource: string): Universe => {
  const arn = once(() => literalGlob(resource));
  const patterns = once(() => [globPattern(arn())]);
  return {
    only: resource,
    get arn() {
      return arn();
    },
    get patterns() {
      return patterns();
    },
  };
};

type Account = Pick<Scope, 'partition' | 'account'>;

const principalArns = (kind: 'role' | 'user', { partition, account }: Account): Glob =>
  parseGlob(`arn:${partition}:iam::${account}:${kind}/?*`);

/** The characters of names and paths are the same for roles and users. */
const principalsIn = (kind: 'role' | 'user', account: Account): Universe =>
  kept(`${kind}s ${account.partition} ${account.account}`, () =>
    universeOf(
      principalArns(kind, account),
      opaque(() => roleNames(1)),
    ),
  );

/** All roles that can exist in an account. */
export const rolesIn = (account: Account): Universe => principalsIn('role', account);

/** All roles that can exist in an account and whose ARNs match a pattern. */
export const rolesLike = (pattern: string, account: Account): Universe =>
  kept(`roles ${account.partition} ${account.account} like ${pattern}`, () =>
    universeOf(
      principalArns('role', account),
      arnPattern(parseGlob(pattern)),
      opaque(() => roleNames(1)),
    ),
  );

/** All users that can exist in an account. */
export const usersIn = (account: Account): Universe => principalsIn('user', account);

/** Some roles of an account, by ARN. */
export const amongRoles = (arns: readonly string[], account: Account): Universe =>
  universeOf(principalArns('role', account), wordsPattern(arns));

/**
 * All SageMaker resources whose ARNs match a pattern and end, after one slash, in a name of letters and digits with
 * dashes between them. The length of names is not checked.
 */
export const namedIn = (pattern: string): Universe =>
  kept(`named ${pattern}`, () =>
    universeOf(
      parseGlob(pattern),
      opaque(() => jobNames(1)),
    ),
  );

/**
 * All resources that the pattern of a need means. SageMaker names contain no colons or slashes, although a star in a
 * policy matches both: otherwise `NotResource: arn:aws:sagemaker:*:*:app/*` would leave out a job named `x:app/`. For
 * types whose names are known to be letters and digits with dashes, only such names are meant. Of S3's objects whose bucket
 * is open, only ARNs with a bucket and a key are meant. Elsewhere, so many of the first stars as `nameStars` says match no
 * slash.
 */
export const meantBy = (pattern: string, action: string, nameStars = 0): Universe => {
  if (!/[*?$]/.test(pattern)) return onlyOne(pattern);
  const isOfSageMaker = /^sagemaker:/i.test(action);
  return keptMeant(`${isOfSageMaker} ${nameStars} ${pattern}`, () =>
    meant(pattern, isOfSageMaker, nameStars),
  );
};

/** What needs mean is kept apart, because an account has far more needs than other universes. */
const keptMeant = keeping<Universe>(500);

const meant = (pattern: string, isOfSageMaker: boolean, nameStars: number): Universe => {
  // In this version `${*}` means a literal star; needs contain no other variables.
  const arn = parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));
  if (pattern === '*' || !arn.some((unit) => unit < 0)) return onlyOne(globText(arn));
  if (!isOfSageMaker)
    return universeOf(
      arn,
      ...(/^arn:[^:]*:s3:::[^/]*\*/.test(pattern) ? [OBJECTS] : []),
      ...(nameStars === 0 ? [] : [opaque(() => withNames(arn, nameStars))]),
    );
  const slashes = arn.filter((unit) => unit === SLASH).length;
  return universeOf(
    arn,
    opaque(() => separatedAs(arn)),
    ...(isOfDashedNames(arn) ? [opaque(() => jobNames(slashes))] : []),
  );
};

const [SLASH, DASH] = [47, 45];

/** ARNs of S3's objects: a bucket, a slash and a key. */
const OBJECTS = globPattern(parseGlob('arn:*:s3:::?*/?*'));

/**
 * Resource types whose names match `[a-zA-Z0-9](-*[a-zA-Z0-9])*`, or end in a number, as ARNs of model package
 * versions do. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and similar pages
 */
const DASHED_NAMES: ReadonlySet<string> = new Set([
  ...['training', 'processing', 'transform', 'hyper-parameter-tuning', 'automl'].map((kind) => `${kind}-job`),
  ...['compilation', 'edge-packaging', 'inference-recommendations', 'labeling'].map((kind) => `${kind}-job`),
  ...['data-quality', 'model-bias', 'model-explainability', 'model-quality'].map(
    (kind) => `${kind}-job-definition`,
  ),
  ...['model', 'model-package', 'model-package-group', 'pipeline', 'endpoint', 'endpoint-config'],
]);

/** False for a pattern that no such name can match: its universe would be empty, so the pattern stays as it is. */
const isOfDashedNames = (arn: Glob): boolean => {
  const [type = ''] = globText(arn).split(':').at(-1)?.split('/') ?? [];
  const name = arn.slice(arn.lastIndexOf(SLASH) + 1);
  return (
    DASHED_NAMES.has(type) &&
    name.length > 0 &&
    name[0] !== DASH &&
    name.at(-1) !== DASH &&
    name.every((unit) => unit < 0 || /[a-zA-Z0-9-]/.test(String.fromCharCode(unit)))
  );
};
