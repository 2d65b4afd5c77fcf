import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NIST_800_53 } from '../../../../shared/frameworks/nist-800-53.ts';
import { type Manifest, PACK_FILES } from '../../../../shared/outputs/evidence/manifest.ts';
import { localSigner, publicKeyIn, type Signer } from '../../../../shared/outputs/evidence/signature.ts';
import { verifyPack } from '../../../../shared/outputs/evidence/verify-pack.ts';
import {
  MAKING,
  type Pack,
  packOf,
  readerOfPack,
  SIGNER,
  watchedAll,
} from '../../../support/builders/evidence-pack.ts';
import { aChange, aLook, anyRecord, aVerdict } from '../../../support/builders/history.ts';

const records = [
  ...watchedAll(),
  aLook(),
  aLook({ at: '2026-11-24T09:00:00.000Z', verdicts: [aVerdict({ status: 'PASSED' })] }),
  aChange(),
];
const making = MAKING;

const verify = (files: Pack, key = SIGNER.publicKey) => verifyPack(readerOfPack(files), { key, making });

type Pair = { privateKey: { export: (how: { type: 'pkcs8'; format: 'pem' }) => string | Buffer } };
const pemOf = ({ privateKey }: Pair): string => String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

const changed = (files: Pack, name: string, change: (text: string) => string): Pack =>
  new Map(files).set(name, Buffer.from(change(String(files.get(name)))));

