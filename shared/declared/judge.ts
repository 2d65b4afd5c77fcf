import type { Finding } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import { isOpen } from '../domain/status.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { member } from '../json/json.ts';
import { addressesOf } from './addresses.ts';
import { findingsOfAll, type JudgedFilling, OTHER_ROLES } from './compare.ts';
import type { Declare, Declared, DeclaredResource } from './declared.ts';
import { type FilledHole, type Filling, filling } from './fill.ts';
import { fillingsOf } from './fillings.ts';
import { formsOf } from './forms.ts';
import { type DeclaredPlace, declaredPlaces } from './places.ts';
import { namesInPlace, shownFinding } from './shown.ts';
import { strangers } from './strangers.ts';

/** What declared resources came to. */
export type JudgedDeclarations = {
  /** What is told of the declared resources, with the places in the sources where the evidence stands. */
  findings: readonly {
    finding: Finding;
    place: DeclaredPlace | undefined;
    /** The declared resource that it is about, if it is about one. */
    on: DeclaredResource | undefined;
  }[];
  /** What is declared with the first values of all holes. */
  first: Declared;
  filled: ReadonlyMap<string, FilledHole>;
  /** In how many ways the holes were filled. */
  ways: number;
  /** Holes of which not all values could be tried. */
  untried: readonly FilledHole['hole'][];
  /** Writes the names of holes in place of their values. */
  shown: (text: string) => string;
};

/**
 * Judges what is declared with one way to fill the holes. The findings contain passed verdicts. `others` stand for the roles of an
 * account of which nothing is known.
 */
export type JudgeDeclared = (declared: Declared, others: readonly Identity[]) => Promise<readonly Finding[]>;

/**
 * Judges declared resources in each way to fill their holes that texts in play can tell apart. A verdict is told only if it is the
 * same in all of them. `given`: values of holes by their names. `inPlay`: texts of the configuration and of the account.
 */
export const judgeDeclared = async ({
  declare,
  given,
  inPlay,
  judge,
  isAlone,
}: {
  declare: Declare;
  given: ReadonlyMap<string, string>;
  inPlay: readonly string[];
  judge: JudgeDeclared;
  /** Whether nothing of the account is known but what is declared. */
  isAlone: boolean;
}): Promise<JudgedDeclarations> => {
  const plain = filling({ given, forms: new Map() }, new Map());
  const forms = formsOf(declare(plain.fill).resources, plain.filled);
  const known = { given, forms };
  const judged = async (chosen: Filling): Promise<JudgedFilling & { declared: Declared }> => {
    const { fill, filled: own } = filling(known, chosen);
    const declared = withoutOpenDefinitions(declare(fill), own);
    return {
      findings: await judge(declared, []),
      chosen,
      declared,
      addressOf: addressesOf(declared.resources),
    };
  };
  const { fill, filled } = filling(known, new Map());
  const declared = withoutOpenDefinitions(declare(fill), filled);
  const first = {
    findings: await judge(declared, []),
    chosen: new Map(),
    declared,
    addressOf: addressesOf(declared.resources),
  };
  const { single, joint, untried } = fillingsOf(declared.resources, filled, inPlay);
  const others: (JudgedFilling & { declared: Declared })[] = [];
  for (const chosen of [...single, ...joint]) others.push(await judged(chosen));
  const unknown = strangers(isAlone ? declared.resources : []);
  if (isAlone)
    others.push({
      ...first,
      findings: await judge(declared, unknown.roles),
      chosen: new Map([[OTHER_ROLES.name, '']]),
    });
  const holes = new Map([...filled, [OTHER_ROLES.name, { hole: OTHER_ROLES, value: '', isGiven: true }]]);
  const shown = namesInPlace(filled);
  const all = [first, ...others];
  const byArn = new Map(
    all.toReversed().flatMap(({ declared: { resources }, addressOf }) => {
      const byAddress = new Map(resources.map((each) => [each.address, each]));
      return [...addressOf].map(([arn, address]) => [arn, byAddress.get(address)] as const);
    }),
  );
  const told = findingsOfAll(first, others, holes);
  const places = declaredPlaces(
    all,
    told.filter(({ status }) => isOpen(status)),
  );
  return {
    findings: told.map((finding) => {
      const on = byArn.get(finding.resource.arn.toLowerCase());
      return {
        finding: shownFinding(finding, on?.scope ?? NO_SCOPE, shown),
        place: shownPlace(places.get(finding), shown),
        on,
      };
    }),
    first: declared,
    filled,
    ways: all.length,
    untried: unknown.isWhole ? untried : [...untried, OTHER_ROLES],
    shown,
  };
};

/** The scope of what is no declared resource, whose id needs none. */
const NO_SCOPE: Scope = { account: '', region: '', partition: 'aws' };

/** Evidence is found again in a place by its own name, as it is shown. */
const shownPlace = (
  place: DeclaredPlace | undefined,
  shown: (text: string) => string,
): DeclaredPlace | undefined =>
  place && {
    path: place.path,
    regions: place.regions.map((region) => ({
      ...region,
      ...(region.at !== undefined && { at: shown(region.at) }),
    })),
  };

/** A definition that is the value of a hole, and not a text with holes, is told by the deployment alone. */
const withoutOpenDefinitions = (declared: Declared, filled: ReadonlyMap<string, FilledHole>): Declared => ({
  ...declared,
  resources: declared.resources.map((resource) => {
    if (resource.type !== 'pipeline') return resource;
    const text = member(resource.entry, 'PipelineDefinition');
    const open = [...filled.values()].find(({ value, isGiven }) => !isGiven && value === text);
    return open && open.hole.byDefault === undefined
      ? {
          ...resource,
          why: `its definition is \${${open.hole.name}}, which only the deployment tells; ${open.hole.tell}`,
        }
      : resource;
  }),
});
