import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyText, RoleChange } from '../../../shared/domain/role-change.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import type { Json } from '../../../shared/json/json.ts';
import {
  changeCommand,
  changedPrincipal,
  policyName,
  putPolicy,
  remedyBy,
} from '../../../shared/judging/role-change.ts';
import { shellText } from '../../../shared/text/shell-text.ts';
import { principalFacts, type Stated } from '../../support/builders/principal-facts.ts';

const document = (effect: 'Allow' | 'Deny', action: string) => ({
  Version: '2012-10-17' as const,
  Statement: [{ Effect: effect, Action: [action], Resource: ['*'] }],
});

test.each([
  [
    'a Deny is put beside it',
    { type: 'put-policy', name: 'guard', document: document('Deny', 'iam:*') },
    false,
  ],
  [
    'an Allow is put beside it',
    { type: 'put-policy', name: 'more', document: document('Allow', 's3:*') },
    true,
  ],
] as const)('whether a role is an administrator is found anew where %s', (_title, change, isStill) => {
  const { principal } = principalFacts({ allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
  if (!principal) throw new Error('no principal');
  expect(principal.administrator.answer).toBe('yes');
  expect(changedPrincipal(principal, change, sharedWork()).administrator.answer).toBe(isStill ? 'yes' : 'no');
});

/** The arguments that a shell makes from command lines, by line; `aws` is a shell function that prints them. */
const argumentsIn = (command: string): string[][] =>
  execFileSync('/bin/sh', ['-c', `aws() { printf '%s\\0' "$@"; printf '\\0'; }\n${command}`], {
    encoding: 'utf8',
    env: { PATH: '' },
  })
    .split('\0\0')
    .slice(0, -1)
    .map((line) => line.split('\0'));

const HOSTILE = [
  ...["it's", '$(touch /tmp/x)', '`id`', '"', '\\', 'a b', 'a;b', '&', '|', '*', '~', '#x', '-x', '--help'],
  ...['$HOME', '!!', '{a,b}', 'new\nline', "';id;'", "'\\''", '漢', '😀', '\u202e', '(', '<', '>', '=', '%s'],
];

describe('a text as one word of a shell command', () => {
  test.each(HOSTILE)('%j', (text) => {
    expect(argumentsIn(`aws ${shellText(text)} end`)).toEqual([[text, 'end']]);
  });

  test('is one word for any text', () => {
    const text = fc
      .string({ unit: 'grapheme-composite', minLength: 1, maxLength: 12 })
      .filter((each) => !each.includes('\0') && each.isWellFormed());
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
        const command = `aws ${texts.map(shellText).join(' ')}`;
        expect(argumentsIn(command)).toEqual([texts]);
      }),
      { numRuns: 50 },
    );
  });

  test.each(['arn:aws:iam::111122223333:role/a-b_c', 'key=value', 'a@b.c+d%'])(
    'is left as it is: %s',
    (text) => {
      expect(shellText(text)).toBe(text);
    },
  );

  test('is one word also if it is empty', () => {
    expect(shellText('')).toBe("''");
  });
});

describe('a change as a command', () => {
  const principalOf = (stated: Stated = {}) => {
    const { principal } = principalFacts(stated);
    if (!principal) throw new Error('no principal');
    return principal;
  };
  const commandsOf = (change: RoleChange, stated?: Stated) =>
    argumentsIn(changeCommand(principalOf(stated), change));
  const read = document('Allow', 's3:GetObject');
  const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

  test.each<[string, RoleChange, string[]]>([
    [
      'a policy beside what there is',
      { type: 'put-policy', name: 'read', document: read },
      ['put-role-policy', '--policy-name', 'read', '--policy-document', JSON.stringify(read)],
    ],
    [
      'another trust policy',
      { type: 'trust', document: { Statement: [] } },
      ['update-assume-role-policy', '--policy-document', '{"Statement":[]}'],
    ],
    ['a tag', { type: 'tag', key: "it's", value: '$(id)' }, ['tag-role', '--tags', "Key=it's,Value=$(id)"]],
    ['a tag less', { type: 'untag', key: 'a b;c' }, ['untag-role', '--tag-keys', 'a b;c']],
  ])('%s', (_, change, [verb = '', ...options]) => {
    expect(commandsOf(change)).toEqual([['iam', verb, '--role-name', 'fraud', ...options]]);
    expect(commandsOf(change, { arn: 'arn:aws:iam::111122223333:user/ana' })[0]?.slice(0, 4)).toEqual(
      change.type === 'trust'
        ? expect.anything()
        : ['iam', verb.replace('role', 'user'), '--user-name', 'ana'],
    );
  });

  test.each(HOSTILE.filter((text) => !text.includes('/')))('on a role that is called %j', (name) => {
    expect(commandsOf({ type: 'untag', key: 'a' }, { arn: arnOf(name) })).toEqual([
      ['iam', 'untag-role', '--role-name', name, '--tag-keys', 'a'],
    ]);
  });
});

