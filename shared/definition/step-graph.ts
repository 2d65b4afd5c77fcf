import { asText, member } from '../json/json.ts';
import { before } from '../text/trim.ts';
import type { Definition, Step } from './parse.ts';
import { objectsWithin } from './step-values.ts';

/** `data`: uses the other's output; `order`: DependsOn; `branch`: held by that Condition. */
export type StepEdge = { from: string; to: string; kind: 'data' | 'order' | 'branch' };

/** Who must run before whom, and the references to steps that the definition does not have. */
export type StepGraph = { edges: StepEdge[]; dangling: { step: string; reference: string }[] };

/**
 * The graph of a definition's steps: an edge leads from the step that comes first.
 * @public
 */
export const stepGraph = (definition: Definition): StepGraph => {
  const names = new Set(definition.steps.map(({ name }) => name));
  const edges = new Map<string, StepEdge>();
  const dangling: StepGraph['dangling'] = [];
  const link = (from: string, to: string, kind: StepEdge['kind']) => {
    if (!names.has(from)) dangling.push({ step: to, reference: from });
    else if (from !== to) edges.set(JSON.stringify([from, to, kind]), { from, to, kind });
  };
  for (const step of definition.steps) {
    for (const name of step.dependsOn) link(name, step.name, 'order');
    for (const name of referencedSteps(step, names)) link(name, step.name, 'data');
    if (step.parent) link(step.parent.name, step.name, 'branch');
  }
  return { edges: [...edges.values()], dangling };
};

/** The steps named by `{"Get": "Steps.NAME.…"}` anywhere in a step. */
const referencedSteps = (step: Step, names: ReadonlySet<string>): Set<string> => {
  const found = new Set<string>();
  for (const value of objectsWithin(step)) {
    const reference = asText(member(value, 'Get'));
    if (reference?.startsWith('Steps.')) found.add(stepOfReference(reference, names));
  }
  return found;
};

/** Keeps a reference of a million dots from taking forever. */
const MAX_NAME_PARTS = 32;

/** A step's name may itself hold a dot, so the longest name that fits is taken. */
export const stepOfReference = (reference: string, names: Pick<ReadonlySet<string>, 'has'>): string => {
  const path = reference.slice('Steps.'.length);
  let longest: string | undefined;
  let end = path.indexOf('.');
  const first = end < 0 ? path : path.slice(0, end);
  for (let parts = 1; parts <= MAX_NAME_PARTS; parts++) {
    const name = end < 0 ? path : path.slice(0, end);
    if (parts > 1 && names.has(name)) longest = name;
    if (end < 0) break;
    end = path.indexOf('.', end + 1);
  }
  return longest ?? before(first, '[');
};
