import { asText, type Json, memberAnyCase } from '../json/json.ts';
import type { OrganizationReach } from '../requests/audit-request.ts';
import { type Call, memberAt, type Reading } from './record.ts';

/** The types of policy that limit what a principal may do. */
const AUTHORISATION_POLICIES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'];

export const readOrganization = (call: Call<'organization'>): Reading => {
  const type = policyTypeOf(call);
  if (type !== undefined && !AUTHORISATION_POLICIES.includes(type))
    return { ignored: `a policy of type ${type.slice(0, 64)} changes nothing that a principal may do` };
  const arn = `arn:${call.partition}:organizations::${call.account}:organization`;
  return {
    requests: [
      {
        type: 'organization',
        resource: { type: 'organization', arn },
        changed: call.audited.changed,
        trigger: call.trigger,
        reach: reachOf(call),
      },
    ],
  };
};

/** Most records contain only the policy’s id, so that its type is not known. */
const policyTypeOf = ({ request, response }: Call<'organization'>): string | undefined =>
  asText(memberAnyCase(request, 'policyType')) ??
  asText(memberAt(response, 'policy', 'policySummary', 'type'));

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html */
const reachOf = (call: Call<'organization'>): OrganizationReach => {
  // AWS deletes a policy only after it was detached from everything.
  if (call.eventName === 'DeletePolicy') return [];
  const id = changedId(call);
  return id !== undefined && ID.test(id) ? [id] : 'all';
};

const changedId = ({ eventName, request, record }: Call<'organization'>): string | undefined => {
  const asked = (name: string) => asText(memberAnyCase(request, name));
  switch (eventName) {
    case 'AttachPolicy':
    case 'DetachPolicy':
      return asked('targetId');
    case 'UpdatePolicy':
      return asked('policyId');
    case 'EnablePolicyType':
    case 'DisablePolicyType':
      return asked('rootId');
    case 'MoveAccount':
    case 'RemoveAccountFromOrganization':
      return asked('accountId');
    case 'AcceptHandshake':
    case 'LeaveOrganization':
      return accountIn(memberAnyCase(record, 'userIdentity'));
    default:
      return undefined;
  }
};

/** The account that itself comes or goes. */
const accountIn = (caller: Json | undefined): string | undefined =>
  asText(memberAnyCase(caller, 'accountId'));

/** An id of a policy, root, organizational unit or account. */
const ID = /^(?:(?:p|r|ou)-[\w-]{1,130}|\d{12})$/;
