import type { ReportNotice } from './report-notice.ts';
import type { SlackMessage } from './slack.ts';
import { escaped, slackText } from './slack-text.ts';

const MAX_LINE = 200;
/** This many lines of this length fit into the 3,000 characters of a section. A notice has no more. */
const MAX_LINES = 15;
const MAX_TEXT_LINE = 195;

/** The message about a report. The report’s link is the only link in it. */
export const slackReport = ({ subject, text, link, file }: ReportNotice): SlackMessage => {
  const lines = text
    .split('\n')
    .slice(0, MAX_LINES)
    .map((line) => slackText(line, MAX_TEXT_LINE));
  return {
    text: `${slackText(subject, MAX_LINE)}: ${escaped(link)}`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: slackText(subject, 150), emoji: false } },
      {
        type: 'section',
        text: { type: 'plain_text', text: lines.join('\n'), emoji: false },
      },
      { type: 'section', text: { type: 'mrkdwn', text: escaped(link) } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: slackText(file, MAX_LINE), verbatim: true }] },
    ],
  };
};
