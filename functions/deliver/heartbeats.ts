import type { Logger } from '@aws-lambda-powertools/logger';

/** All rules send within a minute; the messages of one of them may wait for another batch. */
const TOGETHER_MS = 30 * 60 * 1000;

type Dependencies = {
  /** The ARNs of the rules, each of which sends heartbeats. */
  rules: readonly string[];
  /** When each rule has last sent one, as the auditor has noted it. */
  read: () => Promise<ReadonlyMap<string, Date>>;
  send: (at: Date) => Promise<void>;
  now: () => Date;
  logger: Logger;
};

/**
 * Answers a heartbeat that every rule has sent. What the table holds decides, so that whoever wakes the function without one cannot make
 * it answer.
 */
export const answerHeartbeat = async ({ rules, read, send, now, logger }: Dependencies): Promise<void> => {
  const noted = await read();
  const since = now().valueOf() - TOGETHER_MS;
  const isMissing = (rule: string): boolean => (noted.get(rule)?.valueOf() ?? 0) < since;
  const missing = rules.filter(isMissing);
  if (missing.length === 0) await send(now());
  else logger.info('a heartbeat is not complete yet', { missing });
};
