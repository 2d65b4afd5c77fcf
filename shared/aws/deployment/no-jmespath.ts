/**
 * What the build uses in place of JMESPath (`scripts/build.ts`). Powertools parses expressions only if the configuration
 * of idempotency has some. The functions have none, and the parser is 23 KB of what each of them loads at its start.
 */
export const search = (): never => {
  throw new Error('no JMESPath expression is expected here');
};

/** Powertools makes one of these for every configuration. */
export class PowertoolsFunctions {}
