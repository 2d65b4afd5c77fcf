import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Evidence, TriedRemediation, Verdict } from '../../../shared/domain/finding.ts';
import type { PolicyText, RoleChange } from '../../../shared/domain/role-change.ts';
import type { Facts, PrincipalFact } from '../../../shared/facts/facts.ts';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import { type Control, defineControl } from '../../../shared/judging/control.ts';
import { evaluate, worsenedBy } from '../../../shared/judging/evaluate.ts';
import { factsAfter } from '../../../shared/judging/proven-remedies.ts';
import { changeCommand } from '../../../shared/judging/role-change.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { step } from '../../support/builders/control-cases.ts';
import { principalFacts, ROLE, type Stated } from '../../support/builders/principal-facts.ts';

const ABOUT = {
  system: 'The audit itself',
  title: 'Something is so',
  severity: 'HIGH',
} as const satisfies Partial<Control>;
const EVIDENCE: [Evidence] = [{ at: 'a', found: 'f', expected: 'e' }];

type Says = (principal: PrincipalFact) => 'PASSED' | 'FAILED' | 'WARNING' | 'NOT_AVAILABLE';

const BACK = { undo: 'aws iam undo', changes: 'It changes the role.' };

/** A control on roles whose verdict follows from the principal, and which proposes a change. */
const saying = (
  id: string,
  says: Says,
  change?: RoleChange,
  words: { text: string; plain?: string } = { text: 'Mend it.' },
): Control =>
  defineControl({
    id,
    on: ['role'],
    requires: ['principal'],
    ...ABOUT,
    satisfiedBy: () => [],
    evaluate: ({ principal }): Verdict[] => {
      const status = says(principal);
      if (status === 'PASSED') return [{ status }];
      const remediation: TriedRemediation = change
        ? { ...words, patch: changeCommand(principal, change), ...BACK, change }
        : words;
      return [{ status, evidence: EVIDENCE, remediation }];
    },
  });

const factsOf = (facts: Partial<Facts>) =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, found(value)]));
const judge = (controls: readonly Control[], stated: Stated = {}, config: Partial<Config> = {}) =>
  evaluate(controls, 'role', factsOf(principalFacts(stated)), { version: 1, ...config });
const remedyOf = (controls: readonly Control[], stated?: Stated) => {
  const [first] = judge(controls, stated);
  return first && 'remediation' in first.verdict ? first.verdict.remediation : undefined;
};

const may =
  (action: string) =>
  ({ policies, identity: { principal } }: PrincipalFact): boolean =>
    decide(policies, { principal, action, resource: '*', context: contextOf() }) === 'Allow';
const document = (Effect: 'Allow' | 'Deny', ...Action: string[]): PolicyText => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: ['*'] }],
});
const READ: RoleChange = { type: 'put-policy', name: 'read', document: document('Allow', 's3:GetObject') };
const mayRead: Says = (principal) => (may('s3:GetObject')(principal) ? 'PASSED' : 'FAILED');

const LEFT_OUT = (...ids: string[]) => ({
  text: `Mend it. No command is given, because alone it would not help: ${ids.join(', ')} would fail after it.`,
});

