import pLimit from 'p-limit';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import { mergeRequests, requestKey } from '../../shared/requests/merge.ts';
import type { LookAt } from './look.ts';

/** Looks because of an event of the batch, or because another look led to the resource. */
export type LooksOfBatch = { ofEvent: LookAt; following: LookAt };

type Look = { of: AuditRequest; hasBegun: boolean; result: ReturnType<LookAt> };

/**
 * How many looks are made at the same time: enough to hide latency, few enough for the limits of AWS’s calls. What looks read stays
 * in memory until they end, and one change can lead to a hundred of them.
 */
const CONCURRENCY = 10;

/**
 * Makes one look at each resource of a batch, however many messages ask for it. A look that another one led to begins after that one
 * has ended, because it must know what that one has told the index: looks that began before do not serve it, and those that
 * wait for such a look share the next one. The event of a change that a look did not know of leads to another one, too.
 */
export const lookOnce = (lookAt: LookAt, merged: readonly AuditRequest[]): LooksOfBatch => {
  const requests = new Map(merged.map((request) => [requestKey(request), request]));
  const looks = new Map<string, Look>();
  const limit = pLimit(CONCURRENCY);
  const next = (key: string, of: AuditRequest, before: Look | undefined): Look['result'] => {
    const look: Look = {
      of,
      hasBegun: false,
      // Its own predecessor alone: two resources of one batch may lead to each other.
      result: Promise.allSettled([before?.result]).then(() =>
        limit(() => {
          look.hasBegun = true;
          return lookAt(look.of);
        }),
      ),
    };
    looks.set(key, look);
    return look.result;
  };
  const asked =
    (serves: (look: Look, request: AuditRequest) => boolean): LookAt =>
    (request) => {
      const key = requestKey(request);
      const last = looks.get(key);
      if (!last) return next(key, both(requests.get(key), request), last);
      if (serves(last, request)) return last.result;
      if (last.hasBegun) return next(key, request, last);
      last.of = both(last.of, request);
      return last.result;
    };
  return {
    ofEvent: asked(({ of }, request) => knowsOf(of, request)),
    following: asked(({ of, hasBegun }, request) => !hasBegun && knowsOf(of, request)),
  };
};

/** Both requests for one resource as one. */
const both = (one: AuditRequest | undefined, other: AuditRequest): AuditRequest =>
  mergeRequests(one ? [one, other] : [other])[0] ?? other;

/** Whether a look at one request knows of all that another request for the same resource tells. */
const knowsOf = (one: AuditRequest, other: AuditRequest): boolean => {
  const changed: readonly string[] = one.changed;
  return (
    (other.trigger === undefined || one.trigger !== undefined) &&
    other.changed.every((change) => changed.includes(change))
  );
};
