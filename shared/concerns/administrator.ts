import type { Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { why } from '../iam/explain/why.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import { doubtEvidence, type OpenConcern } from '../judging/concern.ts';
import { remedyBy } from '../judging/role-change.ts';

const EXPECTED = 'no administrator among the roles of pipelines';

/** The verdict on an administrator that pipelines use or the configuration names. */
export const administratorFailed = (
  principal: PrincipalFact,
  { action, example: { explanation } }: Extract<AdministratorAnswer, { answer: 'yes' }>,
): Verdict => {
  const { identity } = principal;
  const text = `Take the administrator’s permissions from ${identity.principal.arn}, and give it what its pipelines need (pipewarden generate).`;
  const policyArn = explanation.decidedBy.find(
    ({ policy }) => policy.startsWith('arn:') && !policy.includes(' '),
  )?.policy;
  // Of a user with groups, the policy may be a group's, which others have as well.
  const isOwn = policyArn !== undefined && identity.groups.length === 0;
  return {
    status: 'FAILED',
    severity: 'CRITICAL',
    evidence: [{ ...why(explanation, action, 'any role'), expected: EXPECTED }],
    remediation: isOwn ? remedyBy(principal, { type: 'detach-policy', policyArn }, text) : { text },
  };
};

/** What is open of a principal that pipelines use or the configuration names, and that may be an administrator. */
export const perhapsAdministrator = ({ administrator, isGoverned }: PrincipalFact): OpenConcern[] =>
  isGoverned && administrator.answer === 'unknown'
    ? [
        {
          is: 'open',
          evidence: {
            ...doubtEvidence(administrator.doubt, 'iam:PutRolePolicy', () => 'any role'),
            expected: EXPECTED,
          },
          doubt: administrator.doubt,
        },
      ]
    : [];
