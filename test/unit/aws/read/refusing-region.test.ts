import { expect, test } from '@jest/globals';
import { answeringReaders } from '../../../../shared/aws/read/refusing-region.ts';
import type { AccountReaders, Reader } from '../../../../shared/reader/reader.ts';
import { memoryReader } from '../../../support/builders/memory-reader.ts';

const { reader } = memoryReader({ listing: [] });

const accessError = (cause: Error): Error =>
  Object.assign(new Error('no call can succeed', { cause }), { name: 'AwsAccessError' });

const rejecting = (region: string, error: Error): Reader => ({
  ...reader,
  scope: { ...reader.scope, region },
  listPipelines: () => Promise.reject(error),
});

const invalid = accessError(Object.assign(new Error('invalid'), { name: 'UnrecognizedClientException' }));

test('a further Region that does not take the credentials answers why', async () => {
  const [home, other] = answeringReaders([reader, rejecting('eu-south-1', invalid)]);
  expect(await home.listPipelines()).toEqual({ ok: true, value: [] });
  expect(await other?.listPipelines()).toEqual({
    ok: false,
    unread: {
      call: 'ListPipelines',
      code: 'NoAccess',
      message: 'no call can succeed. See that the Region eu-south-1 is on in the account',
    },
  });
});

test.each<[string, AccountReaders]>([
  ['the first Region does not take the credentials', [rejecting('eu-west-1', invalid)]],
  [
    'the credentials have expired',
    [
      reader,
      rejecting(
        'eu-south-1',
        accessError(Object.assign(new Error('old'), { name: 'ExpiredTokenException' })),
      ),
    ],
  ],
  [
    'the network fails',
    [reader, rejecting('eu-south-1', accessError(Object.assign(new Error('no'), { code: 'ENOTFOUND' })))],
  ],
  ['the error is another one', [reader, rejecting('eu-south-1', new TypeError('no'))]],
])('a reader rejects where %s', async (_, readers) => {
  await expect(answeringReaders(readers).at(-1)?.listPipelines()).rejects.toThrow();
});
