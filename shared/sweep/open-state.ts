import { accountRootArn, arnName, parseArn } from '../domain/arn.ts';
import type { Resource } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import { ofStateKey } from '../findings/account-state.ts';
import { nextExpiry } from '../findings/expiry.ts';
import { isEmpty, type ResourceState } from '../findings/state.ts';
import type { Store } from '../findings/store.ts';
import { once } from '../memo.ts';
import type { AccountLists } from '../requests/account-requests.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import {
  accountRequest,
  bucketRequest,
  pipelineRequest,
  principalRequest,
} from '../requests/resource-requests.ts';

/** A resource with open findings or undelivered changes. */
export type OpenState = { resourceArn: string; state: ResourceState };

/**
 * What is open under a key of the store, and the account that looks at it; undefined for the deployment’s own account. The resource is
 * missing where the findings are grouped from jobs or executions.
 */
export type OpenResource = { key: string; account: string | undefined; resource: Resource | undefined };

/** The resources with open findings. Wakes the deliverer for what is undelivered or has expired. */
export async function* openResources(
  store: Pick<Store, 'states'>,
  startedAt: Date,
  wake: (resourceArn: string) => Promise<void>,
): AsyncGenerator<OpenResource> {
  for await (const open of store.states()) {
    if (isEmpty(open.state)) continue;
    if (isToBeTold(open, startedAt)) await wake(open.resourceArn);
    const { resourceArn: key } = open;
    yield { key, account: ofStateKey(key).account, resource: resourceOf(open) };
  }
}

/** A Region with its pipelines, if they could be listed. */
export type ListedRegion = { scope: Scope; pipelines: AccountLists['pipelines'] };

/** Whether the deliverer must be woken: a change is undelivered, or a finding has expired. */
export const isToBeTold = ({ state }: OpenState, now: Date): boolean =>
  state.undelivered.length > 0 || (nextExpiry(state) ?? Number.POSITIVE_INFINITY) <= now.valueOf();

/**
 * The request for a resource with open findings, as `deleted` where the lists no longer contain it. Undefined for
 * resources outside the scope, for lists that could not be read, and for jobs and executions, whose findings expire. A
 * bucket that is not listed may belong to another account (`isUnlisted`), so that S3 must be asked whether it exists.
 */
export const lookAtState = (
  lists: Pick<AccountLists, 'identities' | 'buckets'>,
  regions: readonly [ListedRegion, ...ListedRegion[]],
): ((resource: Resource) => { request: AuditRequest; isUnlisted?: true } | undefined) => {
  const names = (list: readonly string[]) => new Set(list.map((name) => name.toLowerCase()));
  const { identities, buckets } = lists;
  const [{ scope }] = regions;
  const byRegion = new Map(
    regions.map(({ scope: place, pipelines }) => [
      place.region,
      {
        place,
        names: once(() => pipelines.ok && names(pipelines.value.map(({ name }) => name))),
      },
    ]),
  );
  const principalArns = once(
    () => identities.ok && names(identities.value.identities.map(({ principal }) => principal.arn)),
  );
  const bucketNames = once(() => buckets?.ok === true && names(buckets.value));
  return ({ type, arn }) => {
    const { account, region } = parseArn(arn) ?? {};
    switch (type) {
      case 'pipeline': {
        const listed = byRegion.get(region ?? '');
        if (account !== scope.account || !listed) return undefined;
        const known = listed.names();
        const name = arnName(arn);
        return { request: pipelineRequest(name, listed.place, known && !known.has(name.toLowerCase())) };
      }
      case 'role':
      case 'user': {
        const known = principalArns();
        if (account !== scope.account || !known) return undefined;
        const [request] = principalRequest(arn);
        if (request?.type !== 'role' && request?.type !== 'user') return undefined;
        return { request: { ...request, deleted: !known.has(arn.toLowerCase()) } };
      }
      case 'bucket': {
        const known = bucketNames();
        const name = arnName(arn);
        const isUnlisted = known && !known.has(name.toLowerCase());
        return { request: bucketRequest(name, { scope }), ...(isUnlisted && { isUnlisted }) };
      }
      case 'account':
        // That the whole account could not be read is mended where its lists can be read again.
        return arn === accountRootArn(scope) && identities.ok
          ? { request: { ...accountRequest(scope, []), resource: { type, arn } } }
          : undefined;
      default:
        return undefined;
    }
  };
};

/** The resource of the open findings; undefined where they are grouped from jobs or executions. */
const resourceOf = ({ resourceArn: key, state }: OpenState): Resource | undefined => {
  const { resourceArn } = ofStateKey(key);
  return Object.values(state.open).find(
    ({ resource }) => resource.arn.toLowerCase() === resourceArn.toLowerCase(),
  )?.resource;
};
