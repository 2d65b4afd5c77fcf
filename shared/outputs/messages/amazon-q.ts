import { type Alert, endStatus, endText } from '../../alerts/alerting.ts';
import { scopeOfFinding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import { field } from '../../text/one-line.ts';
import { alertLink } from './console-links.ts';
import { escaped } from './slack-text.ts';
import { whoAndWhen } from './who-and-when.ts';

const MAX_TEXT = 300;
const MAX_EVIDENCE = 3;

/**
 * The alert as a custom notification of Amazon Q Developer in chat applications, which shows it in Slack or Teams
 * without a secret (https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html). All messages about one
 * finding are one thread.
 */
export const amazonQNotification = (alert: Alert, scope: Scope): object => {
  const { status, finding } = alert;
  const { account, region } = scopeOfFinding(finding, scope);
  const { id, control, severity, resource, title, remediation } = finding;
  const name = `${resource.type} ${field(resourceName(resource.arn), 100)}`;
  return {
    version: '1.0',
    source: 'custom',
    id,
    content: {
      textType: 'client-markdown',
      title: `${label(alert)}: ${control} on ${literal(name)}`,
      description: description(alert, scope),
      ...(endStatus(alert) ? {} : { nextSteps: [literal(field(remediation.text, 2 * MAX_TEXT))] }),
      keywords: [severity, control, resource.type],
    },
    metadata: {
      threadId: id,
      summary: literal(field(title, MAX_TEXT)),
      eventType: `pipewarden-${status.toLowerCase().replace('_', '-')}`,
      relatedResources: [escaped(field(resource.arn, MAX_TEXT))],
      additionalContext: { severity, status, control, account, region },
    },
  };
};

const label = ({ status, finding }: Alert): string =>
  status === 'OPENED'
    ? `${finding.severity} ${finding.status}`
    : // An underscore would be formatting.
      `${status.replace('_', ' ')} ${finding.severity}`;

const description = (alert: Alert, scope: Scope): string => {
  const { finding } = alert;
  const { title, resource, evidence, subject } = finding;
  const isOver = endStatus(alert) !== undefined;
  const pieces = isOver ? [] : evidence.slice(0, MAX_EVIDENCE);
  const more = isOver ? 0 : evidence.length - pieces.length;
  const link = alertLink(finding, scope);
  return [
    ...(isOver ? [literal(field(endText(alert), 2 * MAX_TEXT))] : []),
    ...pieces.flatMap(({ at, found, expected }) => [
      `Found: ${code(found)}`,
      `Expected: ${code(expected)}`,
      `Where: ${code(at)}`,
    ]),
    ...(more > 0 ? [`and ${more} more places`] : []),
    `Resource: ${code(resource.arn)}`,
    ...(subject === undefined ? [] : [`In: ${code(subject)}`]),
    `After: ${whoAndWhen(finding, { max: MAX_TEXT, written: code })}`,
    ...(link === undefined ? [] : [`[Look at it in the console](${link})`]),
    `Right is: ${literal(field(title, MAX_TEXT))}`,
    ...(alert.note === undefined ? [] : [literal(field(alert.note, MAX_TEXT))]),
  ].join('\n');
};

/**
 * The chat application interprets the text as its own markdown. Text from outside must become no mention, link or
 * formatting in any of these applications.
 */
const literal = (text: string): string =>
  escaped(text).replace(/[*_~`[\]@]/g, (character) => LOOKALIKES[character] ?? '');

const code = (text: string, max = MAX_TEXT): string =>
  `\`${escaped(field(text, max).replaceAll('`', "'"))}\``;

/** Full-width characters that look the same and have no meaning in markdown. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '*': '＊',
  _: '＿',
  '~': '～',
  '`': '｀',
  '[': '［',
  ']': '］',
  '@': '＠',
};