describe('the name of a policy', () => {
  test('depends on its content, and IAM accepts it', () => {
    const [first, second] = [document('Allow', 's3:GetObject'), document('Allow', 's3:PutObject')];
    expect(policyName('json-get-access', first)).toMatch(/^pipewarden-json-get-access-[0-9a-f]{8}$/);
    expect(policyName('json-get-access', first)).toBe(policyName('json-get-access', { ...first }));
    expect(policyName('json-get-access', first)).not.toBe(policyName('json-get-access', second));
    expect(putPolicy('x', first)).toEqual({
      type: 'put-policy',
      name: policyName('x', first),
      document: first,
    });
  });
});

describe('a remedy says how it is taken back, and what it changes for whom', () => {
  const remedyOf = (change: RoleChange, stated: Stated = {}) => {
    const { principal } = principalFacts(stated);
    if (!principal) throw new Error('no principal');
    return remedyBy(principal, change, 'Mend it.');
  };
  const undoOf = (change: RoleChange, stated?: Stated) => argumentsIn(remedyOf(change, stated).undo ?? '');

  test('a policy beside what there is: it is deleted again', () => {
    const change: RoleChange = {
      type: 'put-policy',
      name: 'read',
      document: document('Allow', 's3:GetObject'),
    };
    expect(undoOf(change)).toEqual([
      ['iam', 'delete-role-policy', '--role-name', 'fraud', '--policy-name', 'read'],
    ]);
    expect(remedyOf(change).changes).toContain('may do more (s3:GetObject), and nobody may do less');
    const denies: RoleChange = { ...change, document: document('Deny', 's3:GetObject') };
    expect(remedyOf(denies).changes).toContain('is denied s3:GetObject');
  });

  test.each<[string, PolicyText['Statement'][number][], string]>([
    [
      'what is left, and to whom',
      [
        {
          Effect: 'Deny',
          Action: ['iam:PassRole'],
          NotResource: ['arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b'],
          Condition: { StringEqualsIfExists: { 'iam:PassedToService': ['sagemaker.amazonaws.com'] } },
        },
      ],
      'is denied iam:PassRole on everything but arn:aws:iam::111122223333:role/a, arn:aws:iam::111122223333:role/b, if iam:PassedToService is sagemaker.amazonaws.com, or is not in the request. For nobody',
    ],
    [
      'each Deny',
      [
        {
          Effect: 'Deny',
          Action: ['sagemaker:StartPipelineExecution'],
          Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud'],
          Condition: { NumericLessThan: { 'sagemaker:PipelineVersionId': '3' } },
        },
        {
          Effect: 'Deny',
          Action: ['sagemaker:StartPipelineExecution'],
          Resource: ['arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud'],
          Condition: { Null: { 'sagemaker:PipelineVersionId': 'true' } },
        },
      ],
      'is denied sagemaker:StartPipelineExecution on arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud, if sagemaker:PipelineVersionId is below 3; and sagemaker:StartPipelineExecution on arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud, if sagemaker:PipelineVersionId is not in the request. For nobody',
    ],
    [
      'a Deny that a request without the key meets as well',
      [
        {
          Effect: 'Deny',
          Action: ['iam:PassRole'],
          Resource: ['*'],
          Condition: { StringNotEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        },
      ],
      'is denied iam:PassRole, if iam:PassedToService is none of sagemaker.amazonaws.com, or is not in the request. For nobody',
    ],
  ])('a policy that denies: %s', (_, Statement, expected) => {
    const change = putPolicy('x', { Version: '2012-10-17', Statement });
    expect(remedyOf(change).changes).toContain(expected);
  });

  test.each<[string, RoleChange, string]>([
    [
      'set: the Denies that spare roles with it, and those that are for them',
      { type: 'tag', key: 'Exempt', value: 'true' },
      'the Deny KeepIn of limits (r-a1b2) no longer applies to s3:GetObject, s3:PutObject, the Deny OnlyTagged of limits (r-a1b2) applies to ec2:*, the Deny Home of limits (r-a1b2) reads the tag’s value.',
    ],
    [
      'taken: the other way round',
      { type: 'untag', key: 'exempt' },
      'the Deny KeepIn of limits (r-a1b2) applies to s3:GetObject, s3:PutObject, the Deny OnlyTagged of limits (r-a1b2) no longer applies to ec2:*, the Deny Home of limits (r-a1b2) reads the tag’s value.',
    ],
    [
      'that no policy reads',
      { type: 'tag', key: 'team', value: 'x' },
      'Policies that read the tag team apply',
    ],
  ])('a tag that is %s', (_, change, expected) => {
    const deny = (Sid: string, Action: string[], more: object) => ({
      Sid,
      Effect: 'Deny',
      Action,
      Resource: '*',
      ...more,
    });
    const Statement = [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      deny('KeepIn', ['s3:GetObject', 's3:PutObject'], {
        Condition: { StringNotEquals: { 'aws:PrincipalTag/exempt': 'true', 'aws:SourceVpc': 'vpc-1' } },
      }),
      deny('OnlyTagged', ['ec2:*'], { Condition: { StringEquals: { 'aws:PrincipalTag/exempt': 'true' } } }),
      deny('Home', ['s3:DeleteObject'], { Resource: `arn:aws:s3:::\${aws:PrincipalTag/exempt}/*` }),
    ];
    const scp = { name: 'limits', document: { Version: '2012-10-17', Statement } as unknown as Json };
    const stated: Stated = {
      ...(change.type === 'untag' && { tags: { exempt: 'true' } }),
      organization: { scps: [{ target: 'r-a1b2', policies: [scp] }], rcps: [] },
    };
    expect(remedyOf(change, stated).changes).toContain(expected);
  });

  test('a tag: it is taken off, or has its former value again', () => {
    const change: RoleChange = { type: 'tag', key: 'Team', value: 'new' };
    expect(undoOf(change)).toEqual([['iam', 'untag-role', '--role-name', 'fraud', '--tag-keys', 'Team']]);
    expect(undoOf(change, { tags: { team: 'old' } })).toEqual([
      ['iam', 'tag-role', '--role-name', 'fraud', '--tags', 'Key=Team,Value=old'],
    ]);
    expect(undoOf({ type: 'untag', key: 'team' }, { tags: { team: 'old' } })).toEqual([
      ['iam', 'tag-role', '--role-name', 'fraud', '--tags', 'Key=team,Value=old'],
    ]);
  });

  test('a trust policy: the former one comes back, with its conditions, Denies and NotPrincipals', () => {
    const before = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Own',
          Effect: 'Allow',
          Principal: { Service: ['sagemaker.amazonaws.com'] },
          Action: ['sts:AssumeRole'],
          Condition: { StringEquals: { 'aws:SourceAccount': ['111122223333'] } },
        },
        {
          Effect: 'Deny',
          NotPrincipal: { AWS: ['arn:aws:iam::111122223333:root'] },
          Action: ['sts:TagSession'],
        },
      ],
    };
    const [[, , , , , text = ''] = []] = undoOf({ type: 'trust', document: before }, { trust: before });
    expect(JSON.parse(text)).toEqual(before);
  });

  test('a trust policy without somebody whom it names today: no command is given, and it says who', () => {
    const after = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    };
    const trust = {
      ...after,
      Statement: [
        ...after.Statement,
        { Effect: 'Allow', Principal: { AWS: '444455556666' }, Action: 'sts:AssumeRole' },
      ],
    };
    expect(remedyOf({ type: 'trust', document: after }, { trust })).toEqual({
      text: 'Mend it. No command is given, because it would cut off 444455556666.',
    });
  });
});
