import type { MemberTargets } from '../shared/config/member-targets.ts';
import { SWEEP_SCHEDULE } from '../shared/config/sweep-schedule.ts';
import { parseArn } from '../shared/domain/arn.ts';
import { SEVERITIES, type Severity } from '../shared/domain/finding.ts';
import { partitionOfRegion } from '../shared/domain/regions.ts';
import { isObject, type Json, member } from '../shared/json/json.ts';

/** The functions of each deployment, each with a bundle of that name in lower case. */
export const FUNCTIONS = ['Audit', 'Deliver', 'Sweep', 'Report', 'Inventory'] as const;

/** The same, and those that a deployment has only if it is asked for them. */
export const ALL_FUNCTIONS = [...FUNCTIONS, 'Hook', 'History', 'Evidence'] as const;

export type FunctionName = (typeof ALL_FUNCTIONS)[number];

/** The settings of a deployment. Whatever depends on the configuration is taken from it here. */
export type Settings = {
  /** The folder with `<function>/index.mjs` for each function. */
  functionsFolder: string;
  /** The validated configuration, as JSON. */
  configFile: string;
  /** The validated policies of the organization, as JSON, and for which time they hold; missing where functions ask for them. */
  organizationPolicies?: { file: string; asOf: string };
  /** The secret of the Slack channel that also gets the notices of reports. */
  slackSecretArn?: string;
  /** The secrets and parameters with the credentials of channels. */
  secretArns: readonly string[];
  /** Topics of others that alerts are routed to. */
  topicArns: readonly string[];
  /** Which Security Hub gets findings: that of each finding’s account, that of the deployment, or none. */
  findingsGoTo: 'member' | 'hub' | 'off';
  resolvesWorkflow: boolean;
  /** The Regions that the configuration names as watched; the home Region is watched in any case. */
  regions: readonly string[];
  /** The Regions in which the stack that forwards events has the home Region in its name. */
  ownForwarders?: readonly string[];
  /** Whether the events of IAM and Organizations are forwarded from the Region to which AWS sends them. */
  hasIamEvents: boolean;
  /** The other accounts that are watched, if any. */
  members?: MemberTargets;
  sweepSchedule: string;
  /** Each schedule makes reports of its own; a report is compared with the previous one of the same schedule. */
  reportSchedules: readonly string[];
  /** The reserved concurrency of the audit function, at least 2. Null reserves nothing for any function. */
  reservedConcurrency: number | null;
  /** How many batches of the queue the audit function is handed at the same time. */
  maximumConcurrency: number;
  /** The memory of functions in MB, where it is not the one that they have by default. */
  memory: Readonly<Partial<Record<FunctionName, number>>>;
  logRetentionDays: number;
  /** Whether EventBridge keeps the events in archives, from which they can be replayed. */
  hasArchives: boolean;
  /** Whether functions and sweeps are traced by X-Ray. */
  isTraced: boolean;
  /** Whether functions have a policy that refuses whoever calls them directly. */
  hasFunctionPolicies: boolean;
  /** The name, with its path, of the managed policy that bounds all roles; each account with roles has one of that name. */
  permissionsBoundary?: string;
  /** The path of all roles, such as `/team/`, and what their names begin with. */
  rolePath?: string;
  rolePrefix?: string;
  /** Where the functions are in a VPC: its subnets and security groups. */
  subnets?: readonly string[];
  securityGroups?: readonly string[];
  /** A key in place of the one that is made, and a topic in the home Region in place of the one that is made. */
  keyArn?: string;
  alertTopicArn?: string;
  /** What the names of all stacks and StackSets begin with. */
  stackPrefix?: string;
  /** The stack with what is kept, where it keeps a name with another prefix. */
  stateStack?: string;
  /**
   * Whether stacks are judged before they are deployed, by a hook of CloudFormation: it warns, refuses (`fail`), or refuses also what it
   * cannot judge (`strict`).
   */
  hook?: HookMode;
  /** From which severity on the hook refuses; HIGH by default. */
  hookSeverity?: Severity;
  /** Whether what is looked at and what changes is kept for analysis; `locked`: so that nobody can delete it. */
  history?: HistoryMode;
  /** How often an evidence pack is made of the history. */
  evidence?: EvidenceMode;
  /** For tests only: PutEvents refuses sources that begin with `aws.`. */
  eventSourcePrefix?: string;
  /** For tests only: the endpoints of emulators. */
  environment?: Readonly<Record<string, string>>;
};

