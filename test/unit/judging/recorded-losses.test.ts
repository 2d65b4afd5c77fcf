import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { control as executionRoleTrust } from '../../../shared/controls/execution-role-trust.ts';
import type { PolicyText, RoleChange } from '../../../shared/domain/role-change.ts';
import { NO_RECORDS, type RecordedUse, recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import type { PrincipalFact } from '../../../shared/facts/facts.ts';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import type { Json } from '../../../shared/json/json.ts';
import { defineControl } from '../../../shared/judging/control.ts';
import { evaluate } from '../../../shared/judging/evaluate.ts';
import { lostUses, recordsText, takesAway, usesText } from '../../../shared/judging/recorded-losses.ts';
import { changedPrincipal, putPolicy, remedyBy } from '../../../shared/judging/role-change.ts';
import { passingGuardrail } from '../../../shared/policies/passing-policy.ts';
import { prefixGuardrail } from '../../../shared/policies/prefix-policy.ts';
import { taggingGuardrail } from '../../../shared/policies/scp-exception.ts';
import { versionGuardrail } from '../../../shared/policies/version-policy.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { step } from '../../support/builders/control-cases.ts';
import { cloudTrail, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import {
  ACCOUNT_SCOPE,
  principalFacts,
  ROLE,
  SCOPE,
  type Stated,
} from '../../support/builders/principal-facts.ts';
import { shownBy } from '../../support/samples.ts';

const principalOf = (stated: Stated): PrincipalFact => {
  const { principal } = principalFacts(stated);
  if (!principal) throw new Error('no principal');
  return principal;
};
const ANYTHING = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
const use = (action: string, resource?: string, keys: RecordedUse['keys'] = {}): RecordedUse => ({
  action,
  ...(resource !== undefined && { resource }),
  keys,
  times: 3,
  last: '2026-11-20T10:00:00Z',
});
const put = (document: PolicyText): RoleChange => putPolicy('some', document);
const lost = (change: RoleChange, uses: readonly RecordedUse[], stated: Stated = { allow: ANYTHING }) =>
  lostUses(principalOf(stated), change, { uses, assumptions: [], untold: [] });

const factsOf = (stated: Stated) =>
  Object.fromEntries(Object.entries(principalFacts(stated)).map(([name, value]) => [name, found(value)]));

test('a call of somebody whom the record does not tell counts as one of the role, where the role may make it', () => {
  const untold = [use('iam:TagRole', ROLE, { 'aws:TagKeys': ['json-get'] })];
  const ended = (allow: readonly object[]) =>
    lostUses(principalOf({ allow }), put(taggingGuardrail('json-get')), {
      uses: [],
      assumptions: [],
      untold,
    });
  expect(usesText(ended(ANYTHING))).toBe(
    `somebody whom the record does not tell: iam:TagRole on ${ROLE} (3 times, last at 2026-11-20T10:00:00Z)`,
  );
  expect(ended([{ Effect: 'Allow', Action: 's3:*', Resource: '*' }])).toEqual([]);
});

describe('a Deny that a remedy would put on a role', () => {
  const floor = put(versionGuardrail([{ pipeline: 'fraud', minimum: 6 }], ACCOUNT_SCOPE));
  const start = (keys: RecordedUse['keys'], of = 'fraud') =>
    use('sagemaker:StartPipelineExecution', sagemakerArn(`pipeline/${of}`), keys);
  const VERSION = 'sagemaker:PipelineVersionId';

  test.each<[string, RecordedUse, boolean]>([
    ['ends a start of a version below the floor', start({ [VERSION]: '5' }), true],
    ['ends a start without a version', start({ [VERSION]: null }), true],
    ['may end a start of a version that is not told', start({}), true],
    ['leaves a start of a version on the floor', start({ [VERSION]: '6' }), false],
    ['leaves a start of another pipeline', start({ [VERSION]: '1' }, 'vision'), false],
    ['may end a start of a pipeline that is not told', use('sagemaker:StartPipelineExecution'), true],
    ['leaves another action on a resource that is not told', use('sagemaker:StopPipelineExecution'), false],
  ])('%s', (_, recorded, isLost) => {
    expect(lost(floor, [recorded])).toEqual(isLost ? [recorded] : []);
  });

  test('ends nothing that today’s policies deny, or that no policy of SageMaker’s allows', () => {
    const recorded = [start({ [VERSION]: '5' })];
    const deny = [...ANYTHING, { Effect: 'Deny', Action: 'sagemaker:Start*', Resource: '*' }];
    expect(lost(floor, recorded, { allow: deny })).toEqual([]);
    expect(lost(floor, recorded, { allow: [] })).toEqual([]);
  });

  test('may end what a bucket’s policy may allow', () => {
    const deny = put({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: ['s3:PutObject'], NotResource: ['arn:aws:s3:::acme-own/*'] }],
    });
    const write = use('s3:PutObject', 'arn:aws:s3:::acme-shared/x.csv');
    expect(lost(deny, [write, use('s3:PutObject', 'arn:aws:s3:::acme-own/x.csv')], { allow: [] })).toEqual([
      write,
    ]);
  });

  test('ends the passing of a role that it does not name, and of one that is not told', () => {
    const guardrail = put(
      passingGuardrail([roleArn('pipelines/*')], ['sagemaker.amazonaws.com'], ['states.amazonaws.com']),
    );
    const pass = (role: string | undefined, service: string) =>
      use('iam:PassRole', role, { 'iam:PassedToService': service });
    const ended = [
      pass(roleArn('other'), 'sagemaker.amazonaws.com'),
      pass(undefined, 'sagemaker.amazonaws.com'),
      pass(roleArn('pipelines/a'), 'lambda.amazonaws.com'),
    ];
    const kept = [
      pass(roleArn('other'), 'lambda.amazonaws.com'),
      pass(roleArn('pipelines/a'), 'sagemaker.amazonaws.com'),
      pass(roleArn('pipelines/a'), 'states.amazonaws.com'),
    ];
    expect(lost(guardrail, [...ended, ...kept])).toEqual(ended);
  });

  test('ends the setting of a tag by its key, and not what sets no tag', () => {
    const guardrail = put(taggingGuardrail('exception'));
    const ended = [
      use('iam:CreateRole', undefined, { 'aws:TagKeys': ['team', 'Exception'] }),
      use('iam:TagRole', undefined, {}),
    ];
    const kept = [
      use('iam:CreateRole', undefined, { 'aws:TagKeys': null }),
      use('iam:TagRole', undefined, { 'aws:TagKeys': ['team'] }),
    ];
    expect(lost(guardrail, [...ended, ...kept])).toEqual(ended);
  });

  test('that has an Allow alone takes nothing away', () => {
    const allow: PolicyText = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: ['*'] }],
    };
    expect(takesAway(put(allow))).toBe(false);
    expect(takesAway({ type: 'tag', key: 'a', value: 'b' })).toBe(false);
  });
});

