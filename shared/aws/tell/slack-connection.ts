import { setTimeout as pause } from 'node:timers/promises';
import { plainSlackMessage, type SlackMessage } from '../../outputs/messages/slack.ts';
import { isSlackRefusal, type Posted, type SlackClient, slackClient } from './slack-client.ts';
import { parseSlackSecret, type ReadSecret } from './slack-secret.ts';

/** A longer wait is not spent here: the change is delivered again later, which costs nothing meanwhile. */
const MAX_WAIT_SECONDS = 5;
const MAX_WAITS = 2;

/**
 * A Slack client that waits where Slack asks it to, and that tries once more after Slack refused the secret or the
 * form.
 */
export const slackConnection = async (
  readSecret: ReadSecret,
  sleep: (milliseconds: number) => Promise<unknown> = pause,
): Promise<SlackClient> => {
  let client = slackClient(parseSlackSecret(await readSecret(false)));
  let isFresh = false;
  const run = async <T>(
    message: SlackMessage,
    send: (client: SlackClient, message: SlackMessage) => Promise<T>,
  ): Promise<T> => {
    let sent = message;
    let waits = 0;
    for (;;) {
      try {
        return await send(client, sent);
      } catch (error) {
        if (!isSlackRefusal(error)) throw error;
        const { calls, retryAfterSeconds = MAX_WAIT_SECONDS + 1 } = error;
        if (calls === 'patience' && retryAfterSeconds <= MAX_WAIT_SECONDS && waits < MAX_WAITS) {
          waits++;
          await sleep(retryAfterSeconds * 1000);
        } else if (calls === 'new secret' && !isFresh) {
          isFresh = true;
          client = slackClient(parseSlackSecret(await readSecret(true)));
        } else if (calls === 'plain text' && sent.blocks.length > 0) {
          sent = plainSlackMessage(message);
        } else throw error;
      }
    }
  };
  return {
    isBot: client.isBot,
    post: (message, under) => run(message, (slack, sent) => slack.post(sent, under)),
    update: (message, at: Posted) => run(message, (slack, sent) => slack.update(sent, at)),
  };
};