describe('a pack', () => {
  test('is good as it was made, and nothing has to be said of it', async () => {
    const { files } = await packOf(records);
    expect([...files.keys()]).toEqual([...PACK_FILES, 'manifest.json', 'manifest.sig.json']);
    expect(await verify(files)).toMatchObject({ faults: [], remarks: [] });
  });

  test('of whatever records and framework is good as it was made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 20 }), async (any) => {
        const { files } = await packOf(any, { making: { ...MAKING, framework: NIST_800_53 } });
        expect((await verify(files)).faults).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('is not good with any byte of any file changed', async () => {
    const { files } = await packOf(records);
    const places = fc.constantFrom(...files.keys()).chain((name) =>
      fc.record({
        name: fc.constant(name),
        at: fc.nat((files.get(name)?.length ?? 1) - 1),
        mask: fc.integer({ min: 1, max: 255 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(places, async ({ name, at, mask }) => {
        const bytes = Buffer.from(files.get(name) ?? []);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        expect((await verify(new Map(files).set(name, bytes))).faults).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test.each([...PACK_FILES, 'manifest.json', 'manifest.sig.json'])('is not good without %s', async (name) => {
    const { files } = await packOf(records);
    files.delete(name);
    expect((await verify(files)).faults).toContain(`${name}: it is missing`);
  });

  test('is not good with a file that it does not list, whatever its name is', async () => {
    const { files } = await packOf(records);
    const more = new Map(files).set('../\u202enotes.txt', Buffer.from('x'));
    expect((await verify(more)).faults).toEqual(['../\\u202enotes.txt: it is not of the pack']);
  });

  test('is not good with a link in place of a file, which is not opened', async () => {
    const { files } = await packOf(records);
    const { entries } = readerOfPack(files);
    const { faults } = await verifyPack(
      {
        entries: entries.map((entry) =>
          entry.name === 'manifest.json' ? { name: entry.name, problem: 'it is a link' } : entry,
        ),
        read: () => {
          throw new Error('it was opened');
        },
      },
      { making },
    );
    expect(faults).toContain('manifest.json: it is a link');
  });

  test('that somebody has made anew from other records is not good by the key of whoever signs', async () => {
    const forger = localSigner(pemOf(generateKeyPairSync('ed25519'))) as Signer;
    const { files } = await packOf(records.slice(0, -1), { signer: forger });
    expect((await verify(files)).faults).toEqual([
      expect.stringMatching(/^manifest\.sig\.json: it is by the key [0-9a-f]{64}, and not by [0-9a-f]{64}$/),
    ]);
    const { faults, remarks } = await verifyPack(readerOfPack(files), { making });
    expect(faults).toEqual([]);
    expect(remarks[0]).toMatch(/^no public key was given: the signature proves only that the pack belongs/);
  });

  test('whose tables say something else than its records is not good, even signed by the right key', async () => {
    const { files, manifest } = await packOf(records);
    const other = await packOf([...records, aChange({ at: '2026-11-25T00:00:00.000Z' })]);
    for (const name of PACK_FILES.filter(
      (each) => each !== 'records.jsonl' && each !== 'assessment-plan.json',
    )) {
      if (String(files.get(name)) === String(other.files.get(name))) continue;
      const forged = await resigned(files, manifest, name, other.files.get(name) ?? Buffer.alloc(0));
      expect((await verify(forged)).faults).toEqual([`${name}: it does not say what the records say`]);
    }
  });

  test('from which a record was taken, or in which two changed places, is not good even signed by the right key', async () => {
    const { files, manifest } = await packOf(records);
    const lines = String(files.get('records.jsonl')).split('\n');
    const without = lines.toSpliced(3, 1).join('\n');
    const [third = '', fourth = ''] = [lines[3], lines[4]];
    const swapped = lines.toSpliced(3, 2, fourth, third).join('\n');
    for (const text of [without, swapped, `${lines.slice(0, -3).join('\n')}\n`, lines.join('\n').trimEnd()]) {
      const forged = await resigned(files, manifest, 'records.jsonl', Buffer.from(text));
      expect((await verify(forged)).faults).toEqual([expect.stringMatching(/^records\.jsonl: /)]);
    }
  });

  test.each<[string, Partial<Manifest>]>([
    ['another account', { scope: { accounts: ['444455556666'], regions: [] } }],
    ['another Region', { scope: { accounts: [], regions: ['us-east-1'] } }],
  ])(
    'with records of something else than its manifest says, %s, is not good even signed by the right key',
    async (_, other) => {
      const { files, manifest } = await packOf(records);
      const forged = await resigned(files, { ...manifest, ...other });
      expect((await verify(forged)).faults).toEqual([
        expect.stringMatching(/^records\.jsonl: record \d+ is of something else than the manifest says$/),
      ]);
    },
  );

  test('of another version is good where this one makes the same of its records', async () => {
    const { files } = await packOf(records, { making: { ...MAKING, version: '0.9.0' } });
    expect(await verify(files)).toMatchObject({ faults: [], unchecked: [], remarks: [] });
  });

  test('of a version that writes otherwise is not called good, and says what was not checked', async () => {
    const controls = MAKING.controls.map((control) => ({ ...control, title: `${control.title}, once` }));
    const { files } = await packOf(records, { making: { ...MAKING, controls, version: '0.9.0' } });
    const { faults, unchecked } = await verify(files);
    expect(faults).toEqual([]);
    expect(unchecked).toEqual([
      expect.stringMatching(
        /^whether its pages and tables say .* made by version 0\.9\.0, and this is 0\.1\.0, which writes .*index\.html.* otherwise; verify it with that version$/,
      ),
    ]);
  });

  test('whose page says something else than its records is never good, whatever version and framework it names', async () => {
    const { files, manifest } = await packOf(records);
    const page = Buffer.from(String(files.get('index.html')).replace('Failed', 'Passed'));
    const named = { ...manifest, tool: { ...manifest.tool, version: '9.9.9' } };
    for (const other of [named, { ...named, framework: 'none-of-ours' }]) {
      const { faults, unchecked } = await verify(await resigned(files, other, 'index.html', page));
      expect(faults).toEqual([]);
      expect(unchecked).toHaveLength(1);
    }
    expect((await verify(await resigned(files, manifest, 'index.html', page))).faults).toEqual([
      'index.html: it does not say what the records say',
    ]);
  });

  test('with records that were refused says so when it is verified', async () => {
    const refused = { count: 3, examples: ['a: b'] };
    const { files } = await packOf(records, { refused });
    const { faults, remarks } = await verify(files);
    expect(faults).toEqual([]);
    const unread = expect.stringMatching(/^3 records or files of the history could not be read/);
    expect(remarks).toEqual([unread]);
    const older = await packOf(records, { refused, making: { ...MAKING, version: '0.9.0' } });
    expect((await verify(older.files)).remarks).toContainEqual(unread);
    expect(String(files.get('gaps.csv'))).toContain('"records-refused"');
  });

  test('of a history to which somebody has written very long texts can still be verified', async () => {
    const long = 'x'.repeat(200_000);
    const many = Array.from({ length: 150 }, (_, index) =>
      aLook({ configuration: `${index}${long}`, version: long }),
    );
    const { files } = await packOf([...many, aChange()], {
      refused: { count: 9, examples: Array(9).fill(long) },
    });
    expect(files.get('manifest.json')?.length).toBeLessThan(20_000);
    expect(files.get('index.html')?.length).toBeLessThan(200_000);
    expect((await verify(files)).faults).toEqual([]);
  });

  test('that is no pack is told, and nothing of it trusted', async () => {
    for (const text of ['', '{', '[]', '{"schemaVersion":"2.0"}', 'x'.repeat(2_000_000)]) {
      const { files } = await packOf(records);
      expect((await verify(changed(files, 'manifest.json', () => text))).faults).toContain(
        'manifest.json: it is not the manifest of a pack',
      );
    }
  });
});

/** The pack with another content of a file, of which the manifest and its signature say that it is right. */
const resigned = async (
  files: Pack,
  manifest: Manifest,
  name = 'index.html',
  bytes = files.get(name) ?? Buffer.alloc(0),
): Promise<Pack> => {
  const { createHash } = await import('node:crypto');
  const { signatureOf, signatureText } = await import('../../../../shared/outputs/evidence/signature.ts');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = `${JSON.stringify(
    {
      ...manifest,
      files: manifest.files.map((each) =>
        each.name === name ? { ...each, size: bytes.length, sha256 } : each,
      ),
    },
    null,
    2,
  )}\n`;
  return new Map(files)
    .set(name, bytes)
    .set('manifest.json', Buffer.from(text))
    .set('manifest.sig.json', Buffer.from(signatureText(await signatureOf(Buffer.from(text), SIGNER))));
};

describe('a key', () => {
  test.each([
    ['Ed25519', () => generateKeyPairSync('ed25519'), 'ED25519'],
    ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ECDSA_SHA_256'],
    ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'ECDSA_SHA_384'],
    ['RSA of 3072 bits', () => generateKeyPairSync('rsa', { modulusLength: 3072 }), 'RSASSA_PSS_SHA_256'],
  ])('of %s signs packs', async (_, make, algorithm) => {
    const signer = localSigner(pemOf(make())) as Signer;
    expect(signer.algorithm).toBe(algorithm);
    const { files } = await packOf(records, { signer });
    expect((await verify(files, signer.publicKey)).faults).toEqual([]);
    expect((await verify(files)).faults).toHaveLength(1);
  });

  test.each([
    ['RSA of 2048 bits', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
    ['X25519', () => generateKeyPairSync('x25519')],
  ])('of %s does not', (_, make) => {
    expect(localSigner(pemOf(make()))).toBeUndefined();
  });

  test('that is private is not taken for a public one', () => {
    const pem = pemOf(generateKeyPairSync('ed25519'));
    expect(publicKeyIn(pem)).toBeUndefined();
    expect(localSigner('no key')).toBeUndefined();
  });
});
