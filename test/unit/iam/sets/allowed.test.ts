import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Decision, decide } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { matchesAny, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import { cellsOf } from '../../../../shared/iam/sets/cells.ts';
import {
  complementOf,
  everyOf,
  globLanguage,
  type Language,
  someOf,
} from '../../../../shared/iam/sets/language.ts';
import {
  allowedBeyond,
  allowedForAll,
  allowedUnnamed,
  type Question,
} from '../../../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../../../shared/iam/sets/shared-work.ts';
import { ownershipOf, patternsOf, statementsAbout } from '../../../../shared/iam/sets/statements.ts';
import { meantBy, namedIn, rolesIn, type Universe } from '../../../../shared/iam/sets/universe.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { ACCOUNT, type Asked, layer, OTHER, requestOf } from '../../../support/builders/asking.ts';
import { samples, shownBy } from '../../../support/samples.ts';

/**
 * Compares answers for whole sets with an oracle that works differently: it divides the set into cells in which
 * nothing changes, and decides one resource of each cell.
 */

type Statement = Record<string, Json>;

const ROLES = `arn:aws:iam::${ACCOUNT}:role/`;
const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/`;
const BUCKET = 'arn:aws:s3:::';
const known: Asked['context'] = { 'aws:SecureTransport': 'true' };

const letters = (alphabet: readonly string[], maxLength = 5) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((all) => all.join(''));

const withBeginning = (beginnings: readonly string[], alphabet: readonly string[], maxLength?: number) =>
  fc.tuple(fc.constantFrom(...beginnings), letters(alphabet, maxLength)).map((parts) => parts.join(''));

const CONDITIONS: readonly Record<string, Json>[] = [
  {},
  {},
  {},
  { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
  { StringEquals: { 'aws:ResourceAccount': ACCOUNT } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { Bool: { 'aws:SecureTransport': 'false' } },
];

/** Policies with patterns of few letters, so that they often overlap; each layer may allow and deny. */
const policiesOf = (patterns: fc.Arbitrary<string>): fc.Arbitrary<Policies> => {
  const statement = (effects: readonly string[]): fc.Arbitrary<Statement> =>
    fc
      .record({
        Effect: fc.constantFrom(...effects),
        Resources: fc.array(patterns, { minLength: 1, maxLength: 3 }),
        isNot: fc.integer({ min: 0, max: 5 }),
        Condition: fc.constantFrom(...CONDITIONS),
      })
      .map(({ Effect, Resources, isNot, Condition }) => ({
        Effect,
        [isNot === 0 ? 'NotResource' : 'Resource']: Resources,
        ...(Object.keys(Condition).length > 0 && { Condition }),
      }));
  const statements = (effects: readonly string[], maxLength = 4) =>
    fc.array(statement(effects), { minLength: 1, maxLength });
  return fc
    .record(
      {
        identity: statements(['Allow', 'Allow', 'Deny']),
        boundary: statements(['Allow', 'Allow', 'Deny'], 2),
        scp: statements(['Deny'], 2),
      },
      { requiredKeys: ['identity'] },
    )
    .map(({ identity, boundary, scp }) => ({
      identity: layer('identity', ...identity),
      ...(boundary && { boundary: layer('boundary', ...boundary) }),
      ...(scp && { scps: [layer('scp', {}, ...scp)] }),
    }));
};

/** The different decisions in a set, each with a resource; undefined if there are too many cells. */
const decisionsIn = ({
  policies,
  request,
  universe,
  within = [],
}: Question): Map<Decision, string> | undefined => {
  const isFolded = request.action.startsWith('sagemaker:');
  const inside = someOf(within.map((text) => globLanguage(parseGlob(text), isFolded)));
  const all: Language = everyOf([
    ...universe.patterns.map(({ language }) => language()),
    complementOf(inside),
  ]);
  const asked = { ...request, resource: '*' };
  const own = { ...request, resource: `${JOBS}x` };
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const patterns = [...patternsOf(statements, asked), ...patternsOf(statements, own)];
  const { cells, all: proof } = cellsOf(all, [
    ...patterns.map((glob) => globLanguage(glob)),
    ...(isFolded ? patterns.map((glob) => globLanguage(glob, true)) : []),
    ...ownershipOf(asked),
  ]);
  if (!proof) return undefined;
  return new Map(cells.map(({ witness }) => [decide(policies, { ...request, resource: witness }), witness]));
};

/** Compares the answers to all questions with the decisions, and returns the answers that occurred. */
const agree = (
  asked: Asked,
  universes: fc.Arbitrary<Universe>,
  patterns: fc.Arbitrary<string>,
  numRuns: number,
): string[] => {
  const request = requestOf({ ...asked, context: known });
  const answers = new Set<string>();
  fc.assert(
    fc.property(
      policiesOf(patterns),
      universes,
      fc.array(patterns, { maxLength: 2 }),
      (policies, universe, within) => {
        const question = { policies, request, universe };
        const decisions = decisionsIn(question);
        const beyond = decisionsIn({ ...question, within });
        if (!decisions || !beyond) return;
        const isIn = (resource: string): boolean =>
          universe.patterns.every(({ language }) => {
            const { after, accepts } = language();
            return accepts(after(resource));
          });

        const any = allowedBeyond({ ...question, within }, sharedWork());
        const expected = beyond.has('Allow') ? 'some' : beyond.has('Unknown') ? 'unknown' : 'none';
        expect(any.answer).toBe(expected);
        if (any.answer === 'some') {
          const { resource, decision } = any.example;
          expect([decision, isIn(resource), matchesAny(within, resource)]).toEqual(['Allow', true, false]);
        }
        if (any.answer === 'unknown')
          expect(any.doubt.kind === 'hangs' && any.doubt.example.decision).toBe('Unknown');

        const every = allowedForAll(question, sharedWork());
        const hasDeny = decisions.has('ImplicitDeny') || decisions.has('ExplicitDeny');
        const isMixed = decisions.has('Allow') || decisions.has('Unknown');
        const all = decisions.has('Unknown') ? 'unknown' : 'all';
        expect(every.answer).toBe(hasDeny ? (isMixed ? 'some' : 'none') : all);
        if (every.answer === 'some' || every.answer === 'none')
          expect(every.example.decision).toMatch(/Deny$/);

        const unnamed = allowedUnnamed(question, sharedWork());
        if (unnamed.answer === 'yes') expect(unnamed.example.decision).toBe('Allow');
        if (!decisions.has('Allow')) expect(unnamed.answer).not.toBe('yes');
        if (unnamed.answer === 'no') expect(hasDeny || decisions.size === 0).toBe(true);
        if (decisions.size === 1 && decisions.has('Allow')) expect(unnamed.answer).toBe('yes');
        for (const answer of [any, every, unnamed]) answers.add(answer.answer);
      },
    ),
    { numRuns: samples(numRuns) },
  );
  return [...answers].toSorted();
};

describe('what is allowed for a set of resources is what deciding all of them says', () => {
  const EACH = ['all', 'no', 'none', 'some', 'unknown', 'yes'];

  test('of roles', () => {
    const alphabet = ['a', 'b', '*', '?', '/'];
    const round = () =>
      agree(
        { action: 'iam:PassRole' },
        fc.constant(rolesIn({ partition: 'aws', account: ACCOUNT })),
        fc.oneof(
          { weight: 8, arbitrary: withBeginning([ROLES], alphabet) },
          { weight: 2, arbitrary: withBeginning(['arn:aws:iam::*', '*'], alphabet, 3) },
          { weight: 2, arbitrary: fc.constant('*') },
          {
            weight: 1,
            arbitrary: fc.constantFrom(
              `${ROLES}\${aws:PrincipalTag/team}*`,
              `${ROLES}\${aws:ResourceAccount}*`,
            ),
          },
        ),
        400,
      );
    expect(shownBy(EACH, round)).toEqual(EACH);
  });

  test('of jobs, whose letter case may be lost', () => {
    const round = () =>
      agree(
        { action: 'sagemaker:CreateTrainingJob' },
        withBeginning([JOBS], ['a', 'A', '*'], 2).map((pattern) => namedIn(`${pattern}*`)),
        fc.oneof(
          { weight: 6, arbitrary: withBeginning([JOBS], ['a', 'A', '-', '*', '?'], 4) },
          { weight: 1, arbitrary: withBeginning([JOBS.replace(ACCOUNT, OTHER), '*'], ['a', '*'], 3) },
        ),
        60, // the long way is a long one
      );
    const expected = ['no', 'none', 'some', 'yes'];
    expect(shownBy(expected, round)).toEqual(expect.arrayContaining(expected));
  });

  test('of objects, whose owner no ARN tells', () => {
    const alphabet = ['a', 'b', '*', '?', '/', '${*}'];
    const round = () =>
      agree(
        { action: 's3:GetObject' },
        withBeginning([BUCKET], ['a', 'b', '*', '/', '${*}'], 4).map((pattern) =>
          meantBy(pattern, 's3:GetObject'),
        ),
        fc.oneof(
          { weight: 6, arbitrary: withBeginning([BUCKET], alphabet) },
          { weight: 2, arbitrary: withBeginning(['arn:aws:s3*', '*'], alphabet, 3) },
        ),
        300,
      );
    expect(shownBy(EACH, round)).toEqual(EACH);
  });

  test('of several accounts', () => {
    const answers = agree(
      { action: 'iam:PassRole' },
      fc
        .constantFrom('arn:aws:iam::*:role/a*', 'arn:*:iam::*:role/?')
        .map((pattern) => meantBy(pattern, 'iam:PassRole')),
      fc.oneof(
        withBeginning([ROLES, 'arn:aws:iam::*:role/'], ['a', '*', '?'], 3),
        fc.constant('arn:aws:iam::${aws:ResourceAccount}:role/a*'),
      ),
      150,
    );
    expect(answers.length).toBeGreaterThan(2);
  });
});
