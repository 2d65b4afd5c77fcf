import { oncePer, remembered } from '../../memo.ts';
import type { Policies } from '../decide/layers.ts';
import { arnDistinctions } from '../decide/ownership.ts';
import type { CompiledStatement, PolicyIndex } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate, resolveTemplate, widestGlob } from '../decide/variables.ts';
import { type Glob, parseGlob } from '../policy/glob.ts';
import { arnLanguage, type Language } from './language.ts';

/** All layers of a set of policies. */
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

/** The statements of all layers that apply to an action, given in lower case. */
export const statementsAbout = (policies: Policies, action: string): readonly CompiledStatement[] =>
  statementsKept(policies)(action);

const statementsKept = remembered((policies: Policies) =>
  oncePer((action): readonly CompiledStatement[] =>
    indexesOf(policies).flatMap((index) => {
      const { denies, allows } = index.candidates(action);
      return [...denies, ...allows];
    }),
  ),
);

/**
 * The condition keys, in lower case, that can change the decision about an action, given in lower case: those of
 * conditions and policy variables, and those by which layers apply. What a request says of other keys does not matter.
 */
export const decidingKeys = (policies: Policies, action: string): ReadonlySet<string> =>
  keysKept(policies)(action);

const keysKept = remembered((policies: Policies) =>
  oncePer(
    (action): ReadonlySet<string> =>
      new Set([
        ...KEYS_OF_LAYERS,
        ...statementsAbout(policies, action).flatMap((statement) => keysIn(statement)),
      ]),
  ),
);

const KEYS_OF_LAYERS = [
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:resourceaccount',
  'aws:resourceorgid',
  'aws:resourceorgpaths',
];

const keysIn = remembered(({ statement: { conditions, resources }, policy }: CompiledStatement): string[] => {
  const texts = [...(resources?.texts ?? []), ...conditions.flatMap((condition) => condition.texts)];
  const variables = texts
    .flatMap((text) => parseTemplate(text, policy.version))
    .flatMap((part) => ('key' in part ? part.keyName : []));
  return [...conditions.map(({ keyName }) => keyName), ...variables];
});

/** The resource patterns of statements, resolved for a request, without repetition. */
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

/** Sets by which a decision distinguishes resources besides the policies' patterns: their owner and place. */
export const ownershipOf = ({ principal, action }: Request): Language[] =>
  arnDistinctions(principal, action).map(ownerLanguage);

const ownerLanguage = (pattern: string): Language => arnLanguage(parseGlob(pattern));
