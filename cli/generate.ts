import { type Command, InvalidArgumentError, Option } from 'commander';
import { JOB_NAME_BEGINNING } from '../shared/config/schema.ts';
import type { DataRole } from '../shared/definition/data-role.ts';
import { type ResolveScope, resolveScope } from '../shared/definition/expression.ts';
import { JOB_STEP_TYPES, type JobStepType } from '../shared/definition/step-types.ts';
import { stepRoles } from '../shared/definition/step-values.ts';
import { parseArn } from '../shared/domain/arn.ts';
import { partitionOfRegion, REGIONS } from '../shared/domain/regions.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { READ_ACTIONS } from '../shared/facts/read-actions.ts';
import { asText } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { creatorNeeds } from '../shared/needs/creator-needs.ts';
import { jobRoleNeeds } from '../shared/needs/job-role-needs.ts';
import type { Need } from '../shared/needs/need.ts';
import { pipelineNeeds } from '../shared/needs/step-needs.ts';
import { auditPolicy, type Place } from '../shared/policies/audit-policy.ts';
import { delegationPolicy } from '../shared/policies/delegation-policy.ts';
import { leastPolicy } from '../shared/policies/least-policy.ts';
import { prefixPolicy, tooLongFor } from '../shared/policies/prefix-policy.ts';
import { REQUIRED_CORS_DOCUMENT } from '../shared/policies/required-cors.ts';
import { type ExceptionTag, networkScp, withException } from '../shared/policies/scp-exception.ts';
import { versionPolicy } from '../shared/policies/version-policy.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { configOf } from './config.ts';
import { type DefinitionFile, readDefinitionFile } from './definition-file.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';

type PlaceOptions = {
  account?: string | undefined;
  region?: string | undefined;
  partition?: string | undefined;
};
type OutputOptions = { output?: string; quiet?: boolean };

/** A document, notes on it for the user, and whether it is incomplete. */
type Generated = { document: unknown; notes?: readonly string[]; isPartial?: boolean };

/** Adds the command `generate`, with a subcommand for each document. */
export const addGenerate = (program: Command): void => {
  const generate = program
    .command('generate')
    .description(
      'write the least-privilege document for one of the six systems, proven by the policy engine; or for the audit itself',
    )
    .addHelpText(
      'after',
      `
Examples:
  pipewarden generate execution-role pipeline.json --account 111122223333 --region eu-west-1 > role-policy.json
  pipewarden generate audit-policy --account 111122223333
  pipewarden generate cors | aws s3api put-bucket-cors --bucket acme-images --cors-configuration file:///dev/stdin

Exit status: 0, 2 wrong usage or unreadable input, 3 the document is incomplete, because the input leaves something open (see stderr).`,
    );

  withPlace(generate.command('execution-role'))
    .description('the policy of the execution role of a pipeline: all that SageMaker needs to run its steps')
    .argument('<file>', 'a pipeline definition, or the output of `aws sagemaker describe-pipeline`')
    .addOption(
      new Option(
        '--for <party>',
        'execution: to make the jobs; job: what the jobs of steps need of their role; creator: to make, change and start the pipeline; without it all that the execution role needs',
      ).choices(PARTIES),
    )
    .option('--role <arn>', 'with --for job, the role that is meant, where steps run under several')
    .action(async (file: string, options: RoleOptions & OutputOptions) => {
      await put(options, async () => executionRole(await readDefinitionFile(file), options));
    });

  withPlace(generate.command('prefix-policy'))
    .description('the policy that authorises job-name prefixes: its holder may create jobs under them only')
    .requiredOption('--prefix <prefixes...>', 'base job names, without the dash that follows them')
    .addOption(
      new Option('--step-types <types...>', 'the step types whose jobs they are for')
        .choices(JOB_STEP_TYPES)
        .default(JOB_STEP_TYPES, 'all'),
    )
    .action(
      async (options: PlaceOptions & OutputOptions & { prefix: string[]; stepTypes: JobStepType[] }) => {
        await put(options, () => authorisedPrefixes(options.prefix, options.stepTypes, scopeOf(options)));
      },
    );

  withPlace(generate.command('version-policy'))
    .description(
      'the policy that lets its holder start and change versions of a pipeline from a lowest one on',
    )
    .requiredOption('--minimum <version>', 'the lowest version', positiveInteger)
    .option('--pipeline <name>', 'the pipeline', '*')
    .action(async (options: PlaceOptions & OutputOptions & { minimum: number; pipeline: string }) => {
      await put(options, () => versionFloor(options.pipeline, options.minimum, scopeOf(options)));
    });

  addAuditPolicy(generate);
  addDelegationPolicy(generate);

  withOutput(generate.command('cors'))
    .description(
      'the CORS configuration of a bucket that images are imported from, for s3api put-bucket-cors',
    )
    .action(async (options: OutputOptions) => {
      await put(options, () => ({ document: REQUIRED_CORS_DOCUMENT }));
    });

  withOutput(generate.command('scp-exception'))
    .description('an SCP with the exception that JsonGet needs for the execution roles that carry a tag')
    .argument('[file]', 'the SCP that restricts S3 to a network; without it, a new one is made')
    .option(
      '--source <ids...>',
      'for a new SCP: the VPCs (vpc-…) and endpoints (vpce-…) to which S3 is restricted',
    )
    .option('--tag-key <key>', "the tag's key (default: scpException.tagKey of the configuration)")
    .option('--tag-value <value>', "the tag's value (default: scpException.tagValue)")
    .option('--config <file>', 'the configuration (default: pipewarden.yaml, if it exists)')
    .action(async (file: string | undefined, options: ScpOptions & OutputOptions) => {
      await put(options, () => scpException(file, options));
    });
};

