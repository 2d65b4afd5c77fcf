import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withoutWorkflowCommands } from '../../../shared/text/workflow-text.ts';
import { samples } from '../../support/samples.ts';

/** How GitHub's runner finds commands (https://github.com/actions/runner, ActionCommand.cs), and those of others. */
const isObeyed = (line: string): boolean =>
  line.replace(/^[\s\u0085\u200b]+/, '').startsWith('::') || /##\[|##vso\[|##teamcity\[/i.test(line);

describe('a text for the log of a workflow', () => {
  const pieces = fc.constantFrom(
    '::error::',
    '::',
    '\u00a0',
    '\u3000',
    '\u0085',
    '\u200b',
    '\r',
    '\ufeff',
    '\u001b',
    '##[error]',
    '##vso[',
    '##VSO[',
    '##teamcity[',
    '#',
    ':',
    ' ',
    '\n',
    '\t',
    'a',
    '[',
    '"',
  );
  const texts = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(''));

  test('has no line that is a command', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const lines = withoutWorkflowCommands(text).split(/[\r\n]/);
        expect(lines.filter(isObeyed)).toEqual([]);
        expect(lines).toHaveLength(text.split(/[\r\n]/).length);
      }),
      { numRuns: samples(3000) },
    );
  });

  test('in JSON means the same as before', () => {
    fc.assert(
      fc.property(fc.array(texts), (all) => {
        const json = JSON.stringify(all, null, 2);
        expect(JSON.parse(withoutWorkflowCommands(json))).toEqual(all);
      }),
    );
  });

  test.each([
    ['<a b="##[error]x">\n::error::y</a>', '<a b="&#35;#[error]x">\n&#58;:error::y</a>'],
    ['x ::error::y', 'x ::error::y'],
    ['a ## b [c]', 'a ## b [c]'],
    ['  ::set-output name=a::b', '  \\u003a:set-output name=a::b'],
  ])('%j reads %j', (text, shown) => {
    expect(withoutWorkflowCommands(text)).toBe(shown);
  });
});
