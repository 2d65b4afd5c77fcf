import type { MemberTargets } from '../shared/config/member-targets.ts';
import { SWEEP_SCHEDULE } from '../shared/config/sweep-schedule.ts';
import { parseArn } from '../shared/domain/arn.ts';
import { partitionOfRegion } from '../shared/domain/regions.ts';
import { isObject, type Json, member } from '../shared/json/json.ts';

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
  /** The other accounts that are watched, if any. */
  members?: MemberTargets;
  sweepSchedule: string;
  /** Each schedule makes reports of its own; a report is compared with the previous one of the same schedule. */
  reportSchedules: readonly string[];
  /** The reserved concurrency of the audit function, at least 2. Null reserves nothing for any function. */
  reservedConcurrency: number | null;
  logRetentionDays: number;
  /** Whether EventBridge keeps the events in archives, from which they can be replayed. */
  hasArchives: boolean;
  /** Whether functions and sweeps are traced by X-Ray. */
  isTraced: boolean;
  /** The name, with its path, of the managed policy that bounds all roles; each account with roles has one of that name. */
  permissionsBoundary?: string;
  /** For tests only: PutEvents refuses sources that begin with `aws.`. */
  eventSourcePrefix?: string;
  /** For tests only: the endpoints of emulators. */
  environment?: Readonly<Record<string, string>>;
};

export const DEFAULTS = {
  sweepSchedule: SWEEP_SCHEDULE,
  reportSchedules: ['cron(0 6 ? * MON *)'] as readonly string[],
  reservedConcurrency: 10,
  logRetentionDays: 365,
  hasArchives: true,
  isTraced: true,
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

/** The number in `-c reservedConcurrency`; null for `none`, for accounts that have no concurrency to spare. */
export const concurrencyOf = (text: string | undefined): number | null => {
  if (text === undefined) return DEFAULTS.reservedConcurrency;
  if (text === 'none') return null;
  const number = Number(text);
  // Lambda allows 2 to 1,000 concurrent invocations for an event source of SQS.
  if (Number.isInteger(number) && number >= 2 && number <= 1000) return number;
  throw new Error(`reservedConcurrency must be a whole number from 2 to 1000, or none; it is ${text}`);
};

/** Regions in which EventBridge has no archives: https://docs.aws.amazon.com/eventbridge/latest/userguide/feature-availability.html */
const WITHOUT_ARCHIVES: readonly string[] = ['ap-east-2'];

/**
 * What is left out: what the options `-c archives=none` and `-c tracing=none` say, else what a Region does not have. In China, Lambda
 * does not trace.
 */
export const featuresOf = (
  region: string,
  { archives, tracing }: { archives: string | undefined; tracing: string | undefined },
): Pick<Settings, 'hasArchives' | 'isTraced'> => ({
  hasArchives: isNone('archives', archives) ? false : !WITHOUT_ARCHIVES.includes(region),
  isTraced: isNone('tracing', tracing) ? false : partitionOfRegion(region) !== 'aws-cn',
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
    `permissionsBoundary must be the name of a managed policy, with its path if it has one (team/boundary), as each watched account has one of that name; it is ${text}`,
  );
};

/** The texts of an option, such as `-c ownForwarders=us-east-1,eu-central-1`. */
export const listOf = (text: string | undefined): string[] =>
  (text ?? '').split(',').flatMap((part) => part.trim() || []);

/** The tags in `-c tags=team=ml,cost-center=42`. */
export const tagsOf = (text: string | undefined): [key: string, value: string][] =>
  (text ?? '')
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [key = '', ...rest] = part.split('=');
      if (key.trim() === '' || rest.length === 0)
        throw new Error(`tags must be KEY=VALUE,…; there is ${part}`);
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
