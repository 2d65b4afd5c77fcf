import { isAwsAccessError } from '../../shared/aws/read/access-error.ts';
import { regionRefused } from '../../shared/aws/read/refusing-region.ts';
import type { Unread } from '../../shared/domain/gap.ts';
import type { Reader } from '../../shared/reader/reader.ts';

/**
 * Why the pipelines of an account cannot be listed, by Region; `off` are the Regions among these that do not take the account’s
 * credentials, so that nothing at all can be read there.
 */
export const unlistedRegions = async (
  readers: readonly Reader[],
): Promise<{ unlisted: ReadonlyMap<string, Unread>; off: ReadonlySet<string> }> => {
  const unlisted = new Map<string, Unread>();
  const off = new Set<string>();
  for (const reader of readers) {
    const { region } = reader.scope;
    try {
      const listed = await reader.listPipelines();
      if (!listed.ok) unlisted.set(region, listed.unread);
    } catch (error) {
      if (!isAwsAccessError(error)) throw error;
      unlisted.set(region, regionRefused('ListPipelines', error, reader.scope));
      off.add(region);
    }
  }
  return { unlisted, off };
};
