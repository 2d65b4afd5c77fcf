import { JOB_KINDS } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';

const CREATING = [
  'sagemaker:CreatePipeline',
  'sagemaker:UpdatePipeline',
  ...Object.values(JOB_KINDS).map(({ noun }) => `sagemaker:Create${noun}`),
];

/** Whether it is shown that a principal can create neither pipelines nor jobs. */
export const createsNothing = ({ policies, identity, scope }: PrincipalFact, shared: SharedWork): boolean => {
  const universe = namedIn(sagemakerArn(scope, '*'));
  return CREATING.every((action) => {
    const request = { principal: identity.principal, action, context: contextOf() };
    return isRuledOut(allowedBeyond({ policies, request, universe }, shared));
  });
};
