import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { filesOf, folderOf } from '../../shared/history/files.ts';
import { historyFile } from '../../shared/history/parquet.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { aChange, aLook } from '../support/builders/history.ts';
import { inFolder, run } from '../support/commands/cli.ts';
import { motoBucket } from '../support/emulators/moto-bucket.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';

const BUCKET = 'history';
const MONTH = '2025-11';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

describeWith('moto', 'the evidence function, bundled', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let kms: Server;
  let lambda: Lambda;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /**
   * What KMS answers, in a stand-in: moto signs the digest of a digest. The signature of a digest is that of what was digested.
   * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
   */
  const answerOf = async (action: string, asked: { Message: string }): Promise<object> => {
    if (action.endsWith('.GetPublicKey'))
      return {
        KeyId: KEY,
        KeyUsage: 'SIGN_VERIFY',
        PublicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      };
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: BUCKET, Key: `evidence/${MONTH}/manifest.json` }),
    );
    const manifest = (await Body?.transformToByteArray()) ?? new Uint8Array();
    expect(asked).toEqual({
      KeyId: KEY,
      Message: createHash('sha256').update(manifest).digest('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    return { Signature: sign('sha256', manifest, privateKey).toString('base64') };
  };

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    s3 = await motoBucket({ endpoint: moto.endpoint, region: REGION, isLocked: true }, BUCKET);
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket: BUCKET,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } },
        },
      }),
    );
    const records = [
      aLook({ at: `${MONTH}-24T09:00:00.000Z` }),
      aChange({ at: `${MONTH}-24T09:00:00.000Z` }),
    ];
    for (const { table, partition, name, records: of } of filesOf(records))
      await s3.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: `${folderOf(table, partition)}/${name}.parquet`,
          Body: historyFile(table, of),
          ChecksumAlgorithm: 'SHA256',
        }),
      );
    kms = createServer(async (request, response) => {
      const asked = (await json(request)) as { Message: string };
      const answer = await answerOf(String(request.headers['x-amz-target']), asked);
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(kms, 'listening');
    lambda = startLambda(
      'evidence',
      `arn:aws:lambda:${REGION}:${ACCOUNT}:function:evidence`,
      {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: moto.endpoint,
        HISTORY_BUCKET: BUCKET,
        AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${(kms.address() as AddressInfo).port}`,
        SIGNING_KEY: KEY,
        POWERTOOLS_SERVICE_NAME: 'pipewarden',
        POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      },
      { isQuiet: true },
    );
  });
  afterAll(async () => {
    await lambda?.stop();
    s3?.destroy();
    kms?.close();
    await moto?.stop();
  });

  const download = async (cwd: string): Promise<string[]> => {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'evidence/' }),
    );
    const keys = Contents.map(({ Key = '' }) => Key);
    for (const Key of keys) {
      const { Body, ObjectLockMode } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      expect(ObjectLockMode).toBe('COMPLIANCE');
      await mkdir(dirname(join(cwd, Key)), { recursive: true });
      await writeFile(join(cwd, Key), (await Body?.transformToByteArray()) ?? '');
    }
    return keys;
  };

  test('puts a pack beside the history, which verifies with the public key beside it, and not after a byte is changed', async () => {
    const folder = `evidence/${MONTH}`;
    expect(await lambda.invoke({ month: MONTH })).toEqual({ folder });
    await inFolder({}, async (cwd) => {
      const keys = await download(cwd);
      const publicKey = keys.find((key) => key.startsWith('evidence/keys/')) ?? '';
      const verify = () => run(['evidence', 'verify', folder, '--public-key', publicKey], { cwd });
      const good = await verify();
      expect({ status: good.status, stdout: good.stdout }).toEqual({
        status: 0,
        stdout: expect.stringMatching(
          /^good: 2025-11-01 to 2025-11-30, 2 records, .*\nsigned by the key \w{64}\n$/,
        ),
      });
      const gaps = join(cwd, folder, 'gaps.csv');
      const text = await readFile(gaps, 'utf8');
      expect(text).toContain('2025-11-01T00:00:00.000Z');
      await writeFile(gaps, text.replace('2025-11-01', '2025-11-02'));
      const changed = await verify();
      expect({ status: changed.status, stdout: changed.stdout }).toEqual({
        status: 1,
        stdout: 'not good:\n  gaps.csv: it is not as the manifest says: somebody has changed it\n',
      });
    });
  });

  test('fails with what to do where its time is not enough', async () => {
    await expect(lambda.invoke({ Month: MONTH })).rejects.toThrow('this event asks for no pack');
    await expect(lambda.invoke({ month: MONTH }, 10_000)).rejects.toThrow('is too large for this function');
  });
});
