import { namesPipeline } from '../authorised/pipeline-names.ts';
import { belowFloor } from '../concerns/versions.ts';
import type { Config } from '../config/schema.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import { TESTS } from '../iam/policy/operators.ts';
import type { Condition, Statement } from '../iam/policy/policy.ts';
import { networkLimitsOf } from '../iam/sets/network-limits.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { isShown } from '../judging/concern.ts';
import { VERSION_ACTIONS } from '../policies/version-policy.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Worker } from './found-creators.ts';
import type { Noted } from './noted.ts';

/** A lowest allowed pipeline version, as in the configuration. */
export type Floor = NonNullable<Config['versionFloors']>[number];
type Exception = NonNullable<Config['scpException']>;

const MAX_FLOORS = 200;
const MAX_VERSION = 1_000_000_000;

/**
 * The version floors that the account's policies already enforce, by pipeline; the lowest if policies state several.
 */
export const foundFloors = (
  identities: readonly Identity[],
  scps: readonly PolicyIndex[] = [],
): Noted<Floor>[] => {
  const policies = new Set(
    [...identities.flatMap(({ policies: { identity, boundary } }) => [identity, boundary]), ...scps].flatMap(
      (index) => index?.policies ?? [],
    ),
  );
  const stated = [...policies].flatMap((policy) =>
    policy.statements.flatMap((statement) =>
      floorsOf(statement).map((floor) => ({
        ...floor,
        at: `${policy.name}, ${statement.sid ?? statement.pointer}`,
      })),
    ),
  );
  return [...groupBy(stated, ({ pipeline }) => pipeline)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .slice(0, MAX_FLOORS)
    .map(([pipeline, floors]) => {
      const minimums = [...new Set(floors.map(({ minimum }) => minimum))].toSorted(
        (one, other) => one - other,
      );
      const places = [...new Set(floors.map(({ at }) => at))].toSorted();
      return {
        value: { pipeline, minimum: minimums[0] ?? 1 },
        notes: [
          `held to by ${listed(places, 3)}`,
          ...(minimums.length > 1 ? [`others say ${listed(minimums.slice(1).map(String))}`] : []),
        ],
      };
    });
};

/**
 * The floors, each with whoever releases versions of its pipelines and is held to no floor today: the Deny that would keep
 * it to the floor would end releases of older versions. Whoever only starts them is not excepted.
 */
export const withReleasers = (floors: readonly Noted<Floor>[], workers: readonly Worker[]): Noted<Floor>[] =>
  floors.map(({ value, notes }) => {
    const releasers = workers
      .filter(({ pipelines }) => pipelines.some((name) => namesPipeline([value.pipeline], name)))
      .map(({ principal }) => principal)
      .filter((principal) => releasesBelow(value, principal))
      .map(({ identity }) => identity.principal.arn);
    return releasers.length === 0
      ? { value, notes }
      : {
          value: { ...value, except: [...new Set(releasers)].toSorted() },
          notes: [
            ...notes,
            `excepted, as they release versions and no policy keeps them to it: ${listed(releasers, 3)}`,
          ],
        };
  });

const RELEASES = VERSION_ACTIONS.indexOf('sagemaker:UpdatePipelineVersion');

const releasesBelow = (floor: Floor, principal: AccountPrincipal): boolean => {
  const isHeld = foundFloors([principal.identity]).some(({ value }) => value.pipeline === floor.pipeline);
  if (isHeld) return false;
  const concerns = belowFloor(floor, { ...principal, isGoverned: true }, sharedWork())[RELEASES] ?? [];
  return concerns.some(isShown);
};

const floorsOf = (statement: Statement): Floor[] => {
  const minimums = statement.conditions.flatMap((condition) => minimumOf(condition, statement.effect));
  const pipelines = [
    ...new Set(
      (statement.resources && !statement.resources.isNot ? statement.resources.texts : []).flatMap((text) =>
        text === '*' ? text : (/:pipeline\/([\w*?-]{1,256})/.exec(text)?.[1] ?? []),
      ),
    ),
  ];
  return minimums.flatMap((minimum) => pipelines.map((pipeline) => ({ pipeline, minimum })));
};

/** The lowest version that a condition enforces: by an Allow from this version on, or a Deny below it. */
const minimumOf = ({ keyName, base, texts }: Condition, effect: Statement['effect']): number[] => {
  if (keyName !== 'sagemaker:pipelineversionid') return [];
  const from: readonly string[] = [effect === 'Allow' ? 'numericgreaterthanequals' : 'numericlessthan'];
  const after: readonly string[] = [effect === 'Allow' ? 'numericgreaterthan' : 'numericlessthanequals'];
  const added = after.includes(base) ? 1 : 0;
  if (!from.includes(base) && added === 0) return [];
  const versions = texts.map((text) => Number(text) + added);
  return versions.filter(
    (version) => Number.isSafeInteger(version) && version >= 1 && version <= MAX_VERSION,
  );
};

/**
 * The tag that exempts principals from SCPs which restrict S3 to networks; if there are several, the tag in most
 * statements.
 */
export const foundException = (
  scps: readonly PolicyIndex[] = [],
  account = '*',
): Noted<Exception> | undefined => {
  const excepted = networkLimitsOf(scps).flatMap(({ policies }) =>
    policies.flatMap(({ name, statements }) =>
      statements.flatMap(({ conditions, sid, pointer }) =>
        conditions.flatMap((condition) =>
          tagsOf(condition).map((tag) => ({ ...tag, at: `${name}, ${sid ?? pointer}` })),
        ),
      ),
    ),
  );
  const byTag = [...groupBy(excepted, ({ tagKey, tagValue }) => `${tagKey}=${tagValue}`)].toSorted(
    ([one, first], [other, second]) => second.length - first.length || (one < other ? -1 : 1),
  );
  const [first] = byTag[0]?.[1] ?? [];
  if (!first) return undefined;
  const places = (byTag[0]?.[1] ?? []).map(({ at }) => at);
  const others = byTag.slice(1).map(([tag]) => tag);
  const taggers = taggersOf(first.tagKey, scps, account);
  return {
    value: {
      tagKey: first.tagKey,
      tagValue: first.tagValue,
      ...(taggers.length > 0 && { taggers }),
    },
    notes: [
      ...(taggers.length > 0 ? ['taggers: whom the SCPs that keep the tag from all others let set it'] : []),
      `excepted by ${counted(places.length, 'statement')}: ${listed(places, 3)}`,
      ...(others.length > 0 ? [`other tags are excepted as well: ${listed(others)}`] : []),
    ],
  };
};

/**
 * Whom SCPs let set a tag on roles, as patterns of roles and users of the account: the principals that each Deny of the tag spares. None
 * without such a Deny.
 */
const taggersOf = (tagKey: string, scps: readonly PolicyIndex[], account: string): string[] => {
  const key = tagKey.toLowerCase();
  const isOfTag = ({ keyName, base, texts }: Condition): boolean =>
    base !== 'null' &&
    !TESTS[base].isNegated &&
    (keyName === `aws:requesttag/${key}` ||
      (keyName === 'aws:tagkeys' && texts.some((text) => text.toLowerCase() === key)));
  const spared = scps.flatMap((index) =>
    index
      .candidates('iam:tagrole')
      .denies.filter(({ statement: { conditions } }) => conditions.some(isOfTag))
      .map(({ statement: { conditions } }) => new Set(conditions.flatMap((each) => sparedBy(each, account)))),
  );
  const [first, ...others] = spared;
  return [...(first ?? [])].filter((arn) => others.every((each) => each.has(arn)));
};

const sparedBy = ({ keyName, base, texts }: Condition, account: string): string[] =>
  keyName === 'aws:principalarn' && base !== 'null' && TESTS[base].isNegated
    ? texts.flatMap((text) => {
        const [, partition, of, resource] = PRINCIPAL_PATTERN.exec(text) ?? [];
        return resource !== undefined && (of === '*' || of === account)
          ? `arn:${partition}:iam::${account}:${resource}`
          : [];
      })
    : [];

const PRINCIPAL_PATTERN = /^arn:(aws[a-z-]{0,20}):iam::(\*|\d{12}):((?:role|user)\/[\w+=,.@/*?-]{1,576})$/;

const TAG_KEY = 'aws:PrincipalTag/';

const tagsOf = ({ key, keyName, base, texts }: Condition): Exception[] =>
  keyName.startsWith(TAG_KEY.toLowerCase()) && base !== 'null' && TESTS[base].isNegated
    ? texts
        .map((tagValue) => ({ tagKey: key.slice(TAG_KEY.length), tagValue }))
        .filter(({ tagKey, tagValue }) => isLiteral(tagKey, 128) && isLiteral(tagValue, 256))
    : [];

const isLiteral = (text: string, longest: number): boolean =>
  text.length <= longest && !/[*?]|\$\{/.test(text) && text !== '';
