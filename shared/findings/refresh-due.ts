import type { ResourceState } from './state.ts';

/**
 * Security Hub deletes an active finding 90 days after its last update, so that one that nobody mends would vanish
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-data-retention.html).
 */
const REFRESH_MS = 30 * 24 * 60 * 60 * 1000;

/** When the open findings are to be told again, in milliseconds since 1970; undefined where none is to be. */
export const nextRefresh = ({ toldAt, open }: Pick<ResourceState, 'toldAt' | 'open'>): number | undefined =>
  toldAt !== undefined && Object.values(open).some(({ suppression }) => !suppression)
    ? Date.parse(toldAt) + REFRESH_MS
    : undefined;

/** Whether the open findings have not been told for 30 days. */
export const isRefreshDue = (state: ResourceState, now: string): boolean => {
  const due = nextRefresh(state);
  return due !== undefined && due <= Date.parse(now);
};
