import { type Command, Option } from 'commander';
import { JOB_KINDS } from '../shared/definition/job-kinds.ts';
import { parseArn, pipelineNameIn, sagemakerArn } from '../shared/domain/arn.ts';
import { unreadText } from '../shared/domain/gap.ts';
import { type UnreadAccount, whoCanJson } from '../shared/outputs/formats/who-can.ts';
import { whoCanTable } from '../shared/outputs/pages/who-can-table.ts';
import { counted } from '../shared/text/counted.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { type AskedAccount, readAskedAccount } from '../shared/who-can/account.ts';
import type { Asked, PipelineVerb } from '../shared/who-can/asked.ts';
import { type WhoCan, whoCan } from '../shared/who-can/who-can.ts';
import { refuseOtherEnding, tableOrJson } from './asked-outputs.ts';
import { type AuditInputOptions, checkAuditInput, openAuditInput, withAccounts } from './audit-input.ts';
import { appliedConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';

type WhoCanOptions = AuditInputOptions & {
  config?: string;
  format?: 'table' | 'json' | 'svg';
  output?: string;
  quiet?: boolean;
};

const HELP = `
A yes comes with requests that \`pipewarden simulate\` allows, and with the values of condition keys that they need ("if").
Who can through a role is told with the way: it assumes the role, or passes it to a service that it can put to work. Of other
accounts it is told which ones a share or a trust policy lets in. Ways by changing policies are not asked about: the controls
execution-role-protected and pass-role-scoped judge them.`;

const EXIT = 'Exit status: 0 told, 2 wrong usage, 3 something is not known.';

/** Adds the command `who-can`. */
export const addWhoCan = (program: Command): void => {
  const command = program
    .command('who-can')
    .description('tell who can do something, by which statement, and where');
  const verbs: readonly [PipelineVerb, string][] = [
    ['start', 'who can start a pipeline'],
    ['update', 'who can change a pipeline'],
    ['retry', 'who can retry executions of a pipeline'],
  ];
  for (const [verb, description] of verbs)
    withOptions(command.command(verb).description(description), verb, 'fraud-daily')
      .argument('<pipeline>', 'the name or ARN of a pipeline')
      .action((pipeline: string, options: WhoCanOptions) =>
        tellWhoCan(options, (account) => pipelinesAsked(verb, pipeline, account)),
      );
  withOptions(command.command('pass').description('who can pass a role to a service'), 'pass', 'ml-execution')
    .argument('<role>', 'the name or ARN of a role')
    .action((role: string, options: WhoCanOptions) =>
      tellWhoCan(options, (account) => roleAsked(role, account)),
    );
  withOptions(
    command
      .command('create-job')
      .description('who can create jobs whose names begin with a prefix, with a role for them'),
    'create-job',
    'fraud-',
  )
    .argument('<prefix>', 'the beginning of the names of jobs')
    .action((prefix: string, options: WhoCanOptions) => {
      checkPrefix(prefix);
      return tellWhoCan(options, () => [{ verb: 'create-job', resource: prefix }]);
    });
};

const withOptions = (command: Command, verb: string, example: string): Command =>
  withAccounts(command)
    .option('-c, --config <file>', 'the configuration, which names the accounts that --organization means')
    .addOption(
      new Option(
        '--format <format>',
        'the output format (default: table, or what the ending of -o tells)',
      ).choices(['table', 'json', 'svg']),
    )
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `${HELP}

Examples:
  pipewarden who-can ${verb} ${example} --snapshot examples/account
  pipewarden who-can ${verb} ${example} --live -o who.svg

${EXIT}`,
    );

/** What is asked of an account; nothing where the account has no such thing. */
type AskedOf = (account: AskedAccount) => Asked[];

const tellWhoCan = async (options: WhoCanOptions, askedOf: AskedOf): Promise<void> => {
  checkAuditInput(options);
  const format = formatOf(options);
  await prepareFiles([options.output]);
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const { config } = await appliedConfig(options.config);
  const { accounts, unconnected } = await openAuditInput(options, config.organization, progress);
  const answers: WhoCan[] = [];
  const unread: UnreadAccount[] = unconnected.flatMap(({ scopes, unread: why }) =>
    scopes.map(({ account }) => ({ account, why: unreadText(why) })),
  );
  const known: AskedAccount[] = [];
  for (const { readers } of accounts) {
    const read = await readAskedAccount(readers);
    if (!read.ok) {
      unread.push({ account: readers[0].scope.account, why: unreadText(read.unread) });
      continue;
    }
    known.push(read.value);
    answers.push(...askedOf(read.value).map((asked) => whoCan(asked, read.value)));
  }
  if (answers.length === 0 && unread.length === 0) throw nothingAsked(known);
  await writeText(await textOf(format, answers, unread), options.output);
  for (const { account, why } of unread) progress.say(`${account} was not read: ${visibleText(why)}`);
  const rows = answers.flatMap(({ principals }) => principals);
  const can = rows.filter(({ answer }) => answer === 'yes').length;
  const open = rows.filter(({ answer }) => answer === 'unknown').length;
  progress.say(`${counted(can, 'principal')} can, ${open} not known, of ${rows.length}`);
  const isOpen = answers.some(
    ({ notes, outsiders }) => notes.length > 0 || outsiders.some(({ answer }) => answer === 'unknown'),
  );
  if (open + unread.length > 0 || isOpen) process.exitCode = 3;
};

