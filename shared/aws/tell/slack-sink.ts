import { setTimeout as pause } from 'node:timers/promises';
import { type Alert, endStatus, type MessageAddress } from '../../alerts/alerting.ts';
import type { Scope } from '../../domain/scope.ts';
import { type DeliveryFailure, failAll, type Sink } from '../../findings/sink.ts';
import { slackDigest, slackMessage, slackReply } from '../../outputs/messages/slack.ts';
import type { ClientOptions } from '../read/clients.ts';
import { type AlertOptions, type Attempt, alertSink, type Channel } from './alert-sink.ts';
import { isNotTaken, isSlackRefusal, type SlackClient, type SlackRefusal } from './slack-client.ts';
import { slackConnection } from './slack-connection.ts';
import { type ReadSecret, secretReader } from './slack-secret.ts';

type Options = AlertOptions & {
  readSecret: ReadSecret;
  scope: Scope;
  sleep?: (milliseconds: number) => Promise<unknown>;
};

export const connectSlack = ({
  secretArn,
  clientOptions,
  ...options
}: Omit<Options, 'readSecret'> & { secretArn: string; clientOptions?: ClientOptions }): Sink =>
  slackSink({ ...options, readSecret: secretReader(secretArn, clientOptions) });

/** From this number of new messages at once, one message lists them all. */
const DIGEST_FROM = 4;
/** Slack takes about one message a second in a channel (https://docs.slack.dev/apis/web-api/rate-limits). */
const PACE_MS = 1000;

/**
 * A Slack channel as a sink. Through a webhook each alert is a message. A bot keeps one message for each finding: it
 * rewrites the message when the finding changes or ends, and replies in its thread when the finding returns or worsens.
 * A refused form is sent once more as plain text; after a refused secret the secret is read again once. Where the
 * channel asks for a long wait, `deliver` rejects with a `DeferredDelivery`.
 */
export const slackSink = ({ readSecret, scope, sleep = pause, ...options }: Options): Sink => {
  const tell: Channel['tell'] = async (alerts, attempt) => {
    const slack = await slackConnection(readSecret, sleep).catch((error: unknown) => ({ error }));
    if ('error' in slack)
      return {
        failures: failAll(
          alerts.map(({ finding }) => finding.id),
          slack.error,
        ),
      };
    const failures: DeliveryFailure[] = [];
    let retryAt: Date | undefined;
    const attemptUnlessBusy: Attempt = async (about, send) => {
      const ids = about.map(({ finding }) => finding.id);
      // After the channel has asked for a wait, nothing more is sent to it until then.
      if (retryAt) {
        failures.push(...ids.map((id) => ({ id, code: 'Held', message: 'Slack asked to wait' })));
        return;
      }
      try {
        await attempt(about, send);
      } catch (error) {
        failures.push(...(isSlackRefusal(error) ? refused(ids, error) : failAll(ids, error)));
        if (isSlackRefusal(error) && error.calls === 'patience')
          retryAt = new Date(options.now().valueOf() + (error.retryAfterSeconds ?? 30) * 1000);
      }
    };
    const placed = alerts.filter(({ told }) => slack.isBot && told?.place);
    const others = alerts.filter((alert) => !placed.includes(alert) && alert.status !== 'CHANGED');
    for (const alert of placed) await attemptUnlessBusy([alert], () => followUp(slack, alert, scope));
    const groups = others.length < DIGEST_FROM ? others.map((alert) => [alert]) : [others];
    for (const [index, group] of groups.entries()) {
      if (index > 0) await sleep(PACE_MS);
      await attemptUnlessBusy(group, () => announce(slack, group, scope));
    }
    const mayWait = retryAt && failures.every(({ code }) => code === 'Held' || code.startsWith('rate'));
    return { failures, ...(mayWait && retryAt ? { retryAt } : {}) };
  };
  return alertSink(options, { tell, isRefusal: isNotTaken, isSilent: isRewrite });
};

/** A rewritten message and a reply in a thread disturb nobody. */
const isRewrite = (alert: Alert): boolean =>
  alert.status === 'CHANGED' || (alert.told?.place !== undefined && !isNews(alert));

const isNews = ({ status }: Alert): boolean => status === 'REOPENED' || status === 'WORSENED';

const refused = (ids: readonly string[], { code, message }: SlackRefusal): DeliveryFailure[] =>
  ids.map((id) => ({ id, code, message }));

/** Posts a message about one finding, or one message that lists several. */
const announce = async (
  slack: SlackClient,
  alerts: readonly Alert[],
  scope: Scope,
): Promise<MessageAddress | undefined> => {
  const [first] = alerts;
  const isShared = alerts.length > 1;
  if (!first) return undefined;
  const posted = await slack.post(isShared ? slackDigest(alerts, scope) : slackMessage(first, scope));
  return posted && { ...posted, isShared };
};

/** Rewrites the finding’s message, and replies in its thread where people should notice. */
const followUp = async (
  slack: SlackClient,
  alert: Alert,
  scope: Scope,
): Promise<MessageAddress | undefined> => {
  const place = alert.told?.place;
  if (!place) return announce(slack, [alert], scope);
  let isUpdated = false;
  try {
    if (!place.isShared) {
      await slack.update(slackMessage(alert, scope), place);
      isUpdated = true;
    }
    const isReply = isNews(alert) || (place.isShared && endStatus(alert) !== undefined);
    if (isReply) await slack.post(slackReply(alert), { ...place, isBroadcast: isNews(alert) });
    return place;
  } catch (error) {
    if (isSlackRefusal(error) && isUpdated) error.isPartlyTaken = true;
    if (!isSlackRefusal(error) || error.calls !== 'new message') throw error;
    // Somebody has deleted the message. The end of the finding is then no news, but anything else is.
    return endStatus(alert) || alert.status === 'CHANGED' ? undefined : announce(slack, [alert], scope);
  }
};
