import { parseArn } from '../../domain/arn.ts';
import { once, remembered } from '../../memo.ts';
import { assume, type ContextValue, contextOf } from '../decide/context.ts';
import { decide, decidingPartOf, isNeverGranted, partsOf } from '../decide/decide.ts';
import type { Policies } from '../decide/layers.ts';
import { KLEENE } from '../decide/logic.ts';
import { NO, YES } from '../decide/match.ts';
import { arnDistinctions } from '../decide/ownership.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import { mayAllow, mayAllowAny } from '../decide/policy-index.ts';
import { type Request, serviceOf } from '../decide/request.ts';
import { explain } from '../explain/explain.ts';
import { parseGlob } from '../policy/glob.ts';
import type { Principal } from '../policy/principal.ts';
import type {
  AdministratorAnswer,
  AnyAnswer,
  Doubt,
  EveryAnswer,
  Example,
  Unknown,
  UnnamedAnswer,
} from './answers.ts';
import { asksOfChosen, choicesFor, choosing } from './chosen-keys.ts';
import { type Extent, NONE, REGIONS, regionOf, resourcePattern, type Setting } from './extents.ts';
import { type Distinction, distinctionOf, type Facet, facetsOf } from './facets.ts';
import type { Formula } from './formula.ts';
import type { KeyAxis } from './key-axis.ts';
import { globPattern, isWithinAtSight, type Pattern } from './pattern.ts';
import { EMPTY, type Proof } from './search.ts';
import type { SharedWork } from './shared-work.ts';
import { type Box, boxAt, type Goal, solve } from './solve.ts';
import { statementsAbout } from './statements.ts';
import { onlyOne, rolesIn, type Universe } from './universe.ts';
import { partOfBudget, type WorkBudget } from './work-budget.ts';

/** A request whose resource is open. */
export type AnyResource = Omit<Request, 'resource'>;

/** A set question: is a request allowed for each (or any) resource of a universe, with any values of some keys? */
export type Question = {
  policies: Policies;
  request: AnyResource;
  universe: Universe;
  /** Patterns of resources that the question leaves out. */
  within?: readonly string[];
  /** Keys whose values are open; the request's context does not state them. */
  keys?: readonly KeyAxis[];
};

/** One question takes at most this many steps, so that it leaves work for others. */
const QUESTION_STEPS = 3_000_000;

/**
 * The steps of asking the first question about a request, of asking another that differs in its resources alone, and
 * of each search for an answer.
 */
const ASK_STEPS = 1000;
const ASK_AGAIN_STEPS = 100;
const FIND_STEPS = 150;

/** The steps of deciding about one resource, and of seeing that nothing grants an action. */
const ONE_STEPS = 100;
const NOTHING_STEPS = 20;

/** The steps of matching one pattern: a fixed number, and one step more for each few units of the pattern. */
const PATTERN_STEPS = 6;
const UNITS_PER_STEP = 8;

/** Deciding and explaining one example costs as much as matching all patterns this many times. */
const TIMES_IN_EXAMPLE = 8;

/** Makes an example from a request. */
export const exampleOf = (policies: Policies, request: Request, values: Example['values'] = {}): Example => {
  const explained = once(() => explain(policies, request));
  return {
    resource: request.resource,
    values,
    decision: decide(policies, request),
    get explanation() {
      return explained();
    },
  };
};

/**
 * Whether a request is allowed for at least one resource of the universe, with any values of the open keys: which
 * jobs a role may create beyond its prefixes, which roles it may pass. The sender of the request chooses what is the sender’s
 * to choose (see `choicesFor`); the answer holds for any values of all other unknown context keys. So this is a question
 * of what is too much, and not of what somebody needs.
 */
export const allowedBeyond = (question: Question, shared: SharedWork): AnyAnswer =>
  asChosen(question, (asked) => beyond(asked, shared), 'some');

const beyond = (question: Question, shared: SharedWork): AnyAnswer => {
  if (isNeverGranted(question.policies, question.request))
    return isPaid(shared, NOTHING_STEPS) ? { answer: 'none', proof: EMPTY.proof } : OUT_OF_WORK;
  const asking = ask(question, shared);
  const sure = asking.find(surelyAllowed);
  if (sure.is === 'found' && sure.example.decision === 'Allow')
    return { answer: 'some', example: sure.example };
  const maybe = asking.find(perhapsAllowed);
  switch (maybe.is) {
    case 'empty':
      return { answer: 'none', proof: maybe.proof };
    case 'found':
      return maybe.example.decision === 'Allow'
        ? { answer: 'some', example: maybe.example }
        : { answer: 'unknown', doubt: hanging(maybe.example) };
    case 'cut':
      return { answer: 'unknown', doubt: maybe.doubt };
  }
};

