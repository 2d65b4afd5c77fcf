import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import { inRegions } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { remembered } from '../memo.ts';
import type { Answer } from './assuming.ts';

/**
 * The resource by which IAM authorises the creation of a job whose name begins so. The ARN of a model card does not name the
 * job that exports it.
 */
export const createdResource = ({ id, arnType }: JobKind, beginning = ''): string => {
  switch (id) {
    case 'model-card-export-job':
      return 'model-card/*';
    case 'job':
      return `job/*/${beginning}*`;
    default:
      return `${arnType}/${beginning}*`;
  }
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
const CREATING = [
  { action: 'sagemaker:CreatePipeline', resource: 'pipeline/*' },
  { action: 'sagemaker:UpdatePipeline', resource: 'pipeline/*' },
  ...Object.values(JOB_KINDS).map((kind) => ({
    action: `sagemaker:Create${kind.noun}`,
    resource: createdResource(kind),
  })),
];

/** What a principal’s requests to create pipelines and jobs come to, one by one. */
const creations = function* (principal: AccountPrincipal, shared: SharedWork): Generator<AnyAnswer> {
  const { policies, identity, scope } = principal;
  const known = answersFor(principal);
  for (const { action, resource } of CREATING) {
    const request = { principal: identity.principal, action, context: contextOf() };
    for (const place of inRegions(scope)) {
      const arn = sagemakerArn(place, resource);
      const key = `${action} ${arn}`;
      const found =
        known.get(key) ?? allowedBeyond({ policies, request, universe: meantBy(arn, action) }, shared);
      // An answer that was cut short is asked again: who asks next may have work left.
      if (found.answer !== 'unknown' || found.doubt.kind === 'hangs') known.set(key, found);
      yield found;
    }
  }
};

/** Kept, because several controls ask whether a principal creates anything. */
const answersFor = remembered((_principal: AccountPrincipal) => new Map<string, AnyAnswer>());

/** Whether it is proven that a principal can create neither pipelines nor jobs. */
export const createsNothing = (principal: AccountPrincipal, shared: SharedWork): boolean => {
  for (const answer of creations(principal, shared)) if (!isRuledOut(answer)) return false;
  return true;
};

/** Whether a principal can create a pipeline or a job. */
export const creation = (principal: AccountPrincipal, shared: SharedWork): Answer => {
  let answer: Answer = 'no';
  for (const found of creations(principal, shared)) {
    if (found.answer === 'some') return 'yes';
    if (found.answer === 'unknown') answer = 'unknown';
  }
  return answer;
};

/**
 * The same for somebody who chooses the request. Where only a request tells whether a condition holds, it may be made to
 * hold; where the search was cut short, it is not known.
 */
export const creationByChoice = (principal: AccountPrincipal, shared: SharedWork): Answer => {
  let answer: Answer = 'no';
  for (const found of creations(principal, shared)) {
    if (found.answer === 'none') continue;
    if (found.answer === 'some' || found.doubt.kind === 'hangs') return 'yes';
    answer = 'unknown';
  }
  return answer;
};
