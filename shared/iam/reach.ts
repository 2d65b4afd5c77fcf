import { contextOf } from './context.ts';
import { decide } from './decide.ts';
import { type Explanation, explain } from './explain.ts';
import { type Glob, matchesAny, parseGlob } from './glob.ts';
import {
  arnLanguage,
  complementOf,
  everyOf,
  globLanguage,
  type Language,
  separatedAs,
  someOf,
} from './language.ts';
import type { Policies } from './layers.ts';
import type { Principal } from './principal.ts';
import { type AnyResource, type ResourceAnswer, resourcesAllowed } from './questions.ts';
import { indexesOf } from './resource-cells.ts';
import { parseTemplate } from './variables.ts';

/** How far a request is allowed, with the explanation of one resource that shows it. */
export type Reach = {
  answer: ResourceAnswer['answer'];
  example?: { resource: string; explanation: Explanation };
};

/**
 * Whether a request is allowed for every resource that a pattern of ARNs means; the example is one that is not. Where
 * nothing denies the action, a pattern that is allowed as if it were a text is allowed for all that it means: whatever
 * takes its star takes all that the star stands for. That is quick, and answers for nearly every role as it should be.
 */
export const allowedForAll = (policies: Policies, request: AnyResource, pattern: string): Reach => {
  const glob = parseTemplate(pattern, '2012-10-17').flatMap((part) => ('key' in part ? [] : part));
  const text = pattern.replaceAll(/\$\{([*?$])\}/g, '$1');
  if (!glob.some((unit) => unit < 0)) {
    const explanation = explain(policies, { ...request, resource: text });
    const answers = { Allow: 'all', Unknown: 'unknown', ExplicitDeny: 'none', ImplicitDeny: 'none' } as const;
    return { answer: answers[explanation.decision], example: { resource: text, explanation } };
  }
  if (!isDeniedSomewhere(policies, request) && decide(policies, { ...request, resource: text }) === 'Allow')
    return { answer: 'all' };
  const { answer, examples } = resourcesAllowed(policies, request, namesOf(glob, request));
  const example = examples.find(({ explanation }) => explanation.decision !== 'Allow');
  return { answer, ...(example && { example }) };
};

/**
 * All that a pattern means. No name in SageMaker has a colon or a slash, though a star of a policy takes both: without
 * this, `NotResource: arn:aws:sagemaker:*:*:app/*` would leave out a job that is called `x:app/`.
 */
const namesOf = (glob: Glob, { action }: AnyResource): Language =>
  /^sagemaker:/i.test(action) ? everyOf([arnLanguage(glob), separatedAs(glob)]) : arnLanguage(glob);

/** A `?` takes one unit, and a star in a text is one: where policies have such, the quick way would be wrong. */
const isDeniedSomewhere = (policies: Policies, { action }: AnyResource): boolean =>
  indexesOf(policies).some(({ candidates, unreadable }) => {
    const { denies, allows } = candidates(action.toLowerCase());
    return (
      unreadable.length > 0 ||
      denies.length > 0 ||
      allows.some(
        ({ statement: { resources } }) =>
          resources?.isNot === true || resources?.texts.some((text) => /\?|\$\{/.test(text)),
      )
    );
  });

/**
 * Whether a request is allowed for any resource of a set that no pattern holds; the example is one that
 * is, or that may be. It is not known where none is allowed for sure.
 */
export const allowedBeyond = (
  policies: Policies,
  request: AnyResource,
  all: Language,
  within: readonly string[],
): Reach => {
  if (isWithinAtSight(policies, request, within)) return { answer: 'none' };
  const inside = someOf(
    within.map((each) => globLanguage(parseGlob(each), /^sagemaker:/i.test(request.action))),
  );
  const universe = everyOf([all, complementOf(inside)]);
  const { answer, examples } = resourcesAllowed(policies, request, universe);
  const sure = examples.find(({ explanation }) => explanation.decision === 'Allow');
  const example = sure ?? examples.find(({ explanation }) => explanation.decision === 'Unknown');
  return { answer: sure && answer === 'unknown' ? 'some' : answer, ...(example && { example }) };
};

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
export const isAdministrator = (policies: Policies, principal: Principal): boolean => {
  const resource = principal.arn.replace(/:(role|user)\/.*$/, ':role/pipewarden-any-role');
  return ['iam:PutRolePolicy', 'iam:AttachRolePolicy'].some(
    (action) => decide(policies, { principal, action, resource, context: contextOf() }) === 'Allow',
  );
};
