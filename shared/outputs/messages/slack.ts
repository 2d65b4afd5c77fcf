import type { KnownBlock, MrkdwnElement, PlainTextElement } from '@slack/web-api';
import { type Alert, type AlertStatus, endStatus, endText } from '../../alerts/alerting.ts';
import { type Finding, scopeOfFinding, severityRank } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import { listed } from '../../text/listed.ts';
import { shellsOf } from '../../text/shell-text.ts';
import { alertLink } from './console-links.ts';
import { escaped, slackCode, slackCodeBlock, slackText } from './slack-text.ts';
import { whoAndWhen } from './who-and-when.ts';

/** A Slack message. `text` is for notifications and screen readers, and for receivers that refuse blocks. */
export type SlackMessage = { text: string; blocks: KnownBlock[] };

// https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, 150 characters of a header, 3,000 of a section.
const MAX_HEADER = 150;
const MAX_SECTION = 3000;
const MAX_LISTED = 40;
const MAX_EVIDENCE = 5;
const MAX_VALUE = 280;
const MAX_PROSE = 600;
const MAX_NOTES = 3;
const MAX_PLACES = 5;

/** The message about one finding in its present state: what happened, who did it and when, what to do, and where to look. */
export const slackMessage = (alert: Alert, own: Scope): SlackMessage => {
  const { finding, note } = alert;
  const scope = scopeOfFinding(finding, own);
  const isOver = endStatus(alert) !== undefined;
  const link = alertLink(finding, own);
  return {
    text: fallback(alert),
    blocks: [
      header(headline(alert)),
      ...(isOver ? [plain(slackText(endText(alert), MAX_PROSE))] : []),
      ...(isOver ? [] : [...standing(finding), section(evidence(finding))]),
      section(where(finding)),
      ...(isOver ? [] : remedy(finding)),
      ...(link === undefined ? [] : [linked(link)]),
      plain(`Right is: ${slackText(finding.title, MAX_PROSE)}`),
      ...(note === undefined ? [] : [plain(slackText(note, MAX_PROSE))]),
      context([...about(finding, scope), ...(isOver ? [`until ${time(finding.lastObservedAt)}`] : [])]),
    ],
  };
};

/** The reply in a finding’s thread: the finding came back, became worse, or ended. */
export const slackReply = (alert: Alert): SlackMessage => ({
  text: fallback(alert),
  blocks: [
    section(
      `*${word(alert)}* ${slackCode(alert.finding.control, 100)} on ${slackCode(alert.finding.resource.arn, MAX_VALUE)}`,
    ),
  ],
});

/** One message about many findings, the worst first. Findings beyond forty are counted. */
export const slackDigest = (alerts: readonly Alert[], scope: Scope): SlackMessage => {
  const sorted = alerts.toSorted(
    (one, other) => severityRank(other.finding.severity) - severityRank(one.finding.severity),
  );
  const shown = sorted.slice(0, MAX_LISTED);
  const title = `${alerts.length} alerts of Pipewarden`;
  const worst = sorted[0] ? `, the worst: ${fallback(sorted[0])}` : '';
  return {
    text: `${title}${worst}`,
    blocks: [
      header(title),
      ...shown.map((alert) => section(line(alert))),
      ...(sorted.length > shown.length ? [section(`and ${sorted.length - shown.length} more`)] : []),
      ...notesOf(sorted),
      context([placesText(sorted, scope)]),
    ],
  };
};

/** The notes of many alerts, each once. */
const notesOf = (alerts: readonly Alert[]): KnownBlock[] =>
  [...new Set(alerts.flatMap(({ note }) => note ?? []))]
    .slice(0, MAX_NOTES)
    .map((note) => plain(slackText(note, MAX_PROSE)));

/** The account and Region of the alerts, or how many accounts they are of. */
const placesText = (alerts: readonly Alert[], own: Scope): string => {
  const scopes = alerts.map(({ finding }) => scopeOfFinding(finding, own));
  const each = (names: readonly string[]) => listed([...new Set(names)].toSorted(), MAX_PLACES);
  const accounts = each(scopes.map(({ account }) => account));
  return `Account ${accounts}, Region ${each(scopes.map(({ region }) => region))}`;
};

/** The message without its blocks, for a receiver that refuses them. */
export const plainSlackMessage = ({ text }: SlackMessage): SlackMessage => ({ text, blocks: [] });

