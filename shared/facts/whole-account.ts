import type { Gap } from '../domain/gap.ts';
import { found } from '../reader/read-result.ts';
import { type GatherContext, type GatheredFacts, notApplicable } from './gathered.ts';

export const NO_HUB = notApplicable('only a hub says what it covers');

/** The facts about an account of which anything can be read, for all its Regions, with the gaps in it. */
export const wholeAccountFacts = (
  gaps: readonly Gap[],
  coverage: GatherContext['coverage'],
): GatheredFacts<'account'> => ({
  trails: notApplicable('its trails are judged Region by Region'),
  // What can be read is covered as a whole, and judged Region by Region.
  coverage: coverage ? found({ scopes: [] }) : NO_HUB,
  gaps: found([...gaps]),
});
