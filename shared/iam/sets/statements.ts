import type { Policies } from '../decide/layers.ts';
import { arnDistinctions } from '../decide/ownership.ts';
import type { CompiledStatement, PolicyIndex } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate, resolveTemplate, widestGlob } from '../decide/variables.ts';
import { type Glob, parseGlob } from '../policy/glob.ts';
import { arnLanguage, type Language } from './language.ts';

/** Every layer of a set of policies. */
export const indexesOf = (policies: Policies): PolicyIndex[] =>
  [
    policies.identity,
    policies.boundary,
    policies.session,
    policies.resource,
    policies.endpoint,
    ...(policies.scps ?? []),
    ...(policies.rcps ?? []),
  ].filter((index) => index !== undefined);

/** The statements of all layers that are about an action, given in lower case. */
export const statementsAbout = (policies: Policies, action: string): CompiledStatement[] =>
  indexesOf(policies).flatMap((index) => {
    const { denies, allows } = index.candidates(action);
    return [...denies, ...allows];
  });

/** The resource patterns of statements as they read in a request, each once. */
export const patternsOf = (statements: readonly CompiledStatement[], request: Request): Glob[] => {
  const globs = new Map<string, Glob>();
  for (const { statement, policy } of statements) {
    for (const text of statement.resources?.texts ?? []) {
      if (text === '*') continue;
      const template = parseTemplate(text, policy.version);
      const known = resolveTemplate(template, request);
      // By a variable that is not known, resources are told apart by what the rest of the text fits.
      const glob = known === undefined ? widestGlob(template, request) : known;
      if (glob) globs.set(glob.join(), glob);
    }
  }
  return [...globs.values()];
};

/** What else a decision takes from a resource: whose it is, and where. */
export const ownershipOf = ({ principal, action }: Request): Language[] =>
  arnDistinctions(principal, action).map(ownerLanguage);

const ownerLanguage = (pattern: string): Language => arnLanguage(parseGlob(pattern));
