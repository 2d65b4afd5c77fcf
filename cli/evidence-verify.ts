import type { KeyObject } from 'node:crypto';
import type { Command } from 'commander';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';
import { DESCRIBED_CONTROLS } from '../shared/controls/texts.ts';
import { counted } from '../shared/text/counted.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { VERSION } from '../shared/version.ts';
import { clientsOf, tellingRefusals } from './connected-clients.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';
import { writeStdout } from './output.ts';
import { readPackFolder } from './pack-folder.ts';

type VerifyOptions = AccountChoice & { publicKey?: string; kmsKey?: string };

/** Adds `verify` to the command `evidence`. */
export const addEvidenceVerify = (evidence: Command): void => {
  evidence
    .command('verify')
    .description(
      'check an evidence pack: its files, the chain of its records, what its pages say, and its signature',
    )
    .argument('<dir>', 'the folder of the pack')
    .option('--public-key <file>', 'the public key of whoever signs packs: PEM')
    .option('--kms-key <arn>', 'the key of KMS that signs packs, whose public key is read')
    .option('--profile <name>', 'the AWS profile, for --kms-key')
    .option('--region <region>', 'the AWS Region of the key')
    .addHelpText(
      'after',
      `
Examples:
  openssl pkey -in evidence-key.pem -pubout -out evidence-public.pem
  pipewarden evidence verify november --public-key evidence-public.pem
  pipewarden evidence verify november --kms-key arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab

Without a public key, the signature proves only that the pack belongs to the key that lies in it.

Exit status: 0 the pack is as it was made, 1 it is not, 2 wrong usage, or no pack or key that can be read, 3 not all could be checked,
as of a pack that another version made.`,
    )
    .action((folder: string, _own: VerifyOptions, command: Command) =>
      // The command above has options of the same names, and takes those that stand before `verify`.
      tellingRefusals(() => verify(folder, command.optsWithGlobals<VerifyOptions>())),
    );
};

const verify = async (folder: string, options: VerifyOptions): Promise<void> => {
  const pack = await readPackFolder(folder);
  const [{ verifyPack }, key] = await Promise.all([
    import('../shared/outputs/evidence/verify-pack.ts'),
    keyOf(options),
  ]);
  const { faults, unchecked, remarks, manifest } = await verifyPack(pack, {
    ...(key && { key }),
    making: {
      controls: DESCRIBED_CONTROLS,
      version: VERSION,
    },
  });
  const about = manifest
    ? `${manifest.period.from} to ${manifest.period.to}, ${counted(manifest.records.count, 'record')}, made at ${manifest.madeAt}`
    : '';
  const lines = [
    ...(faults.length === 0
      ? [
          `${unchecked.length === 0 ? 'good' : 'unchanged since it was signed, but not checked whole'}: ${about}`,
          `signed by the key ${manifest?.key.fingerprint}`,
        ]
      : ['not good:', ...faults.map((fault) => `  ${fault}`)]),
    ...unchecked.map((text) => `not checked: ${text}`),
    ...remarks.map((remark) => `note: ${remark}`),
  ];
  await writeStdout(`${lines.map(visibleText).join('\n')}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else if (unchecked.length > 0) process.exitCode = 3;
};

/** @throws {UsageError} where the named key is none. */
const keyOf = async ({ publicKey, kmsKey, ...choice }: VerifyOptions): Promise<KeyObject | undefined> => {
  if (publicKey !== undefined && kmsKey !== undefined)
    throw new UsageError('a pack is signed by one key: give --public-key or --kms-key');
  if (publicKey !== undefined) {
    const { KEY_KINDS, publicKeyIn } = await import('../shared/outputs/evidence/signature.ts');
    const key = publicKeyIn(await readText(publicKey, 'key'));
    if (key) return key;
    throw new UsageError(
      `${visibleText(publicKey)}: holds no public key that signs packs: it must be in PEM, ${KEY_KINDS}; openssl pkey -in KEY.pem -pubout makes it of the private one`,
    );
  }
  if (kmsKey === undefined) return undefined;
  const [{ kmsPublicKey, KMS_KEY_SPECS }, { kms }] = await Promise.all([
    import('../shared/aws/keep/kms-signer.ts'),
    clientsOf(choice),
  ]);
  const found = await kmsPublicKey(await kms(), kmsKey);
  if (found) return found.publicKey;
  throw new UsageError(`${visibleText(kmsKey)} does not sign packs: its key spec must be ${KMS_KEY_SPECS}`);
};
