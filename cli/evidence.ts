import { type Command, Option } from 'commander';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';
import { DESCRIBED_CONTROLS } from '../shared/controls/texts.ts';
import { isRegion } from '../shared/domain/regions.ts';
import { FRAMEWORK_IDS, type FrameworkId } from '../shared/frameworks/ids.ts';
import type { HistorySource } from '../shared/history/history-days.ts';
import { type Asked, daysOf, periodProblem } from '../shared/outputs/evidence/period.ts';
import type { Signer } from '../shared/outputs/evidence/signature.ts';
import { counted } from '../shared/text/counted.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { VERSION } from '../shared/version.ts';
import { clientsOf, tellingRefusals } from './connected-clients.ts';
import { UsageError } from './errors.ts';
import { addEvidenceVerify } from './evidence-verify.ts';
import { readText } from './files.ts';
import { packFolder } from './pack-folder.ts';
import { progressOn } from './progress.ts';

type EvidenceOptions = AccountChoice & {
  from?: string;
  to?: string;
  history?: string;
  bucket?: string;
  account?: string[];
  regionScope?: string[];
  framework?: FrameworkId;
  signWith?: string;
  kmsKey?: string;
  output?: string;
  quiet?: boolean;
};

/** Adds the command `evidence`. */
export const addEvidence = (program: Command): void => {
  const evidence = program
    .command('evidence')
    .description('make a signed evidence pack of a period from the history of a deployment, or verify one')
    .option('--from <day>', 'the first day of the period, as 2026-11-01 (UTC)')
    .option('--to <day>', 'the last day of the period')
    .option('--history <dir>', 'a folder with the files of the history, as `aws s3 sync` copies them')
    .option('--bucket <name>', 'the bucket of the history, which is read as it is')
    .option('--account <ids...>', 'only these accounts')
    .option('--region-scope <regions...>', 'only these Regions')
    .addOption(
      new Option('--framework <id>', 'tell the requirements of a framework as well').choices(FRAMEWORK_IDS),
    )
    .option('--sign-with <file>', 'the private key that signs: PEM, Ed25519, ECDSA or RSA')
    .option('--kms-key <arn>', 'the asymmetric key of KMS that signs')
    .option('-o, --output <dir>', 'the folder for the pack: a new or empty one')
    .option('--profile <name>', 'the AWS profile, for --bucket and --kms-key')
    .option('--region <region>', 'the AWS Region of the bucket and the key')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
Examples:
  openssl genpkey -algorithm ed25519 -out evidence-key.pem
  aws s3 sync s3://BUCKET history --exclude "ext/*" --exclude "evidence/*"
  pipewarden evidence --from 2026-11-01 --to 2026-11-30 --history history --sign-with evidence-key.pem -o november
  pipewarden evidence --from 2026-11-01 --to 2026-11-30 --bucket BUCKET --framework nist-800-53 --kms-key ARN -o november
  pipewarden evidence verify november --public-key evidence-public.pem

What the history does not hold is told as a gap, on the first page. Records of two days before the period are read as well:
what was known when it began rests on them.

Exit status: 0 made, 2 wrong usage or no access, 3 made, but some of the history could not be read.`,
    )
    .action((options: EvidenceOptions) => tellingRefusals(() => make(options)));
  addEvidenceVerify(evidence);
};

const make = async (options: EvidenceOptions): Promise<void> => {
  const { output, framework: id } = options;
  const asked = askedBy(options);
  if (output === undefined) throw new UsageError('name the folder for the pack with -o');
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const [{ frameworkOf }, { makePack }, { historyDays, TooManyFiles }, { TooMuchHistory }, { refusals }] =
    await Promise.all([
      import('../shared/frameworks/frameworks.ts'),
      import('../shared/outputs/evidence/make-pack.ts'),
      import('../shared/history/history-days.ts'),
      import('../shared/outputs/evidence/record-text.ts'),
      import('../shared/outputs/evidence/refusals.ts'),
    ]);
  const signer = await signerOf(options);
  const refused = refusals((text) => progress.say(`not read: ${text}`));
  const source = await sourceOf(options, refused.refuse);
  const write = await packFolder(output);
  const framework = id && frameworkOf(id);
  try {
    const { model, manifest } = await makePack(historyDays(source, daysOf(asked), refused.refuse), {
      asked,
      refused: refused.told,
      signer,
      making: { controls: DESCRIBED_CONTROLS, version: VERSION, ...(framework && { framework }) },
      write,
    });
    progress.say(
      `${counted(manifest.records.count, 'record')}, ${counted(model.members.size, 'resource')}, ${counted(model.gaps.length, 'gap')}: ${output}/index.html`,
    );
    progress.say(`signed by the key ${manifest.key.fingerprint}`);
  } catch (error) {
    if (error instanceof TooManyFiles || error instanceof TooMuchHistory)
      throw new UsageError(error.message, { cause: error });
    throw error;
  }
  if (refused.told().count > 0) {
    progress.say(
      `${counted(refused.told().count, 'record or file', 'records or files')} of the history could not be read`,
    );
    process.exitCode = 3;
  }
};

/** What the pack is to be about. @throws {UsageError} */
const askedBy = ({ from, to, account = [], regionScope = [] }: EvidenceOptions): Asked => {
  if (from === undefined || to === undefined)
    throw new UsageError('name the period with --from and --to, as 2026-11-01 and 2026-11-30');
  const asked = { from, to, accounts: account, regions: regionScope, madeAt: new Date().toISOString() };
  const problem = periodProblem(asked);
  if (problem !== undefined) throw new UsageError(problem);
  const wrong = account.find((each) => !/^\d{12}$/.test(each));
  if (wrong !== undefined)
    throw new UsageError(
      `--account ${visibleText(wrong)} is no account: the number of an account has 12 digits`,
    );
  const other = regionScope.find((each) => !isRegion(each));
  if (other !== undefined)
    throw new UsageError(`--region-scope ${visibleText(other)} is no Region: Regions look like eu-west-1`);
  return asked;
};

/** @throws {UsageError} unless there is one key that may sign. */
const signerOf = async ({ signWith, kmsKey, ...choice }: EvidenceOptions): Promise<Signer> => {
  if ((signWith === undefined) === (kmsKey === undefined))
    throw new UsageError(
      'a pack is signed by one key: --sign-with KEY.pem (openssl genpkey -algorithm ed25519 -out KEY.pem makes one), or --kms-key ARN',
    );
  const { KEY_KINDS, localSigner } = await import('../shared/outputs/evidence/signature.ts');
  if (signWith !== undefined) {
    const signer = localSigner(await readText(signWith, 'key'));
    if (signer) return signer;
    throw new UsageError(
      `${visibleText(signWith)}: holds no private key that signs packs: it must be in PEM, without a passphrase, ${KEY_KINDS}`,
    );
  }
  const [{ kmsSigner, KMS_KEY_SPECS }, { kms }] = await Promise.all([
    import('../shared/aws/keep/kms-signer.ts'),
    clientsOf(choice),
  ]);
  const signer = await kmsSigner(await kms(), kmsKey ?? '');
  if (signer) return signer;
  throw new UsageError(
    `${visibleText(kmsKey ?? '')} does not sign packs: its key spec must be ${KMS_KEY_SPECS}`,
  );
};

/** @throws {UsageError} unless one history is named. */
const sourceOf = async (
  { history, bucket, ...choice }: EvidenceOptions,
  refuse: (text: string) => void,
): Promise<HistorySource> => {
  if ((history === undefined) === (bucket === undefined))
    throw new UsageError(
      'name one history: --history DIR (a copy of the bucket), or --bucket NAME (the bucket of the deployment)',
    );
  if (history !== undefined) {
    const { historyFolder } = await import('./history-folder.ts');
    return historyFolder(history, refuse);
  }
  const [{ historyBucket }, { s3 }] = await Promise.all([
    import('../shared/aws/keep/history-bucket.ts'),
    clientsOf(choice),
  ]);
  return historyBucket(await s3(), bucket ?? '');
};
