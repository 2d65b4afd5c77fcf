import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { parseTemplate } from '../../../../shared/iam/decide/variables.ts';
import { parseGlob } from '../../../../shared/iam/policy/glob.ts';
import { principalOf } from '../../../../shared/iam/policy/principal.ts';
import type { AnyAnswer, EveryAnswer, Example } from '../../../../shared/iam/sets/answers.ts';
import {
  arnLanguage,
  complementOf,
  everyOf,
  globLanguage,
  separatedAs,
  someOf,
} from '../../../../shared/iam/sets/language.ts';
import { resourcesAllowed } from '../../../../shared/iam/sets/questions.ts';
import {
  administratorAnswer,
  allowedBeyond,
  allowedForAll,
  allowedSomewhere,
} from '../../../../shared/iam/sets/reach.ts';
import type { Json } from '../../../../shared/json/json.ts';
import {
  ACCOUNT,
  type Asked,
  broken,
  layer,
  OTHER,
  ROLE,
  requestOf,
} from '../../../support/builders/asking.ts';

type Statement = Record<string, Json>;

const BUCKET = 'arn:aws:s3:::';
const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/`;
const READ: Asked = { action: 's3:GetObject' };
const CREATE: Asked = { action: 'sagemaker:CreateTrainingJob' };

const letters = (alphabet: readonly string[], maxLength = 5) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((all) => all.join(''));

/** Policies whose patterns are few letters, so that they often meet. */
const policiesOf = (patterns: fc.Arbitrary<string>): fc.Arbitrary<Policies> => {
  const conditions = fc.constantFrom<Record<string, Json>>(
    {},
    {},
    {},
    { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
    { StringEquals: { 'aws:ResourceAccount': ACCOUNT } },
    { Bool: { 'aws:SecureTransport': 'true' } },
  );
  const statement = (effects: readonly string[]): fc.Arbitrary<Statement> =>
    fc
      .record({
        Effect: fc.constantFrom(...effects),
        Resources: fc.array(patterns, { minLength: 1, maxLength: 2 }),
        isNot: fc.integer({ min: 0, max: 5 }),
        Condition: conditions,
      })
      .map(({ Effect, Resources, isNot, Condition }) => ({
        Effect,
        [isNot === 0 ? 'NotResource' : 'Resource']: Resources,
        ...(Object.keys(Condition).length > 0 && { Condition }),
      }));
  const statements = (effects: readonly string[]) =>
    fc.array(statement(effects), { minLength: 1, maxLength: 3 });
  return fc
    .record(
      {
        identity: statements(['Allow', 'Allow', 'Allow', 'Deny']),
        boundary: statements(['Allow']),
        scp: statements(['Deny']),
      },
      { requiredKeys: ['identity'] },
    )
    .map(({ identity, boundary, scp }) => ({
      identity: layer('identity', ...identity),
      ...(boundary && { boundary: layer('boundary', ...boundary) }),
      ...(scp && { scps: [layer('scp', {}, ...scp)] }),
    }));
};

const withBeginning = (beginnings: readonly string[], alphabet: readonly string[]) =>
  fc.tuple(fc.constantFrom(...beginnings), letters(alphabet)).map((parts) => parts.join(''));

const known: Asked['context'] = { 'aws:SecureTransport': 'true' };
const globOf = (pattern: string) =>
  parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));

/** The example of an answer that has one, or of what it hangs on. */
const exampleIn = (found: AnyAnswer | EveryAnswer): Example | undefined => {
  if (found.answer !== 'unknown') return 'example' in found ? found.example : undefined;
  return found.doubt.kind === 'hangs' ? found.doubt.example : undefined;
};

describe('a pattern that is allowed as a whole', () => {
  /** The long way: every way in which the ARNs of the pattern can lie to the policies is decided. */
  const long = (policies: Policies, asked: Asked, pattern: string) => {
    const glob = globOf(pattern);
    const names = asked.action?.startsWith('sagemaker:') ? [separatedAs(glob)] : [];
    return resourcesAllowed(policies, requestOf(asked), everyOf([arnLanguage(glob), ...names])).answer;
  };

  /** The answers that came up. */
  const agree = (
    asked: Asked,
    patterns: fc.Arbitrary<string>,
    inPolicies: fc.Arbitrary<string>,
    numRuns: number,
  ): string[] => {
    const answers = new Set<string>();
    fc.assert(
      fc.property(policiesOf(inPolicies), patterns, (policies, pattern) => {
        const request = { ...asked, context: known };
        const found = allowedForAll(policies, requestOf(request), pattern);
        answers.add(found.answer);
        expect(found.answer).toBe(long(policies, request, pattern));
        if (found.answer !== 'all') expect(exampleIn(found)?.explanation.decision).not.toBe('Allow');
      }),
      { numRuns },
    );
    return [...answers].toSorted();
  };

  test('is what deciding all its ARNs says: objects', () => {
    const alphabet = ['a', 'b', '*', '?', '/', '${*}'];
    const answers = agree(
      READ,
      withBeginning([BUCKET], ['a', 'b', '*', '/', '${*}']),
      fc.oneof(
        { weight: 6, arbitrary: withBeginning([BUCKET], [...alphabet, '${aws:PrincipalTag/team}']) },
        { weight: 2, arbitrary: withBeginning(['arn:aws:s3*', '*'], alphabet) },
        { weight: 1, arbitrary: fc.constant('*') },
      ),
      400,
    );
    expect(answers.length).toBeGreaterThan(1); // each answer has its own test below: which come up here is chance
  }, 60_000);

  test('is what deciding all its ARNs says: jobs, of a Region or of any, in either case', () => {
    const anywhere = `arn:aws:sagemaker:*:${ACCOUNT}:training-job/`;
    const answers = agree(
      CREATE,
      withBeginning([JOBS, anywhere], ['a', 'A', '-', '*']),
      fc.oneof(
        { weight: 6, arbitrary: withBeginning([JOBS, anywhere], ['a', 'A', '-', '*', '?']) },
        {
          weight: 2,
          arbitrary: withBeginning(['arn:aws:sagemaker:*', JOBS.replace(ACCOUNT, OTHER)], ['a', '*']),
        },
        { weight: 1, arbitrary: fc.constant('*') },
      ),
      60, // the long way is a long one: a job's name has neither colons nor slashes, and its case may be lost
    );
    expect(answers.length).toBeGreaterThan(1);
  }, 60_000);

  const objects = (...of: string[]) => ({
    identity: layer('identity', { Resource: of.map((key) => BUCKET + key) }),
  });

  test.each<[string, Policies, string, string, string | undefined]>([
    ['by one that is wider', objects('acme/*'), 'acme/in/*', 'all', undefined],
    ['by one that is the same', objects('acme/in/*'), 'acme/in/*', 'all', undefined],
    ['not by one that is narrower', objects('acme/in/a*'), 'acme/in/*', 'some', 'ImplicitDeny'],
    [
      'not where a Deny takes a part',
      { identity: layer('identity', {}, { Effect: 'Deny', Resource: `${BUCKET}acme/in/secret` }) },
      'acme/in/*',
      'some',
      'ExplicitDeny',
    ],
    [
      'where a Deny is of another bucket',
      { identity: layer('identity', {}, { Effect: 'Deny', Resource: `${BUCKET}other/*` }) },
      'acme/*',
      'all',
      undefined,
    ],
    ['not by a question mark for a star', objects('acme/?'), 'acme/*', 'some', 'ImplicitDeny'],
    ['nowhere', objects('other/*'), 'acme/*', 'none', 'ImplicitDeny'],
    ['by name', objects('acme/a*'), 'acme/a.json', 'all', undefined],
    ['by a name with a star in it', objects('acme/a${*}'), 'acme/a${*}', 'all', undefined],
    ['not by a name with a star in it', objects('acme/a${*}'), 'acme/a*', 'some', 'ImplicitDeny'],
    [
      'not known, where a policy cannot be read',
      { identity: broken('identity') },
      'acme/*',
      'unknown',
      'Unknown',
    ],
  ])('%s', (_, policies, pattern, answer, decision) => {
    const found = allowedForAll(policies, requestOf(READ), BUCKET + pattern);
    expect([found.answer, exampleIn(found)?.explanation.decision]).toEqual([answer, decision]);
  });
});

describe('beyond what is authorised', () => {
  const roles = globLanguage(parseGlob(`arn:aws:iam::${ACCOUNT}:role/*`));
  const within = [`arn:aws:iam::${ACCOUNT}:role/steps/*`, `arn:aws:iam::*:role/pipelines/*`];
  const pass = (...of: string[]) =>
    layer('identity', {
      Action: 'iam:PassRole',
      Resource: of.map((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`),
    });
  const ask = (policies: Policies) =>
    allowedBeyond(policies, requestOf({ action: 'iam:PassRole' }), roles, within);

  test.each<[string, Policies, string]>([
    ['what is named', { identity: pass('steps/a', 'pipelines/*') }, 'none'],
    ['all that is authorised', { identity: pass('steps/*') }, 'none'],
    ['another name as well', { identity: pass('steps/*', 'admin') }, 'some'],
    ['whatever is there', { identity: layer('identity', {}) }, 'some'],
    ['whatever the boundary leaves', { identity: layer('identity', {}), boundary: pass('steps/*') }, 'none'],
    [
      'all but one',
      { identity: layer('identity', { NotResource: `arn:aws:iam::${ACCOUNT}:role/admin` }) },
      'some',
    ],
    ['more by a question mark', { identity: pass('step?/a') }, 'some'],
    ['what nobody can read', { identity: broken('identity') }, 'unknown'],
    ['nothing', {}, 'none'],
  ])('%s', (_, policies, answer) => {
    const found = ask(policies);
    const example = exampleIn(found);
    expect(found.answer).toBe(answer);
    const isInside = within.some((pattern) => example?.resource.startsWith(pattern.slice(0, -1)));
    expect([example !== undefined, isInside]).toEqual([answer !== 'none', false]);
  });

  test('is the same with and without the quick look', () => {
    const names = letters(['s', 't', '/', '*', '?'], 4).map((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`);
    const request = requestOf({ action: 'iam:PassRole', context: known });
    fc.assert(
      fc.property(policiesOf(names), fc.array(names, { maxLength: 3 }), (policies, fine) => {
        const { answer } = allowedBeyond(policies, request, roles, fine);
        const inside = someOf(fine.map((pattern) => globLanguage(parseGlob(pattern))));
        const long = resourcesAllowed(policies, request, everyOf([roles, complementOf(inside)]));
        const isSure = long.examples.some(({ explanation }) => explanation.decision === 'Allow');
        expect(answer).toBe(isSure ? 'some' : long.answer);
      }),
      { numRuns: 200 },
    );
  });
});

test.each<[string, Policies, string]>([
  ['by the pattern itself', { identity: layer('identity', {}) }, 'some'],
  ['by a name within it', { identity: layer('identity', { Resource: `${JOBS}fraud-1` }) }, 'some'],
  ['by a pattern that meets it', { identity: layer('identity', { Resource: `${JOBS}*-1` }) }, 'some'],
  ['nowhere within it', { identity: layer('identity', { Resource: `${JOBS}other-*` }) }, 'none'],
  ['nowhere, as it is denied', { identity: layer('identity', {}, { Effect: 'Deny' }) }, 'none'],
  ['nowhere without policies', {}, 'none'],
])('a request is allowed somewhere: %s', (_, policies, answer) => {
  expect(allowedSomewhere(policies, requestOf(CREATE), `${JOBS}fraud-*`).answer).toBe(answer);
});

test.each<[string, Policies, string]>([
  ['all actions', { identity: layer('identity', {}) }, 'yes'],
  ['to attach policies', { identity: layer('identity', { Action: 'iam:Attach*' }) }, 'yes'],
  [
    'to write its own policy alone',
    { identity: layer('identity', { Action: 'iam:PutRolePolicy', Resource: ROLE }) },
    'no',
  ],
  [
    'all actions, in a boundary without them',
    { identity: layer('identity', {}), boundary: layer('boundary', { Action: 's3:*' }) },
    'no',
  ],
  [
    'all actions, with conditions that are not known',
    { identity: layer('identity', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }) },
    'unknown',
  ],
])('who may do it is an administrator, or not: %s', (_, policies, answer) => {
  const principal = principalOf(ROLE);
  if (!principal) throw new Error('no principal');
  expect(administratorAnswer(policies, principal).answer).toBe(answer);
});
