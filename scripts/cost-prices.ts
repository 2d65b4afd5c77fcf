/**
 * What AWS charges, in dollars of the Region us-east-1, without free tiers. `known` says how it is known on `day`: by AWS’s page, by AWS’s
 * price list of September 2026 as others quote it, or `unconfirmed`, by what others report where AWS’s page showed no number.
 */
type Price = {
  dollars: number;
  /** For how many of `unit`. */
  per: number;
  unit: string;
  page: string;
  known: 'page' | 'list' | 'unconfirmed';
  day: string;
};

const DAY = '2026-11-30';
const MILLION = 1_000_000;
const aws = (path: string): string => `https://aws.amazon.com/${path}/`;
const price = (dollars: number, per: number, unit: string, path: string, known: Price['known']): Price => ({
  dollars,
  per,
  unit,
  page: aws(path),
  known,
  day: DAY,
});

export const PRICES = {
  key: price(1, 1, 'key and month', 'kms/pricing', 'list'),
  keyRequest: price(0.03, 10_000, 'requests to KMS', 'kms/pricing', 'list'),
  alarmMetric: price(0.1, 1, 'metric in an alarm and month', 'cloudwatch/pricing', 'list'),
  ownMetric: price(0.3, 1, 'own metric and month', 'cloudwatch/pricing', 'list'),
  dashboard: price(3, 1, 'dashboard and month', 'cloudwatch/pricing', 'unconfirmed'),
  logIngested: price(0.5, 1, 'GB of logs', 'cloudwatch/pricing', 'list'),
  logStored: price(0.03, 1, 'GB of stored logs and month', 'cloudwatch/pricing', 'list'),
  secret: price(0.4, 1, 'secret and month', 'secrets-manager/pricing', 'list'),
  standardRequest: price(0.4, MILLION, 'requests to a standard queue', 'sqs/pricing', 'unconfirmed'),
  fifoRequest: price(0.5, MILLION, 'requests to a FIFO queue', 'sqs/pricing', 'unconfirmed'),
  invocation: price(0.2, MILLION, 'invocations of functions', 'lambda/pricing', 'unconfirmed'),
  gigabyteSecond: price(0.0000133334, 1, 'GB-second of functions on arm64', 'lambda/pricing', 'unconfirmed'),
  readUnit: price(0.125, MILLION, 'read units', 'dynamodb/pricing/on-demand', 'list'),
  writeUnit: price(0.625, MILLION, 'write units', 'dynamodb/pricing/on-demand', 'list'),
  tableStored: price(0.25, 1, 'GB of tables and month', 'dynamodb/pricing/on-demand', 'list'),
  tableBackup: price(0.2, 1, 'GB of point-in-time recovery and month', 'dynamodb/pricing/on-demand', 'list'),
  transition: price(0.025, 1000, 'transitions of state machines', 'step-functions/pricing', 'page'),
  expressRequest: price(1, MILLION, 'express executions', 'step-functions/pricing', 'unconfirmed'),
  expressGigabyteSecond: price(
    0.00001667,
    1,
    'GB-second of express executions',
    'step-functions/pricing',
    'unconfirmed',
  ),
  busEvent: price(1, MILLION, 'events put or sent to another bus', 'eventbridge/pricing', 'unconfirmed'),
  schedule: price(1, MILLION, 'invocations by a schedule', 'eventbridge/pricing', 'unconfirmed'),
  archived: price(0.1, 1, 'GB put into archives', 'eventbridge/pricing', 'unconfirmed'),
  archiveStored: price(0.023, 1, 'GB of archives and month', 'eventbridge/pricing', 'unconfirmed'),
  trace: price(5, MILLION, 'traces recorded', 'xray/pricing', 'page'),
  objectStored: price(0.023, 1, 'GB of objects and month', 's3/pricing', 'list'),
  objectPut: price(0.005, 1000, 'objects written', 's3/pricing', 'list'),
  objectGet: price(0.0004, 1000, 'objects read', 's3/pricing', 'list'),
  published: price(0.5, MILLION, 'messages to topics', 'sns/pricing', 'unconfirmed'),
  mail: price(2, 100_000, 'mails by topics', 'sns/pricing', 'unconfirmed'),
  imported: price(0.00003, 1, 'finding imported', 'security-hub/cspm/pricing', 'unconfirmed'),
} satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** What a quantity of something costs, in dollars. */
export const cost = (name: PriceName, quantity: number): number =>
  (quantity / PRICES[name].per) * PRICES[name].dollars;