const addAuditPolicy = (generate: Command): void => {
  withPlace(generate.command('audit-policy'))
    .description(
      'the policy of whoever audits with this command: all that it reads of an account, and no more',
    )
    .addHelpText(
      'after',
      `
Examples:
  pipewarden generate audit-policy > audit-policy.json
  pipewarden generate audit-policy --account 111122223333 --region eu-west-1

Without --account and --region it is for any account and any Region. SCPs and RCPs can be read only by the management
account, by delegated administrators, and by accounts that generate delegation-policy is for; elsewhere an audit does without
them, and says so. A KMS key is read only where its
own policy allows that, or names the account, as the default policy of a key does.`,
    )
    .action(async (options: PlaceOptions & OutputOptions) => {
      await put(options, () => ({ document: auditPolicy(READ_ACTIONS, placeOf(options)) }));
    });
};

const addDelegationPolicy = (generate: Command): void => {
  withOutput(generate.command('delegation-policy'))
    .description(
      'the policy by which the management account lets another account read the SCPs and RCPs of all its organization',
    )
    .requiredOption(
      '--account <id>',
      'the 12 digits of the account that audits, such as that of the deployment',
    )
    .option('--partition <partition>', 'aws, aws-cn or aws-us-gov', 'aws')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden generate delegation-policy --account 111122223333 > delegation-policy.json
  aws organizations put-resource-policy --content file://delegation-policy.json   # as the management account

An organization has one such policy, and put-resource-policy replaces it. If \`aws organizations describe-resource-policy\` shows
one, add the statement to it and put the whole.`,
    )
    .action(async ({ output, quiet, ...place }: DelegationOptions) => {
      const { partition, account } = placeOf(place);
      if (account === undefined) throw new UsageError('--account: give the 12 digits of the account');
      await put({ ...(output !== undefined && { output }), ...(quiet !== undefined && { quiet }) }, () => ({
        document: delegationPolicy(READ_ACTIONS, { partition, account }),
        notes: [
          'an organization has one resource policy, and put-resource-policy replaces it: if describe-resource-policy shows one, add this statement to it',
        ],
      }));
    });
};

type DelegationOptions = OutputOptions & { account: string; partition: string };

const withOutput = (command: Command): Command =>
  command
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--quiet', 'no messages on stderr');

