import { describe, expect, test } from '@jest/globals';
import { preflightStatus } from '../../../shared/preflight/preflight-row.ts';
import {
  archivesRow,
  arm64Row,
  bootstrapRow,
  boundaryRow,
  busRow,
  concurrencyRow,
  type DeployedStack,
  deployedRow,
  hubsRow,
  iamEventsRow,
  isStackMade,
  regionRow,
  renamedRolesRow,
  securityHubRow,
  tracingRow,
  typesRow,
} from '../../../shared/preflight/preflight-rows.ts';
import { found, notRead, type Read } from '../../../shared/reader/read-result.ts';

const ACCOUNT = '111122223333';
const HOME = 'eu-west-1';

const denied = (call: string) => notRead(call, 'AccessDeniedException', `not allowed (needs x:${call})`);
const throttled: Read<never> = {
  ok: false,
  unread: { call: 'Any', code: 'ThrottlingException', message: 'Rate exceeded', isTransient: true },
};
const unreachable = notRead('Any', 'TimeoutError', 'no answer');

test('the events of IAM are missing where no stack is in the Region to which AWS sends them', () => {
  const rowIn = (region: string, partition: string, ...regions: string[]) =>
    iamEventsRow({ region, partition }, [region, ...regions]);
  expect(rowIn(HOME, 'aws')).toMatchObject({ region: 'us-east-1', status: 'WILL_BE_MISSING' });
  expect(rowIn('cn-northwest-1', 'aws-cn', 'us-east-1')).toMatchObject({ region: 'cn-north-1' });
  expect(rowIn(HOME, 'aws', 'us-east-1')).toBeUndefined();
  expect(rowIn('us-gov-west-1', 'aws-us-gov')).toBeUndefined();
});

describe('a deployment that is there', () => {
  test.each([
    [undefined, 'PipewardenState', 'OK', undefined],
    ['PipewardenState', 'PipewardenState', 'OK', undefined],
    ['acme-PipewardenState', 'acme-PipewardenState', 'OK', undefined],
    [
      'acme-PipewardenState',
      'PipewardenState',
      'WILL_FAIL',
      'Give --stack-prefix acme-, keep its findings with --state-stack acme-PipewardenState, or deploy',
    ],
    [
      'PipewardenState',
      'acme-PipewardenState',
      'WILL_FAIL',
      'Deploy without --stack-prefix, keep its findings with --state-stack PipewardenState, or deploy',
    ],
    ['SomethingElse', 'PipewardenState', 'WILL_FAIL', 'Remove that bus, or deploy'],
  ])('with the bus of %s, for %s', (owner, state, status, todo) => {
    const row = busRow(HOME, state, found(owner));
    expect(row).toMatchObject({ region: HOME, status });
    if (todo === undefined) expect(row.todo).toBeUndefined();
    else expect(row.todo).toContain(todo);
  });

  const rolesWith = (
    before: object | undefined,
    after: object,
    importers: Read<readonly string[]> = found([]),
  ) =>
    renamedRolesRow(
      [
        {
          account: ACCOUNT,
          region: HOME,
          partition: 'aws',
          name: 'Pipewarden',
          resources: [],
          outputs: new Map(Object.entries(after)),
        },
      ],
      new Map(before ? Object.entries({ RequestsQueueUrl: 'https://sqs', ...before }) : []),
      { main: 'Pipewarden', members: 'PipewardenMembers' },
      importers,
    );
  const [PATH, PREFIX, BOTH] = [
    { RolePath: '/team/' },
    { RolePrefix: 'acme-' },
    { RolePath: '/team/', RolePrefix: 'acme-' },
  ];
  const MEMBERS = { MemberRolesParameters: 'Hub=x' };
  test.each([
    ['nothing is there', undefined, BOTH, undefined],
    ['nothing changes', BOTH, BOTH, undefined],
    ['nothing changes, with members', { ...BOTH, ...MEMBERS }, BOTH, undefined],
    ['CloudFormation names the roles', {}, PATH, 'OK'],
    ['a prefix comes', {}, PREFIX, 'OK'],
    ['the prefix changes with the path', PREFIX, { ...BOTH, RolePrefix: 'other-' }, 'OK'],
    ['the prefix goes with the path', BOTH, {}, 'OK'],
    ['the path comes to roles with a prefix', PREFIX, BOTH, 'WILL_FAIL'],
    ['the path goes from roles with a prefix', BOTH, PREFIX, 'WILL_FAIL'],
    ['the path changes with members', MEMBERS, PATH, 'WILL_FAIL'],
    ['the prefix changes with members', { ...PREFIX, ...MEMBERS }, {}, 'OK'],
    ['the prefix comes with the path, with members', MEMBERS, BOTH, 'OK'],
  ])('roles get other names: %s', (_, before, after, status) => {
    expect(rolesWith(before, after)?.status).toBe(status);
  });

  test('roles get no other names while the stack of members imports them, as that of version 0.1.0 does', () => {
    const imported = found(['PipewardenMembers']);
    expect(rolesWith({ ...PREFIX, ...MEMBERS }, {}, imported)).toMatchObject({
      status: 'WILL_FAIL',
      found: expect.stringContaining('imported by PipewardenMembers'),
    });
    expect(rolesWith({ ...PREFIX, ...MEMBERS }, {}, denied('ListImports'))?.status).toBe('NOT_TOLD');
    expect(rolesWith(PREFIX, {}, imported)?.status).toBe('OK');
  });
});

