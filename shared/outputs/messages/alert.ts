import { type Alert, type EndStatus, endStatus, endText } from '../../alerts/alerting.ts';
import {
  type Finding,
  type Severity,
  type Status,
  scopeOfFinding,
  severityRank,
} from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { field, jsonBytes, oneLine } from '../../text/one-line.ts';
import { shellsOf } from '../../text/shell-text.ts';
import { alertLink } from './console-links.ts';
import { whoAndWhen } from './who-and-when.ts';

/** An SNS message. `message` is the JSON of `MessageStructure: 'json'`, with a text for each kind of subscriber. */
export type TopicMessage = {
  subject: string;
  message: string;
  attributes: Record<string, { DataType: 'String' | 'Number' | 'String.Array'; StringValue: string }>;
};

/**
 * The status that subscribers filter by. A finding that worsened is OPENED again, for subscribers from that severity
 * on.
 */
export type TopicStatus = 'OPENED' | 'REOPENED' | EndStatus;

/**
 * A finding in a message. `ending` is a sentence that says how it ended, `note` why the channel is told of it, and `link` the page
 * of the console that shows what happened.
 */
type ToldFinding = Finding & { ending?: string; note?: string; link?: string };

/** Alerts with the same status about one resource, the worst first. */
export type AlertGroup = { status: TopicStatus; findings: [ToldFinding, ...ToldFinding[]] };

// SNS counts body and attributes against 262,144 bytes, and does not say how it counts attributes.
const MAX_BYTES = 250_000;
const MAX_SUBJECT = 99;
// With these limits one finding always fits into a message.
const MAX_EVIDENCE = 5;
const MAX_TEXT = 500;
const MAX_PATCH = 10_000;
const MAX_NAME = 160;

/** The alerts by resource and status. Findings that only CHANGED are left out, as they are no news. */
export const alertGroups = (alerts: readonly Alert[]): AlertGroup[] => {
  const groups = new Map<string, AlertGroup>();
  for (const alert of alerts.toSorted((one, other) => byWeight(one.finding, other.finding))) {
    const { status } = alert;
    if (status === 'CHANGED') continue;
    const told = status === 'WORSENED' ? 'OPENED' : status;
    const finding = {
      ...alert.finding,
      ...(endStatus(alert) && { ending: endText(alert) }),
      ...(alert.note !== undefined && { note: alert.note }),
    };
    const key = `${told} ${finding.resource.arn}`;
    const group = groups.get(key);
    if (group) group.findings.push(finding);
    else groups.set(key, { status: told, findings: [finding] });
  }
  return [...groups.values()];
};

/**
 * The message about one resource, within SNS’s limits (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
 * Findings that do not fit are counted. The attributes are repeated in the JSON text, because SNS does not promise to
 * pass them on with a message that has one text for each protocol
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html).
 */
export const composeAlert = (group: AlertGroup, scope: Scope): TopicMessage => {
  const told: FindingTexts[] = [];
  let bytes = alertBytes(compose(group, told, scope));
  for (const finding of group.findings) {
    const link = alertLink(finding, scope);
    const next = tell({ ...finding, ...(link !== undefined && { link }) }, told.length + 1);
    bytes += toldBytes(next);
    if (told.length > 0 && bytes > MAX_BYTES) break;
    told.push(next);
  }
  return compose(group, told, scope);
};

/** The bytes that SNS counts: the message, and the names, types and values of its attributes. */
export const alertBytes = ({ message, attributes }: TopicMessage): number =>
  [
    message,
    ...Object.entries(attributes).flatMap(([name, value]) => [name, value.DataType, value.StringValue]),
  ]
    .map((text) => Buffer.byteLength(text))
    .reduce((sum, bytes) => sum + bytes, 0);

const byWeight = (one: Finding, other: Finding): number =>
  severityRank(other.severity) - severityRank(one.severity) ||
  Number(other.status === 'FAILED') - Number(one.status === 'FAILED');

type AlertSummary = {
  severity: Severity;
  severityRank: number;
  status: TopicStatus;
  verdict: Status;
  control: string[];
  account: string;
  region: string;
  resourceType: string;
};

const summarise = ({ status, findings }: AlertGroup, scope: Scope): AlertSummary => {
  const [worst] = findings;
  return {
    severity: worst.severity,
    severityRank: severityRank(worst.severity),
    status,
    verdict: findings.find((finding) => finding.status === 'FAILED')?.status ?? worst.status,
    control: [...new Set(findings.map(({ control }) => control))],
    account: scope.account,
    region: scope.region,
    resourceType: worst.resource.type,
  };
};

