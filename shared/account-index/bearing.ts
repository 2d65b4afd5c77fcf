import { createHash } from 'node:crypto';
import type { Directory, Identity } from '../iam/decide/authorization-details.ts';
import type { Policy, Statement } from '../iam/policy/policy.ts';
import { askedOf, isAboutS3, tellsOf } from './asked.ts';

/** What others’ looks ask of a principal, as two digests. One that stays the same changes no verdict on anybody else. */
export type Bearing = {
  /** What looks at other users and roles ask. */
  onPrincipals: string;
  /** What looks at the buckets with pipelines’ inputs ask. */
  onBuckets: string;
};

/**
 * What a principal was to others when all that hang on it were looked at: by looks that followed from its own, or by a sweep whose
 * looks began at `from`. The sweep’s listing was over at `until`, so that it tells nothing of changes in between (milliseconds since 1970).
 */
export type Settled = Bearing & { swept?: { from: number; until: number } };

/** IAM may show a change to one reader later than to another. */
const LAG_MS = 5 * 60 * 1000;

/** What others knew of a principal before it changed; undefined where they may not know of a change. */
export const knownBefore = (
  settled: Settled | undefined,
  changedAt: number | undefined,
): Bearing | undefined => {
  if (!settled?.swept) return settled;
  const { from, until } = settled.swept;
  // A time that nobody tells, or that cannot be read, is neither.
  const isOutside = changedAt !== undefined && (changedAt <= from - LAG_MS || changedAt >= until + LAG_MS);
  return isOutside ? settled : undefined;
};

/** What a principal is to others; undefined means that it does not exist. */
export const bearingOf = (
  identity: Identity | undefined,
  { otherVersions }: Pick<Directory, 'otherVersions'>,
): Bearing => {
  if (!identity) return { onPrincipals: '', onBuckets: '' };
  const { principal, policies, trust, groups, instanceProfiles } = identity;
  const own = policies.identity?.policies ?? [];
  const boundary = (policies.boundary?.policies ?? []).map((policy) => [policy.name, ...whole(policy)]);
  const shared = own.filter(({ name }) => name.startsWith('arn:') && !name.includes(' '));
  const asked = askedOf({
    trust,
    inline: own.filter((policy) => !shared.includes(policy)),
    hasMore: shared.length + groups.length > 0,
  });
  const about = { arn: principal.arn, uniqueId: principal.uniqueId, tags: [...(principal.tags ?? [])] };
  return {
    onPrincipals: digest([
      about,
      boundary,
      trust && whole(trust),
      groups,
      instanceProfiles,
      // Somebody else may put another version of a managed policy in force.
      shared.map(({ name }) => [name, otherVersions(name).map(whole)]),
      own.flatMap((policy) => part(policy, (statement) => tellsOf(asked, statement))),
      // Whether a service takes a role over may hang on any call of it.
      asked === 'of-assumable'
        ? [...new Set(own.flatMap(({ statements }) => statements.flatMap(servicesIn)))].toSorted()
        : [],
    ]),
    onBuckets: digest([about, boundary, own.flatMap((policy) => part(policy, isAboutS3))]),
  };
};

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

const servicesIn = ({ effect, actions: { isNot, texts } }: Statement): string[] =>
  effect === 'Deny' ? [] : isNot ? ['*'] : texts.map((text) => text.split(':', 1)[0]?.toLowerCase() ?? '');

const whole = (policy: Policy): unknown[] => part(policy, () => true);

/** The statements of a policy that matter, without their places in the document. One that cannot be read matters by its text. */
const part = (policy: Policy, matters: (statement: Statement) => boolean): unknown[] =>
  policy.isReadable
    ? policy.statements
        .filter(matters)
        .map(({ index: _, pointer: __, sid: ___, ...statement }) => [
          policy.version,
          withoutPlaces(statement),
        ])
    : [policy.name, policy.problems];

const withoutPlaces = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'pointer' ? undefined : each)));
