import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import type { Heartbeat } from '../../shared/aws/keep/heartbeats.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { asList, asText, member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import type { AuditBatch } from './audit-batch.ts';

type Dependencies = {
  own: Pick<Scope, 'account'>;
  note: (heartbeats: readonly Heartbeat[]) => Promise<void>;
  now: () => Date;
  logger: Logger;
};

/** A scheduled event has about 400 characters. What is longer is not even parsed. */
const LONGEST = 2000;
/** A heartbeat that is further from now says nothing of the present; one of the future would say for ever that its rule sends. */
const FROM_NOW_MS = 30 * 60 * 1000;

/**
 * Takes the heartbeats out of each batch and notes them. They are no events: they lead to no look, are in no metric, and never come
 * again, because an alarm tells where they are missing.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
 */
export const noticingHeartbeats =
  (batch: AuditBatch, { own, note, now, logger }: Dependencies): AuditBatch =>
  async ({ Records }, context) => {
    const heartbeats: Heartbeat[] = [];
    const others = Records.filter((record) => {
      const heartbeat = heartbeatOf(record, own);
      if (heartbeat && Math.abs(now().valueOf() - heartbeat.at.valueOf()) < FROM_NOW_MS)
        heartbeats.push(heartbeat);
      return !heartbeat;
    });
    const noted = heartbeats.length === 0 ? undefined : note(heartbeats);
    const settled = noted?.catch((error: unknown) =>
      logger.error('a heartbeat could not be noted', { error: error as Error }),
    );
    const isOfHeartbeats = Records.length > 0 && others.length === 0;
    const answer = isOfHeartbeats ? { batchItemFailures: [] } : await batch({ Records: others }, context);
    await settled;
    return answer;
  };

/** The heartbeat of a rule of this account; undefined for every other message. */
const heartbeatOf = ({ body }: SQSRecord, { account }: Dependencies['own']): Heartbeat | undefined => {
  if (body.length > LONGEST || !body.includes('"Scheduled Event"')) return undefined;
  const parsed = parseJson(body);
  if (!parsed.ok) return undefined;
  const { value } = parsed;
  if (member(value, 'source') !== 'aws.events' || member(value, 'detail-type') !== 'Scheduled Event')
    return undefined;
  const rule = asText(asList(member(value, 'resources'))[0]);
  const arn = parseArn(rule ?? '');
  const at = new Date(asText(member(value, 'time')) ?? '');
  const isOwn = arn?.service === 'events' && arn.account === account;
  return rule !== undefined && isOwn && !Number.isNaN(at.valueOf()) ? { rule, at } : undefined;
};
