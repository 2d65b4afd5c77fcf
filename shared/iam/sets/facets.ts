import { keeping, remembered } from '../../memo.ts';
import { ANY, type Glob, globText, parseGlob } from '../policy/glob.ts';
import { areApart, covers } from '../policy/glob-relations.ts';
import { arnParts } from '../policy/operators.ts';
import { arnPattern, type Pattern } from './pattern.ts';
import { search } from './search.ts';
import type { Universe } from './universe.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * A part of a universe in which only the policies' patterns distinguish resources for a decision: all its resources
 * have the same partition, owner and type, as far as these affect the decision.
 */
export type Facet = {
  patterns: readonly Pattern[];
  without: readonly Pattern[];
  /** One resource of the facet. */
  representative: string;
  /** The facet's resources belong to several accounts. */
  isOwnerOpen: boolean;
};

/** A pattern of ARNs by which a decision distinguishes resources, and the pattern's parts. */
export type Distinction = { glob: Glob; parts: readonly Glob[] };

/** Parsed distinctions are kept, because all questions use the same ones. */
const kept = keeping<Distinction>(1000);

/** The distinction that a pattern makes. */
export const distinctionOf = (text: string): Distinction =>
  kept(text, () => {
    const glob = parseGlob(text);
    return { glob, parts: arnParts(glob) };
  });

/** The facets of a universe under the distinctions; undefined if the work ran out. */
export const facetsOf = (
  universe: Universe,
  distinctions: readonly Distinction[],
  work: WorkBudget,
): readonly Facet[] | undefined => {
  const facets = facetsIn(universe);
  const known = facets.get(distinctions) ?? told(universe, distinctions, work);
  if (known) facets.set(distinctions, known);
  return known;
};

const facetsIn = remembered((_universe: Universe) => new WeakMap<readonly Distinction[], readonly Facet[]>());

const told = (
  universe: Universe,
  distinctions: readonly Distinction[],
  work: WorkBudget,
): readonly Facet[] | undefined => {
  const { open, isOwnerFixed } = relationsOf(universe.arn, distinctions);
  if (open.length === 0)
    return [
      { patterns: [], without: [], representative: sampleOf(universe.arn), isOwnerOpen: !isOwnerFixed },
    ];
  return cut(universe, open, isOwnerFixed, work);
};

/** The distinctions that divide the ARNs of a pattern, and whether all these ARNs have the same known owner. */
type Relations = { open: readonly Distinction[]; isOwnerFixed: boolean };

/** Relations are kept by the ARN’s parts before the name, if each distinction takes any name: most questions differ in names alone. */
const relationsOf = (arn: Glob, distinctions: readonly Distinction[]): Relations => {
  const parts = arnParts(arn);
  const { takeAnyName, kept } = relationsTo(distinctions);
  if (!takeAnyName || parts.length !== ARN_PARTS) return relate(parts, distinctions);
  return kept(parts.slice(0, -1).map(globText).join(':'), () => relate(parts, distinctions));
};

const relationsTo = remembered((distinctions: readonly Distinction[]) => ({
  takeAnyName: distinctions.every(
    ({ parts: [, , , , , name, ...more] }) => name?.length === 1 && name[0] === ANY && more.length === 0,
  ),
  kept: keeping<Relations>(1000),
}));

const relate = (parts: readonly Glob[], distinctions: readonly Distinction[]): Relations => {
  const open: Distinction[] = [];
  let isOwnerFixed = isLiteral(parts[ACCOUNT]);
  for (const distinction of distinctions) {
    const seen = relation(parts, distinction.parts);
    if (seen === undefined) open.push(distinction);
    if (seen === 'within') isOwnerFixed ||= isLiteral(distinction.parts[ACCOUNT]);
  }
  return { open, isOwnerFixed };
};

/** The facets for each combination of distinctions that are not settled by comparing patterns. */
const cut = (
  universe: Universe,
  open: readonly Distinction[],
  isOwnerFixed: boolean,
  work: WorkBudget,
): Facet[] | undefined => {
  type Side = { inside: readonly Distinction[]; outside: readonly Distinction[] };
  let sides: Side[] = [{ inside: [], outside: [] }];
  for (const each of open)
    sides = sides.flatMap(({ inside, outside }) => [
      { inside: [...inside, each], outside },
      { inside, outside: [...outside, each] },
    ]);
  const found: Facet[] = [];
  for (const { inside, outside } of sides) {
    const patterns = inside.map(({ glob }) => arnPattern(glob));
    const without = outside.map(({ glob }) => arnPattern(glob));
    const witness = search(
      [[...universe.patterns, ...patterns].map(({ runs }) => runs())],
      without.map(({ language }) => [language()]),
      work,
    );
    if (witness.is === 'cut') return undefined;
    if (witness.is === 'empty') continue;
    const isOwnerOpen = !isOwnerFixed && !inside.some(({ parts }) => isLiteral(parts[ACCOUNT]));
    found.push({ patterns, without, representative: witness.texts[0] ?? '', isOwnerOpen });
  }
  return found;
};

const ACCOUNT = 4;
const ARN_PARTS = 6;

const isLiteral = (part: Glob | undefined): boolean => part !== undefined && !part.some((unit) => unit < 0);

/** The relation of two ARN patterns, as far as comparing their parts shows it. */
const relation = (parts: readonly Glob[], others: readonly Glob[]): 'within' | 'apart' | undefined => {
  if (parts.length !== others.length) return undefined;
  let isWithin = true;
  for (let at = 0; at < parts.length; at++) {
    const [part, other] = [parts[at] ?? [], others[at] ?? []];
    if (areApart(part, other)) return 'apart';
    isWithin &&= covers(other, part);
  }
  return isWithin ? 'within' : undefined;
};

/** A text that an ARN pattern matches, although no such resource may exist. */
const sampleOf = (arn: Glob): string => globText(arn.map((unit) => (unit < 0 ? SAMPLE : unit)));

const SAMPLE = 'x'.charCodeAt(0);
