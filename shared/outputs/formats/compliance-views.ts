import { csvCell } from '../../text/csv-cell.ts';
import { code, plain } from '../../text/markdown-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import { wrap } from '../../text/wrap.ts';
import {
  COMPLIANCE_STATUSES,
  type Compliance,
  type ComplianceStatus,
  type ControlOutcome,
} from './compliance-outcome.ts';
import type { Results } from './results.ts';
import type { Page, Style } from './table-finding.ts';

export const COMPLIANCE_WORDS: Readonly<Record<ComplianceStatus, string>> = {
  failed: 'failed',
  warning: 'warning',
  unread: 'not read',
  accepted: 'accepted',
  'not-judged': 'not judged',
  passed: 'all passed',
};

const STYLE_OF: Readonly<Record<ComplianceStatus, Style>> = {
  failed: 'FAILED',
  warning: 'WARNING',
  unread: 'NOT_AVAILABLE',
  accepted: 'WARNING',
  'not-judged': 'NOT_AVAILABLE',
  passed: 'PASSED',
};

/** The counts in one line: `15 requirements: 6 failed, 2 not judged, 7 all passed`. */
export const complianceText = ({ requirements }: Compliance): string => {
  const counts = COMPLIANCE_STATUSES.flatMap((status) => {
    const count = requirements.filter((requirement) => requirement.status === status).length;
    return count > 0 ? [`${count} ${COMPLIANCE_WORDS[status]}`] : [];
  });
  return `${requirements.length} requirements: ${counts.join(', ')}`;
};

/** What a control found, in the words that follow its name. */
export const outcomeText = (outcome: ControlOutcome): string => {
  const { status, passed, failed, warning, notAvailable, suppressed, why } = outcome;
  const counts = [
    [failed, 'failed'],
    [warning, 'warning'],
    [notAvailable, 'not read'],
    [suppressed, 'accepted'],
    [passed, 'passed'],
  ].flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]));
  const told = counts.length > 0 ? counts.join(', ') : COMPLIANCE_WORDS[status];
  return why === undefined ? told : `${told} (${why})`;
};

/** The framework view for a terminal: each requirement with its status, and what its controls found. */
export const complianceTable = (
  compliance: Compliance,
  { width, paint }: Pick<Page, 'width' | 'paint'>,
): string => {
  const { framework, interpretation, requirements } = compliance;
  const outcomes = outcomesOf(compliance);
  const paragraph = (text: string, indent: number, style?: Style): string[] =>
    wrap(visibleText(text), width - indent).map(
      (line) => ' '.repeat(indent) + (style ? paint(style, line) : line),
    );
  const blocks = requirements.map(({ id, title, status, parts, doesNotShow }) =>
    [
      ...paragraph(`${framework.name} ${id}  ${title}`, 0, 'strong'),
      `  ${paint(STYLE_OF[status], COMPLIANCE_WORDS[status].toUpperCase())}`,
      ...[...new Set(parts.flatMap(({ controls }) => controls))].flatMap((control) => {
        const outcome = outcomes.get(control);
        return outcome ? paragraph(`${control}: ${outcomeText(outcome)}`, 4) : [];
      }),
      ...paragraph(`No control shows: ${doesNotShow}`, 4, 'quiet'),
    ].join('\n'),
  );
  const head = [
    ...paragraph(`${framework.title}, ${framework.edition}`, 0, 'strong'),
    ...paragraph(`${interpretation} Reviewed against: ${framework.reviewed}.`, 0),
  ];
  return `${[head.join('\n'), ...blocks, paragraph(complianceText(compliance), 0, 'strong').join('\n')].join('\n\n')}\n`;
};

const outcomesOf = ({ controls }: Compliance): Map<string, ControlOutcome> =>
  new Map(controls.map((outcome) => [outcome.control, outcome]));

const COLUMNS = [
  ...['framework', 'requirement', 'title', 'requirement_status', 'shows', 'control', 'control_status'],
  ...['passed', 'failed', 'warning', 'not_available', 'suppressed', 'why', 'does_not_show'],
  ...['account', 'region', 'generated_at', 'interpretation'],
];

/** A row for each control of each requirement, as RFC 4180 says. A column never moves and never changes its meaning. */
export const complianceCsv = (
  compliance: Compliance,
  { account, region, generatedAt }: Pick<Results, 'account' | 'region' | 'generatedAt'>,
): string => {
  const outcomes = outcomesOf(compliance);
  const rows = compliance.requirements.flatMap(({ id, title, status, parts, doesNotShow }) =>
    parts.flatMap(({ shows, controls }) =>
      controls.flatMap((control) => {
        const outcome = outcomes.get(control);
        if (!outcome) return [];
        const { passed, failed, warning, notAvailable, suppressed, why = '' } = outcome;
        const counts = [passed, failed, warning, notAvailable, suppressed].map(String);
        return [
          [
            ...[compliance.framework.name, id, title, status, shows, control, outcome.status],
            ...[...counts, why, doesNotShow, account, region, generatedAt, compliance.interpretation],
          ],
        ];
      }),
    ),
  );
  return [COLUMNS, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
};

/** The framework view as a section of Markdown. */
export const complianceMarkdown = (compliance: Compliance): string => {
  const { framework, interpretation, requirements } = compliance;
  const outcomes = outcomesOf(compliance);
  const rows = requirements.map(({ id, title, status, parts, doesNotShow }) => {
    const found = [...new Set(parts.flatMap(({ controls }) => controls))].flatMap((control) => {
      const outcome = outcomes.get(control);
      return outcome ? [`${code(control)}: ${plain(outcomeText(outcome))}`] : [];
    });
    const cells = [
      `**${plain(id)}** ${plain(title)}`,
      COMPLIANCE_WORDS[status],
      found.join('<br>'),
      plain(doesNotShow),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `### ${plain(framework.name)}`,
    '',
    `${plain(complianceText(compliance))}. ${plain(interpretation)}`,
    '',
    '| requirement | status | controls | what no control shows |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
};
