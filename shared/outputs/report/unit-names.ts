import type { RunPlace } from '../../findings/run-places.ts';
import { unitText } from '../../text/unit-text.ts';

/** How the organizational units of a run are called on the page, by their ids. */
export const unitNamesOf = (scopes: readonly RunPlace[]): ((unit: string) => string) => {
  const names = new Map(scopes.flatMap(({ unitNames = {} }) => Object.entries(unitNames)));
  return (unit) => unitText(unit, names.get(unit));
};
