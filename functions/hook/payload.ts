import * as z from 'zod/mini';

/**
 * What a hook is given of a stack or change set.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
export type HookPayload = {
  /** Empty where a stack is deleted. */
  template: string;
  /** The template that the stack had before. A change set does not tell it. */
  previousTemplate?: string;
  /** Of a change set alone. */
  changedResources?: readonly ChangedResource[];
};

export type ChangedResource = {
  logicalResourceId: string;
  resourceType: string;
  action: string;
  /** JSON with the properties before the change, of which all booleans and numbers are texts; null for what is made. */
  beforeContext?: string | null | undefined;
  /** The same after the change; null for what is deleted. */
  afterContext?: string | null | undefined;
};

/**
 * A template has at most one megabyte; the payload holds two of them as JSON, which may escape each character, and the properties of
 * what changes.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_BYTES = 16 * 1024 * 1024;
/** CloudFormation allows 500 resources in a template. */
const MAX_CHANGES = 2000;

const payload = z.object({
  template: z.nullish(z.string()),
  previousTemplate: z.nullish(z.string()),
  changedResources: z.nullish(
    z
      .array(
        z.object({
          logicalResourceId: z.string(),
          resourceType: z.string(),
          action: z.string(),
          beforeContext: z.nullish(z.string()),
          afterContext: z.nullish(z.string()),
        }),
      )
      .check(z.maxLength(MAX_CHANGES)),
  ),
});

/**
 * Hosts of Amazon S3, with the bucket in the name or in the path. Whoever calls the function may have written the URL.
 * https://docs.aws.amazon.com/general/latest/gr/s3.html
 */
const S3_HOST =
  /^(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\.)?s3(?:\.dualstack)?(?:[.-][a-z]{2,4}(?:-[a-z]+)+-\d)?\.amazonaws\.(?:com|com\.cn|eu)$/;

/** Whether a URL leads to Amazon S3, or to the `endpoint` that the deployment itself gives in its place. */
export const isOfS3 = (url: URL, endpoint: string | undefined): boolean => {
  if (endpoint !== undefined) return url.origin === new URL(endpoint).origin;
  return (
    url.protocol === 'https:' &&
    (url.port === '' || url.port === '443') &&
    url.username === '' &&
    url.password === '' &&
    S3_HOST.test(url.hostname)
  );
};

/**
 * Reads the payload behind a pre-signed URL. Follows no redirect, and reads no more than a payload can have.
 * @throws {Error} with a reason that a person can read, and that quotes nothing of the URL, which is a secret.
 */
export const readPayload = async (
  from: string,
  { endpoint, millis }: { endpoint: string | undefined; millis: number },
): Promise<HookPayload> => {
  const url = URL.parse(from);
  if (!url || !isOfS3(url, endpoint)) throw new Error('the URL of the template is not one of Amazon S3');
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(millis) }).catch(
    (error: unknown): never => {
      throw new Error(`the template could not be fetched from Amazon S3: ${nameOf(error)}`, { cause: error });
    },
  );
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    throw new Error(`the template could not be fetched from Amazon S3: HTTP ${answer.status}`);
  }
  const parsed = payload.safeParse(jsonIn(await boundedText(answer.body)));
  if (!parsed.success) throw new Error('what Amazon S3 holds is no payload of a hook');
  const { template, previousTemplate, changedResources } = parsed.data;
  return {
    template: template ?? '',
    ...(previousTemplate && { previousTemplate }),
    ...(changedResources && { changedResources }),
  };
};

/** What went wrong, without its message, which may quote the URL. */
const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : 'no answer';

const boundedText = async (body: ReadableStream<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the rest.
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error('the template is larger than CloudFormation allows');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
