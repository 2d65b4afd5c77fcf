import { describe, expect, test } from '@jest/globals';
import { type Asked, outputsOf, refuseOtherEnding, tableOrJson } from '../../../cli/asked-outputs.ts';

const KNOWN = ['table', 'json', 'sarif', 'csv', 'md', 'junit', 'html', 'asff', 'ocsf', 'oscal'];

/** The outputs of arguments as a person types them: formats bare, files behind -o. */
const outputs = (args: string): string[] => {
  const words = args.split(' ').filter(Boolean);
  const asked = words.flatMap((word, index): Asked[] =>
    word === '-o' ? [] : words[index - 1] === '-o' ? [{ file: word }] : [{ format: word }],
  );
  return outputsOf(asked, KNOWN).map(({ format, file = 'stdout' }) => `${format} to ${file}`);
};

describe('outputsOf', () => {
  test.each([
    ['', ['table to stdout']],
    ['json', ['json to stdout']],
    ['json -o out.json', ['json to out.json']],
    ['-o out.json json', ['json to out.json']],
    ['-o out json', ['json to out']],
    ['json -o out', ['json to out']],
    ['-o out.json', ['json to out.json']],
    ['-o OUT.HTML', ['html to OUT.HTML']],
    ['-o report.txt', ['table to report.txt']],
    [
      '-o a.sarif -o b.md -o c.xml -o d.csv',
      ['sarif to a.sarif', 'md to b.md', 'junit to c.xml', 'csv to d.csv'],
    ],
    ['-o a.asff.json', ['asff to a.asff.json']],
    ['table json -o out.json', ['table to stdout', 'json to out.json']],
    ['json -o out.json table', ['json to out.json', 'table to stdout']],
    ['-o out.json json table', ['json to out.json', 'table to stdout']],
    ['table -o out.json json', ['table to stdout', 'json to out.json']],
    ['-o a.json json -o b.html html', ['json to a.json', 'html to b.html']],
    ['-o a.json json -o b.html html table', ['json to a.json', 'html to b.html', 'table to stdout']],
    ['-o a.json json -o b.json asff', ['json to a.json', 'asff to b.json']],
    ['json -o a.json asff -o b.json', ['json to a.json', 'asff to b.json']],
    ['-o a.json sarif -o b.sarif', ['json to a.json', 'sarif to b.sarif']],
    ['json -o a.json -o b.html', ['json to a.json', 'html to b.html']],
    // A person who names the format first means it, whatever the file is called.
    ['table -o out.json', ['table to out.json']],
  ])('%s', (args, expected) => {
    expect(outputs(args).toSorted()).toEqual(expected.toSorted());
  });

  test.each([
    ['-o out', /^-o out: neither a --format nor its ending tells/],
    ['-o a -o b json', /^-o a: neither/],
    ['-o out.json table', /^-o out\.json: its ending tells json, and the format behind it is table/],
    ['-o out.html json', /^-o out\.html: its ending tells html/],
    ['json table', /^only one format can go to stdout/],
    ['json -o a.json html -o ./a.json', /^-o \.\/a\.json: two formats would go to this file/],
    ['yaml', /^there is no format "yaml"/],
    ['__proto__', /^there is no format/],
  ])('%s is refused', (args, message) => {
    expect(() => outputs(args)).toThrow(message);
  });
});

test.each([
  [{}, 'table'],
  [{ output: 'out' }, 'table'],
  [{ output: 'out.json' }, 'json'],
  [{ output: 'out.txt' }, 'table'],
  [{ format: 'table' as const, output: 'out.json' }, 'table'],
  [{ format: 'json' as const, output: 'out.txt' }, 'json'],
])('a command with a table and JSON takes the format that %j asks for', (options, format) => {
  expect(tableOrJson(options, 'table')).toBe(format);
});

test.each([
  ['report.html', '.html'],
  ['REPORT.HTM', '.html'],
  ['report', '.html'],
  ['report.d/page', '.html'],
  [undefined, '.html'],
  ['pipeline.svg', '.svg'],
  ['pipeline', '.svg'],
] as const)('%s may hold %s', (file, ending) => {
  expect(() => refuseOtherEnding(file, ending)).not.toThrow();
});

test.each([
  ['out.json', '.html'],
  ['out.svg', '.html'],
  ['pipeline.png', '.svg'],
  ['pipeline.html', '.svg'],
  ['pipeline.PDF', '.svg'],
] as const)('%s may not hold %s', (file, ending) => {
  expect(() => refuseOtherEnding(file, ending)).toThrow(
    /its ending is \.\w+, and what is written is (HTML|SVG)/,
  );
});