const withPlace = (command: Command): Command =>
  withOutput(command)
    .option('--account <id>', 'the 12 digits of the account')
    .option('--region <region>', 'the AWS Region')
    .option('--partition <partition>', 'aws, aws-cn or aws-us-gov; by the Region without it');

const put = async (
  { output, quiet, ...place }: OutputOptions & PlaceOptions,
  make: () => Generated | Promise<Generated>,
): Promise<void> => {
  await prepareFiles([output]);
  const { document, notes = [], isPartial } = await make();
  const progress = progressOn(process.stderr, quiet ?? false);
  for (const note of [...regionNotes(place), ...notes]) progress.say(note);
  await writeText(`${JSON.stringify(document, null, 2)}\n`, output);
  if (isPartial) process.exitCode = 3;
};

const given = (option: string, value: string): string => `${option} ${JSON.stringify(value)}`;

const scopeOf = (options: PlaceOptions): Scope => {
  const { account, region } = options;
  if (account === undefined) throw new UsageError('--account: give the 12 digits of the account');
  if (region === undefined) throw new UsageError('--region: give the Region, such as eu-west-1');
  return { ...placeOf(options), account, region };
};

const placeOf = ({ account, region, partition }: PlaceOptions): Place => {
  if (account !== undefined && !/^\d{12}$/.test(account))
    throw new UsageError(`${given('--account', account)}: give the 12 digits of the account`);
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d$/.test(region))
    throw new UsageError(`${given('--region', region)}: give the Region, such as eu-west-1`);
  if (partition !== undefined && !/^aws(-[a-z]+)*$/.test(partition))
    throw new UsageError(`--partition ${JSON.stringify(partition)}: give aws, aws-cn or aws-us-gov`);
  const usual = region === undefined ? (partition ?? 'aws') : partitionOfRegion(region);
  const isKnown = REGIONS.some((known) => known === region);
  if (partition !== undefined && usual !== partition && (isKnown || usual !== 'aws'))
    throw new UsageError(
      `--region ${region}: no Region of ${partition}, which is told by --partition or by ARNs`,
    );
  return {
    partition: partition ?? usual,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
  };
};

/** What to know of a Region that this version does not know: a new one, or a misspelt one. */
const regionNotes = ({ region }: PlaceOptions): string[] =>
  region === undefined || REGIONS.some((known) => known === region)
    ? []
    : [`--region ${region}: this version knows no such Region${suggestion(region, REGIONS)}`];

const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('give a whole number from 1 on.');
  return value;
};

/**
 * The longest managed policy that IAM accepts, not counting white space. The inline policies of a role share 10,240
 * characters.
 */
const MAX_MANAGED_LENGTH = 6144;

const PARTIES = ['execution', 'job', 'creator'] as const;
type Party = (typeof PARTIES)[number];
type RoleOptions = PlaceOptions & { for?: Party; role?: string };

/** What a policy must allow, and what of it the input does not tell. */
type Asked = { needs: readonly Need[]; open: readonly string[]; notes: readonly string[] };

const executionRole = ({ pipeline, definition }: DefinitionFile, options: RoleOptions): Generated => {
  // A role can be passed only within its account, so any role of the pipeline tells the account.
  const roles = definition.steps.flatMap(stepRoles).map(({ value }) => value);
  const known = [pipeline.roleArn, ...roles].flatMap((role) => parseArn(asText(role) ?? '') ?? [])[0];
  const place = scopeOf({
    account: options.account ?? known?.account,
    region: options.region ?? (parseArn(pipeline.arn ?? '')?.region || undefined),
    partition: options.partition ?? known?.partition,
  });
  if (options.role !== undefined && options.for !== 'job')
    throw new UsageError('--role is for --for job: the role of which steps the policy is meant for');
  const scope = resolveScope(definition, pipeline.name);
  const { needs, open, notes } = askedOf(options, pipeline, scope, place);
  if (needs.length === 0 && (options.for === 'creator' || options.for === 'job'))
    throw new UsageError(
      `nothing is told that this policy would allow: ${[...open, ...notes].join('; ') || 'no step asks for anything'}`,
    );
  const document = leastPolicy(needs, place);
  return {
    document,
    isPartial: open.length > 0,
    notes: [
      ...open.map((reason) => `not in the policy: ${reason}`),
      ...notes,
      ...(JSON.stringify(document).length > MAX_MANAGED_LENGTH
        ? [
            `IAM takes ${MAX_MANAGED_LENGTH} characters in one managed policy: divide this one by its statements`,
          ]
        : []),
    ],
  };
};

