import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import * as z from 'zod/mini';
import { parseJson } from '../../json/json-text.ts';

/** The names of KMS, and what Node needs to do the same. */
const ALGORITHMS = {
  ED25519: { digest: null },
  ECDSA_SHA_256: { digest: 'sha256' },
  ECDSA_SHA_384: { digest: 'sha384' },
  RSASSA_PSS_SHA_256: { digest: 'sha256' },
} as const;
export type SignatureAlgorithm = keyof typeof ALGORITHMS;
const SIGNATURE_ALGORITHMS = Object.keys(ALGORITHMS) as [SignatureAlgorithm, ...SignatureAlgorithm[]];

const signatureSchema = z.strictObject({
  schemaVersion: z.literal('1.0'),
  algorithm: z.enum(SIGNATURE_ALGORITHMS),
  /** As PEM. */
  publicKey: z.string(),
  /** Of the bytes of manifest.json, in base64. */
  signature: z.string(),
});
export type PackSignature = z.infer<typeof signatureSchema>;

/** Whoever can sign: a key in a file, or one in KMS. */
export type Signer = {
  algorithm: SignatureAlgorithm;
  publicKey: KeyObject;
  kmsKey?: string;
  sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** Which keys sign, for messages. */
export const KEY_KINDS = 'Ed25519, ECDSA on P-256 or P-384, or RSA of at least 3072 bits';

/** The algorithm by which a key signs packs; undefined for a key that is too weak or of another kind. */
export const algorithmOf = ({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): SignatureAlgorithm | undefined => {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {};
  switch (asymmetricKeyType) {
    case 'ed25519':
      return 'ED25519';
    case 'ec':
      return namedCurve === 'prime256v1'
        ? 'ECDSA_SHA_256'
        : namedCurve === 'secp384r1'
          ? 'ECDSA_SHA_384'
          : undefined;
    case 'rsa':
    case 'rsa-pss':
      return modulusLength >= 3072 ? 'RSASSA_PSS_SHA_256' : undefined;
    default:
      return undefined;
  }
};

/** The digest that an algorithm signs; null for one that signs the bytes themselves. */
export const digestOf = <A extends SignatureAlgorithm>(algorithm: A): (typeof ALGORITHMS)[A]['digest'] =>
  ALGORITHMS[algorithm].digest;

const paddingOf = (algorithm: SignatureAlgorithm) =>
  algorithm === 'RSASSA_PSS_SHA_256'
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};

/** A key in PEM that signs; undefined where the text holds no private key that may. */
export const localSigner = (pem: string): Signer | undefined => {
  try {
    const key = createPrivateKey(pem);
    const algorithm = algorithmOf(key);
    return (
      algorithm && {
        algorithm,
        publicKey: createPublicKey(key),
        sign: async (bytes) => signBytes(digestOf(algorithm), bytes, { key, ...paddingOf(algorithm) }),
      }
    );
  } catch {
    return undefined;
  }
};

/** A public key in PEM; undefined where the text holds none that may sign packs. A private key is refused, so that nobody hands one out. */
export const publicKeyIn = (pem: string): KeyObject | undefined => {
  if (/PRIVATE KEY/.test(pem)) return undefined;
  try {
    const key = createPublicKey(pem);
    return algorithmOf(key) && key;
  } catch {
    return undefined;
  }
};

/** The SHA-256 of a public key, in hexadecimal. */
export const fingerprintOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** A public key as PEM. */
export const pemOf = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));

/** The file of a signature, always with the same bytes. */
export const signatureText = (signature: PackSignature): string => `${JSON.stringify(signature, null, 2)}\n`;

/** The signature in a file of one; undefined for any other text. */
export const signatureIn = (text: string): PackSignature | undefined => {
  const json = parseJson(text);
  const parsed = json.ok ? signatureSchema.safeParse(json.value) : undefined;
  return parsed?.success && signatureText(parsed.data) === text ? parsed.data : undefined;
};

/** Signs a manifest. */
export const signatureOf = async (manifest: Uint8Array, signer: Signer): Promise<PackSignature> => ({
  schemaVersion: '1.0',
  algorithm: signer.algorithm,
  publicKey: pemOf(signer.publicKey),
  signature: Buffer.from(await signer.sign(manifest)).toString('base64'),
});

/** What is wrong with the signature of a manifest by a key; undefined where nothing is. */
export const signatureProblem = (
  manifest: Uint8Array,
  { algorithm, signature, publicKey }: PackSignature,
  key: KeyObject,
): string | undefined => {
  const named = publicKeyIn(publicKey);
  if (!named || publicKey !== pemOf(named)) return `it names no key that may sign packs (${KEY_KINDS})`;
  // `KeyObject.equals` of keys of two kinds leaves an error of OpenSSL behind, by which the next reading of a key fails.
  const [own, asked] = [fingerprintOf(named), fingerprintOf(key)];
  if (own !== asked) return `it is by the key ${own}, and not by ${asked}`;
  if (algorithm !== algorithmOf(key)) return `a key of its kind does not sign by ${algorithm}`;
  const bytes = Buffer.from(signature, 'base64');
  const isGood =
    bytes.toString('base64') === signature &&
    verifyBytes(digestOf(algorithm), manifest, { key, ...paddingOf(algorithm) }, bytes);
  return isGood ? undefined : 'it is not of this manifest';
};
