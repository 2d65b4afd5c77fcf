import { GetObjectCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readObject } from '../../shared/aws/keep/object-reader.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { REGION } from '../support/builders/events.ts';
import { motoBucket } from '../support/emulators/moto-bucket.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const MIB = 1024 * 1024;
const BUCKET = 'sweeps';

describeWith('moto', 'an object that is written as its texts come', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;

  beforeAll(async () => {
    moto = await startMoto();
    s3 = await motoBucket({ endpoint: moto.endpoint, region: REGION, isLocked: true }, BUCKET);
  });

  afterAll(async () => {
    s3?.destroy();
    await moto?.stop();
  });

  async function* texts(count: number, text: string, failsAt = -1): AsyncGenerator<string> {
    for (let index = 0; index < count; index++) {
      if (index === failsAt) throw new Error('no more');
      yield text;
    }
  }
  const write = (Key: string, from: AsyncIterable<string>) =>
    writeObject(s3, { Bucket: BUCKET, Key, ContentType: 'application/json' }, from, 5 * MIB);
  const textOf = async (Key: string): Promise<string> => {
    const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(ContentType).toBe('application/json');
    return (await Body?.transformToString()) ?? '';
  };

  test.each<[string, number, string]>([
    ['none', 0, ''],
    ['few', 3, 'ä€\u{1f40b}'],
    ['those that fill a part to its last byte', 5, 'x'.repeat(MIB)],
    ['many, in parts', 13, 'é'.repeat(MIB / 2)],
  ])('%s', async (title, count, text) => {
    await write(title, texts(count, text));
    expect((await textOf(title)) === text.repeat(count)).toBe(true);
  });

  test('does not exist if the texts end early, and leaves no parts behind', async () => {
    await expect(write('broken', texts(12, 'x'.repeat(MIB), 11))).rejects.toThrow('no more');
    await expect(textOf('broken')).rejects.toThrow();
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    expect(Uploads).toEqual([]);
  });

  test('is read unless it is missing or too large', async () => {
    await write('read', texts(2, 'text'));
    const read = (key: string, maxBytes: number) => readObject(s3, { bucket: BUCKET, key }, maxBytes);
    expect(await read('read', 8)).toBe('texttext');
    expect(await read('read', 7)).toBeUndefined();
    expect(await read('nowhere', 8)).toBeUndefined();
  });
});