describe('what AWS does not tell is never taken for an OK', () => {
  const rows: [string, (read: Read<never>) => unknown][] = [
    ['the Region', (read) => regionRow('me-south-1', read)],
    [
      'the bootstrap',
      (read) =>
        bootstrapRow(
          {
            account: ACCOUNT,
            region: HOME,
            bootstrap: { parameter: '/cdk-bootstrap/hnb659fds/version', version: 6 },
          },
          read,
          undefined,
        ),
    ],
    ['the boundary', (read) => boundaryRow(`arn:aws:iam::${ACCOUNT}:policy/Boundary`, read)],
    ['the bus', (read) => busRow(HOME, 'PipewardenState', read)],
    ['the concurrency', (read) => concurrencyRow(HOME, 24, read, undefined)],
    ['Security Hub', (read) => securityHubRow(HOME, read)],
    ['the types', (read) => typesRow(HOME, new Map([['AWS::Events::Archive', read]]))],
    ['tracing', (read) => tracingRow(HOME, 'aws', read)],
    ['the stack', (read) => deployedRow({ name: 'Pipewarden', region: HOME }, read, { version: '0.2.0' })],
    ['the hubs', (read) => hubsRow(HOME, read, { account: ACCOUNT, region: HOME })],
  ];
  describe.each(rows)('%s', (_name, rowOf) => {
    test.each([
      ['refused', denied('Any'), 'Allow this call to the credentials that deploy'],
      ['throttled', throttled, 'See to it that AWS answers this call'],
      ['without an answer', unreachable, 'See to it that AWS answers this call'],
    ])('%s', (_how, read, todo) => {
      expect(rowOf(read)).toMatchObject({
        status: 'NOT_TOLD',
        found: expect.stringContaining(read.ok ? '' : read.unread.code),
        todo: expect.stringContaining(todo),
      });
    });
  });
});

test.each([
  ['takes the credentials', found({}), 'OK', undefined],
  [
    'is off, or gets a session token that is not valid there',
    notRead(
      'GetCallerIdentity',
      'InvalidClientTokenId',
      'The security token included in the request is invalid',
    ),
    'WILL_FAIL',
    'aws account enable-region --region-name me-south-1',
  ],
])('a Region that %s', (_name, read, status, todo) => {
  const row = regionRow('me-south-1', read);
  expect(row).toMatchObject({ region: 'me-south-1', status });
  expect(row.todo ?? '').toContain(todo ?? '');
});

