import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTemplates } from '../../../shared/declared/cloudformation/read-templates.ts';
import type { Declare, Declared } from '../../../shared/declared/declared.ts';
import { waysOf } from '../../../shared/declared/ways.ts';

const declareOf = (template: object): Declare =>
  readTemplates([
    {
      path: 'template.json',
      text: JSON.stringify(template),
      stack: { name: 'ml', account: '111122223333', region: 'eu-west-1' },
    },
  ]).declare;

const ways = (template: object) => waysOf(declareOf(template), new Map(), []);

/** The names of the roles that are declared. */
const rolesIn = ({ resources }: Declared): string[] =>
  resources.flatMap((each) => (each.type === 'role' ? each.name : [])).toSorted();

const role = (condition: string, name: unknown) => ({
  Type: 'AWS::IAM::Role',
  Condition: condition,
  Properties: { RoleName: name, AssumeRolePolicyDocument: {} },
});

const NAMES = ['One', 'Two', 'Three'] as const;
const TEXTS = ['a', 'b', 'c'];
type Tree = Readonly<Record<string, unknown>>;

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...TEXTS))
      .map(([name, text]): Tree => ({ 'Fn::Equals': [{ Ref: name }, text] })),
    fc.tuple(tie('tree'), tie('tree')).map((parts): Tree => ({ 'Fn::And': parts })),
    fc.tuple(tie('tree'), tie('tree')).map((parts): Tree => ({ 'Fn::Or': parts })),
    tie('tree').map((part): Tree => ({ 'Fn::Not': [part] })),
  ),
}));

test('each combination of conditions that a deployment can make true is tried', () => {
  fc.assert(
    fc.property(tree, tree, fc.subarray([...NAMES]), (one, other, allowing) => {
      const template = {
        Parameters: Object.fromEntries(
          NAMES.map((name) => [
            name,
            { Type: 'String', ...(allowing.includes(name) && { AllowedValues: ['z', ...TEXTS] }) },
          ]),
        ),
        Conditions: { One: one, Other: other },
        Resources: { A: role('One', 'one'), B: role('Other', 'other') },
      };
      const { first, others, untried } = ways(template);
      const tried = new Set([first, ...others].map(({ declared }) => rolesIn(declared).join()));
      const values = [...TEXTS, 'z'];
      const declare = declareOf(template);
      for (const a of values)
        for (const b of values)
          for (const c of values) {
            const given = new Map(NAMES.map((name, index) => [name, [a, b, c][index] ?? '']));
            const declared = declare(({ name }) => given.get(name as 'One') ?? '');
            expect(tried).toContain(rolesIn(declared).join());
          }
      expect(untried).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a hole that only one branch asks for has its values tried in that branch', () => {
  const equals = (name: string) => ({ 'Fn::Equals': [{ Ref: name }, 'yes'] });
  const { first, others } = ways({
    Parameters: Object.fromEntries(NAMES.map((name) => [name, { Type: 'String' }])),
    Conditions: Object.fromEntries(NAMES.map((name) => [`Is${name}`, equals(name)])),
    Resources: {
      A: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: {
            'Fn::If': [
              'IsOne',
              { 'Fn::If': ['IsTwo', { 'Fn::If': ['IsThree', 'all', 'two'] }, 'one'] },
              'none',
            ],
          },
        },
      },
    },
  });
  expect(rolesIn(first.declared)).toEqual(['none']);
  expect(new Set(others.flatMap(({ declared }) => rolesIn(declared)))).toEqual(
    new Set(['one', 'two', 'all']),
  );
});

test('where there are too many combinations, it is said that not all were tried', () => {
  const names = Array.from({ length: 40 }, (_, index) => `P${index}`);
  const { untried, others } = ways({
    Parameters: Object.fromEntries(names.map((name) => [name, { Type: 'String' }])),
    Conditions: Object.fromEntries(names.map((name) => [name, { 'Fn::Equals': [{ Ref: name }, 'yes'] }])),
    Resources: Object.fromEntries(names.map((name) => [`R${name}`, role(name, name)])),
  });
  expect(untried.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  expect(others.length).toBeLessThan(400);
});
