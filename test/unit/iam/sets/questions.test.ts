import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../../../../shared/iam/decide/context.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { principalOf } from '../../../../shared/iam/policy/principal.ts';
import type { AnyAnswer, EveryAnswer, Example, UnnamedAnswer } from '../../../../shared/iam/sets/answers.ts';
import {
  administratorAnswer,
  allowedBeyond,
  allowedForAll,
  allowedUnnamed,
} from '../../../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../../../shared/iam/sets/shared-work.ts';
import {
  amongRoles,
  arnsOf,
  meantBy,
  namedIn,
  onlyOne,
  rolesIn,
} from '../../../../shared/iam/sets/universe.ts';
import {
  ACCOUNT,
  type Asked,
  broken,
  layer,
  OTHER,
  ROLE,
  requestOf,
} from '../../../support/builders/asking.ts';

const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job`;
const CREATE = 'sagemaker:CreateTrainingJob';
const BUCKET = 'arn:aws:s3:::';
const ROLES = `arn:aws:iam::${ACCOUNT}:role/`;

/** The example of an answer or of its doubt. */
const exampleIn = (found: AnyAnswer | EveryAnswer | UnnamedAnswer): Example | undefined => {
  if (found.answer !== 'unknown') return 'example' in found ? found.example : undefined;
  return found.doubt.kind === 'hangs' ? found.doubt.example : undefined;
};

describe('which jobs may be created', () => {
  const jobs = (...names: string[]) =>
    layer('identity', {
      Action: CREATE,
      Resource: names.map((name) => `arn:aws:sagemaker:*:${ACCOUNT}:*/${name}`),
    });
  const request = (asked: Asked = {}) => requestOf({ action: CREATE, ...asked });
  const inside = (policies: Policies, asked?: Asked) =>
    allowedForAll({ policies, request: request(asked), universe: namedIn(`${JOBS}/fraud-*`) }, sharedWork());
  const outside = (policies: Policies, asked?: Asked) =>
    allowedBeyond(
      { policies, request: request(asked), universe: namedIn(`${JOBS}/*`), within: [`${JOBS}/fraud-*`] },
      sharedWork(),
    );

  test.each<[string, Policies, string, string]>([
    ['the prefix and nothing else', { identity: jobs('fraud-*') }, 'all', 'none'],
    ['without the dash', { identity: jobs('fraud*') }, 'all', 'some'],
    ['a wildcard elsewhere', { identity: jobs('*fraud-*') }, 'all', 'some'],
    [
      'a second statement',
      {
        identity: layer(
          'identity',
          { Resource: `${JOBS}/fraud-*` },
          { Action: 'sagemaker:*', Resource: `${JOBS}/other` },
        ),
      },
      'all',
      'some',
    ],
    ['only a part of the prefix', { identity: jobs('fraud-a*') }, 'some', 'none'],
    ['everything', { identity: jobs('*') }, 'all', 'some'],
    ['nothing', { identity: layer('identity', { Action: 's3:*' }) }, 'none', 'none'],
    [
      'everything but what is denied',
      { identity: layer('identity', {}, { Effect: 'Deny', NotResource: `${JOBS}/fraud-*` }) },
      'all',
      'none',
    ],
    ['a boundary that cuts it', { identity: jobs('*'), boundary: jobs('fraud-*') }, 'all', 'none'],
    [
      'an organization that cuts it',
      { identity: jobs('*'), scps: [layer('scp', {}), jobs('fraud-*')] },
      'all',
      'none',
    ],
    ['a policy that cannot be read', { identity: broken('identity') }, 'unknown', 'unknown'],
    [
      'a condition that is not known',
      { identity: layer('identity', { Condition: { StringEquals: { 'aws:RequestedRegion': 'a' } } }) },
      'unknown',
      'unknown',
    ],
    [
      'a variable that is not known',
      { identity: layer('identity', { Resource: `${JOBS}/\${aws:PrincipalTag/team}-*` }) },
      'unknown',
      'unknown',
    ],
    ['no policy', {}, 'none', 'none'],
  ])('%s', (_, policies, within, out) => {
    expect([inside(policies).answer, outside(policies).answer]).toEqual([within, out]);
  });

  test('a prefix that differs in its case only is not known', () => {
    expect(inside({ identity: jobs('Fraud-*') }).answer).toBe('unknown');
    expect(outside({ identity: jobs('Fraud-*') }).answer).toBe('none');
  });

  test('a variable that is known', () => {
    const identity = layer('identity', { Resource: `${JOBS}/\${aws:PrincipalTag/team}-*` });
    const asked = { context: { 'aws:PrincipalTag/team': 'fraud' } };
    expect([inside({ identity }, asked).answer, outside({ identity }, asked).answer]).toEqual([
      'all',
      'none',
    ]);
    const without = { context: { 'aws:PrincipalTag/team': null } };
    expect([inside({ identity }, without).answer, outside({ identity }, without).answer]).toEqual([
      'none',
      'none',
    ]);
  });

  test('a variable for the account, which the jobs themselves tell', () => {
    const of = (account: string) => ({ identity: layer('identity', { Resource: `${JOBS}/${account}*` }) });
    expect(exampleIn(outside(of('${aws:ResourceAccount}')))?.resource).toBe(`${JOBS}/${ACCOUNT}`);
    expect(outside(of('${aws:ResourceAccount}'))).toMatchObject({ answer: outside(of(ACCOUNT)).answer });
  });

  test('the example comes with its explanation', () => {
    const found = outside({ identity: jobs('fraud*') });
    expect([found.answer, exampleIn(found)?.resource]).toEqual(['some', `${JOBS}/fraud`]);
    expect(exampleIn(found)?.explanation.decidedBy).toEqual([
      { layer: 'identity', policy: 'identity', statement: 0, pointer: '/Statement/0', effect: 'Allow' },
    ]);
  });
});

describe('for how many of a pattern’s resources a request is allowed', () => {
  const objects = (...of: string[]) => ({
    identity: layer('identity', { Resource: of.map((key) => BUCKET + key) }),
  });

  test.each<[string, Policies, string, string, string | undefined]>([
    ['by one that is wider', objects('acme/*'), 'acme/in/*', 'all', undefined],
    ['by one that is the same', objects('acme/in/*'), 'acme/in/*', 'all', undefined],
    ['by several together', objects('acme/in', 'acme/in?*'), 'acme/in*', 'all', undefined],
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
    ['not by name', objects('acme/a'), 'acme/b', 'none', 'ImplicitDeny'],
    ['by a name with a star in it', objects('acme/a${*}'), 'acme/a${*}', 'all', undefined],
    ['not by a name with a star in it', objects('acme/a${*}'), 'acme/a*', 'some', 'ImplicitDeny'],
    [
      'not known, where a policy cannot be read',
      { identity: broken('identity') },
      'acme/*',
      'unknown',
      'Unknown',
    ],
    [
      'not known of a name, where a policy cannot be read',
      { identity: broken('identity') },
      'acme/a',
      'unknown',
      'Unknown',
    ],
  ])('%s', (_, policies, pattern, answer, decision) => {
    const universe = meantBy(BUCKET + pattern, 's3:GetObject');
    const found = allowedForAll({ policies, request: requestOf(), universe }, sharedWork());
    expect([found.answer, exampleIn(found)?.explanation.decision]).toEqual([answer, decision]);
  });

  // A job's name matches [a-zA-Z0-9](-*[a-zA-Z0-9])*. A Deny that matches only other names takes no job away.
  test.each<[title: string, asked: string, denied: string, answer: string]>([
    ['a blank behind the prefix', 'training-job/fraud-*', 'training-job/fraud-* ', 'all'],
    ['a dash at the end', 'training-job/fraud-*', 'training-job/*-', 'all'],
    ['an underscore or a dot', 'processing-job/*', 'processing-job/*_*', 'all'],
    ['a slash in the name', 'pipeline/*', 'pipeline/*/*', 'all'],
    ['two dashes in a row, which a name may have', 'training-job/fraud-*', 'training-job/*--*', 'some'],
    ['one letter behind the prefix', 'training-job/fraud-*', 'training-job/fraud-?', 'some'],
    ['a version of a package', 'model-package/fraud/*', 'model-package/fraud/7', 'some'],
    ['a version of a package that is no name', 'model-package/fraud/*', 'model-package/fraud/* ', 'all'],
    ['an underscore in a name that may have one', 'feature-group/*', 'feature-group/*_*', 'some'],
    [
      'names of which the pattern already has what none has',
      'training-job/a_b-*',
      'training-job/a_b-*',
      'none',
    ],
  ])('all names are meant that can be, and no others: %s', (_, asked, denied, answer) => {
    const of = (resource: string) => `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:${resource}`;
    const identity = layer('identity', {}, { Effect: 'Deny', Resource: of(denied) });
    const universe = meantBy(of(asked), CREATE);
    const found = allowedForAll(
      { policies: { identity }, request: requestOf({ action: CREATE }), universe },
      sharedWork(),
    );
    expect(found.answer).toBe(answer);
  });

  test('accounts are told apart', () => {
    const identity = layer('identity', {});
    const asked = (arn: string) =>
      allowedForAll(
        { policies: { identity }, request: requestOf({ action: CREATE }), universe: arnsOf(arn) },
        sharedWork(),
      ).answer;
    expect(asked('arn:aws:sagemaker:eu-west-1:*:training-job/x*')).toBe('some');
    expect(asked(`${JOBS}/x*`)).toBe('all');
  });

  test('what holds for every other account alike is told of all, and the rest is not known', () => {
    const asked = (Condition: object) => {
      const identity = layer('identity', { Condition: Condition as never });
      const resource = layer('resource', { Principal: { AWS: ROLE } });
      const policies = { identity, resource };
      const universe = arnsOf('arn:aws:iam::*:role/x*');
      return allowedForAll(
        { policies, request: requestOf({ action: 'iam:PassRole' }), universe },
        sharedWork(),
      ).answer;
    };
    expect(asked({})).toBe('all');
    expect(asked({ StringLike: { 'aws:ResourceAccount': '1*' } })).not.toBe('all');
  });

  test('keys, which have policies, are told from the rest of KMS', () => {
    const kms = (resource: string) =>
      allowedForAll(
        {
          policies: { identity: layer('identity', {}) },
          request: requestOf({ action: 'kms:DescribeKey' }),
          universe: arnsOf(`arn:aws:kms:eu-west-1:${ACCOUNT}:${resource}`),
        },
        sharedWork(),
      ).answer;
    expect([kms('key/*'), kms('alias/x*'), kms('*')]).toEqual(['unknown', 'all', 'unknown']);
  });
});

