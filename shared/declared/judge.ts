import type { Finding } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import { isOpen } from '../domain/status.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { addressesOf } from './addresses.ts';
import { findingsOfAll, GIVEN_BESIDES, type JudgedFilling, OTHER_ROLES } from './compare.ts';
import type { Declare, Declared, DeclaredProblem, DeclaredResource } from './declared.ts';
import { doubled } from './doubled.ts';
import type { FilledHole } from './fill.ts';
import { type DeclaredPlace, declaredPlaces } from './places.ts';
import { asRewritten, macrosOn } from './rewritten.ts';
import { namesInPlace, shownFinding } from './shown.ts';
import { strangers } from './strangers.ts';
import { untoldHolders } from './undeclared-holders.ts';
import { type Way, waysOf } from './ways.ts';

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
  /** What could not be understood in any of the ways, and what the declarations leave open. */
  problems: readonly DeclaredProblem[];
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
  alreadyThere = async () => [],
}: {
  declare: Declare;
  given: ReadonlyMap<string, string>;
  inPlay: readonly string[];
  judge: JudgeDeclared;
  /** Whether nothing of the account is known but what is declared. */
  isAlone: boolean;
  /** What the account has of the declared resources, and may have given more; none where it has none of the declared users and roles. */
  alreadyThere?: (resources: readonly DeclaredResource[]) => Promise<readonly DeclaredResource[]>;
}): Promise<JudgedDeclarations> => {
  const { first: base, others: ways, filled, untried } = waysOf(declare, given, inPlay);
  const { declared } = base;
  const judged = async (way: Way, roles: readonly Identity[] = []): Promise<JudgedFilling & Way> => ({
    ...way,
    findings: await judge(way.declared, roles),
    addressOf: addressesOf(way.declared.resources),
  });
  const first = await judged(base);
  const others: (JudgedFilling & Way)[] = [];
  for (const way of ways) others.push(await judged(way));
  const unknown = strangers(isAlone ? declared.resources : []);
  if (isAlone)
    others.push(await judged({ declared, chosen: new Map([[OTHER_ROLES.name, '']]) }, unknown.roles));
  const there = declared.earlier ? [] : await alreadyThere(declared.resources);
  if (there.length > 0)
    others.push(
      await judged({
        // As if the source had declared the same before, so that all else stays.
        declared: { ...declared, earlier: there },
        chosen: new Map([[GIVEN_BESIDES.name, '']]),
      }),
    );
  const ofAccount = [OTHER_ROLES, GIVEN_BESIDES].map((hole): [string, FilledHole] => [
    hole.name,
    { hole, value: '', isGiven: true },
  ]);
  const holes = new Map([...filled, ...ofAccount]);
  const shown = namesInPlace(filled, declared.secrets);
  const all = [first, ...others];
  const byArn = new Map(
    all.toReversed().flatMap(({ declared: { resources }, addressOf }) => {
      const byAddress = new Map(resources.map((each) => [each.address, each]));
      return [...addressOf].map(([arn, address]) => [arn, byAddress.get(address)] as const);
    }),
  );
  const rewriting = macrosOn(all.flatMap((way) => way.declared.resources));
  const told = findingsOfAll(first, others, holes);
  const places = declaredPlaces(
    all,
    told.filter(({ status }) => isOpen(status)),
  );
  return {
    findings: told.map((finding) => {
      const on = byArn.get(finding.resource.arn.toLowerCase());
      return {
        finding: shownFinding(asRewritten(finding, rewriting(finding, on)), on?.scope ?? NO_SCOPE, shown),
        place: shownPlace(places.get(finding), shown),
        on,
      };
    }),
    first: declared,
    problems: [...problemsOf(all), ...(isAlone ? [] : untoldHolders(declared.resources, filled))],
    filled,
    ways: all.length,
    untried: unknown.isWhole ? untried : [...untried, OTHER_ROLES],
    shown,
  };
};

const problemsOf = (all: readonly Way[]): DeclaredProblem[] => {
  const [first] = all;
  const problems = [
    ...all.flatMap(({ declared }) => declared.problems),
    ...(first ? doubled(first.declared.resources) : []),
  ];
  return [
    ...new Map(
      problems.map((each) => [JSON.stringify([each.file.path, each.pointer, each.message]), each]),
    ).values(),
  ];
};

/** The scope of what is no declared resource, whose id needs none. */
const NO_SCOPE: Scope = { account: '', region: '', partition: 'aws' };

/** Evidence is found again in a place by its own name, as it is shown. */
const shownPlace = (
  place: DeclaredPlace | undefined,
  shown: (text: string) => string,
): DeclaredPlace | undefined =>
  place && {
    ...place,
    regions: place.regions.map((region) => ({
      ...region,
      ...(region.at !== undefined && { at: shown(region.at) }),
    })),
  };
