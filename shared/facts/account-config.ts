import { configFor, UNIT_UNKNOWN } from '../config/config-for.ts';
import type { Config, FileConfig } from '../config/schema.ts';
import type { Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';

/**
 * The configuration of the reader’s account. Its place in the organization is read only where the configuration hangs on it;
 * without that place there is no configuration, and so nothing to judge by.
 */
export const accountConfig = async (
  config: FileConfig,
  reader: Pick<Reader, 'scope' | 'readOwnOrganization'>,
): Promise<Read<Config>> => {
  const own = configFor(config, reader.scope);
  if (own.ok || own.unread.code !== UNIT_UNKNOWN) return own;
  const read = await reader.readOwnOrganization();
  return read.ok
    ? configFor(config, { ...reader.scope, path: read.value === null ? null : read.value.path })
    : read;
};