describe('the bootstrap', () => {
  const stack = (qualifier = 'hnb659fds') => ({
    account: ACCOUNT,
    region: HOME,
    bootstrap: { parameter: `/cdk-bootstrap/${qualifier}/version`, version: 6 },
  });
  test.each([
    ['of the lowest version', found('6'), 'OK', 'version 6; 6 is needed'],
    ['of a newer version', found('28'), 'OK', 'version 28; 6 is needed'],
    ['of an older version', found('5'), 'WILL_FAIL', 'version 5, and 6 is needed'],
    ['that is no number', found('latest'), 'NOT_TOLD', 'is no number: latest'],
    [
      'that is missing',
      notRead('GetParameter', 'ParameterNotFound', ''),
      'WILL_FAIL',
      'there is no parameter /cdk-bootstrap/hnb659fds/version',
    ],
  ])('%s', (_name, read, status, says) => {
    expect(bootstrapRow(stack(), read, undefined)).toMatchObject({
      status,
      found: expect.stringContaining(says),
    });
  });

  test('with another qualifier and a profile is advised with both', () => {
    const row = bootstrapRow(stack('ml 1'), notRead('GetParameter', 'ParameterNotFound', ''), 'audit me');
    expect(row.todo).toBe(
      `Run once in the checkout: npx cdk bootstrap aws://${ACCOUNT}/${HOME} --qualifier 'ml 1' --profile 'audit me'`,
    );
  });
});

describe('the concurrency', () => {
  const account = (limit: number, unreserved = limit) => found({ limit, unreserved });
  test.each([
    ['of an old account', 24, account(1000), undefined, 'OK', '24 are to be reserved'],
    ['that just leaves the hundred', 24, account(124), undefined, 'OK', ''],
    ['that leaves one too few', 24, account(123), undefined, 'WILL_FAIL', 'ask for 124 or more'],
    ['of a new account', 24, account(10), undefined, 'WILL_FAIL', 'ask for 124 or more'],
    ['that others have reserved', 24, account(1000, 110), undefined, 'WILL_FAIL', 'ask for 1014 or more'],
    ['that the earlier deployment has reserved', 24, account(124, 100), found(24), 'OK', ''],
    [
      'of which the earlier deployment has a part',
      33,
      account(124, 100),
      found(24),
      'WILL_FAIL',
      'ask for 133',
    ],
    ['of which it is not known what is ours', 24, account(124, 100), denied('GetTemplate'), 'NOT_TOLD', ''],
    ['that is enough, whatever is ours', 24, account(1000), denied('GetTemplate'), 'OK', ''],
    ['of which nothing is reserved', 0, account(10), undefined, 'OK', ''],
    [
      'of which nothing is reserved, and that is not told',
      0,
      denied('GetAccountSettings'),
      undefined,
      'OK',
      '',
    ],
  ] as const)('%s', (_name, planned, read, deployed, status, says) => {
    const row = concurrencyRow(HOME, planned, read, deployed);
    expect(row.status).toBe(status);
    expect(`${row.found} ${row.todo ?? ''}`).toContain(says);
    if (status === 'WILL_FAIL') expect(row.todo).toContain('-c reservedConcurrency=none');
  });
});

test.each([
  ['on', found({ HubArn: 'arn' }), 'OK'],
  ['not wanted', 'off' as const, 'OK'],
  ['not enabled', notRead('DescribeHub', 'InvalidAccessException', 'not subscribed'), 'WILL_BE_MISSING'],
  ['not there', notRead('DescribeHub', 'ResourceNotFoundException', 'no hub'), 'WILL_BE_MISSING'],
])('Security Hub that is %s', (_name, read, status) => {
  const row = securityHubRow(HOME, read);
  expect(row.status).toBe(status);
  expect(row.todo === undefined).toBe(status === 'OK');
});

