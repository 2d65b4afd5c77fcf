import type { SecurityHubStandIn } from '../test/standins/security-hub.ts';
import type { Account } from './account.ts';
import type { CountingProxy } from './servers.ts';

/** What a case runs in. */
export type World = {
  account: Account;
  motoUrl: string;
  /** Where the handler sends its findings. Custodian sends its own to moto, which takes them as they come. */
  securityHub: SecurityHubStandIn;
  /** In front of moto, and of where each sends its findings. */
  proxies: { handler: CountingProxy; custodian: CountingProxy };
  /** The path of the handler's index.mjs. */
  bundle: string;
};
