import { keeping, once, remembered } from '../../memo.ts';
import { globMatcher, isAnyMatching, isPattern, parseGlob } from '../policy/glob.ts';
import type { PatternElement, Policy, Statement } from '../policy/policy.ts';
import { type ConditionMatcher, conditionMatcher } from './condition.ts';
import { type RequestMatcher, resourceMatcher } from './resource.ts';

/** A statement whose elements became functions. Each function is compiled when it is first called. */
export type CompiledStatement = {
  policy: Policy;
  statement: Statement;
  /** Whether the statement's Action or NotAction covers an action, given in lower case. */
  isAbout: (action: string) => boolean;
  /** Undefined for a statement without Resource: it applies to the resource that carries the policy. */
  resource: RequestMatcher | undefined;
  conditions: readonly ConditionMatcher[];
};

/** The statements that cover one action, by their effect. */
export type Candidates = { denies: readonly CompiledStatement[]; allows: readonly CompiledStatement[] };

/** The policies of one layer, indexed by action. */
export type PolicyIndex = {
  policies: readonly Policy[];
  /** Compiled when they are first asked for: of most principals nobody asks more than `mayAllow`. */
  readonly statements: readonly CompiledStatement[];
  /** Policies that cannot be read: what they allow or deny is unknown. */
  unreadable: readonly Policy[];
  /** The statements that cover an action, given in lower case. */
  candidates: (action: string) => Candidates;
  /** Whether statements that can be read allow an action, given in lower case, to somebody. */
  allowsSome: (action: string) => boolean;
};

/** Bounds the memory of the cached answers of one layer; an audit asks a few dozen actions of each role. */
const MAX_KEPT = 4096;

/** Indexes the policies of one layer, which apply together. */
export const indexPolicies = (policies: readonly Policy[]): PolicyIndex => {
  const readable = policies.filter(({ isReadable, statements }) => isReadable && statements.length > 0);
  const unreadable = policies.filter(({ isReadable }) => !isReadable);
  if (readable.length === 0) return { ...NOTHING, policies, unreadable };
  const statements = once(() => readable.flatMap(compiled));
  const kept = keeping<Candidates>(MAX_KEPT);
  const find = (action: string): Candidates => {
    const about = statements().filter(({ isAbout }) => isAbout(action));
    return {
      denies: about.filter(({ statement }) => statement.effect === 'Deny'),
      allows: about.filter(({ statement }) => statement.effect === 'Allow'),
    };
  };
  return {
    policies,
    get statements() {
      return statements();
    },
    unreadable,
    candidates: (action) => kept(action, find),
    allowsSome: (action) => readable.some((policy) => allowedBy(policy)(action)),
  };
};

const NO_CANDIDATES: Candidates = { denies: [], allows: [] };
const NOTHING = { statements: [], candidates: () => NO_CANDIDATES, allowsSome: () => false };

/** Whether no policy that can be read has a statement. */
export const hasNone = ({ allowsSome }: PolicyIndex): boolean => allowsSome === NOTHING.allowsSome;

/** Compiled once, because one policy may be in many indexes, such as those of a role before and after a change. */
const compiled = remembered((policy: Policy) =>
  policy.statements.map((statement) => compile(statement, policy)),
);

const compile = (statement: Statement, policy: Policy): CompiledStatement => {
  const { actions, resources, conditions } = statement;
  const isAbout = once(() => actionMatcher(actions));
  const resource = resources && once(() => resourceMatcher(resources, policy.version));
  return {
    policy,
    statement,
    isAbout: (action) => isAbout()(action),
    resource: resource && ((request, trace) => resource()(request, trace)),
    conditions: conditions.map((condition) => conditionMatcher(condition, policy.version)),
  };
};

/** Whether a policy allows an action to somebody. The answers are kept with the policy, because many have a managed one. */
const allowedBy = remembered(({ statements }: Policy) => {
  const allows = statements.filter(({ effect }) => effect === 'Allow');
  const matchers = once(() => allows.map(({ actions }) => actionMatcher(actions)));
  const isAllowed = (action: string): boolean => isAnyMatching(matchers(), action);
  const kept = keeping<boolean>(MAX_KEPT);
  return (action: string): boolean => kept(action, isAllowed);
});

type ActionMatcher = (action: string) => boolean;

/** An account has thousands of statements, and few lists of actions. So many are kept. */
const MAX_LISTS = 500;
const keptMatchers = keeping<ActionMatcher>(MAX_LISTS);

const actionMatcher = remembered(
  (actions: PatternElement): ActionMatcher =>
    keptMatchers(JSON.stringify([actions.isNot, actions.texts]), () => makeActionMatcher(actions)),
);

/**
 * Whether an Action or NotAction element covers an action. Full names are looked up in a set, because most policies
 * use no wildcards.
 */
const makeActionMatcher = ({ texts, isNot }: PatternElement): ActionMatcher => {
  const lower = texts.map((text) => text.toLowerCase());
  const exact = new Set(lower.filter((text) => !isPattern(text)));
  const patterns = lower.filter(isPattern).map((text) => globMatcher(parseGlob(text)));
  return (action) => (exact.has(action) || isAnyMatching(patterns, action)) !== isNot;
};

/** Whether policies may allow an action to somebody; a quick answer, because most allow few actions. */
export const mayAllow = ({ unreadable, allowsSome }: PolicyIndex, action: string): boolean =>
  unreadable.length > 0 || allowsSome(lowerCase(action));

/**
 * Whether statements allow an action to somebody, found once for each list of statements, as thousands of roles share those of their
 * trust policies.
 */
export const allowsInStatements = (action: string): ((statements: readonly Statement[]) => boolean) => {
  const lower = action.toLowerCase();
  return remembered((statements) =>
    statements.some(({ effect, actions }) => effect === 'Allow' && actionMatcher(actions)(lower)),
  );
};

/** Few actions are asked about, and each of them of all principals. */
const MAX_ACTIONS = 1000;
const keptLower = keeping<string>(MAX_ACTIONS);
const lowerCase = (action: string): string => keptLower(action, toLowerCase);
const toLowerCase = (action: string): string => action.toLowerCase();

/**
 * Whether policies may allow one of these actions to somebody. The answer is kept with what answers for the policies, which
 * principals share who are allowed nothing.
 */
export const mayAllowAny = (actions: readonly string[]): ((index: PolicyIndex) => boolean) => {
  const lower = actions.map(toLowerCase);
  const isAllowed = remembered((allowsSome: PolicyIndex['allowsSome']) => lower.some(allowsSome));
  return ({ unreadable, allowsSome }) => unreadable.length > 0 || isAllowed(allowsSome);
};
