import { CreateKeyCommand, type KeySpec } from '@aws-sdk/client-kms';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyBucket } from '../../shared/aws/keep/history-bucket.ts';
import { kmsSigner } from '../../shared/aws/keep/kms-signer.ts';
import { makeKmsClient } from '../../shared/aws/read/key-calls.ts';
import { filesOf, folderOf } from '../../shared/history/files.ts';
import { historyDays } from '../../shared/history/history-days.ts';
import { historyFile } from '../../shared/history/parquet.ts';
import type { HistoryRecord } from '../../shared/history/records.ts';
import { canonicalText } from '../../shared/json/canonical-text.ts';
import { daysOf } from '../../shared/outputs/evidence/period.ts';
import { REGION } from '../support/builders/events.ts';
import { ASKED, watchedAll } from '../support/builders/evidence-pack.ts';
import { aChange, aLook } from '../support/builders/history.ts';
import { motoBucket } from '../support/emulators/moto-bucket.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const BUCKET = 'pipewarden-history';
const records: HistoryRecord[] = [
  ...watchedAll({ ...ASKED, from: '2026-11-10' }),
  aLook(),
  aLook({ account: '444455556666', at: '2026-11-26T23:59:59.999Z' }),
  aLook({ region: 'us-east-1', at: '2026-11-18T00:00:00.000Z' }),
  aChange({ at: '2026-11-27T00:00:00.000Z' }),
];

describeWith('moto', 'the evidence of a deployment', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let kms: ReturnType<typeof makeKmsClient>;

  beforeAll(async () => {
    moto = await startMoto();
    const config = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    s3 = await motoBucket({ endpoint: moto.endpoint, region: REGION }, BUCKET);
    kms = makeKmsClient(config);
    const put = (Key: string, Body: Uint8Array) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    for (const { table, partition, name, records: of } of filesOf(records))
      await put(`${folderOf(table, partition)}/${name}.parquet`, historyFile(table, of));
    await put('evidence/2026-10/index.html', Buffer.from('an earlier pack'));
    await put(
      'ext/pipewarden/region=eu-west-1/accountId=111122223333/eventDay=20261124/x.parquet',
      Buffer.from(''),
    );
  });

  afterAll(async () => {
    s3?.destroy();
    kms?.destroy();
    await moto?.stop();
  });

  test('is read of its bucket for the days in question alone, of each account and Region', async () => {
    const refused: string[] = [];
    const found: HistoryRecord[] = [];
    const asked: string[] = [];
    const { names, read: readFile } = historyBucket(s3, BUCKET);
    const read = (name: string) => {
      asked.push(name);
      return readFile(name);
    };
    for await (const { day, records: ofDay } of historyDays({ names, read }, daysOf(ASKED), (text) =>
      refused.push(text),
    ))
      for await (const record of ofDay) {
        expect(record.at.slice(0, 10)).toBe(day);
        found.push(record);
      }
    const [first = '', last = ''] = [daysOf(ASKED)[0], daysOf(ASKED).at(-1)];
    const wanted = records.filter(({ at }) => at.slice(0, 10) >= first && at.slice(0, 10) <= last);
    const texts = (of: readonly HistoryRecord[]) => of.map(canonicalText).toSorted();
    expect(texts(found)).toEqual(texts(wanted));
    expect(refused).toEqual([]);
    expect(asked.filter((name) => !/day=2026-11-(?:1[89]|2[0-6])\//.test(name))).toEqual([]);
  });

  test.each<[KeySpec, string]>([
    ['ECC_NIST_P256', 'ECDSA_SHA_256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384'],
    ['RSA_3072', 'RSASSA_PSS_SHA_256'],
  ])('is signed by a key of KMS of the kind %s', async (KeySpec, algorithm) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'SIGN_VERIFY' }));
    // AWS answers the ARN of the key here, and moto its id.
    const kmsKey = expect.stringContaining(KeyMetadata?.KeyId ?? '?');
    expect(await kmsSigner(kms, KeyMetadata?.Arn ?? '')).toMatchObject({ algorithm, kmsKey });
  });

  test.each<[KeySpec, 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT']>([
    ['RSA_2048', 'SIGN_VERIFY'],
    ['RSA_4096', 'ENCRYPT_DECRYPT'],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ])('is not signed by a key of the kind %s for %s', async (KeySpec, KeyUsage) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
    expect(await kmsSigner(kms, KeyMetadata?.Arn ?? '')).toBeUndefined();
  });
});
