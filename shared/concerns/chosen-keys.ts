import { assume, type Context, type ContextValue } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { TESTS } from '../iam/policy/operators.ts';
import type { Condition, Effect } from '../iam/policy/policy.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';

/** The headers of a request to S3, which whoever makes the request writes as policies want them. */
export const isHeader = (key: string): boolean => key.startsWith('s3:x-amz-');

/**
 * The answer to a question about a request whose maker chooses some condition keys. Where it hangs on them, it is asked
 * again with the values that the policies name: an allowed request is then found, and otherwise the answer stays open.
 */
export const withChosenKeys = (
  context: Context,
  policies: Policies,
  action: string,
  ask: (context: Context) => AnyAnswer,
  isChosen: (key: string) => boolean = isHeader,
): AnyAnswer => {
  const first = ask(context);
  if (first.answer !== 'unknown' || first.doubt.kind !== 'hangs') return first;
  const chosen = valuesFor(policies, action, isChosen);
  if (Object.keys(chosen).length === 0) return first;
  const again = ask(assume(context, chosen));
  return again.answer === 'some' ? again : first;
};

/** For each of the keys a value with which the statements about it would let the request through. */
const valuesFor = (
  { identity, boundary, resource, scps = [], rcps = [] }: Policies,
  action: string,
  isChosen: (key: string) => boolean,
): Record<string, ContextValue> => {
  const statements = [identity, boundary, resource, ...scps, ...rcps].flatMap((index) => {
    const { allows, denies } = index?.candidates(action.toLowerCase()) ?? { allows: [], denies: [] };
    return [...allows, ...denies];
  });
  const wanted = statements.flatMap(({ statement: { effect, conditions } }) =>
    conditions.filter(({ keyName }) => isChosen(keyName)).map((condition) => wantedBy(effect, condition)),
  );
  const chosen: Record<string, ContextValue> = {};
  for (const by of ['text', 'presence', 'absence'] as const)
    for (const { keyName, is, value } of wanted)
      if (is === by && !Object.hasOwn(chosen, keyName)) chosen[keyName] = value;
  return chosen;
};

type Wanted = { keyName: string; is: 'text' | 'presence' | 'absence'; value: ContextValue };

const wantedBy = (effect: Effect, { keyName, base, texts: [text = ''] }: Condition): Wanted => {
  const isDeny = effect === 'Deny';
  const isMet = base === 'null' ? /^true$/i.test(text) : !TESTS[base].isNegated;
  // A Deny that asks for a value is not met without the key, and one that asks for its absence not with it.
  if (base === 'null')
    return isMet === isDeny
      ? { keyName, is: 'presence', value: text }
      : { keyName, is: 'absence', value: null };
  return isMet === isDeny ? { keyName, is: 'absence', value: null } : { keyName, is: 'text', value: text };
};