type FindingTexts = { body: object; email: string };

const tell = (finding: ToldFinding, number: number): FindingTexts => ({
  body: findingBody(finding),
  email: `\n${number}. ${findingText(finding)}`,
});

/** How many bytes a finding adds: its JSON becomes a string inside a JSON string, and each text adds a separator. */
const toldBytes = ({ body, email }: FindingTexts): number =>
  jsonBytes(`${JSON.stringify(body)},`) + jsonBytes(`${email}\n`);

const compose = (group: AlertGroup, told: readonly FindingTexts[], scope: Scope): TopicMessage => {
  const { findings } = group;
  const summary = summarise(group, scopeOfFinding(findings[0], scope));
  const { severityRank: rank, control, ...words } = summary;
  return {
    subject: subject(findings, summary),
    message: JSON.stringify({
      default: JSON.stringify(alertBody(findings, told, summary)),
      email: alertText(findings, told, summary),
    }),
    attributes: {
      ...Object.fromEntries(
        Object.entries(words).map(([name, value]) => [
          name,
          { DataType: 'String' as const, StringValue: value },
        ]),
      ),
      severityRank: { DataType: 'Number', StringValue: String(rank) },
      // A filter policy compares its values with each element of this list.
      control: { DataType: 'String.Array', StringValue: JSON.stringify(control) },
    },
  };
};

/** The subject is ASCII. SNS accepts UTF-8 by now, but some of its receivers still do not. */
const subject = (
  [{ resource, control }, ...others]: AlertGroup['findings'],
  { severity, status, verdict }: AlertSummary,
): string => {
  const name = field(resourceName(resource.arn), 50);
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const text = `${headline(status, severity, verdict)}: ${resource.type} ${name}: ${control}${more}`;
  const ascii = text.replaceAll('…', '...').replace(/[^\x20-\x7E]/gu, '?');
  return ascii.length <= MAX_SUBJECT ? ascii : `${ascii.slice(0, MAX_SUBJECT - 3)}...`;
};

/** The headline of an end still has the severity, as people filter by it. */
const headline = (status: TopicStatus, severity: Severity, verdict: Status): string => {
  switch (status) {
    case 'OPENED':
      return `${severity} ${verdict}`;
    case 'REOPENED':
      return `${severity} ${verdict} AGAIN`;
    case 'RESOLVED':
    case 'CLOSED':
    case 'SUPPRESSED':
      return `${status} ${severity}`;
    case 'NOT_JUDGED':
      return `NOT JUDGED ${severity}`;
  }
};

/** What happened to the findings, as the end of a sentence. */
const HAPPENED: Readonly<Record<TopicStatus, string>> = {
  OPENED: '',
  REOPENED: ' come back',
  RESOLVED: ' resolved',
  CLOSED: ' closed',
  NOT_JUDGED: ' not judged any more',
  SUPPRESSED: ' suppressed',
};

const alertBody = (
  findings: AlertGroup['findings'],
  told: readonly FindingTexts[],
  summary: AlertSummary,
): object => ({
  schemaVersion: '1.0',
  source: 'pipewarden',
  ...summary,
  resource: { type: findings[0].resource.type, arn: field(findings[0].resource.arn, 2048) },
  findings: told.map(({ body }) => body),
  more: findings.length - told.length,
});

const findingBody = (finding: ToldFinding): object => ({
  id: finding.id,
  control: finding.control,
  status: finding.status,
  severity: finding.severity,
  title: field(finding.title, MAX_TEXT),
  ...(finding.subject !== undefined && { subject: field(finding.subject, MAX_TEXT) }),
  evidence: finding.evidence.slice(0, MAX_EVIDENCE).map(({ at, found, expected }) => ({
    at: field(at, MAX_TEXT),
    found: field(found, MAX_TEXT),
    expected: field(expected, MAX_TEXT),
  })),
  moreEvidence: Math.max(0, finding.evidence.length - MAX_EVIDENCE),
  remediation: { text: field(finding.remediation.text, MAX_TEXT), ...withPatch(finding) },
  ...(finding.ending !== undefined && { ending: field(finding.ending, MAX_TEXT) }),
  ...(finding.note !== undefined && { note: field(finding.note, MAX_TEXT) }),
  ...(finding.unjudged && {
    unjudged: { ...finding.unjudged, because: field(finding.unjudged.because, MAX_TEXT) },
  }),
  ...(finding.principal !== undefined && { principal: field(finding.principal, MAX_TEXT) }),
  ...(finding.trigger && { trigger: triggerBody(finding.trigger) }),
  ...(finding.link !== undefined && { link: finding.link }),
  firstObservedAt: finding.firstObservedAt,
  lastObservedAt: finding.lastObservedAt,
});

