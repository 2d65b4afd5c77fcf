import { expect } from '@jest/globals';
import { readEvents } from '../../../shared/events/read-events.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { AuditRequest, ReadEvents } from '../../../shared/requests/audit-request.ts';

export const read = (value: unknown): ReadEvents => readEvents(value as Json, 'input');

/** The only request that an event leads to, without its scope; fails if the event leads to anything else. */
export const only = (value: unknown): AuditRequest => {
  const { requests, ignored, unreadable } = read(value);
  expect([requests.length, ignored, unreadable]).toEqual([1, [], []]);
  const { scope: _, ...request } = requests[0] as AuditRequest;
  return request as AuditRequest;
};

export const jobOf = (value: unknown) => {
  const request = only(value);
  if (request.type !== 'job') throw new Error(request.type);
  return request.job;
};

export const S3 = { eventSource: 's3.amazonaws.com' };
export const RAM = { eventSource: 'ram.amazonaws.com' };
export const IAM = { eventSource: 'iam.amazonaws.com', awsRegion: 'us-east-1' };
export const ORGANIZATIONS = { eventSource: 'organizations.amazonaws.com', awsRegion: 'us-east-1' };

/** The same event with its member names in other letter cases; values stay the same. */
export const recased = (value: unknown, upper: readonly boolean[]): unknown => {
  let next = 0;
  const turn = (key: string) =>
    [...key]
      .map((letter) => (upper[next++ % upper.length] ? letter.toUpperCase() : letter.toLowerCase()))
      .join('');
  const walk = (inner: unknown): unknown =>
    typeof inner !== 'object' || inner === null
      ? inner
      : Array.isArray(inner)
        ? inner.map(walk)
        : Object.fromEntries(Object.entries(inner).map(([key, of]) => [turn(key), walk(of)]));
  return walk(value);
};