export const DEFAULTS = {
  sweepSchedule: SWEEP_SCHEDULE,
  reportSchedules: ['cron(0 6 ? * MON *)'] as readonly string[],
  reservedConcurrency: 10,
  maximumConcurrency: 10,
  memory: {},
  logRetentionDays: 365,
  hasArchives: true,
  isTraced: true,
  hasFunctionPolicies: true,
  hasIamEvents: true,
} as const;

/** The settings that the configuration decides. */
export type Configured = Pick<
  Settings,
  | 'slackSecretArn'
  | 'secretArns'
  | 'topicArns'
  | 'findingsGoTo'
  | 'resolvesWorkflow'
  | 'regions'
  | 'sweepSchedule'
  | 'reportSchedules'
>;

/** Takes the settings from the configuration. Every ARN under `alerts` is a secret to read or a topic to write to. */
export const configured = (config: Json): Configured => {
  const arns = [...new Set(textsOf(member(config, 'alerts') ?? null))];
  const ofService = (...services: string[]) =>
    arns.filter((text) => services.includes(parseArn(text)?.service ?? '')).toSorted();
  const slackSecretArn = textAt(config, 'alerts', 'slack', 'secret');
  const findings = textAt(config, 'securityHub', 'findings');
  const reportSchedules = textsOf(at(config, 'reports', 'schedule') ?? null);
  return {
    ...(slackSecretArn !== undefined && { slackSecretArn }),
    secretArns: ofService('secretsmanager', 'ssm'),
    topicArns: ofService('sns'),
    findingsGoTo: findings === 'hub' || findings === 'off' ? findings : 'member',
    resolvesWorkflow: at(config, 'securityHub', 'resolveWorkflow') === true,
    regions: textsOf(at(config, 'organization', 'regions') ?? null),
    sweepSchedule: textAt(config, 'sweep', 'schedule') ?? DEFAULTS.sweepSchedule,
    reportSchedules: reportSchedules.length > 0 ? reportSchedules : DEFAULTS.reportSchedules,
  };
};

/** Where nothing is reserved, the account may have ten concurrent executions in all: half of them are left to the other functions. */
export const UNRESERVED_MAXIMUM = 5;

/**
 * The numbers in `-c reservedConcurrency` (`none` reserves nothing) and `-c maximumConcurrency`.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 * @throws {Error} where a function would be handed more than it reserves: what is throttled becomes a dead letter.
 */
export const concurrencyOf = ({
  reserved,
  maximum,
}: {
  reserved: string | undefined;
  maximum: string | undefined;
}): Pick<Settings, 'reservedConcurrency' | 'maximumConcurrency'> => {
  // Lambda allows 2 to 1,000 concurrent invocations for an event source of SQS.
  const numberIn = (name: string, text: string) =>
    wholeNumber(text, 2, 1000, `${name} must be a whole number from 2 to 1000`);
  const reservedConcurrency =
    reserved === 'none'
      ? null
      : reserved === undefined
        ? DEFAULTS.reservedConcurrency
        : numberIn('reservedConcurrency (or none)', reserved);
  const maximumConcurrency =
    maximum === undefined
      ? (reservedConcurrency ?? UNRESERVED_MAXIMUM)
      : numberIn('maximumConcurrency', maximum);
  if (reservedConcurrency !== null && maximumConcurrency > reservedConcurrency)
    throw new Error(
      `maximumConcurrency (${maximumConcurrency}) must not be larger than reservedConcurrency (${reservedConcurrency}): what is throttled becomes a dead letter`,
    );
  return { reservedConcurrency, maximumConcurrency };
};

/**
 * The megabytes in `-c memory=audit=512,report=2048`.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
export const memoryOf = (text: string | undefined): Settings['memory'] =>
  Object.fromEntries(
    pairsIn('memory', text).map(([key, value]) => {
      const name = ALL_FUNCTIONS.find((known) => known.toLowerCase() === key);
      if (name === undefined)
        throw new Error(
          `memory is of ${ALL_FUNCTIONS.join(', ').toLowerCase()}; there is no function ${key}`,
        );
      return [
        name,
        wholeNumber(value, 128, 10240, `memory=${key} must be a whole number of MB from 128 to 10240`),
      ];
    }),
  );

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
  ...[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ],
];

/** The days in `-c logRetentionDays`. */
export const retentionOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULTS.logRetentionDays;
  const days = RETENTIONS.find((each) => String(each) === text);
  if (days !== undefined) return days;
  throw new Error(
    `logRetentionDays must be one of the numbers that CloudWatch Logs takes (${RETENTIONS.join(', ')}); it is ${text}`,
  );
};