describe('which roles may be passed beyond what is authorised', () => {
  const within = [`${ROLES}steps/*`, `arn:aws:iam::*:role/pipelines/*`];
  const pass = (...of: string[]) =>
    layer('identity', { Action: 'iam:PassRole', Resource: of.map((name) => ROLES + name) });
  const ask = (policies: Policies) =>
    allowedBeyond(
      {
        policies,
        request: requestOf({ action: 'iam:PassRole' }),
        universe: rolesIn({ partition: 'aws', account: ACCOUNT }),
        within,
      },
      sharedWork(),
    );

  test.each<[string, Policies, string]>([
    ['what is named', { identity: pass('steps/a', 'pipelines/*') }, 'none'],
    ['all that is authorised', { identity: pass('steps/*') }, 'none'],
    ['another name as well', { identity: pass('steps/*', 'admin') }, 'some'],
    ['whatever is there', { identity: layer('identity', {}) }, 'some'],
    ['whatever the boundary leaves', { identity: layer('identity', {}), boundary: pass('steps/*') }, 'none'],
    ['all but one', { identity: layer('identity', { NotResource: `${ROLES}admin` }) }, 'some'],
    ['more by a question mark', { identity: pass('step?/a') }, 'some'],
    ['what no role is called', { identity: pass('a b', 'ä', 'x/') }, 'none'],
    ['what nobody can read', { identity: broken('identity') }, 'unknown'],
    ['nothing', {}, 'none'],
  ])('%s', (_, policies, answer) => {
    const found = ask(policies);
    const example = exampleIn(found);
    expect(found.answer).toBe(answer);
    const isInside = within.some((pattern) => example?.resource.startsWith(pattern.slice(0, -1)));
    expect([example !== undefined, isInside]).toEqual([answer !== 'none', false]);
  });

  test('of some roles, the first that may be', () => {
    const universe = amongRoles(
      ['a', 'pipelines/b', 'admin'].map((name) => ROLES + name),
      {
        partition: 'aws',
        account: ACCOUNT,
      },
    );
    const asked = { request: requestOf({ action: 'iam:PassRole' }), universe };
    const found = allowedBeyond({ ...asked, policies: { identity: pass('adm*') } }, sharedWork());
    expect(exampleIn(found)?.resource).toBe(`${ROLES}admin`);
    expect(allowedBeyond({ ...asked, policies: { identity: pass('other') } }, sharedWork()).answer).toBe(
      'none',
    );
  });
});

