import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { packRecords } from '../../shared/history/pack-records.ts';
import { readHistoryFile } from '../../shared/history/parquet.ts';
import type { HistoryRecord } from '../../shared/history/records.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { aChange, aLook, aWatch } from '../support/builders/history.ts';
import { motoBucket } from '../support/emulators/moto-bucket.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';

const BUCKET = 'history';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:history`;

describeWith('moto', 'the history function, bundled', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  /** What Glue is asked, in a stand-in for it: moto has it only with more packages. */
  let glue: Server;
  let asked: { TableName: string; PartitionInputList: { Values: string[] }[] }[];
  let answer: object;
  let lambda: Lambda;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    s3 = await motoBucket({ endpoint: moto.endpoint, region: REGION }, BUCKET);
    glue = createServer(async (request, response) => {
      asked.push(JSON.parse(await text(request)));
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(glue, 'listening');
    const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:history`;
    const environment = {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ENDPOINT_URL_GLUE: `http://127.0.0.1:${(glue.address() as AddressInfo).port}`,
      HISTORY_BUCKET: BUCKET,
      HISTORY_DATABASE: 'pipewarden',
      EVENT_SOURCES: QUEUE,
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
    };
    lambda = startLambda('history', functionArn, environment, { isQuiet: true });
  });
  beforeEach(() => {
    asked = [];
    answer = {};
  });
  afterAll(async () => {
    await lambda?.stop();
    s3?.destroy();
    glue?.close();
    await moto?.stop();
  });

  const handle = (...bodies: string[]): Promise<string[]> =>
    lambda.handle(
      bodies.map((body, index) => ({
        messageId: `m-${index}`,
        receiptHandle: randomUUID(),
        body,
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
        eventSourceARN: QUEUE,
      })),
    );
  const packed = (...records: HistoryRecord[]): string => packRecords(records)[0] ?? '';
  const keys = async (): Promise<string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    return Contents.map(({ Key = '' }) => Key);
  };

  test('writes the records of a batch as files of their day, makes the days known, and writes a repeat over itself', async () => {
    const messages = [packed(aLook(), aChange()), packed(aWatch()), 'not one of ours'];
    expect(await handle(...messages)).toEqual(['m-2']);
    const place = `region=eu-west-1/account=111122223333/day=2026-11-24`;
    const written = await keys();
    expect(written.map((key) => key.replace(/[0-9a-f]{64}/, 'NAME'))).toEqual([
      `changes/${place}/NAME.parquet`,
      'ext/pipewarden/region=eu-west-1/accountId=111122223333/eventDay=20261124/NAME.parquet',
      `verdicts/${place}/NAME.parquet`,
      `watch/${place}/NAME.parquet`,
    ]);
    expect(
      asked.map(({ TableName, PartitionInputList: [of] }) => [TableName, of?.Values.at(-1)]).toSorted(),
    ).toEqual([
      ['changes', '2026-11-24'],
      ['compliance_findings', '20261124'],
      ['verdicts', '2026-11-24'],
      ['watch', '2026-11-24'],
    ]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: written[2] }));
    const { records } = await readHistoryFile((await Body?.transformToByteArray()) ?? new Uint8Array());
    expect(records.map(({ record }) => record)).toEqual([aLook()]);
    asked = [];
    expect(await handle(...messages.slice(0, 2))).toEqual([]);
    expect([await keys(), asked]).toEqual([written, []]);
  });

  test('takes a day that is known already for known, and lets the messages of a table that refuses come again', async () => {
    const refusal = (code: string) => ({
      Errors: [{ ErrorDetail: { ErrorCode: code, ErrorMessage: 'no' } }],
    });
    const later = aLook({ at: '2026-11-25T09:00:00.000Z' });
    answer = refusal('AccessDeniedException');
    expect(await handle(packed(later))).toEqual(['m-0']);
    answer = refusal('AlreadyExistsException');
    expect(await handle(packed(later))).toEqual([]);
  });
});
