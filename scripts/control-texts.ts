import type { WrittenTexts } from '../shared/judging/control.ts';

/** The sections of a control's Markdown file, in their order. The description comes before the first section. */
const SECTIONS = ['Risk', 'How it is decided', 'Example', 'Remediation', 'References'] as const;
type Section = (typeof SECTIONS)[number];

/** The code blocks of a section: the line before each block, and the language after its fence. */
const EXAMPLES = [
  ['Fails:', 'text'],
  ['Passes:', 'text'],
] as const;
const FIXES = [
  ['With the AWS CLI:', 'sh'],
  ['With the CDK:', 'ts'],
  ['With Terraform:', 'hcl'],
  ['With Python:', 'python'],
] as const;

type Line = { text: string; number: number };

/**
 * Reads the texts of a control from its Markdown file. Throws an Error with file and line if a section or code block
 * is missing, misplaced or empty.
 */
export const readControlTexts = (markdown: string, path: string, id: string): WrittenTexts => {
  const lines = markdown.split('\n').map((text, index): Line => ({ text, number: index + 1 }));
  const fail = (number: number, message: string): never => {
    throw new Error(`${path}:${number}: ${message}`);
  };
  if (lines[0]?.text !== `# ${id}`) fail(1, `the first line is "# ${id}"`);
  const sections = sectionsOf(lines.slice(1), fail);
  const linesOf = (section: Section | 'description'): Line[] =>
    sections.get(section) ?? fail(lines.length, `there is no section "## ${section}"`);
  const prose = (section: Section | 'description', of = linesOf(section)): string =>
    textOf(of) || fail(of[0]?.number ?? 1, `${section} holds no text`);
  const list = (section: Section): string[] => {
    const entries = linesOf(section).filter(({ text }) => text !== '');
    if (entries.length === 0) fail(linesOf(section)[0]?.number ?? 1, `${section} holds no list`);
    return entries.map(({ text, number }) =>
      text.startsWith('- ')
        ? text.slice(2)
        : fail(number, `${section} is a list: each line begins with "- "`),
    );
  };
  const [fails, passes] = codeOf(linesOf('Example'), EXAMPLES, fail).code as [string, string];
  const { before, code } = codeOf(linesOf('Remediation'), FIXES, fail);
  const [cli, cdk, terraform, python] = code as [string, string, string, string];
  return {
    description: prose('description'),
    risk: prose('Risk'),
    decision: list('How it is decided'),
    example: { fails, passes },
    remediation: prose('Remediation', before),
    fix: { cli, cdk, terraform, python },
    references: list('References').map((reference) => reference.slice(1, -1)),
  };
};

type Fail = (line: number, message: string) => never;

/**
 * The lines of each section. A section that is repeated or out of order is an error; a heading inside a code block
 * does not count.
 */
const sectionsOf = (lines: readonly Line[], fail: Fail): Map<string, Line[]> => {
  const sections = new Map<string, Line[]>([['description', []]]);
  let current: Line[] = sections.get('description') ?? [];
  let isCode = false;
  for (const line of lines) {
    if (line.text.startsWith('```')) isCode = !isCode;
    if (isCode || !line.text.startsWith('#')) {
      current.push(line);
      continue;
    }
    const wanted = SECTIONS[sections.size - 1];
    if (line.text !== `## ${wanted}`) fail(line.number, `here stands "## ${wanted}", not "${line.text}"`);
    current = [];
    sections.set(wanted ?? '', current);
  }
  return sections;
};

/** The code blocks of a section, and the text before the first. */
const codeOf = (
  lines: readonly Line[],
  wanted: readonly (readonly [title: string, language: string])[],
  fail: Fail,
): { before: Line[]; code: string[] } => {
  let rest = [...lines];
  let before: Line[] | undefined;
  const code = wanted.map(([title, language]) => {
    const at = rest.findIndex(({ text }) => text === title);
    if (at < 0) fail(lines.at(-1)?.number ?? 1, `there is no "${title}" in its place`);
    before ??= rest.slice(0, at);
    const [blank, open] = rest.slice(at + 1, at + 3);
    if (blank?.text !== '' || open?.text !== `\`\`\`${language}`)
      fail(rest[at]?.number ?? 1, `"${title}" is followed by an empty line and a block of ${language}`);
    const end = rest.findIndex(({ text }, index) => index > at + 2 && text === '```');
    if (end < 0) fail(open?.number ?? 1, 'the code block has no end');
    const block = rest.slice(at + 3, end);
    rest = rest.slice(end + 1);
    return block.map(({ text }) => text).join('\n') || fail(open?.number ?? 1, 'the code block is empty');
  });
  const left = rest.find(({ text }) => text !== '');
  if (left) fail(left.number, 'nothing stands behind the last code block of a section');
  return { before: before ?? [], code };
};

const textOf = (lines: readonly Line[]): string =>
  lines
    .map(({ text }) => text)
    .join('\n')
    .trim();
