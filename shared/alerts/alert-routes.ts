import type { Alerts } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

type Route = NonNullable<Alerts['routes']>[number];

/** Somewhere that people are told: a secret's ARN for `slack`, a topic's for the others. */
export type AlertTarget = { kind: 'slack' | 'sns' | 'amazon-q'; arn: string };

/** A channel: a target under the name by which it is remembered what it has taken. */
export type AlertChannel = AlertTarget & { name: string; wants: (finding: Finding) => boolean };

/** Where alerts go that no route takes: what the configuration names, and the topic of the deployment. */
export type DefaultTargets = { topicArn?: string | undefined; slackSecretArn?: string | undefined };

const KINDS = ['slack', 'sns', 'amazon-q'] as const;
const NAMES = { slack: 'Slack', sns: 'SNS', 'amazon-q': 'Amazon Q' } as const;

/**
 * Where people are told of a finding. Of each kind of channel the routes that match decide, all of them; where none
 * names one of that kind, the default does, from `minimumSeverity` on. A route's own severity stands for that one.
 */
export const routesFor = (
  finding: Pick<Finding, 'control' | 'severity' | 'resource'>,
  alerts: Alerts = {},
  defaults: DefaultTargets = {},
): AlertTarget[] => {
  const routes = (alerts.routes ?? []).filter(({ match }) => matches(match, finding, alerts));
  return KINDS.flatMap((kind) => {
    const own = new Set(routes.flatMap((route) => routeTarget(route, kind) ?? []));
    if (own.size > 0) return [...own].map((arn) => ({ kind, arn }));
    const arn = defaultTarget(kind, alerts, defaults);
    return arn !== undefined && isFrom(alerts.minimumSeverity, finding) ? [{ kind, arn }] : [];
  });
};

/** Every channel that the configuration knows, each target once. */
export const alertChannels = (alerts: Alerts = {}, defaults: DefaultTargets = {}): AlertChannel[] =>
  KINDS.flatMap((kind) => {
    const first = defaultTarget(kind, alerts, defaults);
    const routed = (alerts.routes ?? []).flatMap((route) => routeTarget(route, kind) ?? []);
    return [...new Set([...(first === undefined ? [] : [first]), ...routed])].map((arn) => ({
      kind,
      arn,
      name: arn === first ? NAMES[kind] : `${NAMES[kind]} ${arn}`,
      wants: (finding) =>
        routesFor(finding, alerts, defaults).some((target) => target.kind === kind && target.arn === arn),
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
  { prefix, team, control, severity }: Route['match'],
  finding: Pick<Finding, 'control' | 'severity' | 'resource'>,
  alerts: Alerts,
): boolean =>
  (control === undefined || control === finding.control) &&
  (prefix === undefined || isUnder(finding.resource.arn, prefix)) &&
  (team === undefined || isOfTeam(finding.resource.arn, team, alerts)) &&
  isFrom(severity ?? alerts.minimumSeverity, finding);

const isOfTeam = (arn: string, team: string, { teams = {} }: Alerts): boolean => {
  const { prefixes = [], resources = [] } = (Object.hasOwn(teams, team) ? teams[team] : undefined) ?? {};
  return (
    prefixes.some((prefix) => isUnder(arn, prefix)) ||
    resources.some((pattern) => matchesGlob(pattern.toLowerCase(), arn.toLowerCase()))
  );
};

/** Whether a part of the resource's name is the prefix, or goes on with a dash: `fraud` is not for `fraudster`. */
const isUnder = (arn: string, prefix: string): boolean => {
  const [, ...names] = (parseArn(arn)?.resource ?? arn).split(/[/:]/);
  const whole = names.length === 0 ? [parseArn(arn)?.resource ?? arn] : names;
  const wanted = prefix.toLowerCase();
  return whole
    .map((name) => name.toLowerCase())
    .some((name) => name === wanted || name.startsWith(`${wanted}-`));
};

/** The severity of the configuration that alerts begin with. */
export const minimumSeverity = (severity: Alerts['minimumSeverity']): Severity =>
  (severity ?? 'high').toUpperCase() as Severity;

const isFrom = (severity: Alerts['minimumSeverity'], finding: Pick<Finding, 'severity'>): boolean =>
  severityRank(finding.severity) >= severityRank(minimumSeverity(severity));
