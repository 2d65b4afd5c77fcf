import { parseArn } from '../domain/arn.ts';
import type { PolicyText, RoleChange } from '../domain/role-change.ts';
import type { AccountScope } from '../domain/scope.ts';
import type { RecordedUses } from '../events/recorded-uses.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny, matchesGlob } from '../iam/policy/glob.ts';
import type { Statement } from '../iam/policy/policy.ts';
import type { RoleUses } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';
import { field } from '../text/one-line.ts';
import { cutOff } from './cut-off.ts';
import { policyName } from './role-change.ts';

/**
 * A Region besides the audited ones in which a role or user is known to work, and what shows it. IAM is one for all
 * Regions, and an audit reads the pipelines of some.
 */
export type OtherRegion = { region: string; because: string };

/** A role or user, with what is known of its work in the audited Regions. */
type Known = {
  identity: Identity;
  scope: AccountScope;
  uses?: Pick<RoleUses, 'needs'> | undefined;
  recorded?: Pick<RecordedUses, 'uses' | 'assumptions'> | undefined;
};

/**
 * The Regions besides the audited ones in which a role or user is known to work, each with the first thing that shows it:
 * where IAM saw it last, CloudTrail’s records, its trust policy, and what its policies let it do there.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
 */
export const otherRegions = ({ identity, scope, uses, recorded }: Known): OtherRegion[] => {
  const { lastUsedIn, trust, policies } = identity;
  const needed = uses?.needs.map(({ need }) => need.resource) ?? [];
  const shown: OtherRegion[] = [
    ...(lastUsedIn === undefined ? [] : [{ region: lastUsedIn, because: 'IAM saw it there last' }]),
    ...(recorded ? recordedRegions(recorded) : []),
    ...allowing(trust?.statements ?? []).flatMap((statement) =>
      sourceRegions(statement).map(([region, source]) => ({
        region,
        because: `its trust policy names ${field(source, MAX_TEXT)}`,
      })),
    ),
    ...(policies.identity?.policies ?? [])
      .filter(({ isReadable, name }) => isReadable && !OF_AWS.test(name))
      .flatMap(({ name, statements }) =>
        allowing(statements).flatMap((statement) =>
          allowedRegions(statement, scope, needed).map(([region, what]) => ({
            region,
            because: `${field(name, MAX_TEXT)} names ${field(what, MAX_TEXT)}`,
          })),
        ),
      ),
  ].filter(({ region }) => !scope.regions.some((audited) => matchesGlob(region, audited)));
  return [...new Map(shown.toReversed().map((each) => [each.region, each])).values()].toReversed();
};

const MAX_TEXT = 120;

/** Policies that AWS manages say the same in every account. */
const OF_AWS = /^arn:[^:]*:iam::aws:/;

const allowing = (statements: readonly Statement[]): Statement[] =>
  statements.filter(({ effect }) => effect === 'Allow');

/** Calls of services that are one for all Regions tell no Region. */
const GLOBAL_CALL = /^(?:iam|organizations|sts):|^s3:ListAllMyBuckets$/i;

const recordedRegions = ({ uses, assumptions }: Pick<RecordedUses, 'uses' | 'assumptions'>): OtherRegion[] =>
  [
    ...uses.filter(({ action }) => !GLOBAL_CALL.test(action)),
    ...assumptions.filter(({ by = '' }) => /\.amazonaws\.com(?:\.cn)?$/.test(by)),
  ].flatMap(({ action, by, keys }) => {
    const region = keys['aws:RequestedRegion'];
    const what = by === undefined ? action : `${action} by ${by}`;
    return typeof region === 'string'
      ? [{ region, because: `CloudTrail shows ${field(what, MAX_TEXT)} there` }]
      : [];
  });

/** A Region, or a pattern of Regions, and the text of a policy that names it. */
type Named = [region: string, text: string];

/** The Regions of the resources for which a service may assume a role. */
const sourceRegions = ({ conditions }: Statement): Named[] =>
  conditions.flatMap(({ keyName, base, texts }) =>
    keyName === 'aws:sourcearn' && POSITIVE.has(base) ? texts.flatMap(arnRegion) : [],
  );

const POSITIVE: ReadonlySet<string> = new Set(['arnlike', 'arnequals', 'stringlike', 'stringequals']);

/**
 * The Regions that an Allow names for what no pipeline of the audited Regions needs. Models of Bedrock are named for several
 * Regions wherever they are called, and reading a bucket of another Region shows no work there.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cross-region-inference.html
 */