const triggerBody = ({ eventId, eventName, eventTime }: NonNullable<Finding['trigger']>): object => ({
  eventId: field(eventId, MAX_TEXT),
  eventName: field(eventName, MAX_TEXT),
  eventTime: field(eventTime, MAX_TEXT),
});

/** A patch is shown whole or not at all: half a policy document would be applied as if it were a whole one. */
const withPatch = ({
  remediation: { patch, undo, changes },
}: Finding): { patch?: string; undo?: string; changes?: string } => {
  if (patch === undefined || patch.trim() === '' || patch.length > MAX_PATCH) return {};
  const text = patch.split(/\r?\n/).map(oneLine).join('\n');
  if (text.length > MAX_PATCH || (undo?.length ?? 0) > MAX_PATCH) return {};
  return {
    patch: text,
    ...(undo !== undefined && { undo: oneLine(undo) }),
    ...(changes !== undefined && { changes: field(changes, MAX_TEXT) }),
  };
};

const alertText = (
  findings: AlertGroup['findings'],
  told: readonly FindingTexts[],
  { account, region, status }: AlertSummary,
): string => {
  const [{ resource }] = findings;
  const more = findings.length - told.length;
  const count = counted(findings.length, 'finding');
  return [
    `Pipewarden: ${count}${HAPPENED[status]} on ${resource.type} ${field(resourceName(resource.arn), MAX_TEXT)}`,
    `Account ${account}, Region ${region}`,
    field(resource.arn, 2048),
    ...told.map(({ email }) => email),
    ...(more > 0 ? [`\nand ${more} more`] : []),
    '',
  ].join('\n');
};

/** What happened, who did it and when, what to do, and where to look; then what only some readers ask. */
const findingText = (finding: ToldFinding): string => {
  const { control, status, severity, title, subject: part, evidence } = finding;
  const isOver = finding.ending !== undefined;
  return [
    `${severity} ${status}: ${control}`,
    ...(isOver ? [`   Ended:    ${field(finding.ending ?? '', MAX_TEXT)}`] : []),
    ...(part === undefined ? [] : [`   In:       ${field(part, MAX_TEXT)}`]),
    ...evidenceLines(evidence),
    `   After:    ${cut(whoAndWhen(finding, { max: MAX_NAME, written: field }), MAX_TEXT)}`,
    ...(isOver ? [] : remedyLines(finding)),
    ...(finding.link === undefined ? [] : [`   Look at:  ${finding.link}`]),
    `   Right is: ${field(title, MAX_TEXT)}`,
    ...(finding.note === undefined ? [] : [`   Note:     ${field(finding.note, MAX_TEXT)}`]),
    `   Finding:  ${finding.id}`,
  ].join('\n');
};

const evidenceLines = (evidence: Finding['evidence']): string[] => {
  const more = evidence.length - MAX_EVIDENCE;
  return [
    ...evidence
      .slice(0, MAX_EVIDENCE)
      .flatMap(({ at, found, expected }) => [
        `   Found:    ${field(found, MAX_TEXT)}`,
        `   Expected: ${field(expected, MAX_TEXT)}`,
        `   Where:    ${field(at, MAX_TEXT)}`,
      ]),
    ...(more > 0 ? [`   and ${more} more places`] : []),
  ];
};

/** The commands are not indented, so that they can be copied. */
const remedyLines = (finding: Finding): string[] => {
  const { patch, undo, changes } = withPatch(finding);
  return [
    `   Remedy:   ${field(finding.remediation.text, MAX_TEXT)}`,
    ...(patch === undefined
      ? []
      : [
          '',
          ...(shellsOf(patch) === undefined ? [] : [`The command, ${shellsOf(patch)}:`, '']),
          patch,
          '',
          ...(undo === undefined ? [] : ['To take it back:', '', undo, '']),
          ...(changes === undefined ? [] : [changes, '']),
        ]),
  ];
};
