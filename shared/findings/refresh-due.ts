import type { ResourceState } from './state.ts';

/**
 * Security Hub deletes an active finding 90 days after its last update. Findings that stay open are therefore sent
 * again well before that (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-data-retention.html).
 */
const REFRESH_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * When to send the open findings again, in milliseconds since 1970; undefined where all are suppressed or none is open.
 */
export const nextRefresh = ({ toldAt, open }: Pick<ResourceState, 'toldAt' | 'open'>): number | undefined =>
  toldAt !== undefined && Object.values(open).some(({ suppression }) => !suppression)
    ? Date.parse(toldAt) + REFRESH_MS
    : undefined;

/** Whether 30 days have passed since the open findings were last sent. */
export const isRefreshDue = (state: ResourceState, now: string): boolean => {
  const due = nextRefresh(state);
  return due !== undefined && due <= Date.parse(now);
};
