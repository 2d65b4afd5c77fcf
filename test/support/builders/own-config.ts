import type { AccountPlace } from '../../../shared/config/account-selector.ts';
import { configFor } from '../../../shared/config/config-for.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';

/** What of a configuration an account is judged by. Throws where that is not known. */
export const ownConfig = (
  config: FileConfig,
  place: AccountPlace = { account: '111122223333', partition: 'aws' },
): Config => {
  const read = configFor(config, place);
  if (!read.ok) throw new Error(`${read.unread.call}: ${read.unread.code}: ${read.unread.message}`);
  return read.value;
};