describe('a command in a remedy', () => {
  test('that mends its finding is kept', () => {
    expect(remedyOf([saying('reads', mayRead, READ)])).toMatchObject({
      text: 'Mend it.',
      patch: expect.stringMatching(/^aws iam put-role-policy --role-name fraud /),
    });
  });

  test.each<[string, Stated, string]>([
    [
      'AWS made for a permission set',
      {
        arn: 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Power_0123456789abcdef',
      },
      'change the permission set in IAM Identity Center',
    ],
    [
      'CloudFormation or the CDK owns',
      {
        tags: {
          'aws:cloudformation:stack-name': 'ml-\u202eprod',
          'aws:cloudformation:logical-id': 'FraudRole1A2B3C4D',
        },
      },
      'CloudFormation owns it (stack ml-\\u202Eprod, resource FraudRole1A2B3C4D): change the template',
    ],
    ['Terraform owns, by a tag', { tags: { ManagedBy: 'terraform' } }, 'Terraform owns it, by its tags'],
    ['Terraform owns, by another tag', { tags: { Terraform: 'true' } }, 'Terraform owns it, by its tags'],
  ])(
    'on a role that %s is left out: the advice says who changes it, and shows the policy',
    (_, stated, why) => {
      const remedy = remedyOf([saying('reads', mayRead, READ)], stated);
      expect(remedy).toEqual({
        text: expect.stringContaining(`Mend it. No command is given, as `),
        patch: JSON.stringify(document('Allow', 's3:GetObject')),
        isDocument: true,
      });
      expect(remedy?.text).toContain(why);
    },
  );

  test('on a role that Terraform owns is left out without its policy, if that would not help', () => {
    const change: RoleChange = { ...READ, document: document('Allow', 's3:PutObject') };
    const remedy = remedyOf([saying('reads', mayRead, change)], { tags: { Terraform: 'true' } });
    expect(remedy).toEqual({ text: expect.stringContaining('as Terraform owns it') });
  });

  const POWER = 'arn:aws:iam::aws:policy/PowerUserAccess';
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } };
  const SSO =
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Power_0123456789abcdef';
  test.each<[string, Stated, string, string]>([
    [
      'a policy that AWS manages',
      { attached: { [POWER]: everything } },
      `${POWER}/Statement/0`,
      `Mend it. AWS manages ${POWER}, which nobody else can change: put a policy of your own in its place.`,
    ],
    [
      'such a policy of a permission set',
      { arn: SSO, attached: { [POWER]: everything } },
      `${POWER}/Statement/0`,
      `Mend it. AWS manages ${POWER}, which nobody else can change: put a policy of your own in its place. AWS lets nobody change the role of a permission set: change the permission set in IAM Identity Center.`,
    ],
    [
      'a policy of a role that Terraform owns',
      { allow: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }], tags: { Terraform: 'true' } },
      `${ROLE} own/Statement/0`,
      'Mend it. Terraform owns it, by its tags: change its configuration, as the next apply undoes a command.',
    ],
    [
      'a policy of the role itself, which its owner changes',
      { allow: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
      `${ROLE} own/Statement/0`,
      'Mend it.',
    ],
    ['an SCP', { arn: SSO }, 'Limits (r-a1b2)/Statement/0', 'Mend it.'],
  ])('that does not exist: the advice says who can change %s', (_, stated, at, expected) => {
    const control = defineControl({
      id: 'reads',
      on: ['role'],
      requires: ['principal'],
      ...ABOUT,
      satisfiedBy: () => [],
      evaluate: (): Verdict[] => [
        {
          status: 'WARNING',
          evidence: [{ at, found: 'f', expected: 'e' }],
          remediation: { text: 'Mend it.' },
        },
      ],
    });
    expect(remedyOf([control], stated)).toEqual({ text: expected });
  });

  test('that is left out takes the words with it that point at its policy', () => {
    const pointing = (change: RoleChange) =>
      saying('reads', mayRead, change, { text: 'Put this Deny.', plain: 'Narrow it.' });
    const useless: RoleChange = { ...READ, document: document('Allow', 's3:PutObject') };
    expect(remedyOf([pointing(useless)])?.text).toMatch(/^Narrow it\. No command is given/);
    expect(remedyOf([pointing(useless)], { tags: { Terraform: 'true' } })?.text).toMatch(/^Narrow it\. No/);
    expect(remedyOf([pointing(READ)], { tags: { Terraform: 'true' } })?.text).toMatch(/^Put this Deny\. No/);
    expect(remedyOf([pointing(READ)])?.text).toBe('Put this Deny.');
  });

  test('is kept for a role whose tags do not mean that Terraform owns it', () => {
    const tags = { team: 'terraform', terraform: 'no', 'managed-by': 'Ana', stack: 'ml' };
    expect(remedyOf([saying('reads', mayRead, READ)], { tags })).toHaveProperty('patch');
  });

  test('that does not mend its finding is left out', () => {
    const change: RoleChange = { ...READ, document: document('Allow', 's3:PutObject') };
    expect(remedyOf([saying('reads', mayRead, change)])).toEqual(LEFT_OUT('reads'));
  });

  test.each(['FAILED', 'WARNING'] as const)('that makes another control %s is left out', (status) => {
    const apart = saying('apart', (principal) => (may('s3:GetObject')(principal) ? status : 'PASSED'));
    expect(remedyOf([saying('reads', mayRead, READ), apart])).toEqual(LEFT_OUT('apart'));
  });

  test('is left out with the names of all controls that would fail, each once', () => {
    const guard: Says = (principal) => (may('s3:GetObject')(principal) ? 'FAILED' : 'PASSED');
    const more = ['one', 'two'].map((id) => saying(id, guard));
    expect(remedyOf([saying('reads', mayRead, READ), ...more])).toEqual(LEFT_OUT('one', 'two'));
  });

  test.each<[string, Says]>([
    ['fails before and after', () => 'FAILED'],
    ['warns before and after', () => 'WARNING'],
    ['is mended by it as well', mayRead],
    ['cannot tell before and after', () => 'NOT_AVAILABLE'],
  ])('is kept if another control %s', (_, says) => {
    expect(remedyOf([saying('reads', mayRead, READ), saying('other', says)])).toHaveProperty('patch');
  });

  test('is left out if its own control, or one that passed, is NOT_AVAILABLE after it', () => {
    const untold =
      (before: 'FAILED' | 'PASSED'): Says =>
      (principal) =>
        may('s3:GetObject')(principal) ? 'NOT_AVAILABLE' : before;
    const told = (control: string) => ({
      text: `Mend it. No command is given, because alone it would not help: whether ${control} would pass after it is not known.`,
    });
    expect(remedyOf([saying('reads', mayRead, READ), saying('other', untold('PASSED'))])).toEqual(
      told('other'),
    );
    expect(remedyOf([saying('reads', untold('FAILED'), READ)])).toEqual(told('reads'));
  });

  test('that turns a breach into a risk is kept, and one that leaves a risk unchanged is left out', () => {
    const turning =
      (before: 'FAILED' | 'WARNING'): Says =>
      (principal) =>
        may('s3:GetObject')(principal) ? 'WARNING' : before;
    expect(remedyOf([saying('breach', turning('FAILED'), READ)])).toHaveProperty('patch');
    expect(remedyOf([saying('risk', turning('WARNING'), READ)])).toEqual(LEFT_OUT('risk'));
  });

  test('without a change to try is kept', () => {
    expect(remedyOf([saying('reads', mayRead)])).toEqual({ text: 'Mend it.' });
  });
});

