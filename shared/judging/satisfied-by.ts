import type { Config } from '../config/schema.ts';
import type { FactName, Facts } from '../facts/facts.ts';
import type { SomeFacts } from '../facts/gathered.ts';
import { cut } from '../text/cut.ts';
import type { Control } from './control.ts';
import { type Looked, MOST_PLACES } from './satisfying-statements.ts';

const LONGEST = 300;

/** What satisfied a control that passed, in a few places of bounded size. */
export const satisfiedBy = (
  control: Pick<Control, 'satisfiedBy'>,
  facts: SomeFacts,
  config: Config,
  subject: string | undefined,
): Looked[] =>
  control
    .satisfiedBy(knownOf(facts), config, subject)
    .slice(0, MOST_PLACES)
    .map(({ at, found }) => ({ at, found: cut(found, LONGEST) }));

const knownOf = (facts: SomeFacts): Partial<Facts> => {
  const known: Partial<Record<FactName, unknown>> = {};
  for (const [name, fact] of Object.entries(facts)) if (fact?.ok) known[name as FactName] = fact.value;
  return known as Partial<Facts>;
};
