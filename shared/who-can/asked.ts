import { createdResource } from '../concerns/creating.ts';
import { passing } from '../concerns/pass-question.ts';
import { tagsInRequest } from '../concerns/resource-tags.ts';
import { rolesAmong, servicesNamed, trusts } from '../concerns/service-trust.ts';
import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import { inRegions } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { passedToService } from '../iam/sets/key-axis.ts';
import type { Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles, meantBy, namedIn, onlyOne } from '../iam/sets/universe.ts';
import { once } from '../memo.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { type Answered, answerOf, type Step } from './answer.ts';

/** What somebody may do to a pipeline, by the action for it. */
export const PIPELINE_ACTIONS = {
  start: 'sagemaker:StartPipelineExecution',
  update: 'sagemaker:UpdatePipeline',
  retry: 'sagemaker:RetryPipelineExecution',
} as const;

export type PipelineVerb = keyof typeof PIPELINE_ACTIONS;

/** One question who can do something. `resource`: the ARN of a pipeline or role; for jobs, the prefix of their names. */
export type Asked = { verb: PipelineVerb | 'pass' | 'create-job'; resource: string };

/** The answer about what a principal may do itself; a yes brings all requests that it takes. */
export type OwnAnswer =
  | { answer: 'yes'; steps: readonly Step[]; actions?: readonly string[] }
  | Exclude<Answered, { answer: 'yes' }>;

/** Answers for each principal of an account by the policies that it has. */
export type Ask = (principal: AccountPrincipal, shared: SharedWork) => OwnAnswer;

/** How a question is asked of a principal, among the principals of its account. */
export const asking = ({ verb, resource }: Asked, principals: readonly AccountPrincipal[]): Ask => {
  switch (verb) {
    case 'start':
    case 'update':
    case 'retry':
      return (principal, shared) =>
        withSteps(answerOf(aboutPipeline(PIPELINE_ACTIONS[verb], resource, principal), shared));
    case 'pass': {
      const role = rolesAmong(principals).find(({ identity }) => identity.principal.arn === resource);
      return (principal, shared) => passingOf(resource, role, principal, shared);
    }
    case 'create-job': {
      const takers = rolesAmong(principals).filter(
        (role) => !isServiceLinkedRole(role.identity.principal.arn) && trusts(role, SAGEMAKER) !== 'no',
      );
      return (principal, shared) => creatingOf(resource, takers, principal, shared);
    }
  }
};

const withSteps = (answered: Answered): OwnAnswer =>
  answered.answer === 'yes' ? { answer: 'yes', steps: [answered.step] } : answered;

/** A retry is authorised on the execution, of which any of the pipeline’s is meant. */
const aboutPipeline = (action: string, arn: string, { policies, identity }: AccountPrincipal): Question => ({
  policies,
  request: {
    principal: identity.principal,
    action,
    context: contextOf({ 'aws:RequestedRegion': parseArn(arn)?.region ?? '' }),
  },
  universe: action === PIPELINE_ACTIONS.retry ? meantBy(`${arn}/execution/*`, action) : namedIn(arn),
});

/** The first yes, else the first unknown, else no. A later question is not asked once one is a yes. */
const bestOf = (asks: readonly (() => OwnAnswer)[]): OwnAnswer => {
  let best: OwnAnswer = { answer: 'no' };
  for (const ask of asks) {
    const answered = ask();
    if (answered.answer === 'yes') return answered;
    if (best.answer === 'no') best = answered;
  }
  return best;
};

/** To which services somebody may pass a role: those that can assume it come first, as nothing comes of the others. */
const passingOf = (
  roleArn: string,
  role: AccountPrincipal | undefined,
  principal: AccountPrincipal,
  shared: SharedWork,
): OwnAnswer => {
  const taking = role ? servicesTaking(role) : [];
  const universe = onlyOne(roleArn);
  const asked = (service: string | null | undefined): Question => ({
    ...passing(principal, service),
    universe,
  });
  const questions: Question[] = [
    ...taking.map(asked),
    { ...asked(undefined), keys: [passedToService([])] },
    asked(null),
  ];
  return bestOf(
    questions.map(
      (question) => () => withSteps(answerOf(role ? onTagged(question, role) : question, shared)),
    ),
  );
};