describe('the loss of a tag', () => {
  const untag: RoleChange = { type: 'untag', key: 'exception' };
  const scp = {
    Effect: 'Deny',
    Action: 's3:*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1', 'aws:PrincipalTag/exception': 'true' } },
  };
  const stated: Stated = { allow: [...ANYTHING, scp], tags: { exception: 'true' } };
  const read = (vpce: string | null) =>
    use('s3:GetObject', 'arn:aws:s3:::acme-features/a.csv', { 'aws:SourceVpce': vpce });

  test.each<[string, RecordedUse, boolean]>([
    ['ends a read from outside the network', read(null), true],
    ['leaves a read from inside the network', read('vpce-1'), false],
    ['may end a read of what is not told', use('s3:GetObject'), true],
    ['leaves an action of which no statement reads the tag', use('sagemaker:ListPipelines'), false],
  ])('%s', (_, recorded, isLost) => {
    expect(lost(untag, [recorded], stated)).toEqual(isLost ? [recorded] : []);
  });
});

describe('a trust policy that a remedy would write', () => {
  const SAGEMAKER = 'sagemaker.amazonaws.com';
  const statement = (Principal: Json, more: object = {}) => ({
    Effect: 'Allow',
    Principal,
    Action: 'sts:AssumeRole',
    ...more,
  });
  const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement }) as unknown as Json;
  const service = statement({ Service: SAGEMAKER });
  const forAccount = statement(
    { Service: SAGEMAKER },
    { Condition: { StringEquals: { 'aws:SourceAccount': SCOPE.account } } },
  );
  const by = (who: string | undefined, keys: RecordedUse['keys'] = {}): RecordedUse => ({
    ...use('sts:AssumeRole', ROLE, keys),
    ...(who !== undefined && { by: who }),
  });
  const ended = (before: Json, after: Json, assumption: RecordedUse): boolean =>
    lostUses(
      principalOf({ allow: ANYTHING, trust: before }),
      { type: 'trust', document: after },
      { uses: [], assumptions: [assumption], untold: [] },
    ).length > 0;
  const anyone = document(statement('*'), service);

  test.each<[string, Json, Json, RecordedUse, boolean]>([
    [
      'ends what a role of the account did that “*” admitted',
      anyone,
      document(service),
      by(roleArn('ci')),
      true,
    ],
    ['may end what “*” admitted of another account', anyone, document(service), by('444455556666'), true],
    ['may end what somebody did who is not told', anyone, document(service), by(undefined), true],
    [
      'may end what a service did that the record does not name by its name',
      document(service, statement({ Service: 'lambda.amazonaws.com' })),
      document(service),
      by('AWS Internal'),
      true,
    ],
    ['leaves a service that it still names', anyone, document(service), by(SAGEMAKER), false],
    [
      'leaves a service on behalf of the account that it names',
      document(service),
      document(forAccount),
      by(SAGEMAKER, { 'aws:SourceAccount': SCOPE.account }),
      false,
    ],
    [
      'ends a service that it no longer names',
      document(service, statement({ Service: 'lambda.amazonaws.com' })),
      document(service),
      by('lambda.amazonaws.com'),
      true,
    ],
    [
      'leaves a role in a statement that stays, whatever its condition hangs on',
      document(statement({ AWS: roleArn('ci') }, { Condition: { StringEquals: { 'aws:x': 'y' } } }), service),
      document(
        statement({ AWS: roleArn('ci') }, { Condition: { StringEquals: { 'aws:x': 'y' } } }),
        forAccount,
      ),
      by(roleArn('ci')),
      false,
    ],
    [
      'leaves another account whose statement stays',
      document(statement({ AWS: 'arn:aws:iam::444455556666:root' }), service),
      document(statement({ AWS: 'arn:aws:iam::444455556666:root' }), forAccount),
      by('444455556666'),
      false,
    ],
    [
      'ends an identity provider that it no longer names',
      document(statement({ Federated: 'arn:aws:iam::111122223333:saml-provider/corp' }), service),
      document(service),
      by('arn:aws:iam::111122223333:saml-provider/corp'),
      true,
    ],
  ])('%s', (_, before, after, assumption, isLost) => {
    expect(ended(before, after, assumption)).toBe(isLost);
  });
});

