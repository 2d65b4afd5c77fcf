import * as z from 'zod/mini';
import { parseArn } from '../../shared/domain/arn.ts';
import { asText, type Json, type JsonObject } from '../../shared/json/json.ts';

/**
 * What CloudFormation asks a Lambda hook. The documentation writes some names in two ways (`clientRequesttoken`, `stackID`), its examples in
 * one; both are read. It gives no token for operations on resources.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
export type HookRequest = HookOrigin &
  (
    | { target: 'STACK'; payloadUrl: string; isUpdate: boolean }
    | { target: 'CHANGE_SET'; payloadUrl: string }
    /** Also of the Cloud Control API, which gives no stack. */
    | ResourceRequest
    /** The deletion of a stack, whose templates CloudFormation leaves empty, or of a resource of which it tells nothing. */
    | { target: 'NONE' }
  );

/** What becomes of one resource. `properties` is missing where it is deleted, `previous` where it is made. */
export type ResourceRequest = {
  target: 'RESOURCE';
  resourceType: string;
  logicalId: string;
  properties?: JsonObject;
  previous?: JsonObject;
  /** Whether it is changed, and nobody tells what it was. */
  isUntoldBefore?: true;
};

/** Whose operation it is. The Cloud Control API gives neither stack nor Region. */
export type HookOrigin = { account: string; region?: string; stackName?: string };

const text = (most: number) => z.string().check(z.minLength(1), z.maxLength(most));
const perhaps = (most: number) => z.nullish(z.string().check(z.maxLength(most)));

/** The longest ARN of a stack or change set: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
const MAX_ID = 1600;
/** A pre-signed URL has the credentials of a session in it, which have no documented length. */
const MAX_URL = 32 * 1024;

const model = z.record(z.string(), z.unknown());

const hookEvent = z.object({
  awsAccountId: z.string().check(z.regex(/^\d{12}$/)),
  stackId: perhaps(MAX_ID),
  stackID: perhaps(MAX_ID),
  actionInvocationPoint: perhaps(64),
  requestData: z.object({
    targetName: text(256),
    targetLogicalId: text(MAX_ID),
    payload: perhaps(MAX_URL),
    targetModel: z.nullish(
      z.object({ resourceProperties: z.nullish(model), previousResourceProperties: z.nullish(model) }),
    ),
  }),
});

/** The request in an event, or why it is none that this function understands. */
export const hookRequest = (event: unknown): HookRequest | { misunderstood: string } => {
  const parsed = hookEvent.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      misunderstood: `${issue?.path.join('.') || 'the event'}: ${issue?.message ?? 'it is no event of a hook'}`,
    };
  }
  const { awsAccountId: account, stackId, stackID, actionInvocationPoint, requestData } = parsed.data;
  const { targetName, targetLogicalId, payload, targetModel } = requestData;
  const id = stackId || stackID;
  const stack = id ? stackIn(id) : undefined;
  if (id && !stack) return { misunderstood: 'stackId: it is no ARN of a stack' };
  const origin = { account, ...(stack && { stackName: stack.name, region: stack.region }) };
  const isDeletion = actionInvocationPoint?.startsWith('DELETE') ?? false;
  const isStack = targetName === 'STACK' || targetName === 'CHANGE_SET';
  const previous = targetModel?.previousResourceProperties as JsonObject | null | undefined;
  if (isDeletion && (isStack || !previous)) return { ...origin, target: 'NONE' };
  if (isStack) {
    if (!payload) return { misunderstood: 'requestData.payload: there is no URL of the template' };
    return targetName === 'STACK'
      ? {
          ...origin,
          target: targetName,
          payloadUrl: payload,
          isUpdate: actionInvocationPoint?.startsWith('UPDATE') ?? false,
        }
      : { ...origin, target: targetName, payloadUrl: payload };
  }
  const properties = targetModel?.resourceProperties as JsonObject | null | undefined;
  if (!properties && !isDeletion)
    return { misunderstood: 'requestData.targetModel: there are no properties of the resource' };
  return {
    ...origin,
    target: 'RESOURCE',
    resourceType: targetName,
    logicalId: targetLogicalId,
    ...(properties && !isDeletion && { properties }),
    ...(!previous && actionInvocationPoint?.startsWith('UPDATE') && { isUntoldBefore: true as const }),
    // What is made has none, which may be told as an empty object.
    ...(previous && !actionInvocationPoint?.startsWith('CREATE') && { previous }),
  };
};

/** The token that the answer has to repeat; undefined where the event has none. */
export const tokenIn = (event: unknown): string | undefined => {
  if (typeof event !== 'object' || event === null) return undefined;
  const { clientRequestToken, clientRequesttoken } = event as Record<string, Json | undefined>;
  return asText(clientRequestToken)?.slice(0, 256) ?? asText(clientRequesttoken)?.slice(0, 256);
};

/** `arn:aws:cloudformation:eu-west-1:111122223333:stack/NAME/UUID` */
const stackIn = (id: string): { name: string; region: string } | undefined => {
  const arn = parseArn(id);
  const name = /^stack\/([A-Za-z][-A-Za-z0-9]{0,127})\//.exec(arn?.resource ?? '')?.[1];
  return arn?.service === 'cloudformation' && name !== undefined ? { name, region: arn.region } : undefined;
};
