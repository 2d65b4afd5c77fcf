import { describe, expect, test } from '@jest/globals';
import { readControlTexts } from '../../../scripts/control-texts.ts';

const fence = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;
const page = [
  '# cups-are-full',
  'A cup holds coffee.\n\nA mug does too.',
  '## Risk',
  'Nobody wakes up.',
  '## How it is decided',
  '- It is weighed.\n- It is looked at.',
  '## Example',
  'Fails:',
  fence('text', '{"cup": 0}'),
  'Passes:',
  fence('text', '{"cup": 1}'),
  '## Remediation',
  'Fill the cup.',
  'With the AWS CLI:',
  fence('sh', 'aws cups fill\n# a heading is none in code'),
  'With the CDK:',
  fence('ts', 'new Cup();'),
  'With Terraform:',
  fence('hcl', 'resource "cup" "full" {}'),
  'With Python:',
  fence('python', 'cup.fill()'),
  '## References',
  '- <https://example.com/cups>',
].join('\n\n');

const read = (markdown: string) => readControlTexts(markdown, 'cups-are-full.md', 'cups-are-full');

test('the texts of a control are read from its Markdown file', () => {
  expect(read(page)).toEqual({
    description: 'A cup holds coffee.\n\nA mug does too.',
    risk: 'Nobody wakes up.',
    decision: ['It is weighed.', 'It is looked at.'],
    example: { fails: '{"cup": 0}', passes: '{"cup": 1}' },
    remediation: 'Fill the cup.',
    fix: {
      cli: 'aws cups fill\n# a heading is none in code',
      cdk: 'new Cup();',
      terraform: 'resource "cup" "full" {}',
      python: 'cup.fill()',
    },
    references: ['https://example.com/cups'],
  });
});

describe('a Markdown file of a control is refused, with the place, if', () => {
  test.each([
    [
      'another heading',
      '# cups-are-full',
      '# mugs',
      'cups-are-full.md:1: the first line is "# cups-are-full"',
    ],
    [
      'a section that is missing',
      '## Risk\n\nNobody wakes up.\n\n',
      '',
      'cups-are-full.md:7: here stands "## Risk", not "## How it is decided"',
    ],
    [
      'an unknown section',
      '## References',
      '## Links',
      `cups-are-full.md:${page.split('\n').indexOf('## References') + 1}: here stands "## References", not "## Links"`,
    ],
    ['an empty description', 'A cup holds coffee.\n\nA mug does too.', '', 'description holds no text'],
    [
      'a list that is none',
      '- It is weighed.',
      'It is weighed.',
      'cups-are-full.md:13: How it is decided is a list: each line begins with "- "',
    ],
    ['a fix that is missing', 'With Python:', 'With Perl:', 'there is no "With Python:" in its place'],
    [
      'a block of another language',
      '```hcl',
      '```tf',
      '"With Terraform:" is followed by an empty line and a block of hcl',
    ],
    ['an empty block', 'cup.fill()', '', 'the code block is empty'],
    [
      'text behind the blocks',
      '## References',
      'More.\n\n## References',
      'nothing stands behind the last code block of a section',
    ],
  ])('%s', (_, part, other, message) => {
    expect(page).toContain(part);
    expect(() => read(page.replace(part, other))).toThrow(message);
  });
});
