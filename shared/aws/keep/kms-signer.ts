import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import {
  algorithmOf,
  digestOf,
  type SignatureAlgorithm,
  type Signer,
} from '../../outputs/evidence/signature.ts';

/** Which keys of KMS sign packs, for messages. */
export const KMS_KEY_SPECS = 'ECC_NIST_P256, ECC_NIST_P384, RSA_3072 or RSA_4096, with the usage SIGN_VERIFY';

/** By all but Ed25519, KMS signs a digest that it is given. */
type KmsKey = { arn: string; publicKey: KeyObject; algorithm: Exclude<SignatureAlgorithm, 'ED25519'> };

/** The public key of a key of KMS; undefined for a key that does not sign packs. */
export const kmsPublicKey = async (client: KMSClient, key: string): Promise<KmsKey | undefined> => {
  const { PublicKey, KeyId, KeyUsage } = await client.send(new GetPublicKeyCommand({ KeyId: key }));
  if (!PublicKey || !KeyId || KeyUsage !== 'SIGN_VERIFY') return undefined;
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  const algorithm = algorithmOf(publicKey);
  return algorithm && algorithm !== 'ED25519' ? { arn: KeyId, publicKey, algorithm } : undefined;
};

/**
 * Signs with an asymmetric key of KMS, which no one can take out of it; undefined for a key that does not sign packs. Only a digest leaves
 * the process. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export const kmsSigner = async (client: KMSClient, key: string): Promise<Signer | undefined> => {
  const found = await kmsPublicKey(client, key);
  if (!found) return undefined;
  const { arn, publicKey, algorithm } = found;
  return {
    algorithm,
    publicKey,
    kmsKey: arn,
    sign: async (bytes) => {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: arn,
          Message: createHash(digestOf(algorithm)).update(bytes).digest(),
          MessageType: 'DIGEST',
          SigningAlgorithm: algorithm,
        }),
      );
      if (!Signature) throw new Error(`KMS gave no signature by ${arn}`);
      return Signature;
    },
  };
};
