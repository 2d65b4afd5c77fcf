import { asText, memberAnyCase } from '../json/json.ts';
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
      },
    ],
  };
};

/** Most records contain only the policy’s id, so that its type is not known. */
const policyTypeOf = ({ request, response }: Call<'organization'>): string | undefined =>
  asText(memberAnyCase(request, 'policyType')) ??
  asText(memberAt(response, 'policy', 'policySummary', 'type'));
