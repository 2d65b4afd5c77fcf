import { isDenied, type Unread, unreadText } from '../domain/gap.ts';

/** What is said of one thing that a deployment needs. NOT_TOLD: AWS did not say, so that it is never taken for an OK. */
export type PreflightStatus = 'OK' | 'WILL_FAIL' | 'WILL_BE_MISSING' | 'NOT_TOLD';

/** One line of what is known before a deployment. */
export type PreflightRow = {
  /** What the line is about, such as `Lambda concurrency`. */
  about: string;
  /** Missing for what an account has once. */
  region?: string;
  status: PreflightStatus;
  found: string;
  /** Present unless all is well. */
  todo?: string;
};

/** A line with what it is about, still without its status. */
export type RowPlace = Pick<PreflightRow, 'about' | 'region'>;

export const ok = (place: RowPlace, found: string): PreflightRow => ({ ...place, status: 'OK', found });

/** Why AWS did not tell, and what to do so that it tells. */
export const notTold = (place: RowPlace, unread: Unread, consequence: string): PreflightRow => ({
  ...place,
  status: 'NOT_TOLD',
  found: unreadText(unread),
  todo: `${isDenied(unread.code) ? 'Allow this call to the credentials that deploy' : 'See to it that AWS answers this call'}, and run it again: ${consequence}.`,
});

/** Services without which a function does nothing: its queues, its state, its files, its log. */
const OWN_SERVICES = new Set(['sqs', 'dynamodb', 's3', 'kms', 'logs', 'lambda', 'states', 'events', 'sns']);

/** Whether nothing works where a service, by the prefix of its actions, cannot be called. */
export const isOwnService = (service: string): boolean => OWN_SERVICES.has(service);

/** The exit status of a check: 1 where the deployment will fail, else 3 where something was not told, else 0. */
export const preflightStatus = (rows: readonly PreflightRow[]): 0 | 1 | 3 => {
  if (rows.some(({ status }) => status === 'WILL_FAIL')) return 1;
  return rows.some(({ status }) => status === 'NOT_TOLD') ? 3 : 0;
};
