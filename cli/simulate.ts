import type { Command } from 'commander';
import { FULL_AWS_ACCESS } from '../shared/iam/decide/full-access.ts';
import type { Policies } from '../shared/iam/decide/layers.ts';
import { indexPolicies } from '../shared/iam/decide/policy-index.ts';
import type { Request } from '../shared/iam/decide/request.ts';
import { lintPolicy } from '../shared/iam/lint/lint-policy.ts';
import { lintRequest } from '../shared/iam/lint/lint-request.ts';
import type { Policy } from '../shared/iam/policy/policy.ts';
import { formatOption, tableOrJson } from './asked-outputs.ts';
import { snapshotReader } from './audit.ts';
import { UsageError } from './errors.ts';
import { prepareFiles, writeText } from './output.ts';
import { readPolicyFile } from './policy-file.ts';
import { progressOn } from './progress.ts';
import { explainedByOwner } from './simulate-owner.ts';
import { type RequestOptions, requestOf } from './simulate-request.ts';
import { requestInSnapshot } from './simulate-snapshot.ts';
import { problemLine, type Simulation, type SimulationProblem, simulationText } from './simulate-text.ts';

/** The request, and where the policies are that decide it. */
export type SimulationOptions = RequestOptions & {
  snapshot?: string;
  policy?: string[];
  boundary?: string;
  scp?: string[];
  rcp?: string[];
  resourcePolicy?: string;
};

type SimulateOptions = SimulationOptions & {
  format?: 'json' | 'table';
  output?: string;
  quiet?: boolean;
};

