import { parseArn, pipelineNameIn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { pipelineRequest } from '../requests/resource-requests.ts';
import { isHidden } from './hidden.ts';
import type { Call, Reading } from './record.ts';

/** A new share holds what the call names, and nothing else. */
export const readNewShare = (call: Call<'new share'>): Reading => {
  const resources = namedResources(call);
  if (call.request === undefined || resources.some(isHidden)) return lookAtAll(call);
  const requests = pipelinesIn(call, resources);
  return requests.length > 0 ? { requests } : { ignored: 'the new share holds no pipeline of this account' };
};

/**
 * A call that adds to a share or takes away. If it names only resources, the others of the share are as they were. A
 * principal is added to all of them, and the record does not tell them.
 */
export const readShareContent = (call: Call<'share content'>): Reading => {
  const resources = namedResources(call);
  const isOnlyResources =
    call.request !== undefined &&
    resources.length > 0 &&
    !resources.some(isHidden) &&
    asList(memberAnyCase(call.request, 'principals')).length === 0;
  if (!isOnlyResources) return lookAtAll(call);
  const requests = pipelinesIn(call, resources);
  return requests.length > 0 ? { requests } : { ignored: 'the call is about no pipeline of this account' };
};

/** A call about a share as a whole, or about a permission that shares may have. */
export const readShare = (call: Call<'share'>): Reading => lookAtAll(call);

type ShareCall = Call<'new share' | 'share content' | 'share'>;

/** All shares of the account in one Region are one resource, because few records tell what their share holds. */
const lookAtAll = ({ partition, region, account, trigger }: ShareCall): Reading => ({
  requests: [
    {
      type: 'share',
      resource: { type: 'share', arn: `arn:${partition}:ram:${region}:${account}:resource-share/*` },
      changed: ['content'],
      trigger,
    },
  ],
});

const namedResources = ({ request }: ShareCall): Json[] => asList(memberAnyCase(request, 'resourceArns'));

/** Requests for the pipelines among the resources. RAM shares what the account has in this Region. */
const pipelinesIn = (call: ShareCall, resources: readonly Json[]): AuditRequest[] =>
  resources.flatMap((resource): AuditRequest[] => {
    const arn = asText(resource) ?? '';
    const { account, region } = parseArn(arn) ?? {};
    const name = pipelineNameIn(arn);
    return name !== undefined && account === call.account && region === call.region
      ? [{ ...pipelineRequest(name, call), changed: ['sharing'], trigger: call.trigger }]
      : [];
  });