const formatOf = ({ format, output }: WhoCanOptions): 'table' | 'json' | 'svg' => {
  if (format === 'svg' || (format === undefined && output?.toLowerCase().endsWith('.svg'))) {
    refuseOtherEnding(output, '.svg');
    return 'svg';
  }
  return format ?? tableOrJson({ output }, 'table');
};

const textOf = async (
  format: 'table' | 'json' | 'svg',
  answers: readonly WhoCan[],
  unread: readonly UnreadAccount[],
): Promise<string> => {
  switch (format) {
    case 'json':
      return whoCanJson(answers, unread);
    case 'table':
      return whoCanTable(answers);
    case 'svg': {
      const [{ toSvg }, { whoCanPicture }] = await Promise.all([
        import('../shared/outputs/graph/graph.tsx'),
        import('../shared/outputs/pages/who-can-picture.ts'),
      ]);
      return toSvg(whoCanPicture(answers));
    }
  }
};

const nothingAsked = (known: readonly AskedAccount[]): UsageError =>
  new UsageError(
    `what is named is in none of the accounts that were read: ${known.map(({ scope }) => scope.account).join(', ') || 'none'}`,
  );

const PIPELINE_NAME = /^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,255}$/;

/**
 * The pipelines of that name in the Regions of an account. Where the names in a Region are not known, the pipeline may be there.
 * @throws {UsageError} if it is the name of none.
 */
const pipelinesAsked = (verb: PipelineVerb, named: string, { scope, pipelines }: AskedAccount): Asked[] => {
  const arn = parseArn(named);
  const name = arn ? pipelineNameIn(named) : named;
  if (name === undefined || !PIPELINE_NAME.test(name))
    throw new UsageError(`${visibleText(named) || '""'}: give the name or the ARN of a pipeline`);
  if (arn && arn.account !== scope.account) return [];
  const names: string[] = [];
  const asked = [...pipelines].flatMap(([region, listed]): Asked[] => {
    if (arn && arn.region !== region) return [];
    if (listed.ok) names.push(...listed.value);
    const isThere = !listed.ok || listed.value.some((each) => each.toLowerCase() === name.toLowerCase());
    return isThere ? [{ verb, resource: sagemakerArn({ ...scope, region }, `pipeline/${name}`) }] : [];
  });
  if (asked.length === 0 && names.length > 0 && suggestion(name, names) !== '')
    throw new UsageError(
      `${visibleText(name)}: ${scope.account} has no such pipeline${visibleText(suggestion(name, names))}`,
    );
  return asked;
};

/** @throws {UsageError} if it is no name of a role. */
const roleAsked = (named: string, { scope, principals }: AskedAccount): Asked[] => {
  const isArn = named.startsWith('arn:');
  const arn = parseArn(named);
  if (named === '' || (isArn && !(arn?.service === 'iam' && arn.resource.startsWith('role/'))))
    throw new UsageError(`${visibleText(named) || '""'}: give the name or the ARN of a role`);
  if (isArn && arn?.account !== scope.account) return [];
  const roles = principals.filter(({ identity }) => identity.principal.kind === 'role');
  const found = roles.find(({ identity }) => named === (isArn ? identity.principal.arn : identity.name));
  if (found) return [{ verb: 'pass', resource: found.identity.principal.arn }];
  const names = roles.map(({ identity }) => identity.name);
  throw new UsageError(
    `${visibleText(named)}: ${scope.account} has no such role${visibleText(suggestion(named, names))}`,
  );
};

const LONGEST_NAME = Math.max(...Object.values(JOB_KINDS).map(({ maxNameLength }) => maxNameLength));

/** @throws {UsageError} if no name of a job begins so. */
const checkPrefix = (prefix: string): void => {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]*$/.test(prefix) || prefix.length > LONGEST_NAME)
    throw new UsageError(
      `${visibleText(prefix) || '""'}: no name of a job begins so; give letters and digits with dashes between them, ${LONGEST_NAME} at most`,
    );
};
