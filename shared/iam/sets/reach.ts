import { before } from '../../text/trim.ts';
import { contextOf } from '../decide/context.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import { NO, YES } from '../decide/match.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate } from '../decide/variables.ts';
import { type Glob, globMatcher, isPattern, matchesAny, parseGlob } from '../policy/glob.ts';
import type { Principal } from '../policy/principal.ts';
import {
  type AdministratorAnswer,
  type AnyAnswer,
  type EveryAnswer,
  type Example,
  exampleOf,
} from './answers.ts';
import { canOverlap } from './arn-overlap.ts';
import {
  arnLanguage,
  complementOf,
  everyOf,
  globLanguage,
  type Language,
  separatedAs,
  someOf,
} from './language.ts';
import { type AnyResource, resourcesAllowed } from './questions.ts';
import { indexesOf, statementsAbout } from './resource-cells.ts';

/**
 * Whether a request is allowed for every resource that a pattern of ARNs means; the example is one that is not. A
 * pattern that is allowed as if it were a text is allowed for all that it means, as whatever takes its star takes all
 * that the star stands for, unless something denies a part of it. That is quick, and answers for nearly every role.
 */
export const allowedForAll = (policies: Policies, request: AnyResource, pattern: string): EveryAnswer => {
  const glob = parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));
  const asked = { ...request, resource: pattern.replaceAll(/\$\{([*?$])\}/g, '$1') };
  const isOne = !glob.some((unit) => unit < 0);
  const decision = decide(policies, asked);
  const isSure = isOne || (isWholly(decision, policies, asked, glob) && isReadable(policies));
  if (isSure) return ofOne(exampleOf(policies, asked, decision));
  const found = resourcesAllowed(policies, request, namesOf(glob, request));
  switch (found.answer) {
    case 'all':
    case 'unknown':
      return found;
    case 'some':
      return { answer: 'some', example: found.denied };
    case 'none':
      return { answer: 'none', example: found.examples[0] ?? exampleOf(policies, asked) };
  }
};

/** What is decided of one that stands for all. */
const ofOne = (example: Example): EveryAnswer => {
  switch (example.decision) {
    case 'Allow':
      return { answer: 'all' };
    case 'ImplicitDeny':
    case 'ExplicitDeny':
      return { answer: 'none', example };
    case 'Unknown':
      return { answer: 'unknown', doubt: { kind: 'hangs', example } };
  }
};

/**
 * All that a pattern means. No name in SageMaker has a colon or a slash, though a star of a policy takes both: without
 * this, `NotResource: arn:aws:sagemaker:*:*:app/*` would leave out a job that is called `x:app/`.
 */
const namesOf = (glob: Glob, { action }: AnyResource): Language =>
  /^sagemaker:/i.test(action) ? everyOf([arnLanguage(glob), separatedAs(glob)]) : arnLanguage(glob);

const isReadable = (policies: Policies): boolean =>
  indexesOf(policies).every(({ unreadable }) => unreadable.length === 0);

/** Whether what is decided of a pattern as a text holds for all that it means. */
const isWholly = (decision: Decision, policies: Policies, asked: Request, glob: Glob): boolean =>
  statementsAbout(policies, asked.action.toLowerCase()).every(
    (compiled) =>
      (decision === 'Allow' && compiled.statement.effect === 'Allow' && isPlain(compiled)) ||
      takesAllOrNone(compiled, asked, glob),
  );