/** Whether a request is allowed for every resource of the universe. */
export const allowedForAll = (question: Question, shared: SharedWork): EveryAnswer => {
  const { universe, policies, request, keys = [], within = [] } = question;
  if (universe.only !== undefined && keys.length + within.length === 0)
    return isPaid(shared, ONE_STEPS + preparedFor(policies, request).price)
      ? ofOne(exampleOf(policies, { ...request, resource: universe.only }))
      : OUT_OF_WORK;
  const asking = ask(question, shared);
  const open = asking.find(notSurelyAllowed);
  if (open.is === 'empty') return { answer: 'all', proof: open.proof };
  const isDenied = open.is === 'found' && open.example.decision.endsWith('Deny');
  const denied = isDenied ? open : asking.find(surelyDenied);
  if (denied.is === 'found' && denied.example.decision.endsWith('Deny')) {
    const { example } = denied;
    const others = asking.find(perhapsAllowed);
    return others.is === 'empty'
      ? { answer: 'none', example, proof: others.proof }
      : { answer: 'some', example };
  }
  return { answer: 'unknown', doubt: open.is === 'found' ? hanging(open.example) : open.doubt };
};

/** Whether there was work left, of which these steps are spent. */
const isPaid = ({ work }: SharedWork, steps: number): boolean => work.left() > 0 && work.spend(steps);

/** For a set with one resource, one decision is a complete search. */
const ofOne = (example: Example): EveryAnswer => {
  switch (example.decision) {
    case 'Allow':
      return { answer: 'all', proof: EMPTY.proof };
    case 'ImplicitDeny':
    case 'ExplicitDeny':
      return { answer: 'none', example, proof: EMPTY.proof };
    case 'Unknown':
      return { answer: 'unknown', doubt: hanging(example) };
  }
};

/**
 * Whether a request is allowed for a resource that no statement names, that is, a resource outside all patterns
 * except those that contain the whole universe. If the patterns leave no such resource, all resources must be
 * allowed. The sender of the request chooses as in `allowedBeyond`.
 */
export const allowedUnnamed = (question: Question, shared: SharedWork): UnnamedAnswer =>
  asChosen(question, (asked) => onUnnamed(asked, shared), 'yes');

const onUnnamed = (question: Question, shared: SharedWork): UnnamedAnswer => {
  if (isNeverGranted(question.policies, question.request))
    return isPaid(shared, NOTHING_STEPS) ? { answer: 'no' } : OUT_OF_WORK;
  const asking = ask(question, shared);
  if (asking.find(perhapsAllowed).is === 'empty') return { answer: 'no' };
  const found = asking.find(unnamed);
  switch (found.is) {
    case 'found':
      return ofUnnamed(found.example);
    case 'cut':
      return { answer: 'unknown', doubt: found.doubt };
    case 'empty': {
      const every = allowedForAll(question, shared);
      switch (every.answer) {
        case 'all': {
          const any = beyond(question, shared);
          return any.answer === 'some' ? { answer: 'yes', example: any.example } : { answer: 'no' };
        }
        case 'some':
        case 'none':
          return { answer: 'no' };
        case 'unknown':
          return every;
      }
    }
  }
};

const ofUnnamed = (example: Example): UnnamedAnswer => {
  switch (example.decision) {
    case 'Allow':
      return { answer: 'yes', example };
    case 'Unknown':
      return { answer: 'unknown', doubt: hanging(example) };
    case 'ExplicitDeny':
    case 'ImplicitDeny':
      return { answer: 'no' };
  }
};

/**
 * Whether a principal can give itself any permission, because it may write the policies of a role that no statement
 * names, and so of any role. What else an administrator may do proves nothing.
 */