/** The words before severity and status, or in place of them. */
const WORDS: Readonly<Record<AlertStatus, string>> = {
  OPENED: '',
  CHANGED: '',
  REOPENED: 'Come back: ',
  WORSENED: 'Worse: ',
  RESOLVED: 'Resolved',
  CLOSED: 'Closed',
  NOT_JUDGED: 'Not judged any more',
  SUPPRESSED: 'Suppressed',
};

const word = (alert: Alert): string => {
  const { status, finding } = alert;
  return endStatus(alert) ? WORDS[status] : `${WORDS[status]}${finding.severity} ${finding.status}`;
};

/** The note on an open finding that could not be judged lately: since when, and why. */
const standing = ({ unjudged }: Finding): KnownBlock[] =>
  unjudged ? [plain(slackText(`Not judged since ${unjudged.since}: ${unjudged.because}`, MAX_PROSE))] : [];

const headline = (alert: Alert): string => {
  const { control, resource } = alert.finding;
  return slackText(
    `${word(alert)}: ${control} on ${resource.type} ${resourceName(resource.arn)}`,
    MAX_HEADER,
  );
};

const fallback = (alert: Alert): string => {
  const { title, resource } = alert.finding;
  return `${headline(alert)} (${slackText(title, 200)}) ${slackText(resource.arn, MAX_VALUE)}`;
};

const line = (alert: Alert): string => {
  const { control, resource, evidence: pieces } = alert.finding;
  const found = pieces[0] && !endStatus(alert) ? `, found ${slackCode(pieces[0].found, 120)}` : '';
  return `*${word(alert)}* ${slackCode(control, 100)} on ${slackCode(resource.arn, MAX_VALUE)}${found}`;
};

const where = (finding: Finding): string =>
  [
    `*Resource* ${slackCode(finding.resource.arn, MAX_VALUE)}`,
    ...(finding.subject === undefined ? [] : [`*In* ${slackCode(finding.subject, MAX_VALUE)}`]),
    `*After* ${whoAndWhen(finding, { max: MAX_VALUE, written: slackCode })}`,
  ].join('\n');

/** Five pieces of three values always fit into a section. */
const evidence = ({ evidence: pieces }: Finding): string => {
  const shown = pieces
    .slice(0, MAX_EVIDENCE)
    .map(
      ({ at, found, expected }) =>
        `*Found* ${slackCode(found, 200)}\n*Expected* ${slackCode(expected, 200)}\n*Where* ${slackCode(at, 150)}`,
    );
  const more = pieces.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more places`] : [])].join('\n') || 'No evidence was kept.';
};

/** The remedy is plain text, as Slack would take the asterisks of patterns for formatting. */
const remedy = ({ remediation: { text, patch, undo, changes } }: Finding): KnownBlock[] => {
  const block = patch === undefined ? undefined : slackCodeBlock(patch, MAX_SECTION);
  const back = undo === undefined ? undefined : slackCodeBlock(undo, MAX_SECTION);
  const isShown = block !== undefined && (undo === undefined || back !== undefined);
  return [
    plain(`Remedy: ${slackText(text, MAX_PROSE)}`),
    ...(isShown && shellsOf(patch ?? '') !== undefined
      ? [plain(`The command, ${shellsOf(patch ?? '')}:`)]
      : []),
    ...(isShown ? [section(block)] : []),
    ...(isShown && changes !== undefined ? [plain(slackText(changes, MAX_PROSE))] : []),
    ...(isShown && back !== undefined ? [plain('To take it back:'), section(back)] : []),
  ];
};

const about = ({ id, control, firstObservedAt }: Finding, { account, region }: Scope): string[] => [
  `Account ${account}, Region ${region}`,
  `since ${time(firstObservedAt)}`,
  `finding ${slackCode(id, 200)}`,
  slackCode(`pipewarden explain ${control}`, 120),
];

const time = (iso: string): string => slackText(iso.replace(/\.\d+Z$/, 'Z'), 40);

/** With `verbatim` Slack turns nothing in the text into links or mentions. */
const markup = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });

const plainText = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: false });

const header = (text: string): KnownBlock => ({ type: 'header', text: plainText(text) });
const section = (text: string): KnownBlock => ({ type: 'section', text: markup(text) });
const plain = (text: string): KnownBlock => ({ type: 'section', text: plainText(text) });
/** Slack makes a link of an address that stands bare in text which is not verbatim. */
const linked = (url: string): KnownBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: escaped(url) },
});
const context = (texts: readonly string[]): KnownBlock => ({ type: 'context', elements: texts.map(markup) });
