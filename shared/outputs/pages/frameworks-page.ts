import { type Framework, INTERPRETATION, type Part, type Requirement } from '../../frameworks/framework.ts';

/** The page of all frameworks in Markdown, for `docs/frameworks.md`. */
export const frameworksPage = (frameworks: readonly Framework[]): string =>
  `${[
    '# Frameworks',
    INTERPRETATION,
    'Controls judge pipelines, their jobs, roles and buckets. Most requirements ask for more: for procedures, people and other systems. So even where all controls of a requirement pass, the rest of it is still to be shown. `pipewarden explain CONTROL` tells what a control judges.',
    table(
      ['framework', '`--compliance`', 'edition', 'reviewed against'],
      frameworks.map(({ id, name, edition, source, reviewed: { against, on } }) => [
        `[${name}](#${anchorOf(name)})`,
        `\`${id}\``,
        `[${edition}](${source})`,
        `${against}, ${on}`,
      ]),
    ),
    ...frameworks.flatMap(section),
  ].join('\n\n')}\n`;

const section = (framework: Framework): string[] => {
  const { name, title, publisher, edition, reviewed, note, requirements } = framework;
  return [
    `## ${name}`,
    `${title} (${publisher}; ${edition}). Reviewed on ${reviewed.on} against: ${reviewed.against} (${reviewed.how}).${note === undefined ? '' : ` ${note}`}`,
    table(
      ['requirement', 'what controls show where they pass', 'what no control shows'],
      requirements.map(row),
    ),
  ];
};

const row = ({ id, title, parts, doesNotShow }: Requirement): string[] => [
  `**${id}** ${title}`,
  parts.map(shown).join('<br>'),
  doesNotShow,
];

const shown = ({ shows, controls }: Part): string =>
  `${shows} (${controls.map((id) => `\`${id}\``).join(', ')})`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
