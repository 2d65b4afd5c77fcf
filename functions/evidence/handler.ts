import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { historyBucket } from '../../shared/aws/keep/history-bucket.ts';
import { KMS_KEY_SPECS, kmsSigner } from '../../shared/aws/keep/kms-signer.ts';
import { readObject } from '../../shared/aws/keep/object-reader.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { awsClients } from '../../shared/aws/read/clients.ts';
import { connected } from '../connected.ts';
import { required } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { makeEvidence } from './make-evidence.ts';

/** What starts the function: the schedule, which names no month, or a person. */
const askedSchema = z.strictObject({ month: z.optional(z.string()) });

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv) => {
  const logger = safeLogger();
  const bucket = required(env, 'HISTORY_BUCKET');
  const key = required(env, 'SIGNING_KEY');
  const clients = awsClients();
  const [s3, kms] = await Promise.all([clients.s3(), clients.kms()]);
  const signer = await kmsSigner(kms, key);
  if (!signer) throw new Error(`${key} does not sign packs: its key spec must be ${KMS_KEY_SPECS}`);
  return (event: unknown, context: Context): Promise<{ folder: string }> => {
    logger.addContext(context);
    const asked = askedSchema.safeParse(event);
    if (!asked.success)
      throw new Error('this event asks for no pack: send {}, or a month as {"month":"2026-10"}');
    return makeEvidence(asked.data.month, {
      history: historyBucket(s3, bucket),
      signer,
      write: (Key, ContentType, pieces) => writeObject(s3, { Bucket: bucket, Key, ContentType }, pieces),
      read: (Key, maxBytes) => readObject(s3, { bucket, key: Key }, maxBytes),
      remainingMillis: () => context.getRemainingTimeInMillis(),
      logger,
      now: () => new Date(),
    });
  };
};

/** The Lambda function: makes the evidence pack of the last month, or of the one that the event names, and returns where it is. */
export const handler = connected<unknown, { folder: string }>(connect);