describe('a command is tried on each fact that contains the role', () => {
  type Seen = { tags: readonly string[]; trusted: number };
  const seenIn: Record<string, (facts: Facts) => Seen | undefined> = {
    principal: ({ principal }) => seen(principal),
    trust: ({ trust }) => trust.identity && seen(trust),
    isolation: ({ isolation }) => (isolation.of === 'role' ? seen(isolation.principal) : undefined),
    exceptionSubject: ({ exceptionSubject }) =>
      exceptionSubject.of === 'role' ? seen(exceptionSubject.principal) : undefined,
  };
  const seen = ({ identity }: Pick<Facts['trust'], 'identity'>): Seen => ({
    tags: [...(identity?.principal.tags?.keys() ?? [])],
    trusted: identity?.trust?.statements.length ?? 0,
  });
  const openly = (fact: string, isMended: (seen: Seen) => boolean, change: RoleChange): Control =>
    defineControl({
      id: 'seen',
      on: ['role'],
      requires: ['principal', 'trust', 'isolation', 'exceptionSubject'],
      ...ABOUT,
      satisfiedBy: () => [],
      evaluate: (facts): Verdict[] => {
        const now = seenIn[fact]?.(facts as Facts);
        if (now && isMended(now)) return [{ status: 'PASSED' }];
        return [
          {
            status: 'FAILED',
            evidence: EVIDENCE,
            remediation: { text: 'Mend it.', patch: 'x', ...BACK, change },
          },
        ];
      },
    });

  test.each(['principal', 'isolation', 'exceptionSubject'])('tags: %s', (fact) => {
    const isTagged = ({ tags }: Seen) => tags.includes('team');
    const tag: RoleChange = { type: 'tag', key: 'Team', value: 'x' };
    expect(remedyOf([openly(fact, isTagged, tag)])).toHaveProperty('patch');
    const untag: RoleChange = { type: 'untag', key: 'TEAM' };
    const stated = { tags: { Team: 'x' } };
    expect(remedyOf([openly(fact, (now) => !isTagged(now), untag)], stated)).toHaveProperty('patch');
    expect(remedyOf([openly(fact, (now) => !isTagged(now), tag)], stated)).toEqual(LEFT_OUT('seen'));
  });

  test.each(['principal', 'trust'])('a trust policy: %s', (fact) => {
    const trust = (count: number): RoleChange => ({
      type: 'trust',
      document: {
        Version: '2012-10-17',
        Statement: Array.from({ length: count }, () => ({
          Effect: 'Allow',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        })),
      },
    });
    expect(remedyOf([openly(fact, ({ trusted }) => trusted === 2, trust(2))])).toHaveProperty('patch');
    expect(remedyOf([openly(fact, ({ trusted }) => trusted === 2, trust(3))])).toEqual(LEFT_OUT('seen'));
  });
});