describe('whether a request is allowed for what no statement names', () => {
  const ask = (policies: Policies, within: string[] = []) =>
    allowedUnnamed(
      {
        policies,
        request: requestOf({ action: 'iam:PassRole' }),
        universe: rolesIn({ partition: 'aws', account: ACCOUNT }),
        within,
      },
      sharedWork(),
    );
  const any = { Resource: `${ROLES}*` };
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+=,@'];

  test.each<[string, Policies, string]>([
    ['all roles', { identity: layer('identity', any) }, 'yes'],
    [
      'one role, whatever it is called',
      { identity: layer('identity', { Resource: `${ROLES}pipewarden-any-role` }) },
      'no',
    ],
    ['roles of one path', { identity: layer('identity', { Resource: `${ROLES}dev/*` }) }, 'no'],
    [
      'all but one role, whatever it is called',
      { identity: layer('identity', any, { Effect: 'Deny', Resource: `${ROLES}x*` }) },
      'yes',
    ],
    ['all but some, by NotResource', { identity: layer('identity', { NotResource: `${ROLES}x*` }) }, 'yes'],
    [
      'none, though no one pattern denies all',
      {
        identity: layer('identity', any, {
          Effect: 'Deny',
          Resource: letters.map((letter) => `${ROLES}*${letter}*`),
        }),
      },
      'no',
    ],
    [
      'all, though no one pattern allows all',
      { identity: layer('identity', { Resource: [`${ROLES}?`, `${ROLES}??*`] }) },
      'yes',
    ],
    [
      'what a condition leaves open',
      {
        identity: layer('identity', {
          ...any,
          Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
        }),
      },
      'unknown',
    ],
    ['what nobody can read', { identity: broken('identity') }, 'unknown'],
    ['nothing', {}, 'no'],
  ])('%s', (_, policies, answer) => {
    expect(ask(policies).answer).toBe(answer);
  });

  test('what is needed is named as well', () => {
    expect(ask({ identity: layer('identity', any) }, [`${ROLES}*`]).answer).toBe('no');
    expect(exampleIn(ask({ identity: layer('identity', any) }, [`${ROLES}x*`]))?.resource).toBe(`${ROLES}a`);
  });
});

