import type { Verdict } from '../domain/finding.ts';
import type { Facts, PrincipalFact } from '../facts/facts.ts';
import { why } from '../iam/explain/why.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import { doubtEvidence, type OpenConcern } from '../judging/concern.ts';
import { usedBeyond } from '../judging/narrowing.ts';

const EXPECTED = {
  pipelines: 'no administrator among the roles of pipelines',
  creators: 'no administrator among those who make pipelines, where the configuration names them',
} as const;

/** What an administrator does for pipelines: they run under it, or it makes them. */
type Of = keyof typeof EXPECTED;

/** The verdict on an administrator that a pipeline uses or the configuration names. */
export const administratorFailed = (
  { principal, uses, recorded }: Pick<Facts, 'principal' | 'uses' | 'recorded'>,
  { action, example: { explanation } }: Extract<AdministratorAnswer, { answer: 'yes' }>,
  of: Of,
): Verdict => {
  const { arn } = principal.identity.principal;
  return {
    status: 'FAILED',
    severity: 'CRITICAL',
    evidence: [{ ...why(explanation, action, 'any role'), expected: EXPECTED[of] }],
    remediation: {
      text: [
        of === 'creators'
          ? `Take the administrator’s permissions from ${arn}, and give it what making its pipelines needs: to create, change and start them, and iam:PassRole on their execution roles alone (pipewarden generate execution-role FILE --for creator).`
          : `Take the administrator’s permissions from ${arn}, and give it what its pipelines need (pipewarden generate execution-role FILE).`,
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
            expected: EXPECTED.creators,
          },
          doubt: administrator.doubt,
        },
      ]
    : [];
