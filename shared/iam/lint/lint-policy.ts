import { suggestion } from '../../text/suggestion.ts';
import { parseTemplate } from '../decide/variables.ts';
import { ANY, type Glob, globMatcher, isPattern, matchesGlob, parseGlob } from '../policy/glob.ts';
import {
  type PatternElement,
  type Policy,
  type PolicyProblem,
  type Statement,
  textPointer,
} from '../policy/policy.ts';
import { quoted, warning } from '../policy/policy-report.ts';
import { canOverlap } from '../sets/arn-overlap.ts';
import { lintCondition, type Reach, type Suggest } from './lint-condition.ts';
import {
  type Action,
  type ActionNames,
  type ActionResource,
  actionNames,
  REFERENCE_DATE,
  SERVICES,
  type Service,
  servicePrefixes,
} from './service-reference.ts';

/**
 * Warns about policies that AWS stores without complaint but that do something else than they seem to: names that AWS
 * does not have, resources or condition keys that the actions never carry, and conditions that a request without the
 * key gets past.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
 */
export const lintPolicy = (policy: Policy): PolicyProblem[] => {
  const suggest = boundedSuggestion();
  return policy.statements.flatMap((statement) => lintStatement(statement, policy, suggest));
};

/** Each suggestion compares a word with hundreds of names. This many suffice for a policy that a person wrote. */
const MAX_SUGGESTIONS = 100;

const boundedSuggestion = (): Suggest => {
  let left = MAX_SUGGESTIONS;
  return (word, names) => (left-- > 0 ? suggestion(word, names()) : '');
};

const lintStatement = (statement: Statement, policy: Policy, suggest: Suggest): PolicyProblem[] => {
  const { actions, resources, conditions } = statement;
  const named = actions.texts.map((text, index) => ({
    ...reachOf(text, suggest),
    text,
    pointer: textPointer(actions, index),
  }));
  const reach: Reach = {
    actions: [...new Set(named.flatMap((each) => each.actions))],
    isOpen: actions.isNot || named.some(({ isOpen }) => isOpen),
  };
  return [
    ...named.flatMap(({ problem, pointer }) =>
      problem ? warning(problem.code, pointer, problem.message) : [],
    ),
    ...(actions.isNot || !resources ? [] : lintResources(resources, named, reach, policy)),
    ...lintBreadth(statement, policy),
    ...(policy.version === '2012-10-17' ? [] : lintVariables(statement)),
    ...conditions.flatMap((condition) => lintCondition(condition, statement, { ...reach, policy, suggest })),
  ];
};

type Problem = Pick<PolicyProblem, 'code' | 'message'>;
type Named = Reach & { text: string; pointer: string };

const reachOf = (text: string, suggest: Suggest): Reach & { problem?: Problem } => {
  const [prefix = '', name = ''] = text.toLowerCase().split(':');
  const open = { actions: [], isOpen: true };
  const known = actionNames(prefix);
  if (known && !hasAction(known, name)) return { ...open, problem: unknownAction(text, prefix, suggest) };
  const service = SERVICES.get(prefix)?.();
  if (service) return { actions: actionsOf(service, name), isOpen: false };
  if (known || isPattern(prefix) || servicePrefixes().has(prefix)) return open;
  return { ...open, problem: unknownService(prefix, suggest) };
};

/** The problem of an action that its service does not have. */
export const unknownAction = (action: string, prefix: string, suggest: Suggest): Problem => {
  const names = () => [...(actionNames(prefix)?.values() ?? [])].map(({ name }) => `${prefix}:${name}`);
  const message = `${prefix} has no action ${quoted(action)} (as of ${REFERENCE_DATE})${suggest(action, names)}`;
  return { code: 'unknown-action', message };
};

/** The problem of a service that AWS does not have. */
export const unknownService = (prefix: string, suggest: Suggest): Problem => ({
  code: 'unknown-service',
  message: `AWS has no service ${quoted(prefix)} (as of ${REFERENCE_DATE})${suggest(prefix, () => [...servicePrefixes()])}`,
});

const hasAction = (known: ActionNames, name: string): boolean =>
  known.has(name) || (isPattern(name) && [...known.keys()].some(globMatcher(parseGlob(name))));

const actionsOf = ({ actions }: Service, name: string): Action[] => {
  const exact = actions.get(name);
  if (exact || !isPattern(name)) return exact ? [exact] : [];
  const matches = globMatcher(parseGlob(name));
  return [...actions].flatMap(([known, action]) => (matches(known) ? action : []));
};

