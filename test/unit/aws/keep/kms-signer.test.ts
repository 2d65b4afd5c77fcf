import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { describe, expect, test } from '@jest/globals';
import { kmsPublicKey, kmsSigner } from '../../../../shared/aws/keep/kms-signer.ts';
import type { Signer } from '../../../../shared/outputs/evidence/signature.ts';
import { verifyPack } from '../../../../shared/outputs/evidence/verify-pack.ts';
import { MAKING, packOf, readerOfPack } from '../../../support/builders/evidence-pack.ts';
import { aLook } from '../../../support/builders/history.ts';

const ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

type Pair = { publicKey: KeyObject; privateKey: KeyObject };

/**
 * A client of KMS as its API says: it signs a digest as it is, which is the signature of what was digested
 * (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html). `signed` gets what is asked.
 */
const kmsOf = (
  { publicKey, privateKey }: Pair,
  digest: string,
  bytes: () => Uint8Array,
  asked: SignCommand['input'][],
) =>
  ({
    send: async (command: unknown) => {
      if (command instanceof GetPublicKeyCommand)
        return {
          KeyId: ARN,
          KeyUsage: 'SIGN_VERIFY',
          PublicKey: publicKey.export({ type: 'spki', format: 'der' }),
        };
      if (!(command instanceof SignCommand)) throw new Error('not asked for');
      asked.push(command.input);
      const isPss = command.input.SigningAlgorithm?.startsWith('RSASSA_PSS');
      return {
        Signature: sign(digest, bytes(), { key: privateKey, ...(isPss && { padding: 6, saltLength: -1 }) }),
      };
    },
  }) as unknown as KMSClient;

describe('a pack that KMS signs', () => {
  test.each<[string, () => Pair, string, string]>([
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ECDSA_SHA_256', 'sha256'],
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'ECDSA_SHA_384', 'sha384'],
    [
      'RSA of 3072 bits',
      () => generateKeyPairSync('rsa', { modulusLength: 3072 }),
      'RSASSA_PSS_SHA_256',
      'sha256',
    ],
  ])(
    'with a key of %s is verified with its public key alone, and only a digest was sent',
    async (_, make, algorithm, digest) => {
      const asked: SignCommand['input'][] = [];
      let signed: Uint8Array = Buffer.alloc(0);
      const client = kmsOf(make(), digest, () => signed, asked);
      const own = (await kmsSigner(client, ARN)) as Signer;
      const signer: Signer = {
        ...own,
        sign: (bytes) => {
          signed = bytes;
          return own.sign(bytes);
        },
      };
      const { files, manifest } = await packOf([aLook()], { signer });
      expect(manifest.key.kmsKey).toBe(ARN);
      const Message = createHash(digest)
        .update(files.get('manifest.json') ?? '')
        .digest();
      expect(asked).toEqual([{ KeyId: ARN, Message, MessageType: 'DIGEST', SigningAlgorithm: algorithm }]);
      const key = (await kmsPublicKey(client, ARN))?.publicKey as KeyObject;
      expect((await verifyPack(readerOfPack(files), { key, making: MAKING })).faults).toEqual([]);
    },
  );

  test('is none with a key of Ed25519, which signs no digests', async () => {
    const client = kmsOf(generateKeyPairSync('ed25519'), 'sha512', () => Buffer.alloc(0), []);
    expect(await kmsSigner(client, ARN)).toBeUndefined();
  });
});