/** A `?` takes one unit, and a star in a text is one: where policies have such, a text does not stand for a pattern. */
const isPlain = ({ statement: { resources } }: CompiledStatement): boolean =>
  !resources || (!resources.isNot && !resources.texts.some((text) => /\?|\$\{/.test(text)));

/** Whether a statement says the same of all ARNs that a pattern means; false where that is not seen at once. */
const takesAllOrNone = (compiled: CompiledStatement, asked: Request, glob: Glob): boolean => {
  const { resource, conditions, statement } = compiled;
  if (isPattern(asked.resource.split(':', 5).join(':'))) return false;
  if (!resource || conditions.some((condition) => condition(asked) === NO)) return true;
  if (!isPlain(compiled)) return false;
  if (resource(asked) === YES) return true;
  const texts = statement.resources?.texts ?? [];
  return !texts.some((text) => canOverlap(lowerGlob(glob), parseGlob(text.toLowerCase())));
};

/** SageMaker does not always keep the case of a name. */
const lowerGlob = (glob: Glob): Glob =>
  glob.map((unit) => (unit < 0 ? unit : String.fromCharCode(unit).toLowerCase().charCodeAt(0)));

/**
 * Whether a request is allowed for some ARN that a pattern means. The patterns that allow the request are tried first, each as if it were
 * a text: where one of them hangs on a context key, the answer is that it is not known, without a search.
 */
export const allowedSomewhere = (policies: Policies, request: AnyResource, pattern: string): AnyAnswer => {
  const glob = parseGlob(pattern);
  const { allows = [] } = policies.identity?.candidates(request.action.toLowerCase()) ?? {};
  const texts = allows.flatMap(({ statement }) => statement.resources?.texts ?? []);
  const tried = [pattern, ...texts.filter(globMatcher(glob))].map((resource) =>
    exampleOf(policies, { ...request, resource }),
  );
  const allowed = tried.find(({ decision }) => decision === 'Allow');
  if (allowed) return { answer: 'some', example: allowed };
  const open = tried.find(({ decision }) => decision === 'Unknown');
  if (open) return { answer: 'unknown', doubt: { kind: 'hangs', example: open } };
  return allowedBeyond(policies, request, globLanguage(glob), []);
};

/** Whether a request is allowed for any resource of a set that no pattern holds. */
export const allowedBeyond = (
  policies: Policies,
  request: AnyResource,
  all: Language,
  within: readonly string[],
): AnyAnswer => {
  if (isNowhereAllowed(policies, request) || isWithinAtSight(policies, request, within))
    return { answer: 'none' };
  const inside = someOf(
    within.map((each) => globLanguage(parseGlob(each), /^sagemaker:/i.test(request.action))),
  );
  const universe = everyOf([all, complementOf(inside)]);
  const found = resourcesAllowed(policies, request, universe);
  const example = found.examples.find((each) => each.decision === 'Allow');
  if (example) return { answer: 'some', example };
  switch (found.answer) {
    case 'none':
    case 'unknown':
      return found;
    case 'all': // of a set without resources
      return { answer: 'none' };
    case 'some':
      return { answer: 'some', example: found.allowed };
  }
};

/**
 * The statements that can grant an action to the principal. SCPs, boundaries and the like only take from what these give.
 */
export const grantsOf = ({ identity, resource }: Policies, { action }: AnyResource): CompiledStatement[] =>
  [identity, resource].flatMap((index) => [...(index?.candidates(action.toLowerCase()).allows ?? [])]);

/** Whether no statement can grant the action, as each has a condition that fails whatever the resource is. */
const isNowhereAllowed = (policies: Policies, request: AnyResource): boolean =>
  [policies.identity, policies.resource].every((index) => (index?.unreadable.length ?? 0) === 0) &&
  grantsOf(policies, request).every(({ conditions }) =>
    conditions.some((condition) => condition({ ...request, resource: '*' }) === NO),
  );

/** Whether each pattern that allows the action is held by one of the others, as most are; quick. */
const isWithinAtSight = (policies: Policies, { action }: AnyResource, within: readonly string[]): boolean => {
  const { identity, resource } = policies;
  if (!identity || identity.unreadable.length > 0 || resource) return false;
  const { allows } = identity.candidates(action.toLowerCase());
  const narrow = within.filter((text) => !text.includes('?'));
  return allows.every(({ statement: { resources } }) =>
    Boolean(
      resources &&
        !resources.isNot &&
        resources.texts.every((text) => !/\?|\$\{/.test(text) && matchesAny(narrow, text)),
    ),
  );
};

/**
 * Whether a principal can give itself whatever it lacks: it may write the policies of any role. What such an
 * administrator may do besides tells nothing.
 */
export const administratorAnswer = (policies: Policies, principal: Principal): AdministratorAnswer => {
  const resource = `${before(before(principal.arn, ':role/'), ':user/')}:role/pipewarden-any-role`;
  const examples = ['iam:PutRolePolicy', 'iam:AttachRolePolicy'].map((action) =>
    Object.assign(exampleOf(policies, { principal, action, resource, context: contextOf() }), { action }),
  );
  const allowed = examples.find(({ decision }) => decision === 'Allow');
  if (allowed) return { answer: 'yes', example: allowed };
  const open = examples.find(({ decision }) => decision === 'Unknown');
  return open ? { answer: 'unknown', doubt: { kind: 'hangs', example: open } } : { answer: 'no' };
};