const askedOf = (
  { for: named, role }: RoleOptions,
  pipeline: DefinitionFile['pipeline'],
  scope: ResolveScope,
  place: Scope,
): Asked => {
  const party: Party | 'execution and its own jobs' = named ?? 'execution and its own jobs';
  const executing = (): Asked => {
    const { needs, open } = pipelineNeeds(scope, place, pipeline.roleArn);
    return { needs, open: open.map(({ pointer, reason }) => `${pointer}: ${reason}`), notes: [] };
  };
  const jobs = jobsByRole(scope, place, pipeline.roleArn);
  const ofOwn = jobs.find(({ isOwn }) => isOwn);
  const others = jobs.filter(({ isOwn }) => !isOwn);
  switch (party) {
    case 'creator':
      return { ...creatorNeeds(pipeline, place), notes: [] };
    case 'execution':
      return executing();
    case 'job':
      return askedOfJobs(jobs, role);
    case 'execution and its own jobs': {
      const { needs, open } = executing();
      return {
        needs: [...needs, ...(ofOwn?.needs ?? [])],
        open: [...open, ...(ofOwn?.open ?? [])],
        notes: [...(ofOwn ? encryptedInputs(ofOwn.needs) : []), ...othersNote(others)],
      };
    }
  }
};

/** What the jobs that run under one role need of it; `isOwn`: it is the execution role. */
type JobsOfRole = {
  roleArn: string | undefined;
  isOwn: boolean;
  steps: string[];
  needs: Need[];
  open: string[];
};

const jobsByRole = (
  scope: ResolveScope,
  place: Scope,
  executionRoleArn: string | undefined,
): JobsOfRole[] => {
  const byRole = new Map<string, JobsOfRole>();
  for (const step of scope.definition.steps) {
    const { needs, open } = jobRoleNeeds(step, scope, place, executionRoleArn);
    const rowOf = ({ role, isDefault }: DataRole): JobsOfRole => {
      const isOwn = isDefault === true || (role !== undefined && role === executionRoleArn);
      const key = isOwn ? 'own' : `role ${role ?? ''}`;
      const row = byRole.get(key) ?? { roleArn: role, isOwn, steps: [], needs: [], open: [] };
      byRole.set(key, row);
      if (row.steps.at(-1) !== step.name) row.steps.push(step.name);
      return row;
    };
    for (const { of, need } of needs) rowOf(of).needs.push(need);
    for (const { of, pointer, reason } of open) rowOf(of).open.push(`${pointer}: ${reason}`);
  }
  return [...byRole.values()];
};

const askedOfJobs = (jobs: readonly JobsOfRole[], role: string | undefined): Asked => {
  const names = jobs.map(
    ({ roleArn, steps }) => `${roleArn ?? 'a role that is not told'} (${steps.join(', ')})`,
  );
  const [only, ...others] = role === undefined ? jobs : jobs.filter(({ roleArn }) => roleArn === role);
  if (!only && role !== undefined)
    throw new UsageError(`--role ${JSON.stringify(role)}: no step runs under it; ${names.join('; ')}`);
  if (others.length > 0)
    throw new UsageError(`the steps run under several roles: say which by --role: ${names.join('; ')}`);
  return only
    ? { needs: only.needs, open: only.open, notes: encryptedInputs(only.needs) }
    : { needs: [], open: [], notes: [] };
};

const MAX_NAMED = 5;