export const administratorAnswer = (
  policies: Policies,
  principal: Principal,
  shared: SharedWork,
  context = contextOf(),
): AdministratorAnswer => {
  if (!mayAdminister(policies)) return NO_ADMINISTRATOR;
  const actions = GIVING.filter((action) => !policies.identity || mayAllow(policies.identity, action));
  const { partition = 'aws', account = '' } = parseArn(principal.arn) ?? {};
  const universe = rolesIn({ partition, account });
  let answer: AdministratorAnswer = NO_ADMINISTRATOR;
  for (const action of actions) {
    const request = { principal, action, context };
    const found = allowedUnnamed({ policies, request, universe }, shared);
    switch (found.answer) {
      case 'yes':
        return { ...found, action };
      case 'unknown':
        answer = found;
        break;
      case 'no':
        break;
    }
  }
  return answer;
};

const GIVING = ['iam:PutRolePolicy', 'iam:AttachRolePolicy'];
const mayGive = mayAllowAny(GIVING);

/** Whether it is worth asking if somebody with these policies is an administrator: most principals may call nothing of IAM. */
export const mayAdminister = ({ identity }: Policies): boolean => !identity || mayGive(identity);

/** The answer about all others. */
export const NO_ADMINISTRATOR: AdministratorAnswer = { answer: 'no' };

/** A question is asked at most this many times more, with values that the sender of the request may choose. */
const MOST_CHOICES = 40;

/**
 * Asks a question again with each value that the sender of the request may choose, where the answer hangs on such a value.
 * One that gets the sender what it wants is enough.
 */
const asChosen = <A extends AnyAnswer | UnnamedAnswer>(
  question: Question,
  ask: (asked: Question) => A,
  wanted: A['answer'],
): A => {
  let left = MOST_CHOICES;
  const withChoices = (asked: Question, found: A): A => {
    if (found.answer !== 'unknown' || found.doubt.kind !== 'hangs') return found;
    const { missingContext } = found.doubt.example.explanation;
    const choices = choicesFor(missingContext, asked.policies, asked.request);
    if (!choices) return found;
    let open: A | undefined;
    let refused: A | undefined;
    for (const value of choices.values) {
      if (left-- <= 0) return open ?? found;
      const chosen = { ...asked, request: choosing(asked.request, choices.keyName, value) };
      const answer = withChoices(chosen, ask(chosen));
      if (answer.answer === wanted) return answer;
      if (answer.answer === 'unknown') open ??= answer;
      else refused = answer;
    }
    return open ?? (choices.isComplete && refused ? refused : found);
  };
  const found = ask(question);
  return asksOfChosen(question.policies, question.request.action) ? withChoices(question, found) : found;
};

/** The decision on one request of which something is up to its sender, who chooses as in `allowedBeyond`. */
export const exampleAsChosen = (policies: Policies, { resource, ...request }: Request): Example => {
  const asStated = exampleOf(policies, { ...request, resource });
  let refused = asStated;
  const ask = (asked: Question): AnyAnswer => {
    const example =
      asked.request === request ? asStated : exampleOf(policies, { ...asked.request, resource });
    if (example.decision === 'Allow') return { answer: 'some', example };
    if (example.decision === 'Unknown') return { answer: 'unknown', doubt: hanging(example) };
    refused = example;
    return { answer: 'none', proof: EMPTY.proof };
  };
  const found = asChosen({ policies, request, universe: onlyOne(resource) }, ask, 'some');
  if (found.answer === 'some') return found.example;
  return found.answer === 'unknown' && found.doubt.kind === 'hangs' ? found.doubt.example : refused;
};

/** The parts of the decision for one facet of a question. */
type FacetAnswer = {
  facet: Facet;
  setting: Setting;
  statements: readonly CompiledStatement[];
  deny: Extent;
  allow: Extent;
};

/** What a search looks for. */
type Wanted = (
  part: FacetAnswer,
  universe: Universe,
) => { anyOf: readonly (readonly Goal[])[]; outside?: readonly Pattern[] };

const holds = (formula: Formula): Goal => ({ formula, holds: true });
const fails = (formula: Formula): Goal => ({ formula, holds: false });

const surelyAllowed: Wanted = ({ allow, deny }) => ({ anyOf: [[holds(allow.sure), fails(deny.maybe)]] });
const perhapsAllowed: Wanted = ({ allow, deny }) => ({ anyOf: [[holds(allow.maybe), fails(deny.sure)]] });
const notSurelyAllowed: Wanted = ({ allow, deny }) => ({
  anyOf: [[fails(allow.sure)], [holds(deny.maybe)]],
});
const surelyDenied: Wanted = ({ allow, deny }) => ({ anyOf: [[fails(allow.maybe)], [holds(deny.sure)]] });

