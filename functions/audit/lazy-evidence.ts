import type { AccountScope } from '../../shared/domain/scope.ts';
import type { AccountEvidence } from '../../shared/facts/account-evidence.ts';
import { once } from '../../shared/memo.ts';

/** The evidence of an account. It is made, and the code for it loaded, when a look first asks for a piece of it. */
export const lazyEvidence = (scope: AccountScope, make: () => Promise<AccountEvidence>): AccountEvidence => {
  const evidence = once(make);
  return {
    scope,
    identities: async (...asked) => (await evidence()).identities(...asked),
    writers: async (of) => (await evidence()).writers(of),
    principal: async (subject) => (await evidence()).principal(subject),
    named: async () => (await evidence()).named(),
    organization: async () => (await evidence()).organization(),
    ownOrganization: async () => (await evidence()).ownOrganization(),
    roster: async (detail) => (await evidence()).roster(detail),
    rosterAt: async (bucket) => (await evidence()).rosterAt(bucket),
    usesOf: async (roleArn, isExact) => (await evidence()).usesOf(roleArn, isExact),
    callers: async (role) => (await evidence()).callers(role),
    shares: async (region) => (await evidence()).shares(region),
    bucketPolicy: async (bucket) => (await evidence()).bucketPolicy(bucket),
    keyPolicy: async (key) => (await evidence()).keyPolicy(key),
    keyId: async (key) => (await evidence()).keyId(key),
  };
};
