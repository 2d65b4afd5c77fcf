import { keeping, remembered } from '../../memo.ts';
import type { Policies } from '../decide/layers.ts';
import { arnDistinctions, isOtherPartition } from '../decide/ownership.ts';
import type { CompiledStatement, PolicyIndex } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate, resolveTemplate } from '../decide/variables.ts';
import { type Glob, parseGlob } from '../policy/glob.ts';
import { type Cells, cellsOf } from './cells.ts';
import { arnLanguage, globLanguage, type Language } from './language.ts';

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

/**
 * The resources of a universe, cut so that any two of a cell are decided alike in a request with this action and
 * context. Patterns whose variables are not known leave the decision open for every resource, and cut nothing. What is
 * of another partition than the principal is left out: no policy lets anybody reach it.
 */
export const resourceCells = (
  universe: Language,
  statements: readonly CompiledStatement[],
  request: Request,
): Cells => {
  const patterns = patternsOf(statements, request);
  const isFolded = /^sagemaker:/i.test(request.action);
  const owners = arnDistinctions(request.principal, request.action);
  return cellsIn(universe)(JSON.stringify([patterns, isFolded, owners]), () => {
    const found = cellsOf(universe, [
      ...patterns.map((glob) => globLanguage(glob)),
      ...(isFolded ? patterns.map((glob) => globLanguage(glob, true)) : []),
      ...owners.map(ownerLanguage),
    ]);
    const within = found.cells.filter(({ witness }) => !isOtherPartition(request.principal.arn, witness));
    return { ...found, cells: within };
  });
};

/** A role's actions on pipelines are mostly granted together, and so cut the same universe alike. */
const cellsIn = remembered((_universe: Language) => keeping<Cells>(1000));

/** The resource patterns of statements as they read in a request, each once. */
export const patternsOf = (statements: readonly CompiledStatement[], request: Request): Glob[] => {
  const globs = new Map<string, Glob>();
  for (const { statement, policy } of statements) {
    for (const text of statement.resources?.texts ?? []) {
      const glob = text === '*' ? undefined : resolveTemplate(parseTemplate(text, policy.version), request);
      if (glob) globs.set(glob.join(), glob);
    }
  }
  return [...globs.values()];
};

/** What else a decision takes from a resource: whose it is, and where. */
export const ownershipOf = ({ principal, action }: Request): Language[] =>
  arnDistinctions(principal, action).map(ownerLanguage);

const ownerLanguage = (pattern: string): Language => arnLanguage(parseGlob(pattern));