describe('who is an administrator', () => {
  const write = { Action: 'iam:PutRolePolicy' };
  test.each<[string, Policies, string]>([
    ['who may do everything', { identity: layer('identity', {}) }, 'yes'],
    ['who may attach policies', { identity: layer('identity', { Action: 'iam:Attach*' }) }, 'yes'],
    [
      'not who may write its own policy alone',
      { identity: layer('identity', { ...write, Resource: ROLE }) },
      'no',
    ],
    [
      'not who may write those of a role with any other name',
      {
        identity: layer('identity', {
          ...write,
          Resource: [`${ROLES}pipewarden-any-role`, `${ROLES}any`, `${ROLES}x`],
        }),
      },
      'no',
    ],
    [
      'who may write those of all roles but some',
      {
        identity: layer('identity', write, {
          Effect: 'Deny',
          ...write,
          Resource: [`${ROLES}x*`, `${ROLES}pipewarden-any-role`],
        }),
      },
      'yes',
    ],
    [
      'not who is kept from it by a boundary',
      { identity: layer('identity', {}), boundary: layer('boundary', { Action: 's3:*' }) },
      'no',
    ],
    [
      'it is not known under a condition that is not',
      { identity: layer('identity', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }) },
      'unknown',
    ],
  ])('%s', (_, policies, answer) => {
    const principal = principalOf(ROLE);
    if (!principal) throw new Error('no principal');
    expect(administratorAnswer(policies, principal, sharedWork()).answer).toBe(answer);
  });
});

