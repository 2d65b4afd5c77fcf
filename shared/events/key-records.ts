import { parseArn } from '../domain/arn.ts';
import { asList, asText, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { isHidden } from './hidden.ts';
import { type Call, field, type Reading } from './record.ts';

/** The ids of keys, and the names of aliases, that KMS allows. Any other text must not become part of an ARN. */
const KEY_ID = /^[\w-]{1,64}$/;
const ALIAS = /^alias\/[\w/-]{1,250}$/;

/** A key is named by its id or its ARN. https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const readKey = (call: Call<'key'>): Reading => {
  const arn = keyArn(call, field(call, 'keyId')) ?? keyInResources(call);
  return arn === undefined
    ? { unreadable: `the record of ${call.eventName} names no key` }
    : { requests: [lookAt(arn, call)] };
};

/**
 * A call that changes what an alias means. The key that the alias leads to from now on has an alias more, which policies
 * may name; a record of DeleteAlias tells it among its resources.
 * https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
export const readAlias = (call: Call<'alias'>): Reading => {
  const name = field(call, 'aliasName') ?? '';
  if (!ALIAS.test(name)) return { unreadable: `the record of ${call.eventName} names no alias` };
  const { partition, region, account } = call;
  const key = keyArn(call, field(call, 'targetKeyId')) ?? keyInResources(call);
  if (key === undefined && isHidden(memberAnyCase(call.request, 'targetKeyId')))
    return { unreadable: `the record of ${call.eventName} does not tell the key` };
  const arns = [`arn:${partition}:kms:${region}:${account}:${name}`, ...(key === undefined ? [] : [key])];
  return { requests: arns.map((arn) => lookAt(arn, call)) };
};

type KeyCall = Call<'key' | 'alias'>;

const lookAt = (arn: string, { audited, trigger }: KeyCall): AuditRequest => ({
  type: 'key',
  resource: { type: 'key', arn },
  changed: audited.changed,
  trigger,
});

const keyArn = ({ partition, region, account }: KeyCall, told: string | undefined): string | undefined => {
  if (told === undefined) return undefined;
  if (KEY_ID.test(told)) return `arn:${partition}:kms:${region}:${account}:key/${told}`;
  return isKeyArn(told) ? told : undefined;
};

const isKeyArn = (text: string): boolean => {
  const { service, resource = '' } = parseArn(text) ?? {};
  return service === 'kms' && resource.startsWith('key/') && KEY_ID.test(resource.slice('key/'.length));
};

const keyInResources = ({ record }: KeyCall): string | undefined =>
  asList(memberAnyCase(record, 'resources'))
    .flatMap((resource) => asText(memberAnyCase(resource, 'ARN')) ?? [])
    .find(isKeyArn);
