import type { Read } from '../read-result.ts';
import type { AccountReaders, Reader } from '../reader.ts';

/**
 * The snapshots of an account’s Regions as one: what the account has once for all Regions is read from the first folder that
 * holds it, as each folder holds the buckets that its own pipelines use.
 */
export const joinedSnapshots = (readers: AccountReaders): AccountReaders => {
  const [home, ...others] = readers;
  if (others.length === 0) return readers;
  const first =
    <Args extends unknown[], T>(ask: (reader: Reader) => (...args: Args) => Promise<Read<T>>) =>
    async (...args: Args): Promise<Read<T>> => {
      const read = await ask(home)(...args);
      for (const other of others) {
        if (read.ok) break;
        const more = await ask(other)(...args);
        if (more.ok) return more;
      }
      return read;
    };
  const ofAccount = {
    readIdentities: first((reader) => reader.readIdentities),
    getRole: first((reader) => reader.getRole),
    readOrganizationPolicies: first((reader) => reader.readOrganizationPolicies),
    readOwnOrganization: first((reader) => reader.readOwnOrganization),
    getBucketCors: first((reader) => reader.getBucketCors),
    getBucketTags: first((reader) => reader.getBucketTags),
    getBucketPolicy: first((reader) => reader.getBucketPolicy),
    listBuckets: async (): Promise<Read<string[]>> => {
      const [read, ...more] = [
        await home.listBuckets(),
        ...(await Promise.all(others.map((reader) => reader.listBuckets()))),
      ];
      const names = [read, ...more].flatMap((each) => (each.ok ? each.value : []));
      const known = [read, ...more].find((each) => each.ok);
      return known ? { ...known, value: [...new Set(names)] } : read;
    },
  };
  return [{ ...home, ...ofAccount }, ...others.map((reader) => ({ ...reader, ...ofAccount }))];
};