describe('the remedy of a role that “*” may assume', () => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
  } as unknown as Json;
  const remedyWith = (...assumptions: RecordedUse[]) => {
    const facts = factsOf({
      trust,
      pipelines: { fraud: { steps: [step('Train', 'Training')] } },
      recorded: { ...NO_RECORDS, records: 1, assumptions },
    });
    const [first] = evaluate([executionRoleTrust], 'role', facts, { version: 1 });
    return first && 'remediation' in first.verdict ? first.verdict.remediation : undefined;
  };
  const by = (who: string): RecordedUse => ({
    ...use('sts:AssumeRole', ROLE, { 'aws:SourceAccount': SCOPE.account }),
    by: who,
  });

  test('has no command where a role of the account was recorded as assuming it, and names who did', () => {
    const remedy = remedyWith(by(roleArn('ci')));
    expect(remedy).not.toHaveProperty('patch');
    expect(remedy?.text).toContain(`in use: ${roleArn('ci')}: sts:AssumeRole on ${ROLE} (3 times`);
  });

  test('has a command where SageMaker alone was recorded', () => {
    const { patch, changes } = remedyWith(by('sagemaker.amazonaws.com')) ?? {};
    expect(patch).toContain('update-assume-role-policy');
    expect(changes).toMatch(/ CloudTrail shows no use of what it takes away, in 1 record\.$/);
  });
});

