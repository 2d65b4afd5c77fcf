import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';

/** The resource by which IAM authorises the creation of a job. */
const resourceOf = ({ id, arnType }: JobKind): string => {
  switch (id) {
    case 'model-card-export-job':
      return 'model-card/*';
    case 'job':
      return 'job/*/*';
    default:
      return `${arnType}/*`;
  }
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
const CREATING = [
  { action: 'sagemaker:CreatePipeline', resource: 'pipeline/*' },
  { action: 'sagemaker:UpdatePipeline', resource: 'pipeline/*' },
  ...Object.values(JOB_KINDS).map((kind) => ({
    action: `sagemaker:Create${kind.noun}`,
    resource: resourceOf(kind),
  })),
];

/** Whether it is proven that a principal can create neither pipelines nor jobs. */
export const createsNothing = (
  { policies, identity, scope }: AccountPrincipal,
  shared: SharedWork,
): boolean =>
  CREATING.every(({ action, resource }) => {
    const request = { principal: identity.principal, action, context: contextOf() };
    const universe = meantBy(sagemakerArn(scope, resource), action);
    return isRuledOut(allowedBeyond({ policies, request, universe }, shared));
  });