/** The steps that run under other roles need more of those roles, which another policy must allow. */
const othersNote = (others: readonly JobsOfRole[]): string[] => {
  const named = others
    .slice(0, MAX_NAMED)
    .map(({ roleArn, steps }) => `${roleArn ?? 'a role that only a run tells'} (${steps.join(', ')})`);
  const more = others.length - named.length;
  return others.length === 0
    ? []
    : [
        `what the roles of these jobs need is told by --for job: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
      ];
};

const encryptedInputs = (needs: readonly Need[]): string[] =>
  needs.some(({ action }) => action === 's3:GetObject')
    ? [
        'where the bucket of an input encrypts by a KMS key of its own, add kms:Decrypt on that key: the definition does not tell it',
      ]
    : [];

const authorisedPrefixes = (prefixes: string[], stepTypes: JobStepType[], scope: Scope): Generated => {
  const wrong = prefixes.find((prefix) => !JOB_NAME_BEGINNING.test(prefix));
  if (wrong !== undefined)
    throw new UsageError(
      `--prefix ${JSON.stringify(wrong)}: give the beginning of a job name: letters, digits and inner dashes, without the dash that follows it`,
    );
  return {
    document: prefixPolicy(prefixes, stepTypes, scope),
    notes: prefixes.flatMap((prefix) =>
      tooLongFor(prefix, stepTypes).map(
        ({ type, longest }) =>
          `${prefix} is too long for ${type} steps, whose base job names have ${longest} characters at most`,
      ),
    ),
  };
};

const versionFloor = (pipeline: string, minimum: number, scope: Scope): Generated => {
  if (pipeline !== '*' && !/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/.test(pipeline))
    throw new UsageError(`--pipeline ${JSON.stringify(pipeline)}: give the name of a pipeline`);
  return {
    document: versionPolicy(pipeline, minimum, scope),
    notes: [
      'any other Allow of these actions without the condition undoes the floor, and UpdatePipeline is outside its reach: it makes new versions',
    ],
  };
};

type ScpOptions = {
  source?: string[];
  tagKey?: string;
  tagValue?: string;
  config?: string;
  quiet?: boolean;
};

const scpException = async (file: string | undefined, options: ScpOptions): Promise<Generated> => {
  const tag = await exceptionTag(options);
  if ((file === undefined) === (options.source === undefined))
    throw new UsageError('give either the file of an SCP, or --source with ids of VPCs or endpoints');
  const wrong = options.source?.find((id) => !/^vpce?-[0-9a-z]+$/.test(id));
  if (wrong !== undefined)
    throw new UsageError(
      `--source ${JSON.stringify(wrong)}: give the id of a VPC (vpc-…) or endpoint (vpce-…)`,
    );
  const notes = [
    `put the tag ${tag.key}=${tag.value} on the execution roles of pipelines and on nothing else, and let nobody else set it`,
  ];
  if (file === undefined) return { document: networkScp(options.source ?? [], tag), notes };
  const parsed = parseJson(await readText(file, 'policy'));
  if (!parsed.ok) {
    const { line, column, fault, message } = parsed.error;
    throw new UsageError(`${file}:${line}:${column}: ${fault}: ${message}`);
  }
  const result = withException(parsed.value, tag);
  if (!result.ok) throw new UsageError(`${file}: ${result.message}`);
  const said =
    result.pointers.length > 0
      ? `exception added at ${result.pointers.join(', ')}`
      : `${file} has the exception for this tag already, and is given as it is`;
  return { document: result.document, notes: [said, ...notes] };
};

const exceptionTag = async ({ tagKey, tagValue, config, quiet }: ScpOptions): Promise<ExceptionTag> => {
  const configured =
    tagKey === undefined || tagValue === undefined
      ? (await configOf(config, quiet)).config.scpException
      : undefined;
  const key = tagKey ?? configured?.tagKey;
  const value = tagValue ?? configured?.tagValue;
  if (key === undefined || value === undefined)
    throw new UsageError('give --tag-key and --tag-value, or scpException in the configuration');
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key))
    throw new UsageError(`--tag-key ${JSON.stringify(key)}: not the key of a tag`);
  return { key, value };
};
