import * as z from 'zod/mini';
import type { Condition, Step } from '../../who-can/answer.ts';
import type { Outsider } from '../../who-can/outsiders.ts';
import type { Hop } from '../../who-can/ways.ts';
import type { Who, WhoCan } from '../../who-can/who-can.ts';

/** The output of `pipewarden who-can --format json`, version 1.0. */
export type WhoCanResults = {
  schemaVersion: '1.0';
  answers: readonly WhoCan[];
  unread: readonly UnreadAccount[];
};

/** An account that could not be read, so that nothing is known of who can there. */
export type UnreadAccount = { account: string; why: string };

const valuesSchema = z.nullable(z.readonly(z.array(z.string())));

const conditionSchema: z.ZodMiniType<Condition> = z.strictObject({
  key: z.string(),
  values: valuesSchema.check(z.describe('Values for which it is allowed; null: without the key')),
});

const statementSchema = z.strictObject({
  layer: z.enum(['rcp', 'scp', 'resource', 'identity', 'boundary', 'session', 'endpoint']),
  level: z.exactOptional(z.int().check(z.gte(0))),
  policy: z.string(),
  statement: z.union([z.string(), z.int().check(z.gte(0))]).check(z.describe('Its Sid, else its index')),
  pointer: z.string(),
  effect: z.enum(['Allow', 'Deny']),
});

const stepSchema: z.ZodMiniType<Step> = z.strictObject({
  principal: z.string(),
  action: z.string(),
  resource: z.string(),
  context: z.readonly(z.record(z.string(), valuesSchema)),
  conditions: z.readonly(z.array(conditionSchema)),
  statements: z.readonly(z.array(statementSchema)),
});

const hopSchema: z.ZodMiniType<Hop> = z.strictObject({
  role: z.string(),
  service: z.exactOptional(
    z.string().check(z.describe('To which the role is passed; without it, it is assumed')),
  ),
  step: z.exactOptional(stepSchema),
  why: z.exactOptional(z.string()),
});

const answerSchema = z.enum(['yes', 'no', 'unknown']);

const whoSchema: z.ZodMiniType<Who> = z.strictObject({
  arn: z.string(),
  kind: z.enum(['user', 'role', 'root']),
  madeBy: z.exactOptional(z.enum(['service', 'identity-center'])),
  isAdministrator: z.boolean(),
  answer: answerSchema,
  through: z
    .readonly(z.array(hopSchema))
    .check(z.describe('The roles that it acts as, in order; empty where its own policies decide')),
  steps: z
    .readonly(z.array(stepSchema))
    .check(z.describe('The requests that it takes, each of which pipewarden simulate allows')),
  actions: z.exactOptional(z.readonly(z.array(z.string()))),
  why: z.exactOptional(z.string().check(z.describe('Why it is not known'))),
});

const outsiderSchema: z.ZodMiniType<Outsider> = z.strictObject({
  who: z.string(),
  answer: z.enum(['yes', 'unknown']),
  by: z.string().check(z.describe('The role that it may assume, or the share that names it')),
  at: z.string(),
  conditions: z.readonly(z.array(conditionSchema)),
  why: z.exactOptional(z.string()),
});

const whoCanSchema: z.ZodMiniType<WhoCan> = z.strictObject({
  account: z.string(),
  asked: z.strictObject({
    verb: z.enum(['start', 'update', 'retry', 'pass', 'create-job']),
    resource: z.string(),
  }),
  principals: z.readonly(z.array(whoSchema)),
  outsiders: z.readonly(z.array(outsiderSchema)),
  notes: z.readonly(z.array(z.string())),
});

/** `docs/who-can.schema.json` is generated from this schema. */
export const whoCanResultsSchema: z.ZodMiniType<WhoCanResults> = z.strictObject({
  schemaVersion: z.literal('1.0'),
  answers: z.readonly(z.array(whoCanSchema)),
  unread: z.readonly(z.array(z.strictObject({ account: z.string(), why: z.string() }))),
});

/** The answers as JSON. */
export const whoCanJson = (answers: readonly WhoCan[], unread: readonly UnreadAccount[]): string => {
  const results: WhoCanResults = { schemaVersion: '1.0', answers, unread };
  return `${JSON.stringify(results, null, 2)}\n`;
};
