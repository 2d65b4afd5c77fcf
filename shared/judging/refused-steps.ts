import { groupBy } from '../group-by.ts';
import type { ContextValue } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { DecidingStatement, Explanation } from '../iam/explain/explain.ts';
import { TESTS } from '../iam/policy/operators.ts';
import type { Condition, Statement } from '../iam/policy/policy.ts';
import type { RoleNeed } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';

/** A need that a role is refused as its steps ask for it, by condition keys of the request. */
export type RefusedNeed = {
  asked: RoleNeed;
  explanation: Explanation;
  /** The keys that decide, spelled as in the policy. */
  keys: readonly string[];
  policies: Policies;
};

/** So many steps, and so many actions, are named in one sentence. */
const MAX_NAMED = 5;

/** A refused need with the statement that refuses it, and the keys of its conditions that the step decides. */
type Refusal = RefusedNeed & { by: DecidingStatement | undefined; statement: Statement | undefined };

/**
 * Advice to change the steps whose requests a statement refuses by its conditions: one sentence for each statement, which
 * names all steps, and what the statement wants of them.
 */
export const changeOfSteps = (refused: readonly RefusedNeed[]): string =>
  [
    ...groupBy(refused.map(refusalOf), ({ by, keys }) =>
      JSON.stringify([by?.policy, by?.pointer, keys]),
    ).values(),
  ]
    .flatMap((alike) => (alike[0] ? changeByStatement(alike[0], alike) : []))
    .join(' ');

const refusalOf = (refused: RefusedNeed): Refusal => {
  const by = statementIn(refused.explanation);
  const statement = by && statementOf(by, refused.policies);
  const named = new Set(statement?.conditions.map(({ keyName }) => keyName));
  const own = refused.keys.filter((key) => named.has(key.toLowerCase()));
  return { ...refused, by, statement, keys: ofSteps(own.length > 0 ? own : refused.keys) };
};

const changeByStatement = ({ asked, keys, by, statement }: Refusal, alike: readonly Refusal[]): string => {
  const steps = stepsText(alike.map((each) => each.asked));
  const actions = [...new Set(alike.map((each) => each.asked.need.action))];
  const values = new Map(
    Object.entries(asked.need.request ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const told = keys.map((key) => `${key} (${valuesText(values.get(key.toLowerCase()))})`);
  const wanted = wantedBy(statement, keys);
  const isOfVpc = keys.some((key) => OF_VPC.test(key));
  return [
    `Change ${steps}: ${by ? `statement ${by.statement} of ${by.policy}` : 'its policies'} refuses`,
    `${listed(actions, MAX_NAMED)} as the step asks for it, by ${told.join(', ')}.`,
    `${isOfVpc ? 'Give the step a VpcConfig that the statement admits' : 'Give the step what the statement asks for'}${wanted === '' ? '' : ` (${wanted})`}, and leave the condition as it is.`,
  ].join(' ');
};

const statementIn = ({ decidedBy, nearest }: Explanation): DecidingStatement | undefined =>
  decidedBy[0] ?? nearest;

/** Of the keys by which a request is refused, those that a step decides; nobody changes how a service calls. */
const ofSteps = (keys: readonly string[]): readonly string[] => {
  const own = keys.filter((key) => !/^aws:(?:viaawsservice|principalisawsservice|calledvia)/i.test(key));
  return own.length > 0 ? own : keys;
};

const OF_VPC = /^(?:sagemaker:vpc|aws:(?:sourcevpc|vpcsource|vpce))/i;

/** The steps, each once, by the place of the step itself. */
const stepsText = (asked: readonly RoleNeed[]): string => {
  const steps = [
    ...new Set(
      asked.flatMap(({ askers }) =>
        askers.map(
          ({ pipeline, step, pointer }) =>
            `step ${step} (${/^.*Steps\/\d+/.exec(pointer)?.[0] ?? pointer}) of pipeline ${pipeline.name}`,
        ),
      ),
    ),
  ];
  return listed(steps, MAX_NAMED);
};

const valuesText = (values: readonly ContextValue[] = [null]): string =>
  values
    .map((value) => {
      if (value === null) return 'not in the request';
      return typeof value === 'string' ? value : value.join(', ');
    })
    .join(' or ');

const statementOf = ({ policy, pointer }: DecidingStatement, policies: Policies): Statement | undefined => {
  const { identity, boundary, session, resource, scps = [], rcps = [] } = policies;
  return [identity, boundary, session, resource, ...scps, ...rcps]
    .flatMap((index) => index?.policies ?? [])
    .find(({ name }) => name === policy)
    ?.statements.find((statement) => statement.pointer === pointer);
};

/**
 * What a statement wants of keys, so that it lets a request pass: `sagemaker:VpcSubnets subnet-1a2b3c4d`. A Deny lets it pass if one of
 * its conditions does not hold, an Allow if all do.
 */
const wantedBy = (statement: Statement | undefined, keys: readonly string[]): string => {
  const names = keys.map((key) => key.toLowerCase());
  const isDeny = statement?.effect === 'Deny';
  return (statement?.conditions ?? [])
    .filter(({ keyName }) => names.includes(keyName))
    .map((condition) => wantedText(condition, isDeny))
    .join(isDeny ? ', or ' : ', and ');
};

const wantedText = (condition: Condition, isDeny: boolean): string => {
  const { base, key, texts, operator } = condition;
  if (base === 'null') {
    const isAbsent = texts.some((text) => text.toLowerCase() === 'true');
    return `${key} ${isAbsent === isDeny ? 'in the request' : 'not in the request'}`;
  }
  const values = listed(texts, MAX_NAMED);
  const isMeant = TESTS[base].isNegated === isDeny;
  return MORE_THAN_VALUES.test(base)
    ? `${key} ${isDeny ? 'not ' : ''}${operator} ${values}`
    : `${key} ${isMeant ? '' : 'none of '}${values}`;
};

const MORE_THAN_VALUES = /less|greater/;