const lintResources = (
  resources: PatternElement,
  named: readonly Named[],
  reach: Reach,
  { version }: Policy,
): PolicyProblem[] => {
  const patterns = resources.texts.map((text, index) => ({
    text,
    pointer: textPointer(resources, index),
    glob: parseTemplate(text, version).flatMap((part) => ('key' in part ? [ANY] : part)),
  }));
  const taken = typesOf(reach.actions);
  const unused = reach.isOpen
    ? []
    : patterns
        .filter(({ glob }) => !isTaken(taken, glob))
        .map(({ text, pointer }) =>
          warning(
            'resource-not-taken',
            pointer,
            `no action of the statement takes ${quoted(text)}; their requests ${describeTypes(taken)}`,
          ),
        );
  if (resources.isNot) return unused;
  const idle = named.flatMap(({ actions: [action, ...more], text, pointer }) =>
    action && more.length === 0 && !patterns.some(({ glob }) => isTaken(action.types, glob))
      ? warning(
          'action-without-resource',
          pointer,
          `none of the statement's resources fits ${text}; its requests ${describeTypes(action.types)}`,
        )
      : [],
  );
  // If no action of the statement has a resource, the resources are wrong, not each action.
  return idle.length === named.length && unused.length > 0 ? unused : [...unused, ...idle];
};

/** The resource types of all the actions, without repetition. */
const typesOf = (actions: readonly Action[]): ActionResource[] => [
  ...new Set(actions.flatMap(({ types }) => types)),
];

/** Whether the pattern matches some ARN of these types; `*` also matches requests without a resource. */
const isTaken = (types: readonly ActionResource[], glob: Glob): boolean =>
  glob.every((unit) => unit === ANY) ||
  types.some(({ name, pattern }) => canOverlap(pattern, glob) && (name !== 'bucket' || !hasSlash(glob)));

const SLASH = 47;

/** A bucket's name contains no slash, so a pattern with a slash means objects. */
const hasSlash = (glob: Glob): boolean => glob.includes(SLASH);

const MAX_TYPES = 5;

/** Says which resources the requests for an action name; the text ends a sentence. */
export const describeTypes = (types: readonly ActionResource[]): string => {
  const names = [...new Set(types.map(({ name }) => name))];
  if (names.length === 0) return 'name no resource, and only "*" fits them';
  const more = names.length > MAX_TYPES ? ` and ${names.length - MAX_TYPES} others` : '';
  return `name resources of the type ${names.slice(0, MAX_TYPES).join(', ')}${more}`;
};

/** Warns about Allow statements that cover more than anyone would list. */
const lintBreadth = (statement: Statement, { kind }: Policy): PolicyProblem[] => {
  const { effect, actions, resources, conditions, pointer } = statement;
  if (effect === 'Deny' || kind === 'scp' || kind === 'rcp' || kind === 'boundary') return [];
  const isPassRole = actions.texts.some(
    (text) => /^iam:p/i.test(text) && matchesGlob(text.toLowerCase(), 'iam:passrole'),
  );
  const isOfAnyRole =
    !actions.isNot &&
    isPassRole &&
    resources?.texts.some((text) => matchesGlob(text, 'arn:aws:iam::111122223333:role/any/role')) &&
    !conditions.some(({ keyName }) => keyName === 'iam:passedtoservice');
  return [
    ...(actions.isNot ? [warning('allow-not-action', actions.pointer, ALLOW_NOT_ACTION)] : []),
    ...(resources?.isNot ? [warning('allow-not-resource', resources.pointer, ALLOW_NOT_RESOURCE)] : []),
    ...(isOfAnyRole ? [warning('broad-pass-role', pointer, BROAD_PASS_ROLE)] : []),
  ];
};

const ALLOW_NOT_ACTION =
  'an Allow with NotAction allows all other actions of AWS, those of the future too; list what is needed in Action';
const ALLOW_NOT_RESOURCE =
  'an Allow with NotResource allows the actions on everything else; list what is needed in Resource';
const BROAD_PASS_ROLE =
  'the statement lets every role be passed to every service; name the roles in Resource, and the service in a condition on iam:PassedToService';

const lintVariables = ({ resources, conditions }: Statement): PolicyProblem[] =>
  [...(resources ? [resources] : []), ...conditions].flatMap((element) =>
    element.texts.flatMap((text, index) =>
      text.includes('${')
        ? warning(
            'variables-in-2008',
            textPointer(element, index),
            `${quoted(text)} is plain text to a policy of Version 2008-10-17, which is the one without a Version; write "Version": "2012-10-17"`,
          )
        : [],
    ),
  );
