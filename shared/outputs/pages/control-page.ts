import { FACT_ACTIONS } from '../../facts/fact-actions.ts';
import { groupBy } from '../../group-by.ts';
import type { Control, Fix } from '../../judging/control.ts';

/** The page of a control, in Markdown: `docs/controls/<id>.md` and `pipewarden explain` show the same. */
export const controlPage = (control: Control): string => {
  const { id, on, lint, requires, needs, meta } = control;
  const actions = actionsByReason([control]);
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
  const sections = [
    `# ${id}`,
    `**${meta.title}.**`,
    list([
      `System: ${meta.system}`,
      `Severity: ${meta.severity}`,
      `Judges: ${on === 'any' ? 'every resource' : on.join(', ')}${lint ? ' (also `pipewarden lint`)' : ''}`,
      `Facts read: ${requires.join(', ') || 'none but the configuration'}`,
      ...(needs.length > 0
        ? [`Needs in the configuration: ${needs.map((key) => `\`${key}\``).join(', ')}`]
        : []),
    ]),
    meta.description,
    `## Risk\n\n${meta.risk}`,
    `## How it is decided\n\n${list(meta.decision)}`,
    `## Example\n\nFails:\n\n${fence(meta.example.fails)}\n\nPasses:\n\n${fence(meta.example.passes)}`,
    `## Remediation\n\n${[meta.remediation, ...fixes(meta.fix)].join('\n\n')}`,
    ...(actions.length > 0
      ? [`## Permissions\n\n${list(actions.map(({ reason, actions: of }) => `${of}: ${reason}`))}`]
      : []),
    `## Related requirements\n\n${CATALOGUES}\n\n${list(meta.requirements)}`,
    `## References\n\n${list(meta.references.map((url) => `<${url}>`))}`,
  ];
  return `${sections.join('\n\n')}\n`;
};

/** What is read for these controls, with the actions of each reason as code. */
const actionsByReason = (controls: readonly Control[]): { reason: string; actions: string }[] => {
  const facts = controls.flatMap(({ requires }) => requires).flatMap((fact) => FACT_ACTIONS[fact]);
  return [...groupBy(facts, ({ reason }) => reason)].map(([reason, of]) => ({
    reason,
    actions: [...new Set(of.map(({ action }) => `\`${action}\``))].join(', '),
  }));
};

/** The table of all actions that the controls’ facts are read with, for the page on operations. */
export const permissionTable = (controls: readonly Control[]): string =>
  [
    '| action | for |',
    '| --- | --- |',
    ...actionsByReason(controls).map(({ reason, actions }) => `| ${actions} | ${reason} |`),
  ].join('\n');

const CATALOGUES =
  'The control is evidence for these, by their ids in NIST SP 800-53 revision 5, annex A of ISO/IEC 27001:2022, the ' +
  'Trust Services Criteria of 2017 and the CIS benchmark.';

const fixes = ({ cli, cdk, terraform }: Fix): string[] => [
  `With the AWS CLI:\n\n${fence(cli, 'sh')}`,
  `With the CDK:\n\n${fence(cdk, 'ts')}`,
  `With Terraform:\n\n${fence(terraform, 'hcl')}`,
];

const fence = (text: string, language = 'text'): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** The table of all controls, for the README. */
export const controlTable = (controls: readonly Control[]): string =>
  [
    '| control | judges | severity | what must hold |',
    '| --- | --- | --- | --- |',
    ...controls.map(
      ({ id, on, meta }) =>
        `| [${id}](docs/controls/${id}.md) | ${on === 'any' ? 'everything' : on.join(', ')} | ${meta.severity} | ${meta.title} |`,
    ),
  ].join('\n');

/** All controls in columns, for a terminal. */
export const controlList = (controls: readonly Control[]): string => {
  const rows = controls.map(({ id, meta }) => [id, meta.severity, meta.title] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      ([id, severity, title]) =>
        `${id.padEnd(widths[0] ?? 0)}  ${severity.padEnd(widths[1] ?? 0)}  ${title}\n`,
    )
    .join('');
};