/** Adds the command `simulate`. */
export const addSimulate = (program: Command): void => {
  program
    .command('simulate')
    .description('decide one request by policies in files or of a snapshot, and explain the decision')
    .option(
      '--snapshot <dir>',
      'a snapshot folder: the policies of the principal, its boundary, those of the organization and of the resource',
    )
    .option('--policy <files...>', 'identity policies of the principal')
    .option('--boundary <file>', 'its permissions boundary')
    .option(
      '--scp <files...>',
      "service control policies of the principal's account, one level each, the root first",
    )
    .option('--rcp <files...>', 'resource control policies, one level each, the root first')
    .option('--resource-policy <file>', "the resource's policy: a bucket's, a key's, a role's trust policy")
    .option('--endpoint-policy <file>', 'the policy of the VPC endpoint that the request goes through')
    .requiredOption(
      '--principal <arn>',
      "who makes the request: the ARN of a user, role or session, the name of a service, or '*' for an anonymous caller",
    )
    .requiredOption('--action <action>', 'the requested action, such as sagemaker:CreatePipeline')
    .option('--resource <arn>', 'the ARN of the requested resource', '*')
    .option(
      '--resource-account <id>',
      "the account that owns the resource, if its ARN names none, as for a bucket (default: the principal's account)",
    )
    .option(
      '--context <key=value...>',
      "condition keys; a repeated key has several values, a key without = is not in the request, and '*' means that no other key is either",
    )
    .addOption(formatOption('json'))
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
A policy file may be the output of the AWS CLI (get-policy-version, get-role-policy, get-role, get-bucket-policy, ...).
An SCP file with nothing but Denies has AWS's FullAWSAccess beside it, as AWS attaches that to each level.
RCPs limit the resources of their own organization. Where principal and resource are of different accounts, say of which
organization each is (--context aws:PrincipalOrgID=o-... aws:ResourceOrgID=o-..., or the key alone for none).
An action, service or resource that AWS does not have, and a resource that the action does not take, is a warning
in the "problems" and on stderr.

Examples:
  pipewarden simulate --snapshot examples/account --principal arn:aws:iam::111122223333:role/notebook \\
    --action iam:PassRole --resource arn:aws:iam::111122223333:role/admin \\
    --context iam:PassedToService=sagemaker.amazonaws.com
  pipewarden simulate --policy role.json --principal arn:aws:iam::111122223333:role/ml \\
    --action sagemaker:CreateTrainingJob --resource arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-1
  pipewarden simulate --policy p.json --principal arn:aws:iam::111122223333:role/ml --action iam:PassRole \\
    --resource arn:aws:iam::111122223333:role/step --context iam:PassedToService=sagemaker.amazonaws.com
  pipewarden simulate --policy role.json --resource-policy bucket.json --rcp root.json unit.json account.json \\
    --principal arn:aws:iam::111122223333:role/ml --action s3:GetObject --resource arn:aws:s3:::acme/x \\
    --resource-account 444455556666 --endpoint-policy endpoint.json

Exit status: 0 whatever the decision, 2 wrong usage, 3 a policy could not be read.`,
    )
    .action(simulate);
};

const simulate = async (options: SimulateOptions): Promise<void> => {
  await prepareFiles([options.output]);
  const { simulation, notes, isRead } = await simulated(options);
  const progress = progressOn(process.stderr, options.quiet ?? false);
  notes.forEach(progress.say);
  const isTable = tableOrJson(options, 'json') === 'table';
  const text = isTable ? simulationText(simulation) : JSON.stringify(simulation, null, 2);
  await writeText(`${text}\n`, options.output);
  if (!isRead) process.exitCode = 3;
};

/**
 * Decides the request that the options describe. `isRead`: whether all given policies could be read.
 * @throws {UsageError} if the options do not go together, or a file cannot be read.
 */
export const simulated = async (
  options: SimulationOptions,
): Promise<{ simulation: Simulation; notes: string[]; isRead: boolean }> => {
  const { request, policies, read, notes } = await decisionOf(options);
  const ofRequest = requestProblems(options);
  const { explanation, notes: ownerNotes } = explainedByOwner(policies, request);
  return {
    simulation: { ...explanation, problems: [...ofRequest, ...read.flatMap(policyProblems)] },
    notes: [...notes, ...ownerNotes, ...ofRequest.map(problemLine)],
    isRead: read.every(({ isReadable }) => isReadable),
  };
};

/** The options that give policies in files. A snapshot has them all but the endpoint’s. */
const POLICY_FILES = ['policy', 'boundary', 'scp', 'rcp', 'resourcePolicy'] as const;

const decisionOf = async (options: SimulationOptions): Promise<ReadPolicies & { request: Request }> => {
  const request = requestOf(options);
  if (options.snapshot === undefined) {
    const isWithoutPolicy = !options.policy && options.resourcePolicy === undefined;
    if (isWithoutPolicy && request.principal.kind !== 'root')
      throw new UsageError(
        'give the policies to decide by: --policy FILE or --resource-policy FILE, or --snapshot DIR for those of an account',
      );
    return { request, ...(await readPolicies(options, request)) };
  }
  const doubled = POLICY_FILES.find((name) => options[name] !== undefined);
  if (doubled !== undefined)
    throw new UsageError(
      `--snapshot has the policies of the principal and its resources: leave --${doubled === 'resourcePolicy' ? 'resource-policy' : doubled} out`,
    );
  const told = await requestInSnapshot(await snapshotReader(options.snapshot), request);
  const endpoint = await readOptional(options.endpointPolicy, 'endpoint');
  return {
    request: told.request,
    policies: { ...told.policies, ...(endpoint.length > 0 && { endpoint: indexPolicies(endpoint) }) },
    read: endpoint,
    notes: told.notes,
  };
};

const requestProblems = (options: SimulationOptions): SimulationProblem[] =>
  lintRequest(options).map(({ part, code, message }) => ({
    option: `--${part}`,
    code,
    severity: 'warning',
    message,
    pointer: '',
  }));

const policyProblems = (policy: Policy): SimulationProblem[] =>
  [...policy.problems, ...lintPolicy(policy)].map((problem) => ({ file: policy.name, ...problem }));

type ReadPolicies = { policies: Policies; read: Policy[]; notes: string[] };

const readPolicies = async (options: SimulationOptions, { action }: Request): Promise<ReadPolicies> => {
  const resourceKind = /^sts:(AssumeRole|TagSession|SetSourceIdentity)/i.test(action) ? 'trust' : 'resource';
  const identity = await Promise.all((options.policy ?? []).map((file) => readPolicyFile(file, 'identity')));
  const boundary = await readOptional(options.boundary, 'boundary');
  const scps = await Promise.all((options.scp ?? []).map((file) => readPolicyFile(file, 'scp')));
  const rcps = await Promise.all((options.rcp ?? []).map((file) => readPolicyFile(file, 'rcp')));
  const resource = await readOptional(options.resourcePolicy, resourceKind);
  const endpoint = await readOptional(options.endpointPolicy, 'endpoint');
  const levels = scps.map((scp) => (isOnlyDenies(scp) ? [scp, FULL_AWS_ACCESS] : [scp]));
  return {
    read: [...identity, ...boundary, ...scps, ...rcps, ...resource, ...endpoint],
    policies: {
      ...(identity.length > 0 && { identity: indexPolicies(identity) }),
      ...(boundary.length > 0 && { boundary: indexPolicies(boundary) }),
      ...(scps.length > 0 && { scps: levels.map(indexPolicies) }),
      ...(rcps.length > 0 && { rcps: rcps.map((rcp) => indexPolicies([rcp])) }),
      ...(resource.length > 0 && { resource: indexPolicies(resource) }),
      ...(endpoint.length > 0 && { endpoint: indexPolicies(endpoint) }),
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
