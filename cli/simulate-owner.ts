import { parseArn } from '../shared/domain/arn.ts';
import { decide } from '../shared/iam/decide/decide.ts';
import type { Policies } from '../shared/iam/decide/layers.ts';
import { resourceOwner } from '../shared/iam/decide/ownership.ts';
import type { Request } from '../shared/iam/decide/request.ts';
import { type Explanation, explain } from '../shared/iam/explain/explain.ts';

/**
 * The decision on a resource whose owner may be unknown. The principal's own account is assumed. But if the
 * resource's policy was given and does not itself allow the principal for sure, an Allow depends on the owner and
 * becomes Unknown.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
export const explainedByOwner = (
  policies: Policies,
  request: Request,
): { explanation: Explanation; notes: string[] } => {
  const explanation = explain(policies, request);
  const { principal, resource } = request;
  const isTold = parseArn(resource)?.account !== '' || resourceOwner(request) !== undefined;
  if (isTold || principal.account === undefined || explanation.decision !== 'Allow')
    return { explanation, notes: [] };
  const elsewhere = { ...request, isForeign: true as const };
  if (decide(policies, elsewhere) === 'Allow') return { explanation, notes: [] };
  const { identity: _, ...others } = policies;
  if (!policies.resource || decide(others, request) === 'Allow') {
    const note = `${resource} is taken for one of ${principal.account}; where another account owns it, say so by --resource-account`;
    return { explanation, notes: [note] };
  }
  const { missingContext, doubts } = explain(policies, elsewhere);
  const doubt = `${resource} is allowed where ${principal.account} owns it, and not for sure where another account does`;
  return {
    explanation: {
      ...explanation,
      decision: 'Unknown',
      missingContext: ['aws:ResourceAccount', ...missingContext],
      doubts: [doubt, ...doubts],
    },
    notes: [],
  };
};
