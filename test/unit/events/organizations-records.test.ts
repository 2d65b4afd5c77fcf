import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditedOperations } from '../../../shared/events/audited-calls.ts';
import { ACCOUNT, cloudTrail } from '../../support/builders/events.ts';
import { ORGANIZATIONS, only, read, recased } from '../../support/builders/reading.ts';

const organizations = (eventName: string, request: unknown, fields: object = {}) =>
  cloudTrail(eventName, request, { ...ORGANIZATIONS, ...fields });
const answer = (type: string) => ({ responseElements: { policy: { policySummary: { id: 'p-1', type } } } });

describe('a record about the policies of the organization', () => {
  test.each<[string, unknown, object]>([
    ['UpdatePolicy', { policyId: 'p-1', content: '{}' }, answer('SERVICE_CONTROL_POLICY')],
    ['UpdatePolicy', { policyId: 'p-1', content: '{}' }, answer('RESOURCE_CONTROL_POLICY')],
    ['UpdatePolicy', { omitted: 'true' }, {}],
    ['AttachPolicy', { policyId: 'p-1', targetId: 'ou-1' }, {}],
    ['DetachPolicy', { PolicyId: 'p-1', TargetId: '444455556666' }, {}],
    ['DeletePolicy', { policyId: 'p-1' }, {}],
    ['EnablePolicyType', { rootId: 'r-1', policyType: 'RESOURCE_CONTROL_POLICY' }, {}],
    ['DisablePolicyType', { ROOTID: 'r-1', POLICYTYPE: 'SERVICE_CONTROL_POLICY' }, {}],
    ['MoveAccount', { accountId: '444455556666', sourceParentId: 'r-1', destinationParentId: 'ou-1' }, {}],
    ['MoveAccount', null, {}],
    ['AcceptHandshake', { handshakeId: 'h-1' }, {}],
    ['LeaveOrganization', null, {}],
    ['RemoveAccountFromOrganization', { accountId: '444455556666' }, {}],
  ])('%s %j', (eventName, request, fields) => {
    expect(only(organizations(eventName, request, fields))).toEqual({
      type: 'organization',
      resource: { type: 'organization', arn: `arn:aws:organizations::${ACCOUNT}:organization` },
      changed: [/Policy/.test(eventName) ? 'policy' : 'membership'],
      trigger: expect.objectContaining({ eventName }),
      reach: expect.anything(),
    });
  });

  const CALLER = { userIdentity: { type: 'Root', accountId: '777788889999' } };

  test.each<[string, unknown, object, unknown]>([
    ['AttachPolicy', { policyId: 'p-1', targetId: 'ou-ab12-1' }, {}, ['ou-ab12-1']],
    ['DetachPolicy', { PolicyId: 'p-1', TargetId: '444455556666' }, {}, ['444455556666']],
    ['UpdatePolicy', { policyId: 'p-examplepolicy' }, {}, ['p-examplepolicy']],
    ['UpdatePolicy', { omitted: 'true' }, {}, 'all'],
    ['DeletePolicy', { policyId: 'p-1' }, {}, []],
    ['EnablePolicyType', { rootId: 'r-ab12', policyType: 'SERVICE_CONTROL_POLICY' }, {}, ['r-ab12']],
    ['DisablePolicyType', { rootId: 'r-ab12', policyType: 'RESOURCE_CONTROL_POLICY' }, {}, ['r-ab12']],
    ['MoveAccount', { accountId: '444455556666', destinationParentId: 'ou-1' }, {}, ['444455556666']],
    ['RemoveAccountFromOrganization', { accountId: '444455556666' }, {}, ['444455556666']],
    ['AcceptHandshake', { handshakeId: 'h-1' }, CALLER, ['777788889999']],
    ['LeaveOrganization', null, CALLER, ['777788889999']],
    ['LeaveOrganization', null, { userIdentity: null }, 'all'],
    ['MoveAccount', null, {}, 'all'],
    ['AttachPolicy', { policyId: 'p-1', targetId: 'ou-1 or 1' }, {}, 'all'],
    ['AttachPolicy', { policyId: 'p-1', targetId: { $ne: 1 } }, {}, 'all'],
    ['EnablePolicyType', { rootId: `r-${'a'.repeat(131)}` }, {}, 'all'],
  ])('%s %j reaches what it names: %j, %j', (eventName, request, fields, reach) => {
    expect(only(organizations(eventName, request, fields))).toMatchObject({ reach });
  });

  test.each<[string, unknown, object]>([
    ['UpdatePolicy', { policyId: 'p-1' }, answer('TAG_POLICY')],
    ['EnablePolicyType', { rootId: 'r-1', policyType: 'BACKUP_POLICY' }, {}],
    ['DisablePolicyType', { rootId: 'r-1', PolicyType: 'AISERVICES_OPT_OUT_POLICY' }, {}],
  ])('of another type changes nothing: %s %j', (eventName, request, fields) => {
    const { requests, ignored } = read(organizations(eventName, request, fields));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringMatching(/^a policy of type [A-Z_]+ /)]);
  });

  test('with an endless type is ignored with a short reason', () => {
    const { ignored } = read(organizations('EnablePolicyType', { policyType: 'x'.repeat(10_000) }));
    expect(ignored[0]?.reason.length).toBeLessThan(200);
  });

  test.each(['CreatePolicy', 'PutResourcePolicy', 'DescribePolicy', 'TagResource'])(
    'is ignored where the call is %s, which binds nobody',
    (eventName) => {
      const { requests, ignored } = read(
        organizations(eventName, { type: 'SERVICE_CONTROL_POLICY' }, answer('SERVICE_CONTROL_POLICY')),
      );
      expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('changes nothing')]);
    },
  );

  test.each(auditedOperations('organizations.amazonaws.com'))(
    '%s that failed changed nothing, and nor does its namesake elsewhere',
    (eventName) => {
      const failed = organizations(eventName, null, { errorCode: 'AccessDeniedException' });
      const elsewhere = organizations(eventName, {}, { eventSource: 'iot.amazonaws.com' });
      expect(read([failed, elsewhere])).toMatchObject({ requests: [], ignored: [{}, {}], unreadable: [] });
    },
  );

  test('reads the same whatever the case of its keys', () => {
    const records = [
      organizations('UpdatePolicy', { policyId: 'p-1' }, answer('TAG_POLICY')),
      organizations('EnablePolicyType', { policyType: 'SERVICE_CONTROL_POLICY' }),
    ];
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (upper) => {
        for (const record of records) expect(read(recased(record, upper))).toEqual(read(record));
      }),
    );
  });
});
