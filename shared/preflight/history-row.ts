import type { Read } from '../reader/read-result.ts';
import { counted } from '../text/counted.ts';
import { notTold, type PreflightRow } from './preflight-row.ts';

/**
 * What goes where a history is switched off: its queue and dead letters, with what waits in them. `waiting`, `deadLetters`: how many messages
 * there are.
 */
export const historyRow = (
  region: string,
  waiting: Read<number>,
  deadLetters: Read<number>,
): PreflightRow => {
  const place = { about: 'History', region };
  const unread = [waiting, deadLetters].find((read) => !read.ok);
  if (unread?.ok === false)
    return notTold(
      place,
      unread.unread,
      'whether records of the history still wait in its queues, which go with the history, is not known',
    );
  const [inQueue, aside] = [waiting, deadLetters].map((read) => (read.ok ? read.value : 0));
  const letters = aside ? 'Give them back with pipewarden dlq replay --of history, and wait' : 'Wait';
  return {
    ...place,
    status: 'WILL_BE_MISSING',
    found: `the history ends, and its queue goes with ${counted(inQueue ?? 0, 'message')} that ${inQueue === 1 ? 'waits' : 'wait'} in it and ${counted(aside ?? 0, 'dead letter')}; what is kept stays`,
    todo:
      inQueue || aside
        ? `${letters} until the queue is empty (five minutes without sweeps or events); or keep the history with --history. What is lost is a gap in evidence packs.`
        : 'Nothing, if that is wanted. What is told until the functions are updated is lost.',
  };
};
