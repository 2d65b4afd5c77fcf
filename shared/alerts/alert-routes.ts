import { isUnderPrefix, ownersOf } from '../authorised/named-teams.ts';
import type { Answer } from '../authorised/prefixes.ts';
import { type AccountPlace, unitsIn } from '../config/account-selector.ts';
import { type Alerts, DEFAULT_CONFIG, type FileConfig } from '../config/schema.ts';
import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

type Route = NonNullable<Alerts['routes']>[number];

/**
 * A place where people read alerts. `arn` is a secret’s ARN for `slack`, and a topic’s ARN for the others. `note`: why it is told
 * what a route may have for somebody else.
 */
export type AlertTarget = { kind: 'slack' | 'sns' | 'amazon-q'; arn: string; note?: string };

/** A target, with the name under which a change remembers that the channel has taken it. */
export type AlertChannel = Omit<AlertTarget, 'note'> & {
  name: string;
  wants: (finding: Finding) => boolean;
  noteOf: (finding: Finding) => string | undefined;
};

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

/** The control that judges the configuration. */
const OF_CONFIGURATION = 'exceptions-scoped';

const NOT_KNOWN: FindingPlaces = { config: DEFAULT_CONFIG, placeOf: () => ({}) };

const KINDS = ['slack', 'sns', 'amazon-q'] as const;
const NAMES = { slack: 'Slack', sns: 'SNS', 'amazon-q': 'Amazon Q' } as const;

/**
 * Where to report a finding. For each kind of channel all matching routes count. Where no matching route names that
 * kind, its default target does, from `minimumSeverity` on. A route’s own severity replaces `minimumSeverity`. Where a route may
 * match, because the account’s place is not known, the default target is told with a note; without one, the route’s own target. Of what
 * the configuration excepts, the default target is told in any case, from HIGH on.
 */
export const routesFor = (
  finding: Pick<Finding, 'control' | 'severity' | 'account' | 'resource'>,
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
    const sure = new Set(targetsOf('yes'));
    const open = targetsOf('unknown').filter((arn) => !sure.has(arn));
    const first = defaultTarget(kind, alerts, defaults);
    // What the configuration excepts is told where the deployment tells things, whatever the configuration says of alerts.
    const isOfConfiguration = finding.control === OF_CONFIGURATION;
    const isFirst =
      first !== undefined &&
      (isOfConfiguration
        ? isFrom(undefined, finding)
        : sure.size === 0 && isFrom(alerts.minimumSeverity, finding));
    const told = [...(isFirst ? [first] : []), ...sure];
    const undecided = open.length === 0 ? [] : first === undefined ? open : [first];
    const noted = new Set(undecided.filter((arn) => !sure.has(arn)));
    return [...new Set([...told, ...noted])].map((arn) => ({
      kind,
      arn,
      ...(noted.has(arn) && { note: noteFor(places.placeOf(finding)) }),
    }));
  });
};

/** What a channel is told that may not be the one that a route means. */
const noteFor = ({ account, path }: ReturnType<FindingPlaces['placeOf']>): string =>
  account !== undefined && unitsIn(path) === undefined
    ? `The organizational unit of account ${account} is not known, so that a route by unit or team could not be followed.`
    : 'The account is not known, so that a route by account, unit or team could not be followed.';

/** Every channel that the configuration names, each target once. */
export const alertChannels = (
  alerts: Alerts = {},
  defaults: DefaultTargets = {},
  places: FindingPlaces = NOT_KNOWN,
): AlertChannel[] =>
  KINDS.flatMap((kind) => {
    const first = defaultTarget(kind, alerts, defaults);
    const routed = (alerts.routes ?? []).flatMap((route) => routeTarget(route, kind) ?? []);
    return [...new Set([...(first === undefined ? [] : [first]), ...routed])].map((arn) => {
      const targetFor = (finding: Finding): AlertTarget | undefined =>
        routesFor(finding, alerts, defaults, places).find(
          (target) => target.kind === kind && target.arn === arn,
        );
      return {
        kind,
        arn,
        name: arn === first ? NAMES[kind] : `${NAMES[kind]} ${arn}`,
        wants: (finding) => targetFor(finding) !== undefined,
        noteOf: (finding) => targetFor(finding)?.note,
      };
    });
  });

/** Whether routes hang on organizational units: by themselves, or by the accounts of a team. */
export const hangsOnUnits = ({ alerts, teams = [] }: FileConfig): boolean =>
  (alerts?.routes ?? []).some(
    ({ match: { organizationalUnit, team } }) =>
      organizationalUnit !== undefined ||
      (team !== undefined && teams.some(({ organizationalUnits }) => organizationalUnits !== undefined)),
  );

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
  finding: Pick<Finding, 'control' | 'severity' | 'account' | 'resource'>,
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
