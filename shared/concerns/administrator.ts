import type { Verdict } from '../domain/finding.ts';
import type { Facts, PrincipalFact } from '../facts/facts.ts';
import { why } from '../iam/explain/why.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import { doubtEvidence, type OpenConcern } from '../judging/concern.ts';
import { usedBeyond } from '../judging/narrowing.ts';

const EXPECTED = 'no administrator among the roles of pipelines';

/** The verdict on an administrator that a pipeline uses or the configuration names. */
export const administratorFailed = (
  { principal, uses, recorded }: Pick<Facts, 'principal' | 'uses' | 'recorded'>,
  { action, example: { explanation } }: Extract<AdministratorAnswer, { answer: 'yes' }>,
): Verdict => {
  const { arn } = principal.identity.principal;
  return {
    status: 'FAILED',
    severity: 'CRITICAL',
    evidence: [{ ...why(explanation, action, 'any role'), expected: EXPECTED }],
    remediation: {
      text: [
        `Take the administrator’s permissions from ${arn}, and give it what its pipelines need (pipewarden generate).`,
        ...usedBeyond(uses.needs, recorded.uses),
        'Ask first who else uses it: no command is given, because nobody else can tell.',
      ].join(' '),
    },
  };
};

/** The open concern about a governed principal that may be an administrator. */
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
