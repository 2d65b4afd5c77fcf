import { describe, expect, test } from '@jest/globals';
import { readTemplates } from '../../../../shared/declared/cloudformation/read-templates.ts';
import { type FilledHole, filling } from '../../../../shared/declared/fill.ts';
import { STACK, valueIn } from '../../../support/builders/declared-template.ts';

const PARAMETERS = {
  Stage: { Type: 'String' },
  More: { Type: 'String' },
  Names: { Type: 'CommaDelimitedList' },
  Other: { Type: 'String', Default: 'x' },
};
const branch = (condition: unknown, values = {}, more = {}) =>
  valueIn(
    { 'Fn::If': ['It', 'yes', 'no'] },
    { Parameters: PARAMETERS, Conditions: { It: condition, ...more } },
    values,
  );

describe('conditions', () => {
  const same = { 'Fn::Equals': ['a', 'a'] };
  const other = { 'Fn::Equals': ['a', 'b'] };
  test.each<[string, unknown, string]>([
    ['equal texts', same, 'yes'],
    ['other texts', other, 'no'],
    ['case counts', { 'Fn::Equals': ['a', 'A'] }, 'no'],
    ['a number and its text', { 'Fn::Equals': [1, '1'] }, 'yes'],
    ['a parameter', { 'Fn::Equals': [{ Ref: 'Other' }, 'x'] }, 'yes'],
    [
      'lists',
      {
        'Fn::Equals': [
          ['a', 'b'],
          ['a', 'b'],
        ],
      },
      'yes',
    ],
    ['and', { 'Fn::And': [same, same] }, 'yes'],
    ['and of one that is not', { 'Fn::And': [same, other] }, 'no'],
    ['or', { 'Fn::Or': [other, same] }, 'yes'],
    ['or of none', { 'Fn::Or': [other, other] }, 'no'],
    ['not', { 'Fn::Not': [other] }, 'yes'],
    ['another condition', { Condition: 'Same' }, 'yes'],
  ])('%s', (_, condition, value) => {
    expect(branch(condition, {}, { Same: same })).toMatchObject({ value, problems: [] });
  });

  test.each<[string, unknown, string]>([
    ['no function', 'x', 'this is no known function of conditions'],
    ['an unknown function', { 'Fn::Maybe': [] }, 'Fn::Maybe is no known function of conditions'],
    ['two functions', { 'Fn::Equals': ['a', 'a'], 'Fn::Not': [same] }, 'the condition cannot be read'],
    ['equals of one', { 'Fn::Equals': ['a'] }, 'its argument is not a list of two values'],
    ['not of two', { 'Fn::Not': [same, same] }, 'its argument is not a list of one condition'],
    ['and of nothing', { 'Fn::And': [] }, 'its argument is not a list of conditions'],
    ['no name', { Condition: 3 }, 'its Condition is not a name'],
    ['a name of nothing', { Condition: 'Nobody' }, 'the template has no condition Nobody'],
    ['itself', { Condition: 'It' }, 'the condition It depends on itself'],
  ])('%s: both outcomes are tried, and it is told', (_, condition, message) => {
    const { holes, problems } = branch(condition);
    expect([...holes.values()].map(({ values }) => values)).toContainEqual(['true', 'false']);
    expect(problems).toContainEqual(expect.stringContaining(message));
    for (const [answer, value] of [
      ['true', 'yes'],
      ['false', 'no'],
    ]) {
      const filled = Object.fromEntries([...holes.keys()].map((name) => [name, answer ?? '']));
      expect(branch(condition, filled).value).toBe(value);
    }
  });

  test('a parameter tells the texts with which it is compared', () => {
    const { holes } = branch({
      'Fn::Or': [{ 'Fn::Equals': ['prod', { Ref: 'Stage' }] }, { 'Fn::Equals': [{ Ref: 'Stage' }, ''] }],
    });
    expect(holes.get('Stage')?.compared?.toSorted()).toEqual(['', 'prod']);
  });

  const asked = (condition: unknown): ReadonlyMap<string, FilledHole> => {
    const { fill, filled } = filling({ given: new Map(), forms: new Map() }, new Map());
    const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::If': ['It', 'yes', 'no'] } } };
    const template = { Parameters: PARAMETERS, Conditions: { It: condition }, Resources: { R: role } };
    readTemplates([{ path: 't.json', text: JSON.stringify(template), stack: STACK }]).declare(fill);
    return filled;
  };
  const bothOf = (...equal: unknown[]): boolean =>
    [...asked({ 'Fn::Equals': equal }).values()].some(({ hole }) => hole.values?.join() === 'true,false');
  const stage = { Ref: 'Stage' };
  test.each<[string, unknown, unknown]>([
    ['a text that is put together', { 'Fn::Sub': '${Stage}-x' }, 'prod-x'],
    ['another parameter', stage, { Ref: 'More' }],
    ['a part of a text', { 'Fn::Select': [1, { 'Fn::Split': ['-', stage] }] }, 'prod'],
    ['a part of a list', { 'Fn::Select': [1, { Ref: 'Names' }] }, 'prod'],
    ['a list', { Ref: 'Names' }, ['a', 'b']],
  ])('what only the deployment tells is equal to %s or not: both are tried', (_, one, other) => {
    expect(bothOf(one, other)).toBe(true);
    expect(bothOf(other, one)).toBe(true);
  });

  test.each<[string, unknown, unknown]>([
    ['a text with another beginning', { 'Fn::Sub': '${Stage}-x' }, 'prod-y'],
    ['a default', { 'Fn::Sub': '${Other}-x' }, 'prod-x'],
    ['itself', { 'Fn::Sub': '${Stage}-x' }, { 'Fn::Join': ['-', [stage, 'x']] }],
    ['a value that is tried for it', stage, 'prod'],
  ])('what is known to be equal or not is not tried: %s', (_, one, other) => {
    expect(bothOf(one, other)).toBe(false);
  });

  test('all parts of a condition are asked for, so that values are tried for each', () => {
    for (const name of ['Fn::And', 'Fn::Or']) {
      const parts = [{ 'Fn::Equals': [stage, 'prod'] }, { 'Fn::Equals': [{ Ref: 'More' }, 'b'] }];
      for (const list of [parts, parts.toReversed()])
        expect([...asked({ [name]: list }).keys()]).toEqual(expect.arrayContaining(['Stage', 'More']));
    }
  });
});