describe('where a search is cut short', () => {
  const dust = ['7850139462', '5691274083', '4236905178', '4293876150', '0567294813', '2395687140'].map(
    (digits) => `${ROLES}*${Array.from(digits).join('*')}*`,
  );
  const identity = layer(
    'identity',
    { Resource: [`${ROLES}steps/*`, ...dust] },
    { Effect: 'Deny', Resource: dust },
  );
  const question = {
    policies: { identity },
    request: requestOf({ action: 'iam:PassRole' }),
    universe: rolesIn({ partition: 'aws', account: ACCOUNT }),
    within: [`${ROLES}steps/*`],
  };

  test('nothing is said but what an example shows', () => {
    const enough = sharedWork();
    const answers = [allowedBeyond, allowedForAll, allowedUnnamed].map((ask) => ask(question, enough).answer);
    expect(answers).toEqual(['none', 'none', 'no']);
    for (let steps = 1; steps < enough.work.spent(); steps *= 2) {
      const seen = [allowedBeyond, allowedForAll, allowedUnnamed].map(
        (ask) => ask(question, sharedWork(steps)).answer,
      );
      // A denied example may be known although the answer for all is not.
      for (const [at, answer] of seen.entries())
        expect(['unknown', answers[at], ...(at === 1 ? ['some'] : [])]).toContain(answer);
    }
    expect(allowedBeyond(question, sharedWork(1))).toMatchObject({
      answer: 'unknown',
      doubt: { kind: 'too-complex', at: 'policies' },
    });
  });

  test('the statement that was too much is named', () => {
    const found = [...Array(300).keys()]
      .map((power) => allowedBeyond(question, sharedWork(Math.round(1.05 ** power))))
      .filter((each) => each.answer === 'unknown' && each.doubt.kind === 'too-complex')
      .map((each) => (each.answer === 'unknown' && each.doubt.kind === 'too-complex' ? each.doubt.at : ''));
    expect(new Set(found)).toEqual(new Set(['policies', 'identity/Statement/0']));
  });

  test('one example is enough, however much was not seen', () => {
    const wide = layer('identity', { Resource: [`${ROLES}admin`, ...dust] });
    const whole = sharedWork();
    expect(allowedBeyond({ ...question, policies: { identity: wide } }, whole).answer).toBe('some');
  });

  test('a question about one resource also costs steps, and more steps if the patterns are longer', () => {
    const about = (patterns: string[]) => ({
      policies: { identity: layer('identity', { Resource: patterns }) },
      request: requestOf({ action: 'iam:PassRole' }),
      universe: onlyOne(`${ROLES}steps/train`),
    });
    const spentOn = (patterns: string[]): number => {
      const shared = sharedWork();
      allowedForAll(about(patterns), shared);
      return shared.work.spent();
    };
    expect(spentOn([`${ROLES}steps/*`])).toBeGreaterThan(0);
    expect(spentOn([`${ROLES}${'?*'.repeat(2000)}`])).toBeGreaterThan(
      spentOn([`${ROLES}${'?*'.repeat(200)}`]),
    );
    const few = sharedWork(2_000);
    const answers = Array.from({ length: 40 }, () => allowedForAll(about([`${ROLES}steps/*`]), few).answer);
    expect([answers[0], answers.at(-1)]).toEqual(['all', 'unknown']);
  });

  test('questions of one look share its work', () => {
    const shared = sharedWork(20_000);
    const answers = Array.from({ length: 40 }, () => allowedBeyond(question, shared).answer);
    expect([answers[0], answers.at(-1)]).toEqual(['none', 'unknown']);
  });
});

test('an action of no resource is asked for all at once', () => {
  const ask = (Resource: string) =>
    allowedForAll(
      {
        policies: { identity: layer('identity', { Action: 'elasticmapreduce:RunJobFlow', Resource }) },
        request: { ...requestOf({ action: 'elasticmapreduce:RunJobFlow' }), context: contextOf() },
        universe: meantBy('*', 'elasticmapreduce:RunJobFlow'),
      },
      sharedWork(),
    ).answer;
  expect([ask('*'), ask(`arn:aws:elasticmapreduce:*:${OTHER}:cluster/*`)]).toEqual(['all', 'none']);
});
