import { parseArn } from '../../domain/arn.ts';
import { suggestion } from '../../text/suggestion.ts';
import { type Request, serviceOf } from '../decide/request.ts';
import { globText } from '../policy/glob.ts';
import { compileTest } from '../policy/operators.ts';
import type { PolicyProblem } from '../policy/policy.ts';
import { quoted } from '../policy/policy-report.ts';
import { describeTypes, unknownAction, unknownService } from './lint-policy.ts';
import {
  type Action,
  type ActionResource,
  actionNames,
  REFERENCE_DATE,
  SERVICES,
  type Service,
  servicePrefixes,
} from './service-reference.ts';

/** A problem of a request that AWS never receives in this form, and the part of the request that has the problem. */
export type RequestProblem = Pick<PolicyProblem, 'code' | 'message'> & { part: 'action' | 'resource' };

type LintedRequest = Pick<Request, 'action' | 'resource'>;

/**
 * Finds problems of a request itself: an action or service that AWS does not have, a malformed ARN, a resource that
 * the action does not take. Says so where the reference does not describe the action.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const lintRequest = ({ action, resource }: LintedRequest): RequestProblem[] => {
  const arn = arnProblems(resource).map((problem) => ({ ...problem, part: 'resource' as const }));
  const named = actionProblem(action);
  if (named) return [{ ...named, part: 'action' }, ...arn];
  const taken = arn.length === 0 ? resourceProblem(action, resource) : undefined;
  return [...arn, ...(taken ? [{ ...taken, part: 'resource' as const }] : [])];
};

/** Whether the action is known to take no resource: AWS then decides every request for it on `*`. */
export const takesNoResource = (action: string): boolean => {
  const [prefix = '', name = ''] = action.toLowerCase().split(':');
  return actionNames(prefix)?.get(name)?.takesResource === false;
};

type Problem = Omit<RequestProblem, 'part'>;

const actionProblem = (action: string): Problem | undefined => {
  const [prefix = '', name = ''] = action.toLowerCase().split(':');
  const known = actionNames(prefix);
  const suggest = (word: string, names: () => readonly string[]) => suggestion(word, names());
  if (known) return known.has(name) ? undefined : unknownAction(action, prefix, suggest);
  if (!servicePrefixes().has(prefix)) return unknownService(prefix, suggest);
  return {
    code: 'not-checked',
    message: `which actions ${prefix} has, and what they take, is not known here: ${quoted(action)} was not checked`,
  };
};

/** All partitions of AWS. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const PARTITIONS: ReadonlySet<string> = new Set([
  'aws',
  'aws-cn',
  'aws-eusc',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  'aws-us-gov',
]);
const REGION = /^([a-z]{2,4}(-[a-z]+)+-\d+)?$/;
const ACCOUNT = /^(\d{12}|aws(-[a-z]+)*|amazon)?$/;

const arnProblems = (resource: string): Problem[] => {
  if (resource === '*') return [];
  const malformed = (message: string): Problem => ({
    code: 'malformed-arn',
    message: `${quoted(resource)} is the ARN of nothing: ${message}`,
  });
  const arn = parseArn(resource);
  if (!arn) return [malformed('an ARN is arn:partition:service:region:account:resource')];
  const { partition, service, region, account } = arn;
  const is = (text: string, what: string) => malformed(`${quoted(text)} is no ${what}`);
  return [
    ...(PARTITIONS.has(partition) ? [] : [is(partition, 'partition')]),
    ...(servicePrefixes().has(service) || OTHER_NAMES.has(service) ? [] : [is(service, 'service')]),
    ...(REGION.test(region) ? [] : [is(region, 'Region')]),
    ...(ACCOUNT.test(account) ? [] : [is(account, 'account, which has 12 digits')]),
  ];
};

/** Services whose ARNs use another name than their actions. */
const OTHER_NAMES: ReadonlySet<string> = new Set([
  'catalog',
  'elastic-inference',
  'route53-recovery-control',
]);

const resourceProblem = (action: string, resource: string): Problem | undefined => {
  const service = SERVICES.get(serviceOf(action).toLowerCase())?.();
  const known = service?.actions.get(action.slice(action.indexOf(':') + 1).toLowerCase());
  if (takesNoResource(action))
    return resource === '*'
      ? undefined
      : notTaken(`${action} takes no resource: it is decided for "*", as AWS does, and not for this ARN`);
  if (!service || !known) {
    const message = `which resources ${action} takes is not known here: ${quoted(resource)} was not checked`;
    return resource === '*' ? undefined : { code: 'not-checked', message };
  }
  if (resource === '*') return known.needsResource ? missing(action, known) : undefined;
  if (known.types.some((type) => isOfType(resource, type))) return undefined;
  const own = service.types.find((type) => isOfType(resource, type));
  if (own)
    return notTaken(
      `${quoted(resource)} is of the type ${own.name}, and requests for ${action} ${describeTypes(known.types)}`,
    );
  return unknownResource(action, resource, known, service);
};

const unknownResource = (action: string, resource: string, known: Action, { types }: Service): Problem => {
  const type = typeIn(resource);
  const names = types.map(({ pattern }) => typeIn(globText(pattern)));
  const advice = names.includes(type)
    ? '; are its Region and account right, and is it whole?'
    : suggestion(type, names);
  return {
    code: 'unknown-resource',
    message: `no resource of ${serviceOf(action).toLowerCase()} has an ARN such as ${quoted(resource)} (as of ${REFERENCE_DATE})${advice}; requests for ${action} ${describeTypes(known.types)}`,
  };
};

const notTaken = (message: string): Problem => ({ code: 'resource-not-taken', message });

const missing = (action: string, { types }: Action): Problem => ({
  code: 'resource-missing',
  message: `requests for ${action} ${describeTypes(types)}: with "*" no statement about one of these fits; give its ARN`,
});

/** The resource type in the last part of an ARN or a pattern, such as `training-job`. */
const typeIn = (arn: string): string => arn.split(':').slice(5).join(':').split(/[:/]/)[0] ?? '';

/**
 * Whether an ARN can be that of a resource of this type. A type whose ARNs name a Region or an account always names
 * it.
 */
const isOfType = (resource: string, { name, pattern }: ActionResource): boolean => {
  const text = globText(pattern);
  if (!compileTest('arn', [{ text, glob: pattern }])(resource)) return false;
  const [wanted, found] = [text.split(':'), resource.split(':')];
  if ([3, 4].some((part) => wanted[part] === '*' && found[part] === '')) return false;
  return name !== 'bucket' || !resource.includes('/');
};
