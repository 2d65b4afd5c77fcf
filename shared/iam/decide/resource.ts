import { type Glob, globMatcher, globText } from '../policy/glob.ts';
import type { PatternElement } from '../policy/policy.ts';
import { either, MAYBE, type Match, NO, negated, YES } from './match.ts';
import type { Request } from './request.ts';
import type { Trace } from './trace.ts';
import { fixedGlob, parseTemplate, resolveTemplate, unknownKeys, widestGlob } from './variables.ts';

/** Tells whether a statement's element matches a request. */
export type RequestMatcher = (request: Request, trace?: Trace) => Match;

/**
 * Whether a Resource or NotResource element matches a request. Wildcards also match colons and slashes: AWS's own
 * pattern for job prefixes uses one star for the job type and the slash after it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export const resourceMatcher = ({ texts, isNot }: PatternElement, version: string): RequestMatcher => {
  const matchers = texts.map((text) => patternMatcher(text, version, isNot));
  return (request, trace) => {
    let match: Match = NO;
    for (let at = 0; at < matchers.length && match !== YES; at++)
      match = either(match, matchers[at]?.(request, trace) ?? NO);
    return isNot ? negated(match) : match;
  };
};

const patternMatcher = (text: string, version: string, isNot: boolean): RequestMatcher => {
  if (text === '*') return () => YES;
  const template = parseTemplate(text, version);
  const fixed = fixedGlob(template);
  if (fixed) return globResource(fixed);
  return (request, trace) => {
    const glob = resolveTemplate(template, request);
    if (glob) return globResource(glob)(request, trace);
    // Whatever the variables stand for, the rest of the text must fit. What NotResource leaves out by them is doubtful anyway.
    if (glob === undefined && !isNot && globResource(widestGlob(template, request))(request) === NO)
      return NO;
    if (glob === undefined) for (const key of unknownKeys(template, request)) trace?.missing.add(key);
    if (glob === null && isNot)
      trace?.doubts.add(`what ${text} leaves out: the request has no value for its variable`);
    return glob === undefined || isNot ? MAYBE : NO;
  };
};

const globResource = (glob: Glob): RequestMatcher => {
  const matches = globMatcher(glob);
  let folded: ((text: string) => boolean) | undefined;
  return ({ resource }, trace) => {
    if (matches(resource)) return YES;
    if (!SAGEMAKER.test(resource)) return NO;
    folded ??= globMatcher(glob.map(lowerUnit));
    if (!folded(resource.toLowerCase())) return NO;
    trace?.doubts.add(
      `${resource} fits ${globText(glob)} but for its letter case, which SageMaker does not always keep`,
    );
    return MAYBE;
  };
};

/**
 * SageMaker writes some ARNs in lower case, whatever the resource's name. AWS does not document which form IAM
 * compares.
 */
const SAGEMAKER = /^arn:[^:]*:sagemaker:/;

const lowerUnit = (unit: number): number => (unit >= 65 && unit <= 90 ? unit + 32 : unit);
