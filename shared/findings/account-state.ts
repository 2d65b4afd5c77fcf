import { parseArn } from '../domain/arn.ts';
import type { Observation } from './state.ts';
import type { Store } from './store.ts';

/** What parts the ARN from the account that looks. No name of a bucket, role or pipeline may contain it. */
const BY = '#';

/**
 * The key of what one account of several says of a resource. An account says one thing of each of its own resources, whose ARN
 * is the key. What its ARN does not give to the account that looks (a bucket, or what another account shares) is kept apart,
 * so that accounts do not overwrite what others say of it. The account of the deployment, `own`, has the keys that it had
 * before it watched others.
 */
export const stateKey = (resourceArn: string, account: string, own: string): string => {
  const { account: owner = '' } = parseArn(resourceArn) ?? {};
  if (owner === account) return resourceArn;
  return account === own && !isAccount(owner) ? resourceArn : `${resourceArn}${BY}${account}`;
};

/** Whether an ARN’s account is one. AWS’s own resources name `aws`, and buckets none. */
const isAccount = (owner: string): boolean => /^\d{12}$/.test(owner);

/** The resource’s ARN in a key, and the account that looks; undefined where the key tells none, which is the hub’s own. */
export const ofStateKey = (key: string): { resourceArn: string; account: string | undefined } => {
  const [, resourceArn = key, named] = /^(.*)#(\d{12})$/s.exec(key) ?? [];
  const owner = parseArn(resourceArn)?.account ?? '';
  return { resourceArn, account: named ?? (isAccount(owner) ? owner : undefined) };
};

/** The store as the looks of one account of several use it. Findings whose ARN does not tell the account name it. */
export const accountStore = (store: Store, account: string, own: string): Store => ({
  ...store,
  observe: (observation) => store.observe(inAccount(observation, account, own)),
});

const inAccount = (observation: Observation, account: string, own: string): Observation => {
  const key = stateKey(observation.resourceArn, account, own);
  if (key === observation.resourceArn) return observation;
  const findings = observation.findings.map((finding) => ({ ...finding, account }));
  return { ...observation, resourceArn: key, findings };
};
