import { isUnderPrefix, ownersOf } from '../authorised/named-teams.ts';
import type { Answer } from '../authorised/prefixes.ts';
import { type AccountPlace, unitsIn } from '../config/account-selector.ts';
import { type Alerts, DEFAULT_CONFIG, type FileConfig } from '../config/schema.ts';
import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

type Route = NonNullable<Alerts['routes']>[number];

/** A place where people read alerts. `arn` is a secret’s ARN for `slack`, and a topic’s ARN for the others. */
export type AlertTarget = { kind: 'slack' | 'sns' | 'amazon-q'; arn: string };

/** A target, with the name under which a change remembers that the channel has taken it. */
export type AlertChannel = AlertTarget & { name: string; wants: (finding: Finding) => boolean };

/** Where alerts go that no route takes: the targets of the configuration, or else those of the deployment. */
export type DefaultTargets = { topicArn?: string | undefined; slackSecretArn?: string | undefined };

/** Where findings are, for routes by account, organizational unit and team. */
export type FindingPlaces = {
  /** Its teams are asked. */
  config: FileConfig;
  /** The account of a finding, and the account’s place in its organization; without a field where that is not known. */
  placeOf: (
    finding: Pick<Finding, 'account' | 'resource'>,
  ) => Partial<Pick<AccountPlace, 'account' | 'path'>>;
};

const NOT_KNOWN: FindingPlaces = { config: DEFAULT_CONFIG, placeOf: () => ({}) };

const KINDS = ['slack', 'sns', 'amazon-q'] as const;
const NAMES = { slack: 'Slack', sns: 'SNS', 'amazon-q': 'Amazon Q' } as const;

/**
 * Where to report a finding. For each kind of channel all matching routes count. Where no matching route names that
 * kind, its default target does, from `minimumSeverity` on. A route’s own severity replaces `minimumSeverity`. A route that may
 * match, because the account’s place is not known, counts beside the default target: rather two channels are told than none.
 */
export const routesFor = (
  finding: Pick<Finding, 'control' | 'severity' | 'resource'>,
  alerts: Alerts = {},
  defaults: DefaultTargets = {},
  places: FindingPlaces = NOT_KNOWN,
): AlertTarget[] => {
  const answered = (alerts.routes ?? []).map((route) => ({
    route,
    answer: matches(route.match, finding, alerts, places),
  }));
  return KINDS.flatMap((kind) => {
    const targetsOf = (wanted: Answer): string[] =>
      answered.flatMap(({ route, answer }) => (answer === wanted ? (routeTarget(route, kind) ?? []) : []));
    const sure = targetsOf('yes');
    const first = defaultTarget(kind, alerts, defaults);
    const isFirst = sure.length === 0 && first !== undefined && isFrom(alerts.minimumSeverity, finding);
    const arns = new Set([...sure, ...(isFirst ? [first] : []), ...targetsOf('unknown')]);
    return [...arns].map((arn) => ({ kind, arn }));
  });
};

/** Every channel that the configuration names, each target once. */
export const alertChannels = (
  alerts: Alerts = {},
  defaults: DefaultTargets = {},
  places: FindingPlaces = NOT_KNOWN,
): AlertChannel[] =>
  KINDS.flatMap((kind) => {
    const first = defaultTarget(kind, alerts, defaults);
    const routed = (alerts.routes ?? []).flatMap((route) => routeTarget(route, kind) ?? []);
    return [...new Set([...(first === undefined ? [] : [first]), ...routed])].map((arn) => ({
      kind,
      arn,
      name: arn === first ? NAMES[kind] : `${NAMES[kind]} ${arn}`,
      wants: (finding) =>
        routesFor(finding, alerts, defaults, places).some(
          (target) => target.kind === kind && target.arn === arn,
        ),
    }));
  });

const routeTarget = (route: Route, kind: AlertTarget['kind']): string | undefined => {
  switch (kind) {
    case 'slack':
      return route.slack?.secret;
    case 'sns':
      return route.topicArn;
    case 'amazon-q':
      return route.chatbotTopicArn;
  }
};

const defaultTarget = (
  kind: AlertTarget['kind'],
  alerts: Alerts,
  defaults: DefaultTargets,
): string | undefined => {
  switch (kind) {
    case 'slack':
      return alerts.slack?.secret ?? defaults.slackSecretArn;
    case 'sns':
      return defaults.topicArn;
    case 'amazon-q':
      return alerts.chatbotTopicArn;
  }
};

const matches = (
  { prefix, team, account, organizationalUnit, control, severity }: Route['match'],
  finding: Pick<Finding, 'control' | 'severity' | 'resource'>,
  alerts: Alerts,
  { config, placeOf }: FindingPlaces,
): Answer => {
  const { arn } = finding.resource;
  if (
    (control !== undefined && control !== finding.control) ||
    (prefix !== undefined && !isUnderPrefix(arn, prefix)) ||
    !isFrom(severity ?? alerts.minimumSeverity, finding)
  )
    return 'no';
  const place = placeOf(finding);
  const units = unitsIn(place.path);
  const answers: Answer[] = [
    account === undefined
      ? 'yes'
      : isAmong(account, place.account === undefined ? undefined : [place.account]),
    organizationalUnit === undefined ? 'yes' : isAmong(organizationalUnit, units),
    team === undefined ? 'yes' : isOfTeam(arn, team, alerts, config, place),
  ];
  return answers.includes('no') ? 'no' : answers.includes('unknown') ? 'unknown' : 'yes';
};

const isAmong = (wanted: string, all: readonly string[] | undefined): Answer =>
  all === undefined ? 'unknown' : all.includes(wanted) ? 'yes' : 'no';

const isOfTeam = (
  arn: string,
  team: string,
  alerts: Alerts,
  config: FileConfig,
  { account, path }: ReturnType<FindingPlaces['placeOf']>,
): Answer => {
  if (config.teams === undefined) return isOfAlertsTeam(arn, team, alerts) ? 'yes' : 'no';
  const { sure, perhaps } = ownersOf(config, { arn, account }, path);
  if (sure === team && perhaps.length === 0) return 'yes';
  return sure === team || perhaps.includes(team) ? 'unknown' : 'no';
};

/** A team that alerts alone know, from before there were teams for the whole configuration. */
const isOfAlertsTeam = (arn: string, team: string, { teams = {} }: Alerts): boolean => {
  const { prefixes = [], resources = [] } = (Object.hasOwn(teams, team) ? teams[team] : undefined) ?? {};
  return (
    prefixes.some((prefix) => isUnderPrefix(arn, prefix)) ||
    resources.some((pattern) => matchesGlob(pattern.toLowerCase(), arn.toLowerCase()))
  );
};

/** The lowest severity that people are alerted of. */
export const minimumSeverity = (severity: Alerts['minimumSeverity']): Severity =>
  (severity ?? 'high').toUpperCase() as Severity;

const isFrom = (severity: Alerts['minimumSeverity'], finding: Pick<Finding, 'severity'>): boolean =>
  severityRank(finding.severity) >= severityRank(minimumSeverity(severity));
