import type { Config, FileConfig } from '../shared/config/schema.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import type { Reader } from '../shared/reader/reader.ts';

/**
 * The configuration of the reader’s account.
 * @throws where it hangs on something that is not known of the account: no verdict may rest on a guess.
 */
export const requiredConfig = async (
  config: FileConfig,
  reader: Pick<Reader, 'scope' | 'readOwnOrganization'>,
): Promise<Config> => {
  const read = await accountConfig(config, reader);
  if (read.ok) return read.value;
  const { call, code, message } = read.unread;
  throw new Error(
    `there is no configuration for the account ${reader.scope.account}: ${call}: ${code}: ${message}`,
  );
};
