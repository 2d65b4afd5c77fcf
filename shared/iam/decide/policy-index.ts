import { keeping, once } from '../../memo.ts';
import { globMatcher, isPattern, parseGlob } from '../policy/glob.ts';
import type { PatternElement, Policy, Statement } from '../policy/policy.ts';
import { type ConditionMatcher, conditionMatcher } from './condition.ts';
import { type RequestMatcher, resourceMatcher } from './resource.ts';

/** A statement with its elements as functions, each made when it is first asked. */
export type CompiledStatement = {
  policy: Policy;
  statement: Statement;
  /** Whether it is about an action, given in lower case. */
  isAbout: (action: string) => boolean;
  /** Undefined where the statement has no Resource: it is about whatever the policy belongs to. */
  resource: RequestMatcher | undefined;
  conditions: readonly ConditionMatcher[];
};

/** The statements that are about one action. */
export type Candidates = { denies: readonly CompiledStatement[]; allows: readonly CompiledStatement[] };

/** The policies of one layer, to be asked by action. */
export type PolicyIndex = {
  policies: readonly Policy[];
  statements: readonly CompiledStatement[];
  /** Policies that cannot be read, so that nobody knows what they do. */
  unreadable: readonly Policy[];
  /** The statements about an action, given in lower case. */
  candidates: (action: string) => Candidates;
};

/** The answers that are kept for each layer; a sweep asks a few dozen actions of each role. */
const MAX_KEPT = 4096;

/** An index of policies that hold side by side. */
export const indexPolicies = (policies: readonly Policy[]): PolicyIndex => {
  const readable = policies.filter(({ isReadable }) => isReadable);
  const statements = readable.flatMap((policy) =>
    policy.statements.map((statement) => compile(statement, policy)),
  );
  const kept = keeping<Candidates>(MAX_KEPT);
  return {
    policies,
    statements,
    unreadable: policies.filter(({ isReadable }) => !isReadable),
    candidates: (action) =>
      kept(action, () => {
        const about = statements.filter(({ isAbout }) => isAbout(action));
        return {
          denies: about.filter(({ statement }) => statement.effect === 'Deny'),
          allows: about.filter(({ statement }) => statement.effect === 'Allow'),
        };
      }),
  };
};

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

/** Whether an Action or NotAction element holds an action; most name each action in full. */
const actionMatcher = ({ texts, isNot }: PatternElement): ((action: string) => boolean) => {
  const lower = texts.map((text) => text.toLowerCase());
  const exact = new Set(lower.filter((text) => !isPattern(text)));
  const patterns = lower.filter(isPattern).map((text) => globMatcher(parseGlob(text)));
  return (action) => (exact.has(action) || patterns.some((matches) => matches(action))) !== isNot;
};
