import * as z from 'zod/mini';
import { JOB_KINDS, type JobKindId } from '../definition/job-kinds.ts';
import { accountRootArn, arnName } from '../domain/arn.ts';
import { changesTold } from '../domain/change.ts';
import { partitionOfRegion } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import type { Json } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import {
  accountRequest,
  bucketRequest,
  jobRequest,
  organizationRequest,
  pipelineRequest,
} from '../requests/resource-requests.ts';
import type { Reading } from './record.ts';

/** A resource that a sweep asks a look at. No event is behind it, so that it tells nothing but the resource. */
export type SweepResource = z.infer<typeof resource>;

export const SWEEP_DETAIL_TYPE = 'Pipewarden Sweep';
export const SWEEP_SOURCE = 'pipewarden';

const text = z.string().check(z.minLength(1), z.maxLength(2048));
const short = z.string().check(z.maxLength(256));
const name = z.string().check(z.minLength(1), z.maxLength(256));
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html: a path has any characters of ASCII that are seen. */
const iamArn = text.check(z.regex(/^arn:[a-z-]+:iam::\d{12}:(role|user)\/(?:[!-~]*\/)?[\w+=,.@-]+$/));
/** More principals than one invocation looks at because of one event. */
export const MOST_LED_BY = 200;
const deleted = z.exactOptional(z.boolean());

const gap = z.strictObject({
  call: text,
  code: name,
  message: text,
  subject: z.exactOptional(name),
});

const resource = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('pipeline'),
    name: name.check(z.regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/)),
    deleted,
  }),
  z.strictObject({ type: z.literal('bucket'), name: name.check(z.regex(/^[A-Za-z0-9._-]+$/)), deleted }),
  z.strictObject({ type: z.literal('role'), arn: iamArn, deleted }),
  z.strictObject({ type: z.literal('user'), arn: iamArn, deleted }),
  z.strictObject({
    type: z.literal('job'),
    kind: z.enum(Object.keys(JOB_KINDS) as [JobKindId, ...JobKindId[]]),
    name: name.check(z.regex(/^[\w.:/-]+$/)),
  }),
  z.strictObject({ type: z.literal('organization') }),
  z.strictObject({
    type: z.literal('account'),
    gaps: z.exactOptional(z.array(gap).check(z.maxLength(20))),
    /** The account for all its Regions, and not in the Region of the message. */
    isWhole: z.exactOptional(z.literal(true)),
  }),
]);

/**
 * What is beside `detail` stands outside of `detail`, because functions of older versions refuse a `detail` with unknown fields.
 * Messages of older versions have no `changed`.
 */
const message = z.object({
  source: z.literal(SWEEP_SOURCE),
  account: z.string().check(z.regex(/^\d{12}$/)),
  region: z.string().check(z.regex(/^[a-z]{2,}(-[a-z0-9]+)+$/)),
  detail: z.strictObject({ resource }),
  changed: z.exactOptional(z.array(name).check(z.maxLength(20))),
  /** The event because of which another look asks for this one. */
  trigger: z.exactOptional(z.strictObject({ eventId: short, eventName: short, eventTime: short })),
  /** Who caused that event. */
  triggeredBy: z.exactOptional(z.string().check(z.maxLength(2048))),
  /** When that other look had told what it learnt. */
  learntAt: z.exactOptional(short),
  /** The principals whose changes led to this look. */
  ledBy: z.exactOptional(z.array(iamArn).check(z.maxLength(MOST_LED_BY))),
  /** Of a bucket: only the inputs of pipelines led to it. */
  isFollowed: z.exactOptional(z.literal(true)),
  isLast: z.exactOptional(z.literal(true)),
});

/** The request in a sweep’s message. Whoever can send such a message can only make the auditor look. */
export const readSweepMessage = (envelope: Json): Reading => {
  const parsed = message.safeParse(envelope);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.map(String).join('.');
    return { unreadable: `it is not a message of a sweep: ${at} is wrong` };
  }
  const { account, region, detail, changed, trigger, triggeredBy, learntAt, ledBy, isFollowed, isLast } =
    parsed.data;
  const scope = { account, region, partition: partitionOfRegion(region) };
  const request = {
    ...requestOf(detail.resource, scope, changed),
    scope,
    ...(trigger && {
      trigger: { ...trigger, ...(triggeredBy !== undefined && { by: triggeredBy }) },
    }),
    ...(learntAt !== undefined && { learntAt }),
    ...(ledBy !== undefined && { ledBy }),
    ...(isLast && { isLast }),
  };
  return { requests: [request.type === 'bucket' && isFollowed ? { ...request, isFollowed } : request] };
};

/** Where the message does not say what changed, anything may have changed. */
const requestOf = (swept: SweepResource, scope: Scope, told: readonly string[] | undefined): AuditRequest => {
  switch (swept.type) {
    case 'pipeline': {
      const changed = changesTold('pipeline', told);
      return { ...pipelineRequest(swept.name, scope, swept.deleted), changed };
    }
    case 'bucket': {
      const { name: bucket, deleted: isDeleted = false } = swept;
      return {
        ...bucketRequest(bucket, { scope }),
        changed: changesTold('bucket', told),
        deleted: isDeleted,
      };
    }
    case 'role':
    case 'user': {
      const { type, arn, deleted: isDeleted = false } = swept;
      const changed = changesTold(type, told);
      return { type, resource: { type, arn }, name: arnName(arn), changed, deleted: isDeleted };
    }
    case 'job':
      return { ...jobRequest(swept.kind, swept.name, scope), changed: changesTold('job', told) };
    case 'organization':
      return { ...organizationRequest(scope), changed: changesTold('organization', told) };
    case 'account': {
      const request = accountRequest(scope, swept.gaps ?? []);
      const whole = swept.isWhole && { resource: { type: 'account', arn: accountRootArn(scope) } as const };
      return { ...request, ...whole, changed: changesTold('account', told) };
    }
  }
};