describe('with the real controls', () => {
  const TRAIN = 'arn:aws:iam::111122223333:role/steps/train';
  const pipelines = {
    fraud: { steps: [step('Train', 'Training', { RoleArn: TRAIN, TrainingJobName: 'fraud' })] },
  };
  const jobs = {
    Effect: 'Allow',
    Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
    Resource: 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-*',
  };
  const open = (...about: [Stated, Partial<Config>?]) =>
    judge(CONTROLS, ...about).flatMap(({ control, verdict }) =>
      'evidence' in verdict && verdict.status !== 'NOT_AVAILABLE'
        ? [[control.id, verdict.remediation.patch !== undefined]]
        : [],
    );

  test('a command allows what pipelines need', () => {
    expect(open({ allow: [jobs], pipelines })).toEqual([['execution-role-passes-step-roles', true]]);
  });

  test('a command is left out if it would break what another control requires', () => {
    const config = { roles: { steps: ['arn:aws:iam::111122223333:role/other/*'], execution: [ROLE] } };
    // The step's role is a need, because the roster was made without the configuration, and it is not authorised.
    expect(open({ allow: [jobs], pipelines }, config)).toEqual([['execution-role-passes-step-roles', false]]);
  });
});

test.each([
  ['role', ROLE, 10_240],
  ['user', 'arn:aws:iam::111122223333:user/maya', 2_048],
])(
  'a policy that is longer than IAM accepts for a %s is not offered as a command, and not tried',
  (kind, arn, longest) => {
    let tried = 0;
    const counted: Says = (principal) => {
      tried++;
      return mayRead(principal);
    };
    const withResources = (count: number): RoleChange => ({
      type: 'put-policy',
      name: 'read',
      document: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*', ...Array(count).fill('*')] },
        ],
      },
    });
    const lengthOf = (count: number) => {
      const change = withResources(count);
      return change.type === 'put-policy' ? JSON.stringify(change.document).length : 0;
    };
    const fitting = Math.floor((longest - lengthOf(0)) / 4);
    const remedy = (count: number) => {
      const control = { ...saying('read', counted, withResources(count)), on: ['role', 'user'] as const };
      return judge([control], { arn }).flatMap(({ verdict }) =>
        'remediation' in verdict ? verdict.remediation : [],
      );
    };
    expect(remedy(fitting)).toMatchObject([{ patch: expect.any(String) }]);
    tried = 0;
    const [long] = remedy(fitting + 1);
    expect(long).toEqual({
      text: `Mend it. No command is given, as the policy would have ${lengthOf(fitting + 1)} characters, and IAM takes ${longest} of a ${kind}’s inline policies.`,
    });
    expect(tried).toBe(1);
  },
);

describe('what speaks against a change', () => {
  const evidenceOf = (...found: string[]): Evidence[] =>
    found.map((each) => ({ at: 'a', found: each, expected: 'nothing' }));
  /** A control that finds one thing before the change and another after it. */
  const finding = (before: Evidence[], after: Evidence[], status: 'FAILED' | 'WARNING' = 'FAILED'): Control =>
    defineControl({
      id: 'found',
      on: ['role'],
      requires: ['principal'],
      ...ABOUT,
      satisfiedBy: () => [],
      evaluate: ({ principal }): Verdict[] => {
        const [first, ...others] = may('s3:GetObject')(principal) ? after : before;
        return first
          ? [{ status, evidence: [first, ...others], remediation: { text: 'Mend it.' } }]
          : [{ status: 'PASSED' }];
      },
    });
  const BEFORE = factsOf(principalFacts({}));
  const worsened = (control: Control) =>
    worsenedBy({ before: BEFORE, after: factsAfter(BEFORE, READ, sharedWork()) }, [control], 'role', {
      version: 1,
    }).map(({ status, evidence }) => [status, evidence.map(({ found: each }) => each)]);

  test.each<[string, Control, unknown[]]>([
    ['fault where there was none', finding([], evidenceOf('x')), [['FAILED', ['x']]]],
    ['a risk where there was none', finding([], evidenceOf('x'), 'WARNING'), [['WARNING', ['x']]]],
    ['more of a fault that was there', finding(evidenceOf('x'), evidenceOf('x', 'y')), [['FAILED', ['y']]]],
    ['the same fault once more', finding(evidenceOf('x'), evidenceOf('x', 'x')), [['FAILED', ['x', 'x']]]],
    ['nothing where a fault goes', finding(evidenceOf('x'), []), []],
    ['nothing where a fault stays', finding(evidenceOf('x'), evidenceOf('x')), []],
    ['nothing where a fault is told in other words', finding(evidenceOf('x'), evidenceOf('y')), []],
  ])('is %s', (_, control, told) => {
    expect(worsened(control)).toEqual(told);
  });
});
