import type { Alerts } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

type Route = NonNullable<Alerts['routes']>[number];

/** A place where people read alerts. `arn` is a secret’s ARN for `slack`, and a topic’s ARN for the others. */
export type AlertTarget = { kind: 'slack' | 'sns' | 'amazon-q'; arn: string };

/** A target, with the name under which a change remembers that the channel has taken it. */
export type AlertChannel = AlertTarget & { name: string; wants: (finding: Finding) => boolean };

/** Where alerts go that no route takes: the targets of the configuration, or else those of the deployment. */
export type DefaultTargets = { topicArn?: string | undefined; slackSecretArn?: string | undefined };

const KINDS = ['slack', 'sns', 'amazon-q'] as const;
const NAMES = { slack: 'Slack', sns: 'SNS', 'amazon-q': 'Amazon Q' } as const;

/**
 * Where to report a finding. For each kind of channel all matching routes count. Where no matching route names that
 * kind, its default target does, from `minimumSeverity` on. A route’s own severity replaces `minimumSeverity`.
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

/** Every channel that the configuration names, each target once. */
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

/**
 * Whether a part of the resource’s name is the prefix or begins with the prefix and a dash, so that the prefix `fraud`
 * does not match `fraudster`.
 */
const isUnder = (arn: string, prefix: string): boolean => {
  const [, ...names] = (parseArn(arn)?.resource ?? arn).split(/[/:]/);
  const whole = names.length === 0 ? [parseArn(arn)?.resource ?? arn] : names;
  const wanted = prefix.toLowerCase();
  return whole
    .map((name) => name.toLowerCase())
    .some((name) => name === wanted || name.startsWith(`${wanted}-`));
};

/** The lowest severity that people are alerted of. */
export const minimumSeverity = (severity: Alerts['minimumSeverity']): Severity =>
  (severity ?? 'high').toUpperCase() as Severity;

const isFrom = (severity: Alerts['minimumSeverity'], finding: Pick<Finding, 'severity'>): boolean =>
  severityRank(finding.severity) >= severityRank(minimumSeverity(severity));