describe('the words for uses', () => {
  test('tell who, what, on what, how often and when it was last', () => {
    expect(usesText([use('s3:GetObject', 'arn:aws:s3:::a/b'), { ...use('iam:TagRole'), times: 1 }])).toBe(
      's3:GetObject on arn:aws:s3:::a/b (3 times, last at 2026-11-20T10:00:00Z), iam:TagRole on a resource that is not told (once, last at 2026-11-20T10:00:00Z)',
    );
    expect(usesText([{ ...use('sts:AssumeRole', ROLE), by: roleArn('ci') }])).toMatch(
      `${roleArn('ci')}: sts:AssumeRole on ${ROLE} (3 times`,
    );
  });

  test('are bounded, and show what is invisible in names', () => {
    const text = usesText([use('s3:GetObject', `arn:aws:s3:::a/\u202e${'x'.repeat(5000)}`)]);
    expect(text).toContain('\\u202E');
    expect(text.length).toBeLessThan(400);
    expect(usesText(Array(9).fill(use('s3:GetObject', 'arn:aws:s3:::a/b')))).toMatch(/ and 5 more$/);
  });

  test('tell which records were looked at', () => {
    const span = { from: '2026-11-01T10:00:00Z', to: '2026-11-28T10:00:00Z' };
    const floor = put(versionGuardrail([{ pipeline: 'fraud', minimum: 6 }], ACCOUNT_SCOPE));
    expect(recordsText({ records: 1204, span, tellsObjects: false }, floor)).toBe(
      '1204 records from 2026-11-01 to 2026-11-28',
    );
    expect(recordsText({ records: 1, tellsObjects: false }, floor)).toBe('1 record');
  });

  test.each<[string, RoleChange]>([
    [
      'a Deny of S3',
      put({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action: ['s3:PutObject'], Resource: ['*'] }],
      }),
    ],
    ['the loss of a tag', { type: 'untag', key: 'exception' }],
  ])('tell for %s whether the records show what happens to objects', (_, change) => {
    expect(recordsText({ records: 2, tellsObjects: false }, change)).toBe(
      '2 records, which hold no data events of S3',
    );
    expect(recordsText({ records: 2, tellsObjects: true }, change)).toBe('2 records');
  });
});

/** A control that fails until the document is among the role's policies. */
const asking = (document: PolicyText) =>
  defineControl({
    id: 'some',
    system: 'The audit itself',
    title: 'The Deny is in place',
    severity: 'HIGH',
    on: ['role'],
    requires: ['principal'],
    satisfiedBy: () => [],
    evaluate: ({ principal }) => {
      const { name } = putPolicy('some', document) as { name: string };
      return principal.policies.identity?.policies.some((policy) => policy.name === name)
        ? [{ status: 'PASSED' }]
        : [
            {
              status: 'FAILED',
              evidence: [{ at: 'a', found: 'f', expected: 'e' }],
              remediation: remedyBy(principal, put(document), 'Deny it.'),
            },
          ];
    },
  });

const remedyOf = (document: PolicyText, stated: Stated) => {
  const [first] = evaluate([asking(document)], 'role', factsOf(stated), { version: 1 });
  if (!first || !('remediation' in first.verdict)) throw new Error('no remedy');
  return first.verdict.remediation;
};

