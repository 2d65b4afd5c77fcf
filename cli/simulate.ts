import { type Command, Option } from 'commander';
import { type ContextValue, contextOf } from '../shared/iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../shared/iam/decide/full-access.ts';
import type { Policies } from '../shared/iam/decide/layers.ts';
import { indexPolicies } from '../shared/iam/decide/policy-index.ts';
import type { Request } from '../shared/iam/decide/request.ts';
import { type Explanation, explain } from '../shared/iam/explain/explain.ts';
import { lintPolicy } from '../shared/iam/lint/lint-policy.ts';
import type { Policy, PolicyProblem } from '../shared/iam/policy/policy.ts';
import { principalOf } from '../shared/iam/policy/principal.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { prepareFiles, writeText } from './output.ts';
import { readPolicyFile } from './policy-file.ts';
import { progressOn } from './progress.ts';

type SimulateOptions = {
  policy?: string[];
  boundary?: string;
  scp?: string[];
  resourcePolicy?: string;
  principal: string;
  action: string;
  resource: string;
  context?: string[];
  format: 'json' | 'table';
  output?: string;
  quiet?: boolean;
};

/** What the command puts out: one decision, and what is wrong with the policies it was made by. */
type Simulation = Explanation & { problems: (PolicyProblem & { file: string })[] };

/** Adds the command `simulate`. */
export const addSimulate = (program: Command): void => {
  program
    .command('simulate')
    .description('one decision by policies in files: may this principal do this here, and why')
    .option('--policy <files...>', 'identity policies of the principal')
    .option('--boundary <file>', 'its permissions boundary')
    .option('--scp <files...>', 'service control policies, one level each, the root first')
    .option('--resource-policy <file>', "the resource's policy: a bucket's, a key's, a role's trust policy")
    .requiredOption(
      '--principal <arn>',
      'who asks: the ARN of a user, role or session, or the name of a service',
    )
    .requiredOption('--action <action>', 'what is asked, such as sagemaker:CreatePipeline')
    .option('--resource <arn>', 'what it is asked of', '*')
    .option(
      '--context <key=value...>',
      "condition keys; a key twice has two values, a key without = is not in the request, '*' alone: nor is any other",
    )
    .addOption(
      new Option('--format <format>', 'how the decision is put out')
        .choices(['json', 'table'])
        .default('json'),
    )
    .option('-o, --output <file>', 'where it goes; stdout without it')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
A policy file may be the output of the AWS CLI (get-policy-version, get-role-policy, get-role, get-bucket-policy, ...).
An SCP file with nothing but Denies has AWS's FullAWSAccess beside it, as AWS attaches that to each level.

Examples:
  pipewarden simulate --policy role.json --principal arn:aws:iam::111122223333:role/ml \\
    --action sagemaker:CreateTrainingJob --resource arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-1
  pipewarden simulate --policy p.json --principal arn:aws:iam::111122223333:role/ml --action iam:PassRole \\
    --resource arn:aws:iam::111122223333:role/step --context iam:PassedToService=sagemaker.amazonaws.com

Exit status: 0 whatever the decision, 2 wrong usage, 3 a policy could not be read.`,
    )
    .action(async (options: SimulateOptions) => {
      await prepareFiles([options.output]);
      const request = requestOf(options);
      const { policies, read, notes } = await readPolicies(options, request);
      const progress = progressOn(process.stderr, options.quiet ?? false);
      for (const note of notes) progress.say(note);
      const problems = read.flatMap((policy) =>
        [...policy.problems, ...lintPolicy(policy)].map((problem) => ({ file: policy.name, ...problem })),
      );
      const simulation = { ...explain(policies, request), problems };
      const text = options.format === 'table' ? toText(simulation) : JSON.stringify(simulation, null, 2);
      await writeText(`${text}\n`, options.output);
      if (read.some(({ isReadable }) => !isReadable)) process.exitCode = 3;
    });
};

const ACTION = /^[a-z0-9-]+:[a-z0-9]+$/i;

const requestOf = (options: SimulateOptions): Request => {
  if (!options.policy && options.resourcePolicy === undefined)
    throw new UsageError('give the policies to decide by: --policy FILE or --resource-policy FILE');
  const principal = principalOf(options.principal);
  if (!principal)
    throw new UsageError(
      `--principal ${JSON.stringify(options.principal)}: give the ARN of a user, role, session or account, or a service such as sagemaker.amazonaws.com`,
    );
  if (!ACTION.test(options.action))
    throw new UsageError(
      `--action ${JSON.stringify(options.action)}: give one action, such as sagemaker:CreatePipeline`,
    );
  if (options.resource !== '*' && !options.resource.startsWith('arn:'))
    throw new UsageError(
      `--resource ${JSON.stringify(options.resource)}: give an ARN, or "*" for an action without resources`,
    );
  const { action, resource } = options;
  return { principal, action, resource, context: readContext(options.context ?? []) };
};

const readContext = (entries: readonly string[]): Request['context'] => {
  const values = new Map<string, ContextValue>();
  for (const entry of entries.filter((text) => text !== '*')) {
    const equals = entry.indexOf('=');
    const key = equals < 0 ? entry : entry.slice(0, equals);
    if (!/^[^\s:]+:\S/.test(key))
      throw new UsageError(
        `--context ${JSON.stringify(entry)}: give KEY=VALUE, such as aws:SourceIp=203.0.113.7`,
      );
    const before = values.get(key);
    const known = before === undefined || before === null ? [] : [before].flat();
    values.set(key, equals < 0 ? null : [...known, entry.slice(equals + 1)]);
  }
  return contextOf(Object.fromEntries(values), entries.includes('*') ? 'absent' : 'unknown');
};

type ReadPolicies = { policies: Policies; read: Policy[]; notes: string[] };

const readPolicies = async (options: SimulateOptions, { action }: Request): Promise<ReadPolicies> => {
  const resourceKind = /^sts:(AssumeRole|TagSession|SetSourceIdentity)/i.test(action) ? 'trust' : 'resource';
  const identity = await Promise.all((options.policy ?? []).map((file) => readPolicyFile(file, 'identity')));
  const boundary = await readOptional(options.boundary, 'boundary');
  const scps = await Promise.all((options.scp ?? []).map((file) => readPolicyFile(file, 'scp')));
  const resource = await readOptional(options.resourcePolicy, resourceKind);
  const levels = scps.map((scp) => (isOnlyDenies(scp) ? [scp, FULL_AWS_ACCESS] : [scp]));
  return {
    read: [...identity, ...boundary, ...scps, ...resource],
    policies: {
      ...(identity.length > 0 && { identity: indexPolicies(identity) }),
      ...(boundary.length > 0 && { boundary: indexPolicies(boundary) }),
      ...(scps.length > 0 && { scps: levels.map(indexPolicies) }),
      ...(resource.length > 0 && { resource: indexPolicies(resource) }),
    },
    notes: scps
      .filter(isOnlyDenies)
      .map(
        ({ name }) =>
          `${name} holds nothing but Denies: AWS's FullAWSAccess is taken to be attached beside it`,
      ),
  };
};