const allowedRegions = (
  statement: Statement,
  { regions }: AccountScope,
  needed: readonly string[],
): Named[] => {
  const { actions, resources, conditions } = statement;
  const requested = conditions.filter(
    ({ keyName, base }) => keyName === 'aws:requestedregion' && POSITIVE.has(base),
  );
  // A list of Regions for all services often has us-east-1 for those that are one for all Regions.
  const isOfSageMaker = !actions.isNot && actions.texts.every((action) => OF_SAGEMAKER.test(action));
  const elsewhere = requested
    .filter(({ texts }) => isOfSageMaker || !regions.some((region) => matchesAny(texts, region)))
    .flatMap(({ texts }) => texts.map((text): Named => [text, `aws:RequestedRegion ${text}`]));
  if (!resources || resources.isNot) return elsewhere;
  const writes =
    !actions.isNot && actions.texts.some((action) => matchesGlob(action.toLowerCase(), 's3:putobject'));
  const named = resources.texts
    .filter((text) => !needed.some((resource) => matchesGlob(text, resource)))
    .flatMap((text) => {
      const { service, resource } = parseArn(text) ?? {};
      if (service === 's3') return writes ? bucketRegions(resource ?? '', text) : [];
      return service === 'bedrock' ? [] : arnRegion(text);
    });
  return [...elsewhere, ...named];
};

const arnRegion = (text: string): Named[] => {
  const { region = '' } = parseArn(text) ?? {};
  return region === '' || region.includes('$') ? [] : [[region, text]];
};

/** The name of a Region in the name of a bucket, as in `sagemaker-us-east-1-111122223333`. */
const bucketRegions = (resource: string, text: string): Named[] => {
  const bucket = resource.split('/', 1)[0] ?? '';
  return [...bucket.matchAll(REGION_IN_NAME)].map(([name]): Named => [name, text]);
};

const REGION_IN_NAME =
  /(?<![a-z0-9])(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us)(?:-[a-z]{2,5})?-(?:(?:north|south)(?:east|west)?|east|west|central)-\d(?!\d)/g;

/** `us-east-1 (IAM saw it there last)`, the first few. */
export const regionsText = (regions: readonly OtherRegion[]): string =>
  listed(
    regions.map(({ region, because }) => `${field(region, MAX_TEXT)} (${because})`),
    3,
  );

/** Whether a change may take something from pipelines of other Regions under the role. */
export const reachesOtherRegions = (
  change: RoleChange,
  identity: Identity,
  regions: AccountScope['regions'],
): boolean => {
  switch (change.type) {
    case 'put-policy':
      return change.document.Statement.some((each) => deniesElsewhere(each, regions));
    case 'trust':
      return cutOff(identity, change).length > 0;
    case 'tag':
    case 'untag': // only of roles that SageMaker may assume in no Region (scp-exception-unique.ts)
      return false;
  }
};

/** The change, with each of its Denies for the calls of SageMaker limited to some Regions. */
export const withinRegions = (
  change: RoleChange,
  control: string,
  regions: AccountScope['regions'],
): RoleChange => {
  if (change.type !== 'put-policy') return change;
  const { Version, Statement } = change.document;
  const document: PolicyText = {
    Version,
    Statement: Statement.map((each) =>
      deniesElsewhere(each, regions) && each.Action.every((action) => OF_SAGEMAKER.test(action))
        ? { ...each, Condition: { ...each.Condition, ...requestsIn(regions, each.Condition) } }
        : each,
    ),
  };
  return { type: 'put-policy', name: policyName(control, document), document };
};

type Conditions = NonNullable<PolicyText['Statement'][number]['Condition']>;

/** The condition that a request is for one of the Regions. */
const requestsIn = (regions: AccountScope['regions'], { StringEquals }: Conditions = {}): Conditions => ({
  StringEquals: { ...StringEquals, [REQUESTED]: regions.length === 1 ? regions[0] : regions },
});

const REQUESTED = 'aws:RequestedRegion';
const OF_SAGEMAKER = /^sagemaker:/i;

/**
 * Calls of IAM and session tags, which no pipeline needs in any Region, and the passing of roles: whoever proposes to deny
 * that has asked about every role of the account (`passing-remedy.ts`), and roles are the same in all Regions.
 */
const ASKED_OF_ALL_REGIONS = /^(?:iam:|sts:TagSession$)/;

/** Whether a statement of a remedy denies in other Regions what pipelines there may need. */
const deniesElsewhere = (
  { Effect, Action, Resource, Condition }: PolicyText['Statement'][number],
  regions: readonly string[],
): boolean => {
  if (Effect === 'Allow' || Action.every((action) => ASKED_OF_ALL_REGIONS.test(action))) return false;
  if (Resource?.every((text) => isPlaceHere(text, regions))) return false;
  // A bucket of these Regions is read and written from all Regions by requests for these.
  const limits = Condition?.StringEquals?.[REQUESTED] ?? [];
  const limited = typeof limits === 'string' ? [limits] : limits;
  const isLimited = limited.length > 0 && limited.every((each) => regions.includes(each));
  return !(isLimited && Action.every((action) => OF_SAGEMAKER.test(action)));
};

/** Whether an ARN names something of one of the Regions, or a folder of one bucket, which is where it is for all Regions. */
const isPlaceHere = (text: string, regions: readonly string[]): boolean => {
  const arn = parseArn(text);
  return (
    (arn !== undefined && regions.includes(arn.region)) ||
    (arn?.service === 's3' && /^[^*?/]+\/[^*?]/.test(arn.resource))
  );
};
