import { FACT_ACTIONS } from '../../facts/fact-actions.ts';
import { groupBy } from '../../group-by.ts';
import type { Control, DescribedControl, Fix } from '../../judging/control.ts';
import { COMMAND_SHELLS } from '../../text/shell-text.ts';

/** The page of a control in Markdown, for `docs/controls/<id>.md` and `pipewarden explain`. */
export const controlPage = (control: DescribedControl): string => {
  const { id, on, lint, requires, needs } = control;
  const actions = actionsByReason([control]);
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
  const sections = [
    `# ${id}`,
    `**${control.title}.**`,
    list([
      `System: ${control.system}`,
      `Severity: ${control.severity}`,
      `Judges: ${on.join(', ')}${lint ? ' (also `pipewarden lint`)' : ''}`,
      `Facts read: ${requires.join(', ') || 'none but the configuration'}`,
      ...(needs.length > 0
        ? [`Needs in the configuration: ${needs.map((key) => `\`${key}\``).join(', ')}`]
        : []),
    ]),
    control.description,
    `## Risk\n\n${control.risk}`,
    `## How it is decided\n\n${list(control.decision)}`,
    `## Example\n\nFails:\n\n${fence(control.example.fails)}\n\nPasses:\n\n${fence(control.example.passes)}`,
    `## Remediation\n\n${[control.remediation, ...fixes(control.fix)].join('\n\n')}`,
    ...(actions.length > 0
      ? [`## Permissions\n\n${list(actions.map(({ reason, actions: of }) => `${of}: ${reason}`))}`]
      : []),
    ...(control.requirements.length > 0
      ? [`## Related requirements\n\n${MAPPED}\n\n${list(control.requirements)}`]
      : []),
    `## References\n\n${list(control.references.map((url) => `<${url}>`))}`,
  ];
  return `${sections.join('\n\n')}\n`;
};

/** Why these controls read AWS, with the IAM actions for each reason. */
const actionsByReason = (controls: readonly Control[]): { reason: string; actions: string }[] => {
  const facts = controls.flatMap(({ requires }) => requires).flatMap((fact) => FACT_ACTIONS[fact]);
  return [...groupBy(facts, ({ reason }) => reason)].map(([reason, of]) => ({
    reason,
    actions: [...new Set(of.map(({ action }) => `\`${action}\``))].join(', '),
  }));
};

/** The table of all IAM actions that the controls need, for the page on operations. */
export const permissionTable = (controls: readonly Control[]): string =>
  [
    '| action | for |',
    '| --- | --- |',
    ...actionsByReason(controls).map(({ reason, actions }) => `| ${actions} | ${reason} |`),
  ].join('\n');

const MAPPED =
  'The control is evidence for a part of each of these. docs/frameworks.md says for which part, and what no control ' +
  'shows. The mapping is an interpretation.';

const fixes = ({ cli, cdk, terraform, python }: Fix): string[] => [
  `With the AWS CLI, in ${COMMAND_SHELLS}:\n\n${fence(cli, 'sh')}`,
  `With the CDK:\n\n${fence(cdk, 'ts')}`,
  `With Terraform:\n\n${fence(terraform, 'hcl')}`,
  `With Python:\n\n${fence(python, 'python')}`,
];

const fence = (text: string, language = 'text'): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** The table of all controls, for the README. */
export const controlTable = (controls: readonly Control[]): string =>
  [
    '| control | judges | severity | what must hold |',
    '| --- | --- | --- | --- |',
    ...controls.map(
      ({ id, on, severity, title }) =>
        `| [${id}](docs/controls/${id}.md) | ${on.join(', ')} | ${severity} | ${title} |`,
    ),
  ].join('\n');

/** All controls in columns, for a terminal. */
export const controlList = (controls: readonly Control[]): string => {
  const rows = controls.map(({ id, severity, title }) => [id, severity, title] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      ([id, severity, title]) =>
        `${id.padEnd(widths[0] ?? 0)}  ${severity.padEnd(widths[1] ?? 0)}  ${title}\n`,
    )
    .join('');
};

/** All controls as JSON, for programs: what each judges, reads and needs, and what must hold. */
export const controlsJson = (controls: readonly DescribedControl[]): string => {
  const described = controls.map(
    ({ id, system, title, severity, on, lint, requires, needs, requirements, references }) => ({
      id,
      title,
      severity,
      system,
      judges: on,
      lint,
      factsRead: requires,
      needsConfigured: needs,
      actions: [...new Set(requires.flatMap((fact) => FACT_ACTIONS[fact]).map(({ action }) => action))],
      requirements,
      references,
    }),
  );
  return `${JSON.stringify({ controls: described }, null, 2)}\n`;
};
