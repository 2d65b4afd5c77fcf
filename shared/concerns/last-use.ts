import type { AccountPrincipal } from '../facts/facts.ts';

/** The time within which a use shows that something runs under a role. */
const RECENT = 90 * 24 * 3600 * 1000;

/**
 * When a role was last used (ISO 8601), if that was within 90 days of the moment at which a principal acts; undefined for an
 * older use and where IAM tells none.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
 */
export const usedLately = (
  { identity: { lastUsed } }: AccountPrincipal,
  { identity: { principal } }: AccountPrincipal,
): string | undefined => {
  if (lastUsed === undefined) return undefined;
  const now = Date.parse(principal.actsAt ?? lastUsed);
  return now - Date.parse(lastUsed) <= RECENT ? lastUsed : undefined;
};
