import { access, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import pLimit from 'p-limit';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import type { NamedRoles } from '../shared/definition/named-roles.ts';
import { unreadText } from '../shared/domain/gap.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import { identitiesOf } from '../shared/iam/decide/authorization-details.ts';
import { actionsQuoted, allow } from '../shared/judging/unread-remedy.ts';
import type { AccountSurvey } from '../shared/proposal/proposal.ts';
import { type PipelineSurvey, surveyPipeline } from '../shared/proposal/survey.ts';
import { readDefinition } from '../shared/reader/answers/read-definition.ts';
import { ABSENT, NOT_IN_SNAPSHOT, type Read } from '../shared/reader/read-result.ts';
import type { PipelineVersion, Reader } from '../shared/reader/reader.ts';

import { snapshotReader } from './audit.ts';
import { DEFAULT_FILE } from './config.ts';
import { fileProblem, UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { prepareFiles, writeStdout } from './output.ts';
import { messageText, progressOn } from './progress.ts';
import { schemaLine } from './schema-line.ts';

type Options = {
  snapshot?: string;
  live?: boolean;
  profile?: string;
  region?: string;
  output: string;
  quiet?: boolean;
};

/** Adds the command `init`. */
export const addInit = (program: Command): void => {
  program
    .command('init')
    .description(
      'write a first configuration from what an account uses: prefixes, roles, creators, image buckets, shares, floors',
    )
    .option('--snapshot <dir>', 'a snapshot folder')
    .option('--live', 'the account of the credentials')
    .option('--profile <name>', 'with --live: the AWS profile')
    .option('--region <region>', 'with --live: the AWS Region')
    .option('-o, --output <file>', 'a new file, or - for stdout', DEFAULT_FILE)
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden init --live --profile audit --region eu-west-1
  pipewarden init --snapshot examples/account -o - | less

The file says what is in use, not what should be: read it before you use it. An existing file is never changed.
Exit status: 0 everything was read, 2 wrong usage or unreadable input, 3 written, but some of the account could not be read.`,
    )
    .action(init);
};

const init = async (options: Options): Promise<void> => {
  const { snapshot, live, profile, region, output, quiet } = options;
  if ((snapshot === undefined) === !live) throw new UsageError('give either --snapshot DIR or --live');
  if (!live && (profile ?? region) !== undefined)
    throw new UsageError('--profile and --region go with --live: a snapshot says itself where it is from');
  const file = output === STDIN.argument ? undefined : output;
  if (file !== undefined && (await exists(file))) throw alreadyThere(file);
  await prepareFiles([file]);
  const progress = progressOn(process.stderr, quiet ?? false);
  const reader =
    snapshot === undefined
      ? await (await import('../shared/aws/read/live-account.ts')).openAccount(options)
      : await snapshotReader(snapshot);
  const { proposeConfig } = await import('../shared/proposal/proposal.ts');
  const survey = await surveyAccount(reader);
  const { text, remarks } = proposeConfig(survey);
  if (file === undefined) await writeStdout(text);
  else await writeNew(file, schemaLine(file, SCHEMA) + text);
  for (const remark of [...remarks, ...survey.remarks]) progress.say(remark);
  if (file !== undefined) progress.say(`written: ${file}`);
  for (const what of survey.unread) process.stderr.write(messageText(`not read: ${what}`));
  const denied = actionsQuoted(survey.unread);
  if (denied.length > 0)
    process.stderr.write(messageText(allow(denied, 'run it again with another file (-o)')));
  if (survey.unread.length > 0) process.exitCode = 3;
};

/** The schema of the configuration, which the build puts beside the command. */
const SCHEMA = fileURLToPath(new URL('../config.schema.json', import.meta.url));

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const alreadyThere = (file: string): UsageError =>
  new UsageError(
    `${file}: is there already, and is left as it is; give another file with -o, or - for stdout`,
  );

/** Fails if the file exists now, because another process may have made it since the check. */
const writeNew = async (file: string, text: string): Promise<void> => {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isThere ? alreadyThere(file) : fileProblem(file, error, 'written');
  }
};

const CONCURRENCY = 8;

/** Bounds the calls: versions take one call for each pipeline. */
const MAX_VERSIONS_ASKED = 20;

/** Names only the first unreadable pipelines. */
const MAX_UNREAD = 20;

/**
 * Reads what a proposal needs of an account. Each definition is dropped after its survey, because there are many and
 * large ones.
 */
export const surveyAccount = async (reader: Reader): Promise<AccountSurvey & { remarks: string[] }> => {
  const evidence = accountEvidence(reader, DEFAULT_CONFIG);
  const [listed, identities, organization] = [
    await reader.listPipelines(),
    await evidence.identities(),
    await evidence.organization(),
  ];
  const shares = await evidence.shares(reader.scope.region);
  const isAsked = shares.ok || shares.unread.code !== NOT_IN_SNAPSHOT;
  const unread = [listed, identities, organization, ...(isAsked ? [shares] : [])].flatMap((read) =>
    read.ok ? [] : unreadText(read.unread),
  );
  const names = (listed.ok ? listed.value : []).map(({ name }) => name).toSorted();
  const limit = pLimit(CONCURRENCY);
  const named = await evidence.named();
  const surveys = await limit.map(names, (name) =>
    surveyOf(name, reader, named.ok ? named.value : undefined),
  );
  const failed = surveys.flatMap((survey) => (typeof survey === 'string' ? survey : []));
  const known = identities.ok ? identities.value : identitiesOf({});
  const pipelines = surveys.flatMap((survey) => (typeof survey === 'string' ? [] : survey));
  const versions = await limit.map(names.slice(0, MAX_VERSIONS_ASKED), async (of) => ({
    of,
    read: await reader.listPipelineVersions(of),
  }));
  const rules = await limit.map(bucketsAsked(pipelines), async (of) => ({
    of,
    read: await reader.getBucketCors(of),
  }));
  return {
    scope: reader.scope,
    pipelines,
    identities: known.identities,
    directory: known.directory,
    layers: organization.ok ? organization.value.layers : {},
    versions: versions.flatMap(newestOf),
    shares: shares.ok ? shares.value : [],
    cors: new Map(rules.flatMap(({ of, read }) => (read.ok ? [[of, read.value] as const] : []))),
    unread: [
      ...unread,
      ...unreadOf('bucket', rules),
      ...failed.slice(0, MAX_UNREAD),
      ...(failed.length > MAX_UNREAD ? [`${failed.length - MAX_UNREAD} more pipelines`] : []),
    ],
    // Versions only make a comment, so that the configuration lacks nothing without them.
    remarks: unreadOf('pipeline', versions).map(
      (what) => `no floor is suggested, as versions were not read: ${what}`,
    ),
  };
};

const surveyOf = async (
  name: string,
  reader: Reader,
  named: NamedRoles | undefined,
): Promise<PipelineSurvey | string> => {
  const pipeline = await reader.describePipeline(name);
  if (!pipeline.ok) return `pipeline ${name}: ${unreadText(pipeline.unread)}`;
  const definition = readDefinition(pipeline.value.definitionText);
  if (!definition.ok) return `pipeline ${name}: ${unreadText(definition.unread)}`;
  return surveyPipeline(pipeline.value, definition.value, named);
};

/** Bounds the calls: the rules of a bucket only tell whether images lie beside a manifest. */
const MAX_BUCKETS_ASKED = 50;

const bucketsAsked = (pipelines: readonly PipelineSurvey[]): string[] =>
  [
    ...new Set(
      pipelines.flatMap(({ imageBuckets, manifestBuckets }) => [...imageBuckets, ...manifestBuckets]),
    ),
  ]
    .toSorted()
    .slice(0, MAX_BUCKETS_ASKED);

const newestOf = ({ of, read }: ReadOf<PipelineVersion[]>): AccountSurvey['versions'] =>
  read.ok && read.value.length > 0
    ? [{ pipeline: of, newest: Math.max(...read.value.map(({ id }) => id)) }]
    : [];

/** What was read of one of many pipelines or buckets. */
type ReadOf<T> = { of: string; read: Read<T> };

/** The first that could not be read, and how many more. A snapshot may leave these files out, and a bucket may be gone. */
const unreadOf = (kind: string, reads: readonly ReadOf<unknown>[]): string[] => {
  const [first, ...others] = reads.flatMap(({ of, read }) =>
    read.ok || [NOT_IN_SNAPSHOT, ABSENT].includes(read.unread.code) ? [] : { of, unread: read.unread },
  );
  if (!first) return [];
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return [`${kind} ${first.of}${more}: ${unreadText(first.unread)}`];
};
