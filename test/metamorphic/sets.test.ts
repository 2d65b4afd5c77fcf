import { expect, test } from '@jest/globals';
import { isAllowed, isTrusted, type Known } from './oracle.ts';
import { QUESTIONS, type Question, runSets } from './sets.ts';

/** `npm run metamorphic sets` runs as many cases as it is told. */
const SEED = 1;
const CASES = 150;

test.each(QUESTIONS.map((question): [string, Question] => [question.control, question]))(
  'no breach that a small set of requests shows is passed over by %s, and each that it tells is one',
  async (_, question) => {
    const numbers = Array.from({ length: CASES }, (_, number) => number);
    const { counts, examples } = await runSets(question, SEED, numbers);
    const wrong = [...examples]
      .filter(([key]) => /^(hidden|not shown)/.test(key))
      .map(([, example]) => example);
    expect(wrong).toEqual([]);
    // Of a sample that shows nothing, a pass would say nothing.
    const of = (status: string): number =>
      [...counts].reduce((sum, [key, times]) => (key.includes(status) ? sum + times : sum), 0);
    expect([of(': PASSED') > 5, of('sure') > 5]).toEqual([true, true]);
  },
);

const FULL = { Effect: 'Allow', Action: '*', Resource: '*' };
const known = (of: Record<string, string[]> = {}): Known => new Map(Object.entries(of));
const allowed = (statements: object[], action: string, resource: string, context: Known = known()): boolean =>
  isAllowed({ identity: [{ Statement: statements as never }] }, action, resource, context);

test('the oracle decides by action, resource, condition and layer', () => {
  const role = 'arn:aws:iam::111122223333:role/a';
  expect(allowed([FULL], 'iam:PassRole', role)).toBe(true);
  expect(allowed([], 'iam:PassRole', role)).toBe(false);
  expect(allowed([FULL, { ...FULL, Effect: 'Deny', Action: 'IAM:pass*' }], 'iam:PassRole', role)).toBe(false);
  expect(allowed([{ ...FULL, Resource: 'arn:*:role/?' }], 'iam:PassRole', role)).toBe(true);
  expect(allowed([{ ...FULL, Resource: 'arn:*:role/a?' }], 'iam:PassRole', role)).toBe(false);
  const inVpc = { ...FULL, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } };
  expect(allowed([inVpc], 'iam:PassRole', role, known({ 'aws:sourcevpc': ['vpc-1'] }))).toBe(true);
  expect(allowed([inVpc], 'iam:PassRole', role)).toBe(false);
  const outside = { ...FULL, Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } };
  expect(allowed([outside], 'iam:PassRole', role)).toBe(true);
  const absent = { ...FULL, Condition: { Null: { 'aws:SourceVpc': 'true' } } };
  expect(allowed([absent], 'iam:PassRole', role)).toBe(true);
  expect(
    isAllowed(
      { identity: [{ Statement: [FULL] }], boundary: { Statement: [{ ...FULL, Action: 's3:*' }] } },
      'iam:PassRole',
      role,
      known(),
    ),
  ).toBe(false);
});

test('the oracle decides on sets of values and on who a role trusts', () => {
  const of = (operator: string, keys: string[]): boolean =>
    allowed(
      [{ ...FULL, Condition: { [operator]: { 'aws:TagKeys': 'net' } } }],
      'iam:TagRole',
      'arn:aws:iam::111122223333:role/a',
      keys.length > 0 ? known({ 'aws:tagkeys': keys }) : known(),
    );
  expect(of('ForAnyValue:StringEquals', ['x', 'net'])).toBe(true);
  expect(of('ForAnyValue:StringEquals', [])).toBe(false);
  expect(of('ForAllValues:StringEquals', ['x', 'net'])).toBe(false);
  expect(of('ForAllValues:StringEquals', [])).toBe(true);
  expect(of('ForAllValues:StringNotEquals', ['x'])).toBe(true);
  const Principal = { Service: 'sagemaker.amazonaws.com' };
  const Condition = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
  const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition }] };
  const by = (account: string): boolean =>
    isTrusted(trust, 'sagemaker.amazonaws.com', known({ 'aws:sourceaccount': [account] }));
  expect([by('111122223333'), by('444455556666')]).toEqual([true, false]);
});