/** The services that can assume a role, or perhaps can, SageMaker first. */
export const servicesTaking = (role: AccountPrincipal): string[] =>
  [...new Set([SAGEMAKER, ...servicesNamed(role)])]
    .slice(0, MOST_SERVICES)
    .filter((service) => trusts(role, service) !== 'no');

/** A trust policy has room for some two hundred names; no role is for so many services. */
const MOST_SERVICES = 40;

/** The question with the tags of the role that it is about, which are known completely. */
export const onTagged = (question: Question, { identity }: AccountPrincipal): Question => {
  const { tags } = identity.principal;
  if (!tags) return question;
  const { policies, request } = question;
  return {
    ...question,
    request: { ...request, context: assume(request.context, tagsInRequest(tags, policies, request.action)) },
  };
};

/** Whether a kind is a job. Models and their packages have prefixes as well, but are none. */
const isJob = ({ noun }: JobKind): boolean => /Job(?:V\d+)?$/.test(noun);

const CREATED: readonly JobKind[] = Object.values(JOB_KINDS).filter(isJob);

/** The actions that create jobs. */
export const CREATE_JOB_ACTIONS: readonly string[] = CREATED.map(({ noun }) => `sagemaker:Create${noun}`);

/** The kinds of jobs with names that begin with the prefix: which of them somebody may create, with a role for them. */
const creatingOf = (
  prefix: string,
  takers: readonly AccountPrincipal[],
  principal: AccountPrincipal,
  shared: SharedWork,
): OwnAnswer => {
  const passes = once(() => passingAny(takers, principal, shared));
  const answers = CREATED.map((kind) => {
    const action = `sagemaker:Create${kind.noun}`;
    const answer = bestOf(
      inRegions(principal.scope).map((place) => () => {
        const { policies, identity } = principal;
        const context = contextOf({ 'aws:RequestedRegion': place.region });
        const request = { principal: identity.principal, action, context };
        const universe = meantBy(sagemakerArn(place, createdResource(kind, prefix)), action);
        return withSteps(answerOf({ policies, request, universe }, shared));
      }),
    );
    return { action, answer: needsRole(kind) ? both(answer, passes) : answer };
  });
  const best = bestOf(
    answers.map(
      ({ answer }) =>
        () =>
          answer,
    ),
  );
  return best.answer === 'yes'
    ? { ...best, actions: answers.flatMap(({ action, answer }) => (answer.answer === 'yes' ? action : [])) }
    : best;
};

/** Whether the request to create such a job names a role. */
const needsRole = ({ roleFields, mayLackRole }: JobKind): boolean => roleFields.length > 0 && !mayLackRole;

/** Both are needed, so that one no is a no. */
const both = (one: OwnAnswer, ask: () => OwnAnswer): OwnAnswer => {
  if (one.answer === 'no') return one;
  const other = ask();
  if (other.answer === 'no' || one.answer === 'unknown') return other.answer === 'no' ? other : one;
  return other.answer === 'yes' ? { answer: 'yes', steps: [...one.steps, ...other.steps] } : other;
};

/** The roles of which it is asked one by one whether they may be passed, if the question about all of them leaves it open. */
const MOST_ROLES = 200;

/** Whether some role of the account that SageMaker can assume may be passed to it. */
const passingAny = (
  takers: readonly AccountPrincipal[],
  principal: AccountPrincipal,
  shared: SharedWork,
): OwnAnswer => {
  if (takers.length === 0) return { answer: 'no' };
  const question = passing(principal, SAGEMAKER);
  const universe = amongRoles(
    takers.map(({ identity }) => identity.principal.arn),
    principal.scope,
  );
  const all = withSteps(answerOf({ ...question, universe }, shared));
  const isTold = all.answer === 'no' || (all.answer === 'yes' && all.steps.every(isSure));
  if (isTold || takers.length > MOST_ROLES) return all;
  // Conditions may ask for tags of the role, which are known of each alone.
  return bestOf(
    takers.map((role) => () => {
      const one = onTagged({ ...question, universe: onlyOne(role.identity.principal.arn) }, role);
      return withSteps(answerOf(one, shared));
    }),
  );
};

const isSure = ({ conditions }: Step): boolean => conditions.length === 0;
