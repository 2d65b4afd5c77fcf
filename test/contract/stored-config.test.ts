import { createHash } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

describeWith('moto', 'the configuration in S3', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: S3Client;

  beforeAll(async () => {
    moto = await startMoto();
    client = new S3Client({
      endpoint: moto.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
    });
    await client.send(new CreateBucketCommand({ Bucket: 'assets' }));
  });
  afterAll(async () => {
    client.destroy();
    await moto.stop();
  });

  const stored = async (Body: string) => {
    await client.send(new PutObjectCommand({ Bucket: 'assets', Key: 'config.json', Body }));
    return readStoredConfig(client, { bucket: 'assets', key: 'config.json' });
  };

  test('is read', async () => {
    const config = { version: 1, securityHub: { resolveWorkflow: true } };
    expect(await stored(JSON.stringify(config))).toEqual(config);
  });

  test.each([
    ['{"version": 1', 'is not JSON (line 1, column 14'],
    ['{"version": 2}', 'is not valid (version: '],
    ['{"version": 1, "securityHub": {"resolveWorkflows": true}}', 'did you mean "resolveWorkflow"?'],
    ['{"version": 1, "controls": {"other": {}}}', 'there is no control "other"'],
    [' '.repeat(1024 * 1024 + 1), 'is larger than 1048576 bytes'],
  ])('that is invalid is refused with advice: %#', async (text, problem) => {
    const message = await stored(text).catch(({ message }: Error) => message);
    expect(message).toContain(problem);
    expect(message).toMatch(
      /^the configuration s3:\/\/assets\/config.json .*: correct pipewarden.yaml and deploy again$/,
    );
  });

  test('that was replaced after it was deployed is refused, whatever it says', async () => {
    const deployed = JSON.stringify({ version: 1, prefixes: [{ prefix: 'fraud' }] });
    const sha256 = createHash('sha256').update(deployed).digest('hex');
    const read = async (Body: string) => {
      await client.send(new PutObjectCommand({ Bucket: 'assets', Key: 'config.json', Body }));
      return readStoredConfig(client, { bucket: 'assets', key: 'config.json', sha256 });
    };
    expect(await read(deployed)).toEqual(JSON.parse(deployed));
    await expect(read(JSON.stringify({ version: 1 }))).rejects.toThrow(
      /^the configuration s3:\/\/assets\/config\.json cannot be read \(ObjectReplaced: somebody has replaced it .*\): find out who wrote to the bucket, and deploy again$/,
    );
  });

  test.each(['assets', 'missing'])('that is missing is an error with advice: %s', async (bucket) => {
    await expect(readStoredConfig(client, { bucket, key: 'none.json' })).rejects.toThrow(
      /cannot be read \(NoSuch(Key|Bucket): .*\): deploy again, and let the role of the function read the object/,
    );
  });
});
