import type { CountingProcess } from '../processes/servers.ts';
import type { Account } from './account.ts';

/** What a case runs in. */
export type World = {
  account: Account;
  motoUrl: string;
  /** In front of moto. Custodian sends its findings there; those of the handler are another function's to send. */
  proxies: { handler: CountingProcess; custodian: CountingProcess };
  /** The path of the handler's index.mjs. */
  bundle: string;
};