const readOptional = async (file: string | undefined, kind: Policy['kind']): Promise<Policy[]> =>
  file === undefined ? [] : [await readPolicyFile(file, kind)];

const isOnlyDenies = ({ isReadable, statements }: Policy): boolean =>
  isReadable && statements.every(({ effect }) => effect === 'Deny');

/** The simulation for a person: the decision, why, and what would change it. */
const toText = ({
  decision,
  decidedBy,
  missingContext,
  failedLayer,
  nearest,
  because,
  doubts,
  problems,
}: Simulation): string => {
  const place = ({
    policy,
    pointer,
    statement,
  }: {
    policy: string;
    pointer: string;
    statement: string | number;
  }) => `${policy}${pointer}${typeof statement === 'string' ? ` (${statement})` : ''}`;
  const level = failedLayer?.level === undefined ? '' : ` at level ${failedLayer.level + 1}`;
  const lines = [
    decision,
    ...decidedBy.map((by) => `  ${by.effect} ${place(by)}`),
    ...(because === undefined ? [] : [`  ${because}`]),
    ...(failedLayer ? [`  no Allow in the ${failedLayer.layer} policies${level}`] : []),
    ...(nearest
      ? [
          `  nearest: ${place(nearest)}`,
          `    ${nearest.element} found: ${nearest.found}`,
          `    ${nearest.element} wanted: ${nearest.expected}`,
        ]
      : []),
    ...missingContext.map((key) => `  not known: ${key}; give it by --context ${key}=VALUE`),
    ...doubts.map((doubt) => `  not known: ${doubt}`),
    ...problems.map(
      ({ file, line, column, pointer, severity, message }) =>
        `${severity}: ${file}${line === undefined ? pointer : `:${line}:${column}`}: ${message}`,
    ),
  ];
  return lines.map(visibleText).join('\n');
};
