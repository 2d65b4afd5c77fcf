import { keeping, remembered } from '../../memo.ts';
import { type Glob, globText, parseGlob } from '../policy/glob.ts';
import { arnParts } from '../policy/operators.ts';
import { areApart, covers } from './glob-relations.ts';
import { arnPattern, type Pattern } from './pattern.ts';
import { search } from './search.ts';
import type { Universe } from './universe.ts';
import type { WorkBudget } from './work-budget.ts';

/**
 * A part of a universe whose resources a decision tells apart by the patterns of the policies alone: all are of one
 * partition, of one owner and of one type, as far as that bears on the decision.
 */
export type Facet = {
  patterns: readonly Pattern[];
  without: readonly Pattern[];
  /** One of them. */
  representative: string;
  /** The resources are of several accounts. */
  isOwnerOpen: boolean;
};

/** A pattern of ARNs by which a decision tells resources apart, and its parts. */
export type Distinction = { glob: Glob; parts: readonly Glob[] };

/** The same ones serve all who ask. */
const kept = keeping<Distinction>(1000);

/** The distinction by a pattern. */
export const distinctionOf = (text: string): Distinction =>
  kept(text, () => {
    const glob = parseGlob(text);
    return { glob, parts: arnParts(glob) };
  });

/** The facets of a universe under distinctions; undefined where the work ended. */
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
  const parts = arnParts(universe.arn);
  const isAccountKnown = isLiteral(parts[ACCOUNT]);
  const open: Distinction[] = [];
  let isOwnerFixed = isAccountKnown;
  for (const distinction of distinctions) {
    const seen = relation(parts, distinction.parts);
    if (seen === undefined) open.push(distinction);
    if (seen === 'within') isOwnerFixed ||= isLiteral(distinction.parts[ACCOUNT]);
  }
  if (open.length === 0)
    return [
      { patterns: [], without: [], representative: sampleOf(universe.arn), isOwnerOpen: !isOwnerFixed },
    ];
  return cut(universe, open, isOwnerFixed, work);
};

/** The facets for each way in which resources can lie to distinctions that are not settled at sight. */
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

const isLiteral = (part: Glob | undefined): boolean => part !== undefined && !part.some((unit) => unit < 0);

/** How patterns of ARNs are seen to lie to each other, part by part. */
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

/** A text that a pattern of ARNs matches, though perhaps of no resource that there can be. */
const sampleOf = (arn: Glob): string => globText(arn.map((unit) => (unit < 0 ? SAMPLE : unit)));

const SAMPLE = 'x'.charCodeAt(0);
