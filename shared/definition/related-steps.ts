import { withoutTrailing } from '../text/trim.ts';
import type { ResolveScope } from './expression.ts';
import type { Step } from './parse.ts';
import { stepData } from './step-data.ts';
import { stepGraph } from './step-graph.ts';
import { stepNames } from './step-reference.ts';

/** AWS accepts 50 steps. If thousands shared one place, each would relate to each of the others. */
const MAX_PLACED_STEPS = 200;

/**
 * For each step, the steps that relate to it directly: by a reference, by DependsOn, by a Condition that contains the
 * step, or by S3 places of which one lies within the other and at least one is written. Two steps that only read the
 * same place are not related.
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

/** The steps that use a place, with whether each writes there. */
type Users = Map<Step, boolean>;

/** Compares places folder by folder. An unknown part equals only the same unknown, by its name. */
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

/** For `b/x/y`: `b`, `b/x` and `b/x/y`, to a depth that keys have in practice. */
const foldersOf = (place: string): string[] => {
  const segments = place.split('/', MAX_FOLDERS);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
};
