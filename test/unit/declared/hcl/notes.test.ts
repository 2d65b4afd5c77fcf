import { expect, test } from '@jest/globals';
import { hclParser } from '../../../../shared/declared/hcl/parse-hcl.ts';
import { grammar } from '../../../support/plans/grammar.ts';

const SOURCE = `# mark: directly above, with lines between
# what it is

# mark: above an empty line

/* mark: in a block comment
   * mark: its second line */
// any other comment
resource "a" "one" {
  # mark: inside
  x = "# mark: a text" # mark: behind a value
  y = <<EOT
# mark: in a heredoc
EOT
} # mark: behind the end

locals {
  # mark: in another block
}
resource "a" "two" { } // mark: in one line
# mark: at the end`;

test('comments with the mark are kept with the outermost block that they stand in, or directly above', async () => {
  const parse = await hclParser(await grammar(), 'mark:');
  const { notes } = parse('main.tf', SOURCE);
  const shown = notes.map(({ text, origin, on }) => {
    const { line, column } = origin.file.places([origin.pointer]).get(origin.pointer) ?? {};
    return [`${line}:${column}`, text.replace('mark: ', ''), on?.labels.join('.') || on?.type];
  });
  expect(shown).toEqual([
    ['1:1', 'directly above, with lines between', undefined],
    ['4:1', 'above an empty line', undefined],
    ['6:1', 'in a block comment', 'a.one'],
    ['7:1', 'its second line', 'a.one'],
    ['10:3', 'inside', 'a.one'],
    ['11:24', 'behind a value', 'a.one'],
    ['15:3', 'behind the end', 'a.one'],
    ['18:3', 'in another block', 'locals'],
    ['20:24', 'in one line', 'a.two'],
    ['21:1', 'at the end', undefined],
  ]);
});

test('many comments, and long ones, are bounded', async () => {
  const parse = await hclParser(await grammar(), 'mark:');
  expect(parse('main.tf', '# mark: x\n'.repeat(100_000)).notes).toHaveLength(1000);
  expect(parse('main.tf', `/*${'mark: x\n'.repeat(100_000)}*/`).notes).toHaveLength(1000);
});
