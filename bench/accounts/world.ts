import type { CountingProcess } from '../processes/servers.ts';
import type { Account } from './account.ts';

/** The environment of a case. */
export type World = {
  account: Account;
  motoUrl: string;
  /**
   * Counting proxies before moto. Custodian also sends its findings through one; another function sends those of the
   * handler.
   */
  proxies: { handler: CountingProcess; custodian: CountingProcess };
  /** The path of the handler's index.mjs. */
  bundle: string;
};