const wholeNumber = (text: string, least: number, most: number, must: string): number => {
  if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new Error(`${must}; it is ${text}`);
};

const HOOK_MODES = ['warn', 'fail', 'strict'] as const;
export type HookMode = (typeof HOOK_MODES)[number];

/** The mode in `-c hook` and the severity in `-c hookSeverity`. */
export const hookOf = ({
  hook,
  hookSeverity,
}: Readonly<Record<'hook' | 'hookSeverity', string | undefined>>): Pick<
  Settings,
  'hook' | 'hookSeverity'
> => {
  if (hook === undefined) {
    if (hookSeverity === undefined) return {};
    throw new Error(
      '--hook-severity goes with --hook, without which nothing is judged before it is deployed',
    );
  }
  const mode = HOOK_MODES.find((known) => known === hook);
  if (mode === undefined) throw new Error(`--hook must be one of ${HOOK_MODES.join(', ')}; it is ${hook}`);
  if (hookSeverity === undefined) return { hook: mode };
  const severity = SEVERITIES.find((known) => known === hookSeverity);
  if (severity !== undefined) return { hook: mode, hookSeverity: severity };
  throw new Error(`--hook-severity must be one of ${SEVERITIES.join(', ')}; it is ${hookSeverity}`);
};

const HISTORY_MODES = ['on', 'locked'] as const;
export type HistoryMode = (typeof HISTORY_MODES)[number];

/** The mode in `-c history`; none is kept where it is missing or `off`. */
export const historyOf = (text: string | undefined): Pick<Settings, 'history'> => {
  if (text === undefined || text === 'off') return {};
  const history = HISTORY_MODES.find((known) => known === text);
  if (history !== undefined) return { history };
  throw new Error(`--history must be off, on or locked; it is ${text}`);
};

const EVIDENCE_MODES = ['monthly'] as const;
export type EvidenceMode = (typeof EVIDENCE_MODES)[number];

/** The mode in `-c evidence`, which goes with a history; no pack is made where it is missing or `off`. */
export const evidenceOf = (
  text: string | undefined,
  { history }: Pick<Settings, 'history'>,
): Pick<Settings, 'evidence'> => {
  if (text === undefined || text === 'off') return {};
  const evidence = EVIDENCE_MODES.find((known) => known === text);
  if (evidence === undefined) throw new Error(`--evidence must be off or monthly; it is ${text}`);
  if (history === undefined)
    throw new Error('--evidence goes with --history on or locked, from which evidence packs are made');
  return { evidence };
};

/** Regions in which EventBridge has no archives: https://docs.aws.amazon.com/eventbridge/latest/userguide/feature-availability.html */
const WITHOUT_ARCHIVES: readonly string[] = ['ap-east-2'];

/**
 * Regions of the partition aws in which CloudFormation does not know policies of functions, or is not known to: those that no list of its
 * resource types names. In other partitions it knows none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-resourcepolicy.html
 */
const WITHOUT_FUNCTION_POLICIES: readonly string[] = ['me-central-1', 'me-west-1'];

/** The features that an option can leave out, such as `-c archives=none`. */
type Feature = 'archives' | 'tracing' | 'iamEvents' | 'functionPolicies';

/** What is left out: what options say, else what a Region does not have. In China, Lambda does not trace. */
export const featuresOf = (
  region: string,
  { archives, tracing, iamEvents, functionPolicies }: Readonly<Record<Feature, string | undefined>>,
): Pick<Settings, 'hasArchives' | 'isTraced' | 'hasIamEvents' | 'hasFunctionPolicies'> => ({
  hasIamEvents: !isNone('iamEvents', iamEvents),
  hasArchives: isNone('archives', archives) ? false : !WITHOUT_ARCHIVES.includes(region),
  isTraced: isNone('tracing', tracing) ? false : partitionOfRegion(region) !== 'aws-cn',
  hasFunctionPolicies: isNone('functionPolicies', functionPolicies)
    ? false
    : partitionOfRegion(region) === 'aws' && !WITHOUT_FUNCTION_POLICIES.includes(region),
});

const isNone = (name: string, text: string | undefined): boolean => {
  if (text !== undefined && text !== 'none')
    throw new Error(`${name} can be none, or left out; it is ${text}`);
  return text === 'none';
};

/**
 * The name in `-c permissionsBoundary`, with its path.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
 * @throws {Error} for an ARN, because each account that is watched has a policy of its own.
 */