const unnamed: Wanted = ({ facet, setting, statements }, universe) => ({
  anyOf: [[]],
  outside: namedBy(statements, setting).filter(
    (pattern) => ![...universe.patterns, ...facet.patterns].some((each) => isWithinAtSight(each, pattern)),
  ),
});

const namedBy = (statements: readonly CompiledStatement[], setting: Setting): Pattern[] =>
  statements.flatMap((compiled) =>
    (compiled.statement.resources?.texts ?? []).flatMap((text) => {
      const found = text === '*' ? 'open' : resourcePattern(compiled, text, false, setting);
      return typeof found === 'string' || !found.exact ? [] : found.loose;
    }),
  );

type Found = { is: 'found'; example: Example } | { is: 'empty'; proof: Proof } | { is: 'cut'; doubt: Doubt };

/** A question prepared for searches in both directions. */
const ask = (question: Question, shared: SharedWork): { find: (wanted: Wanted) => Found } => {
  const work = partOfBudget(shared.work, Math.min(QUESTION_STEPS, shared.work.left()));
  const parts = partsIn(question, shared, work);
  const { policies, request, keys = [] } = question;
  const exampleAt = (texts: readonly string[]): Example => {
    const values = keys
      .map((key, at) => key.contextOf(texts[at] ?? ''))
      .reduce<Record<string, ContextValue>>((all, each) => {
        for (const [key, value] of Object.entries(each)) all[key] = together(all[key], value);
        return all;
      }, {});
    const context = assume(request.context, values);
    return exampleOf(policies, { ...request, context, resource: texts.at(-1) ?? '' }, values);
  };
  return {
    find: (wanted) => {
      if (!parts || !work.spend(FIND_STEPS)) return { is: 'cut', doubt: OUT_OF_WORK.doubt };
      let found: Found = { is: 'empty', proof: EMPTY.proof };
      for (const part of parts) {
        const { anyOf, outside = [] } = wanted(part, question.universe);
        for (const goals of anyOf) {
          if (goals.some(({ formula, holds: wanted }) => formula.is === (wanted ? 'no' : 'yes'))) continue;
          const solution = solve(
            axesOf(part, question),
            goals,
            boxesOf(part, question, outside, shared),
            work,
          );
          if (solution.is === 'found') {
            work.spend(priceOf(part.statements) * TIMES_IN_EXAMPLE);
            return { is: 'found', example: exampleAt(solution.texts) };
          }
          if (solution.is === 'cut' && found.is === 'empty')
            found = { is: 'cut', doubt: tooComplex(solution.at) };
        }
      }
      return found;
    },
  };
};

/** Several axes of the same key all add values to it. */
const together = (one: ContextValue | undefined, other: ContextValue): ContextValue =>
  Array.isArray(one) && Array.isArray(other) ? [...new Set([...one, ...other])] : other;

/** What all questions about one request share, whatever resources they ask about. */
type Prepared = {
  statements: readonly CompiledStatement[];
  /** The steps of matching all patterns of the statements. */
  price: number;
  /** The parts of the decision, by the part of the resource's ARN that decides. */
  parts: Map<string, Pick<FacetAnswer, 'allow' | 'deny'>>;
};

/** Callers that ask about many resources give the same objects each time, so that this is made once. */
const preparedFor = (policies: Policies, request: AnyResource): Prepared => {
  const byPolicies = preparedBy(request);
  const known = byPolicies.get(policies);
  if (known) return known;
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const made = { statements, price: priceOf(statements), parts: new Map() };
  byPolicies.set(policies, made);
  return made;
};

const preparedBy = remembered((_request: AnyResource) => new Map<Policies, Prepared>());

/** The facets of a question with their parts of the decision; undefined if the work ran out. */
const partsIn = (
  { policies, request, universe, keys = [] }: Question,
  shared: SharedWork,
  work: WorkBudget,
): readonly FacetAnswer[] | undefined => {
  if (work.left() === 0) return undefined;
  const { statements, price, parts } = preparedFor(policies, request);
  if (!work.spend(parts.size > 0 ? ASK_AGAIN_STEPS : ASK_STEPS + price)) return undefined;
  const facets = facetsOf(universe, distinctionsOf(policies, request), work);
  return facets?.map((facet): FacetAnswer => {
    const { isOwnerOpen, representative: resource } = facet;
    const setting = { request: { ...request, resource }, keys, isOwnerOpen, shared };
    // The parts hang on the open keys as well, so those of questions with open keys are not kept.
    const place = keys.length > 0 ? undefined : `${isOwnerOpen} ${decidingPartOf(resource)}`;
    const known = place === undefined ? undefined : parts.get(place);
    const made = known ?? partsAt(policies, setting);
    if (place !== undefined) parts.set(place, made);
    return { facet, setting, statements, ...made };
  });
};

