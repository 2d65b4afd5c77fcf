import { counted } from '../../text/counted.ts';
import { field, oneLine } from '../../text/one-line.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Text from outside as one line of at most `max` characters, escaped for Slack, so that nothing in it is a mention or a
 * link (https://docs.slack.dev/messaging/formatting-message-text#escaping). No escape is cut in half.
 */
export const slackText = (text: string, max: number): string => within(field(text, max), max);

/** The same as a code span, in which Slack applies no formatting. */
export const slackCode = (text: string, max: number): string =>
  `\`${within(field(text, max).replaceAll('`', "'"), max - 2)}\``;

/**
 * A document as a code block of at most `max` characters: whole lines only, then how much was left out. Undefined for a
 * document that contains the end of a code block.
 */
export const slackCodeBlock = (text: string, max: number): string | undefined => {
  if (text.trim() === '' || text.includes('```')) return undefined;
  const lines = text
    .slice(0, 4 * max)
    .split(/\r?\n/)
    .map(oneLine)
    .map(escaped);
  const total = text.split('\n').length;
  const room = max - 60;
  const shown: string[] = [];
  let length = '```\n```'.length;
  for (const line of lines) {
    length += line.length + 1;
    if (length > room) break;
    shown.push(line);
  }
  if (shown.length === 0) return undefined;
  const left = total - shown.length;
  const note = left > 0 ? `\nCut here, so not to be applied: ${counted(left, 'more line')}.` : '';
  return `\`\`\`\n${shown.join('\n')}\n\`\`\`${note}`;
};

/** The text with Slack’s three special characters escaped. */
export const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ESCAPES[character] ?? '');

const within = (text: string, max: number): string => {
  const whole = escaped(text);
  if (whole.length <= max) return whole;
  let shown = '';
  for (const character of text) {
    const next = escaped(character);
    if (shown.length + next.length > max - 1) break;
    shown += next;
  }
  return `${shown}…`;
};