export const boundaryOf = (text: string | undefined): string | undefined => {
  if (text === undefined || /^(?:[\w+=,.@-]{1,128}\/){0,9}[\w+=,.@-]{1,128}$/.test(text)) return text;
  throw new Error(
    `--permissions-boundary must be the name of a managed policy, with its path if it has one (team/boundary), as each watched account has one of that name; it is ${text}`,
  );
};

/**
 * The ids in `-c subnets` and `-c securityGroups`, of which neither makes sense alone. Lambda takes 16 and 5.
 * https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
 */
export const vpcOf = (
  given: Readonly<Record<'subnets' | 'securityGroups', string | undefined>>,
): Pick<Settings, 'subnets' | 'securityGroups'> => {
  const [subnets, securityGroups] = [listOf(given.subnets), listOf(given.securityGroups)];
  const idsOf = (name: string, ids: readonly string[], form: RegExp, most: number) => {
    const wrong = ids.find((id) => !form.test(id));
    if (wrong !== undefined)
      throw new Error(
        `${name} must be ids such as ${name === '--subnets' ? 'subnet' : 'sg'}-0123456789abcdef0; there is ${wrong}`,
      );
    if (ids.length > most)
      throw new Error(`${name} takes at most ${most} ids, as Lambda does; there are ${ids.length}`);
  };
  idsOf('--subnets', subnets, /^subnet-[0-9a-f]{8,17}$/, 16);
  idsOf('--security-groups', securityGroups, /^sg-[0-9a-f]{8,17}$/, 5);
  if (subnets.length > 0 !== securityGroups.length > 0)
    throw new Error('--subnets and --security-groups must be given together');
  return subnets.length === 0 ? {} : { subnets, securityGroups };
};

/**
 * The ARN in `-c keyArn`. CloudFormation and the policies of roles take no alias.
 * @throws {Error} for what is no key of the Region.
 */
export const keyArnOf = (text: string | undefined, region: string): string | undefined =>
  arnIn('--key-arn', text, region, {
    service: 'kms',
    resource: /^key\/[\w-]{1,128}$/,
    example: 'key/1234abcd-…',
  });

/**
 * The ARN in `-c alertTopicArn`. An alarm takes topics of its own Region, and none that is first in, first out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 * @throws {Error} for what is no standard topic of the Region.
 */
export const alertTopicArnOf = (text: string | undefined, region: string): string | undefined =>
  arnIn('--alert-topic-arn', text, region, { service: 'sns', resource: /^[\w-]{1,256}$/, example: 'alerts' });

const arnIn = (
  option: string,
  text: string | undefined,
  region: string,
  { service, resource, example }: { service: string; resource: RegExp; example: string },
): string | undefined => {
  if (text === undefined) return undefined;
  const arn = parseArn(text);
  const partition = partitionOfRegion(region);
  if (
    arn?.service === service &&
    arn.region === region &&
    arn.partition === partition &&
    /^\d{12}$/.test(arn.account) &&
    resource.test(arn.resource)
  )
    return text;
  throw new Error(
    `${option} must be an ARN such as arn:${partition}:${service}:${region}:111122223333:${example}, in the home Region; it is ${text}`,
  );
};

/** The texts of an option, such as `-c ownForwarders=us-east-1,eu-central-1`. */
export const listOf = (text: string | undefined): string[] =>
  (text ?? '').split(',').flatMap((part) => part.trim() || []);

/** The tags in `-c tags=team=ml,cost-center=42`. */
export const tagsOf = (text: string | undefined): [key: string, value: string][] => pairsIn('tags', text);

const pairsIn = (option: string, text: string | undefined): [key: string, value: string][] =>
  listOf(text).map((part) => {
    const [key = '', ...rest] = part.split('=');
    if (key.trim() === '' || rest.length === 0)
      throw new Error(`${option} must be KEY=VALUE,…; there is ${part}`);
    return [key.trim(), rest.join('=').trim()];
  });

const textsOf = (value: Json): string[] => {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? Object.values(value).flatMap(textsOf) : [];
};

const at = (value: Json | undefined, ...keys: string[]): Json | undefined =>
  keys.reduce<Json | undefined>(
    (inner, key) => (inner === undefined ? undefined : member(inner, key)),
    value,
  );

const textAt = (value: Json, ...keys: string[]): string | undefined => {
  const found = at(value, ...keys);
  return typeof found === 'string' ? found : undefined;
};