test.each([
  ['all known', {}, 'OK', 'all 2 types'],
  [
    'one unknown',
    { 'AWS::Events::Archive': notRead('DescribeType', 'TypeNotFoundException', 'no') },
    'WILL_FAIL',
    'does not know AWS::Events::Archive',
  ],
  [
    'one unknown, and one that is not told',
    {
      'AWS::Events::Archive': notRead('DescribeType', 'TypeNotFoundException', 'no'),
      'AWS::SQS::Queue': denied('DescribeType'),
    },
    'WILL_FAIL',
    'does not know AWS::Events::Archive',
  ],
])('types of resources: %s', (_name, unread, status, says) => {
  const reads = new Map<string, Read<unknown>>([
    ['AWS::SQS::Queue', found({})],
    ['AWS::Events::Archive', found({})],
    ...Object.entries(unread),
  ]);
  expect(typesRow('ap-east-2', reads)).toMatchObject({ status, found: expect.stringContaining(says) });
});

test('a Region of which no type is asked about is no OK', () => {
  expect(typesRow(HOME, new Map())).toMatchObject({ status: 'NOT_TOLD', todo: expect.any(String) });
});

test('a hook that CloudFormation does not know there is left out', () => {
  const absent = notRead('DescribeType', 'TypeNotFoundException', 'no');
  expect(typesRow('cn-north-1', new Map([['AWS::CloudFormation::LambdaHook', absent]])).todo).toContain(
    'without --hook',
  );
});

test('a type that can be left out is told with how to leave it out', () => {
  const absent = notRead('DescribeType', 'TypeNotFoundException', 'no');
  expect(typesRow('ap-southeast-7', new Map([['AWS::Events::Archive', absent]])).todo).toContain(
    '-c archives=none',
  );
  expect(typesRow('ap-southeast-7', new Map([['AWS::Scheduler::Schedule', absent]])).todo).toContain(
    '--region',
  );
});

test('archives that are left out are missing', () => {
  expect(archivesRow(HOME, new Set(['AWS::Events::Archive']))).toBeUndefined();
  expect(archivesRow(HOME, new Set(['AWS::Events::Rule']))).toMatchObject({ status: 'WILL_BE_MISSING' });
});

test.each([
  ['where AWS publishes layers for it', HOME, false, 'OK'],
  ['where nothing tells it', 'ca-west-1', false, 'NOT_TOLD'],
  ['where an earlier deployment runs', 'ca-west-1', true, 'OK'],
])('arm64 %s', (_name, region, isDeployed, status) => {
  expect(arm64Row(region, isDeployed)).toMatchObject({ region, status });
});

test.each([
  ['in the Region', 'aws', found({}), 'OK'],
  ['not in the Region', 'aws', notRead('DescribeType', 'TypeNotFoundException', ''), 'NOT_TOLD'],
  ['in China, where Lambda does not trace', 'aws-cn', found({}), 'NOT_TOLD'],
  ['not used', 'aws', 'untraced' as const, 'WILL_BE_MISSING'],
])('X-Ray %s', (_name, partition, read, status) => {
  expect(tracingRow(HOME, partition, read).status).toBe(status);
});

