import { withoutTrailing } from '../text/trim.ts';
import type { ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import { stepData } from './step-data.ts';
import { stepGraph } from './step-graph.ts';
import { stepNames } from './step-reference.ts';

/** AWS takes 50 steps; in a list of thousands that share one place, each would relate to each. */
const MAX_PLACED_STEPS = 200;

/**
 * For each step, the steps that the definition relates to it directly, either way: by a reference, by DependsOn, by the
 * Condition that holds it, or as one writes to a place that lies within, or holds, a place of the other. Two steps that
 * read the same place are not related by that.
 */
export const relatedSteps = (scope: ResolveScope): ReadonlyMap<Step, ReadonlySet<Step>> => {
  const { definition } = scope;
  const related = new Map(definition.steps.map((step) => [step, new Set<Step>()]));
  const relate = (one: Step | undefined, other: Step | undefined) => {
    if (!one || !other || one === other) return;
    related.get(one)?.add(other);
    related.get(other)?.add(one);
  };
  const names = stepNames(definition);
  for (const { from, to } of stepGraph(definition).edges) relate(names.get(from), names.get(to));
  for (const step of definition.steps) relate(step.parent, step);
  if (definition.steps.length <= MAX_PLACED_STEPS) relateByPlace(scope, relate);
  return related;
};

/** The steps that use a place, and whether they write there. */
type Users = Map<Step, boolean>;

/** Places are looked up folder by folder, by what they are made of: two unknowns are the same only by name. */
const relateByPlace = (scope: ResolveScope, relate: (one: Step, other: Step) => void): void => {
  const usersOf = new Map<string, Users>();
  for (const step of scope.definition.steps)
    for (const { identity, direction } of stepData(step, scope).places)
      addUser(usersOf, withoutTrailing(identity, '/'), step, direction === 'output');
  const usersWithin = new Map<string, Users>();
  for (const [place, users] of usersOf)
    for (const folder of foldersOf(place).filter((each) => usersOf.has(each)))
      for (const [step, writes] of users) addUser(usersWithin, folder, step, writes);
  for (const [place, users] of usersOf)
    for (const [step, writes] of users)
      for (const [other, otherWrites] of usersWithin.get(place) ?? [])
        if (writes || otherWrites) relate(step, other);
};

const addUser = (places: Map<string, Users>, place: string, step: Step, writes: boolean): void => {
  const users: Users = places.get(place) ?? new Map();
  places.set(place, users.set(step, writes || users.get(step) === true));
};

const MAX_FOLDERS = 32;

/** `b`, `b/x` and `b/x/y` of `b/x/y`, as far as keys are deep in practice. */
const foldersOf = (place: string): string[] => {
  const segments = place.split('/', MAX_FOLDERS);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
};
