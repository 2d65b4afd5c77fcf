import { asText, member } from '../json/json.ts';
import { before } from '../text/trim.ts';
import type { Definition, Step } from './parse.ts';
import { objectsWithin } from './step-values.ts';

/** `data`: a step uses another step's output; `order`: DependsOn; `branch`: a Condition contains the step. */
export type StepEdge = { from: string; to: string; kind: 'data' | 'order' | 'branch' };

/** The order in which steps must run, and references to steps that the definition does not contain. */
export type StepGraph = { edges: StepEdge[]; dangling: { step: string; reference: string }[] };

/**
 * The graph of a definition's steps. An edge leads from the earlier step to the later one.
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

/** The steps that `{"Get": "Steps.NAME.…"}` names, anywhere in a step. */
const referencedSteps = (step: Step, names: ReadonlySet<string>): Set<string> => {
  const found = new Set<string>();
  for (const value of objectsWithin(step)) {
    const reference = asText(member(value, 'Get'));
    if (reference?.startsWith('Steps.')) found.add(stepOfReference(reference, names));
  }
  return found;
};

/** Bounds the work for a reference with a million dots. */
const MAX_NAME_PARTS = 32;

/** The step that a reference names. A step's name may contain dots, so the longest known name wins. */
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