describe('a stack', () => {
  const row = (stack: DeployedStack, isKept = false) =>
    deployedRow({ name: 'Pipewarden', region: HOME }, stack, { version: '0.2.0', isKept });
  test('that is not there has no row, unless findings are to be kept in it', () => {
    expect(row(undefined)).toBeUndefined();
    expect(row(undefined, true)).toMatchObject({
      status: 'WILL_FAIL',
      todo: expect.stringContaining('Give --state-stack the name of the stack with the findings'),
    });
  });
  test.each([
    [{ status: 'CREATE_COMPLETE' }, 'OK', 'it is there (CREATE_COMPLETE) and is updated to 0.2.0'],
    [{ status: 'UPDATE_COMPLETE', version: '0.1.0' }, 'OK', 'is updated from version 0.1.0 to 0.2.0'],
    [{ status: 'REVIEW_IN_PROGRESS' }, 'OK', 'nothing was made of it yet'],
    [{ status: 'ROLLBACK_COMPLETE' }, 'OK', 'is made again'],
    [{ status: 'UPDATE_ROLLBACK_COMPLETE' }, 'OK', 'is updated to'],
    [{ status: 'IMPORT_COMPLETE' }, 'OK', 'is updated to'],
    [{ status: 'IMPORT_ROLLBACK_COMPLETE' }, 'OK', 'is updated to'],
    [{ status: 'CREATE_FAILED' }, 'WILL_FAIL', 'aws cloudformation rollback-stack --region eu-west-1'],
    [
      { status: 'UPDATE_FAILED' },
      'WILL_FAIL',
      'aws cloudformation rollback-stack --region eu-west-1 --stack-name Pipewarden',
    ],
    [{ status: 'ROLLBACK_FAILED' }, 'NOT_TOLD', 'aws cloudformation delete-stack --region eu-west-1'],
    [{ status: 'ROLLBACK_IN_PROGRESS' }, 'WILL_FAIL', 'Wait until'],
    [{ status: 'IMPORT_ROLLBACK_FAILED' }, 'NOT_TOLD', 'aws cloudformation describe-stack-events --region'],
    [{ status: 'PAUSED_BY_AWS' }, 'NOT_TOLD', 'it is PAUSED_BY_AWS'],
    [{ status: '' }, 'NOT_TOLD', 'in a state that AWS did not tell'],
    [{ status: 'UPDATE_IN_PROGRESS' }, 'WILL_FAIL', 'Wait until CloudFormation is done with it'],
    [{ status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' }, 'WILL_FAIL', 'Wait until'],
    [
      { status: 'UPDATE_ROLLBACK_FAILED' },
      'WILL_FAIL',
      'aws cloudformation continue-update-rollback --region',
    ],
    [{ status: 'DELETE_FAILED' }, 'WILL_FAIL', 'aws cloudformation delete-stack --region eu-west-1'],
  ])('%j', (stack, status, says) => {
    const made = row(found(stack));
    expect(made?.status).toBe(status);
    expect(`${made?.found} ${made?.todo}`).toContain(says);
  });
});

test.each([
  ['CREATE_COMPLETE', true],
  ['UPDATE_COMPLETE', true],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', true],
  ['UPDATE_ROLLBACK_COMPLETE', true],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', true],
  ['IMPORT_ROLLBACK_COMPLETE', true],
  ['ROLLBACK_COMPLETE', false],
  ['REVIEW_IN_PROGRESS', false],
  ['UPDATE_IN_PROGRESS', undefined],
  ['CREATE_FAILED', undefined],
  ['UPDATE_FAILED', undefined],
  ['ROLLBACK_FAILED', undefined],
  ['', undefined],
])('what the template of a stack in %s contains is there: %s', (status, isThere) => {
  expect(isStackMade(status)).toBe(isThere);
});

test('rules of hubs that are not all read are no OK, and the row says how to see them', () => {
  const cut = notRead('ListTargetsByRule', 'Incomplete', '60 rules may be those of hubs, more than 50');
  expect(hubsRow(HOME, cut, { account: ACCOUNT, region: HOME })).toMatchObject({
    status: 'NOT_TOLD',
    found: expect.stringContaining('60 rules may be those of hubs'),
    todo: expect.stringContaining('aws events list-rules --region eu-west-1'),
  });
});

test.each([
  ['no other hub', [], 'no rule of another hub'],
  ['its own rules', [{ account: ACCOUNT, region: HOME }], 'no rule of another hub'],
  [
    'those of another hub',
    [{ account: '444455556666', region: 'us-east-1' }],
    'the hub of account 444455556666 (us-east-1) watches this account too',
  ],
])('on the bus are rules of %s', (_name, hubs, says) => {
  expect(hubsRow(HOME, found(hubs), { account: ACCOUNT, region: HOME })).toMatchObject({
    status: 'OK',
    found: expect.stringContaining(says),
  });
});

test.each([
  [['OK', 'WILL_BE_MISSING'], 0],
  [['OK', 'NOT_TOLD'], 3],
  [['NOT_TOLD', 'WILL_FAIL'], 1],
] as const)('rows %j end with %i', (statuses, status) => {
  expect(preflightStatus(statuses.map((each) => ({ about: 'x', status: each, found: '' })))).toBe(status);
});
