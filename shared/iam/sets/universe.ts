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
 * without this, `NotResource: arn:aws:sagemaker:*:*:app/*` would leave out a job that is called `x:app/`. Of the types
 * whose names are known to be letters and digits with dashes between, only such names are meant.
 */
export const meantBy = (pattern: string, action: string): Universe => {
  // Of this version `${*}` is a star that is meant as such; needs have no other variables.
  const arn = parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));
  if (pattern === '*' || !arn.some((unit) => unit < 0)) return onlyOne(globText(arn));
  if (!/^sagemaker:/i.test(action)) return universeOf(arn);
  const slashes = arn.filter((unit) => unit === SLASH).length;
  return universeOf(
    arn,
    opaque(() => separatedAs(arn)),
    ...(isOfDashedNames(arn) ? [opaque(() => jobNames(slashes))] : []),
  );
};

const [SLASH, DASH] = [47, 45];

/**
 * The types of resource whose names fit `[a-zA-Z0-9](-*[a-zA-Z0-9])*`, or which have a number for a name, as the last
 * part of the ARN of a model package's version.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and the like
 */
const DASHED_NAMES: ReadonlySet<string> = new Set([
  ...['training', 'processing', 'transform', 'hyper-parameter-tuning', 'automl'].map((kind) => `${kind}-job`),
  ...['compilation', 'edge-packaging', 'inference-recommendations', 'labeling'].map((kind) => `${kind}-job`),
  ...['data-quality', 'model-bias', 'model-explainability', 'model-quality'].map(
    (kind) => `${kind}-job-definition`,
  ),
  ...['model', 'model-package', 'model-package-group', 'pipeline', 'endpoint', 'endpoint-config'],
]);

/** Of a pattern that no such name can fit, nothing would be meant, and nothing is allowed as a whole: it stays as it is. */
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