describe('a command that denies', () => {
  const guardrail = versionGuardrail([{ pipeline: 'fraud', minimum: 6 }], ACCOUNT_SCOPE);
  const recordedOf = (...versions: number[]) => {
    const builder = recordedBuilder();
    for (const pipelineVersionId of versions)
      builder.add(
        cloudTrail(
          'StartPipelineExecution',
          { pipelineName: 'fraud', pipelineVersionId },
          {
            eventTime: `2026-11-2${pipelineVersionId}T10:00:00Z`,
            userIdentity: { sessionContext: { sessionIssuer: { arn: ROLE } } },
          },
        ) as Json,
      );
    return builder;
  };

  test('is left out where a record shows a use that it would end, and the advice names the use', () => {
    expect(remedyOf(guardrail, { allow: ANYTHING, recorded: recordedOf(5, 7).recorded().of(ROLE) })).toEqual({
      text: `Deny it. No command is given, as it would take away, or may take away, what CloudTrail shows in use: sagemaker:StartPipelineExecution on ${sagemakerArn('pipeline/fraud')} (once, last at 2026-11-25T10:00:00Z).`,
    });
  });

  test('says which records show no such use', () => {
    const { changes, patch } = remedyOf(guardrail, {
      allow: ANYTHING,
      recorded: recordedOf(7, 8).recorded().of(ROLE),
    });
    expect(patch).toContain('put-role-policy');
    expect(changes).toMatch(
      / CloudTrail shows no use of what it takes away, in 2 records from 2026-11-27 to 2026-11-28\.$/,
    );
  });

  test('is left out where not all records could be read, and the advice says why', () => {
    const builder = recordedOf(7);
    builder.addUnread('trail.json.gz: cannot be read: it is a pipe, a socket or a device');
    expect(remedyOf(guardrail, { allow: ANYTHING, recorded: builder.recorded().of(ROLE) })).toEqual({
      text: expect.stringMatching(/not all could be read: trail.json.gz: cannot be read/),
    });
  });

  test('says nothing of records where there are none', () => {
    const { changes, patch } = remedyOf(guardrail, { allow: ANYTHING, recorded: NO_RECORDS });
    expect(patch).toContain('put-role-policy');
    expect(changes).not.toContain('CloudTrail');
  });

  test('is printed only if no recorded use that is allowed before it is denied after it', () => {
    const resource = fc.constantFrom(
      sagemakerArn('pipeline/fraud'),
      sagemakerArn('training-job/fraud-1'),
      sagemakerArn('training-job/vision-1'),
      roleArn('steps/train'),
      roleArn('other'),
    );
    const action = fc.constantFrom(
      'sagemaker:StartPipelineExecution',
      'sagemaker:CreateTrainingJob',
      'iam:PassRole',
    );
    const keys = fc.record(
      {
        'sagemaker:PipelineVersionId': fc.constantFrom('5', '6', null),
        'iam:PassedToService': fc.constantFrom('sagemaker.amazonaws.com', 'lambda.amazonaws.com'),
      },
      { requiredKeys: [] },
    );
    const uses = fc.array(fc.record({ action, resource, keys, times: fc.constant(1) }), {
      minLength: 1,
      maxLength: 4,
    });
    const allow = fc.array(
      fc.record({
        Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
        Action: fc.constantFrom('*', 'sagemaker:*', 'iam:PassRole'),
        Resource: fc.oneof(fc.constant('*'), resource),
      }),
      { minLength: 1, maxLength: 3 },
    );
    const documents = fc.constantFrom(
      guardrail,
      passingGuardrail([roleArn('steps/*')], ['sagemaker.amazonaws.com'], []),
      prefixGuardrail(
        [{ action: 'sagemaker:CreateTrainingJob', allowed: [sagemakerArn('training-job/fraud-*')] }],
        ACCOUNT_SCOPE,
      ),
    );
    const counted = { printed: 0, withheld: 0 };
    const round = () => {
      fc.assert(property);
      return Object.entries(counted).flatMap(([name, times]) => (times > 5 ? name : []));
    };
    const property = fc.property(uses, allow, documents, (recorded, statements, document) => {
      const stated: Stated = {
        allow: statements,
        recorded: { ...NO_RECORDS, records: recorded.length, uses: recorded },
      };
      const isPrinted = remedyOf(document, stated).patch !== undefined;
      counted[isPrinted ? 'printed' : 'withheld']++;
      const before = principalOf(stated);
      const after = changedPrincipal(before, put(document), sharedWork());
      const decided = (of: PrincipalFact, each: (typeof recorded)[number]) =>
        decide(of.policies, {
          principal: of.identity.principal,
          action: each.action,
          resource: each.resource,
          context: contextOf(each.keys),
        });
      const ended = recorded.filter(
        (each) => decided(before, each) === 'Allow' && decided(after, each) !== 'Allow',
      );
      expect(isPrinted && ended.length > 0).toBe(false);
      // A command is not withheld for nothing either, where all is known of the requests.
      const isKept = recorded.every((each) => decided(after, each) === decided(before, each));
      if (isKept && recorded.every((each) => decided(before, each) === 'Allow')) expect(isPrinted).toBe(true);
    });
    expect(shownBy(['printed', 'withheld'], round)).toEqual(['printed', 'withheld']);
  });
});
