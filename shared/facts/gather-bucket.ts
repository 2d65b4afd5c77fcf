import { teamsIn } from '../authorised/teams.ts';
import type { ManifestUse } from '../definition/image-inputs.ts';
import type { Unread } from '../domain/gap.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { inputsByBucket } from '../needs/inputs.ts';
import type { ImageReader, Roster } from '../needs/roster.ts';
import { found, type Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import { organizationLayers, unreadLayer } from './account-evidence.ts';
import type { ImageBucketFact, ImageSourceFact, InputLimits, InputsFact } from './facts.ts';
import { readWriters } from './gather-principal.ts';
import {
  type Fact,
  type GatherContext,
  type Gathered,
  notApplicable,
  notKnown,
  withoutFacts,
} from './gathered.ts';
import { namesOfUnread } from './unread-pipelines.ts';

type BucketRequest = Extract<AuditRequest, { type: 'bucket' }>;

/**
 * Why a bucket is an image bucket: somebody declared it one, or steps read images from it. Such steps are reported
 * even if the bucket's tags could not be read.
 */
type Reasons = {
  declared: string | undefined;
  inputs: ImageSourceFact['inputs'];
  unreadTags?: Unread;
};

/** Gathers the facts of a bucket. After a change of its policy, the roles that use the bucket are looked at next. */
export const gatherBucket = async (
  request: BucketRequest,
  context: GatherContext,
): Promise<Gathered<'bucket'>> => {
  const { name, resource, trigger, changed } = request;
  const { arn } = resource;
  if (request.deleted) return withoutFacts('bucket', notApplicable('it was deleted'), { arn, gone: true });
  const reasons = await reasonsFor(request, context);
  const imageBucket: Fact<ImageBucketFact> = reasons.ok
    ? await readImageBucket(name, reasons.value, context.reader)
    : reasons;
  const roster = await context.evidence.rosterAt(name);
  const isPolicy = changed.includes('policy');
  const whole = isPolicy ? await context.evidence.roster() : roster;
  return {
    type: 'bucket',
    arn,
    executions: [],
    facts: {
      imageBucket,
      imageSource: imageSource(request, reasons),
      inputs: roster.ok ? await readInputs(name, roster.value, context) : roster,
      gaps: found([
        ...('unread' in imageBucket ? [imageBucket.unread] : []),
        ...(reasons.ok && reasons.value.unreadTags ? [reasons.value.unreadTags] : []),
      ]),
    },
    gone: false,
    ...(whole.ok &&
      isPolicy && {
        follow: rolesUsing(name, whole.value).flatMap((arn) =>
          principalRequest(arn, { trigger, changed: ['policy'] }),
        ),
      }),
  };
};

/** Why nobody may say that no pipeline reads from a bucket. That a pipeline cannot be read is not told again of each bucket. */
const untold = ({ unread }: Roster): string =>
  `it is not known what these pipelines read: ${namesOfUnread(unread)}`;

const imageSource = ({ name, resource }: BucketRequest, reasons: Fact<Reasons>): Fact<ImageSourceFact> => {
  if (!reasons.ok) return reasons;
  const { declared, inputs, unreadTags } = reasons.value;
  if (unreadTags) return { ok: false, unread: unreadTags };
  return found({ name, arn: resource.arn, isDeclared: declared !== undefined, inputs });
};

/** What pipelines read there that decides what they do, the bucket’s policy and, where there are teams, all users and roles. */
const readInputs = async (
  name: string,
  roster: Roster,
  context: GatherContext,
): Promise<Fact<InputsFact>> => {
  const { evidence, config } = context;
  const files = inputsByBucket(roster).get(name) ?? [];
  if (files.length === 0 && roster.unread.length > 0) return notKnown(untold(roster));
  const about = { of: 'bucket', name, files, roster, scope: evidence.scope } as const;
  if (files.length === 0) return found({ ...about, policy: undefined, limits: {} });
  const read = await evidence.bucketPolicy(name);
  const policy = read.ok ? read.value : unreadLayer(`policy of bucket ${name}`, 'resource', read.unread);
  return found({
    ...about,
    limits: policy ? await limitsOf(context) : {},
    policy,
    ...(teamsIn(config).length > 0 && { principals: await readWriters(context) }),
  });
};

/** What of the organization’s policies limits whom a bucket’s policy lets in. */
const limitsOf = async ({ evidence }: GatherContext): Promise<InputLimits> => {
  const {
    rcps = [],
    memberAccount,
    managementAccount,
  } = organizationLayers(await evidence.organization(), evidence.scope.account);
  return {
    rcps,
    ...(memberAccount !== undefined && { memberAccount }),
    ...(managementAccount !== undefined && { managementAccount }),
  };
};

const rolesUsing = (bucket: string, { roles }: Roster): string[] =>
  [...roles.values()]
    .filter(
      ({ needs, foreign }) =>
        needs.some(({ need }) => need.resource.includes(`:s3:::${bucket}/`)) ||
        foreign.some(({ places }) => places.some((place) => place.bucket === bucket)),
    )
    .map(({ roleArn }) => roleArn);

const readImageBucket = async (
  name: string,
  { declared, inputs }: Reasons,
  reader: Reader,
): Promise<Read<ImageBucketFact>> => {
  const input = READS.flatMap(({ manifest }) => inputs.find((each) => each.manifest === manifest) ?? [])[0];
  const because = declared ?? (input && becauseOf(input));
  if (because === undefined) return found({ name });
  const cors = await reader.getBucketCors(name);
  const manifest = declared === undefined ? input?.manifest : undefined;
  return cors.ok ? found({ name, because, cors: cors.value, ...(manifest && { manifest }) }) : cors;
};

/** What makes a bucket an image bucket, the surest reason first. */
const READS = [
  { manifest: undefined, does: 'reads images from it' },
  { manifest: 'read', does: 'reads a manifest of images from it' },
  { manifest: 'labelled', does: 'has the images of a manifest in it labelled' },
] as const satisfies { manifest: ManifestUse | undefined; does: string }[];

const becauseOf = ({ pipelineName, step, manifest }: ImageReader): string =>
  `step ${step} of pipeline ${pipelineName} ${READS.find((each) => each.manifest === manifest)?.does}`;

/** Asks in the order of cost: the configuration (no call), the bucket's tags (one call), then all pipelines. */
const reasonsFor = async (
  { name, isFollowed }: BucketRequest,
  { reader, config, evidence }: GatherContext,
): Promise<Fact<Reasons>> => {
  const { names = [], tags = {} } = config.imageBuckets ?? {};
  if (matchesAny(names, name)) return found({ declared: 'the configuration names it', inputs: [] });
  const wanted = Object.entries(tags);
  const read = wanted.length > 0 ? await reader.getBucketTags(name) : undefined;
  const bucketTags = read?.ok ? read.value : undefined;
  const [key, value] = wanted.find(([tag, text]) => bucketTags?.get(tag) === text) ?? [];
  if (key !== undefined) return found({ declared: `it is tagged ${key}=${value}`, inputs: [] });
  const roster = await evidence.rosterAt(name);
  const inputs = roster.ok ? (roster.value.imageInputs.get(name) ?? []) : [];
  if (read && !read.ok) {
    if (inputs.length > 0) return found({ declared: undefined, inputs, unreadTags: read.unread });
    // Nobody may read the tags of another account’s bucket, from which a pipeline reads code, say.
    return isFollowed && roster.ok ? notApplicable('its tags cannot be read') : read;
  }
  if (!roster.ok) return roster; // unknown, because a pipeline may read images from the bucket
  return inputs.length === 0 && roster.value.unread.length > 0
    ? notKnown(untold(roster.value))
    : found({ declared: undefined, inputs });
};