const partsAt = (policies: Policies, setting: Setting): Pick<FacetAnswer, 'allow' | 'deny'> =>
  isUngranted(policies, setting.request)
    ? { deny: NONE, allow: NONE }
    : partsOf(policies, setting.request, REGIONS, (compiled) => regionOf(compiled, setting));

/** Whether nothing grants the request, for any resources and conditions. This is the case for most actions. */
const isUngranted = (policies: Policies, request: Request): boolean => {
  if ((policies.identity?.candidates(request.action.toLowerCase()).allows.length ?? 0) > 0) return false;
  const most = partsOf(policies, request, KLEENE, ({ statement: { effect } }) =>
    effect === 'Allow' ? YES : NO,
  );
  return most.allow === NO;
};

/** The steps of matching all patterns of the statements. */
const priceOf = (statements: readonly CompiledStatement[]): number =>
  statements.reduce((sum, statement) => sum + stepsOf(statement), 0);

const stepsOf = remembered(({ statement: { resources, conditions } }: CompiledStatement): number =>
  [resources?.texts ?? [], ...conditions.map(({ texts }) => texts)]
    .flat()
    .reduce((sum, { length }) => sum + PATTERN_STEPS + length / UNITS_PER_STEP, 0),
);

/** The patterns, besides those in the policies, by which a decision distinguishes resources. */
const distinctionsOf = (
  { managementAccount, memberAccount }: Policies,
  { principal, action }: AnyResource,
): readonly Distinction[] => {
  const known = distinctionsBy(principal);
  const key = `${serviceOf(action)} ${managementAccount} ${memberAccount}`;
  const made =
    known.get(key) ??
    [
      ...arnDistinctions(principal, action),
      ...[managementAccount, memberAccount].flatMap((account) => (account ? `*:*:*:*:${account}:*` : [])),
    ].map(distinctionOf);
  known.set(key, made);
  return made;
};

const distinctionsBy = remembered((_principal: Principal) => new Map<string, readonly Distinction[]>());

const axesOf = ({ facet }: FacetAnswer, { universe, keys = [] }: Question): Pattern[][] => [
  ...keys.map((axis) => [...axis.universe]),
  [...universe.patterns, ...facet.patterns],
];

const boxesOf = (
  { facet }: FacetAnswer,
  { request, within = [], keys = [] }: Question,
  outside: readonly Pattern[],
  shared: SharedWork,
): Box[] => {
  const is = /^sagemaker:/i.test(request.action) ? 'folded' : 'exact';
  const inside = within.map((text) =>
    shared.once(`within ${is} ${text}`, () => globPattern(parseGlob(text), is)),
  );
  const resources = [...inside, ...facet.without, ...outside].map((pattern) => ({
    axis: keys.length,
    pattern,
  }));
  const values = keys.flatMap(({ without }, axis) => without.map((pattern) => ({ axis, pattern })));
  return [...values, ...resources].map(({ axis, pattern }) => boxAt(axis, pattern, keys.length + 1));
};

/**
 * If an example turns out to be denied, a condition compares in a way that cannot be computed for all values at once.
 */
const hanging = (example: Example): Doubt =>
  example.decision === 'Unknown'
    ? { kind: 'hangs', example }
    : {
        kind: 'too-complex',
        at: 'policies',
        reason: 'a condition compares in a way that cannot be told of all values of its key together',
      };

const tooComplex = (at: CompiledStatement | undefined): Doubt => ({
  kind: 'too-complex',
  at: at ? `${at.policy.name}${at.statement.pointer}` : 'policies',
  reason: at
    ? `the patterns of statement ${at.statement.sid ?? at.statement.index}, together with those that it meets, are too complex to compare`
    : 'the patterns of the policies are too complex to compare',
});

/** The answer to every question for which no work is left. */
export const OUT_OF_WORK: Unknown = { answer: 'unknown', doubt: tooComplex(undefined) };
