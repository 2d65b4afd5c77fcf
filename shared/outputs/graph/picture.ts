import { displayText, type ResolveScope, resolveScope } from '../../definition/expression.ts';
import { type Definition, type Step, stepPointer } from '../../definition/parse.ts';
import { stepData } from '../../definition/step-data.ts';
import { stepGraph } from '../../definition/step-graph.ts';
import { followText } from '../../definition/step-reference.ts';
import { isJobStepType } from '../../definition/step-types.ts';
import { stepBaseName, stepRoles } from '../../definition/step-values.ts';
import { type Finding, severityRank } from '../../domain/finding.ts';
import { isOpen, statusWeight } from '../../domain/status.ts';
import { groupBy } from '../../group-by.ts';
import type { Edge } from './layers.ts';

/** A role of a step, its prefix, or data that it reads or writes; of somebody who can do something, by what and where. */
export type Trait = { kind: 'role' | 'prefix' | 'reads' | 'writes' | 'by' | 'where'; text: string };

export type PictureFinding = Pick<Finding, 'id' | 'control' | 'status' | 'severity' | 'title'>;

/** A step in the picture. `id` is its JSON pointer, as two steps may have the same name. */
export type PictureNode = {
  id: string;
  name: string;
  type: string;
  traits: readonly Trait[];
  findings: readonly PictureFinding[];
  /** The branches of a condition, or the body of a ForEach. */
  lanes: readonly { label: string; nodes: readonly PictureNode[] }[];
};

export type PictureEdge = Edge & { kind: 'data' | 'order' };

/** A pipeline to be drawn: its steps, the edges between them, and the findings that are not about a step. */
export type Picture = {
  name: string;
  /** What it shows, where it is no pipeline with its steps, and what one of its nodes is. */
  of?: { title: string; noun: string };
  roleArn?: string;
  nodes: readonly PictureNode[];
  edges: readonly PictureEdge[];
  findings: readonly PictureFinding[];
  /** How many steps are not drawn. */
  left: number;
};

/** AWS allows 50 steps. A picture with more than these helps nobody. */
const MOST_STEPS = 500;
const MOST_EDGES = 1500;

/** The picture of a pipeline with its open findings. The caller must leave out findings on other pipelines. */
export const pictureOf = (
  { name, roleArn, definition }: { name: string; roleArn?: string; definition: Definition },
  findings: readonly Finding[],
): Picture => {
  const steps = definition.steps.slice(0, MOST_STEPS);
  const scope = resolveScope(definition, name);
  const pointers = new Map(steps.map((step) => [step, stepPointer(step)]));
  const open = findings.filter(({ status, suppression }) => isOpen(status) && suppression === undefined);
  const nodeOf = nodeFinder(pointers);
  const byNode = groupBy(open, (finding) => nodeOf(finding) ?? '');
  const children = groupBy(steps, ({ parent }) => (parent && pointers.get(parent)) ?? '');
  const nodeAt = (step: Step): PictureNode => {
    const id = pointers.get(step) ?? '';
    const inner = groupBy(children.get(id) ?? [], ({ branch }) => branch ?? '');
    return {
      id,
      name: step.name,
      type: step.typeText,
      traits: traitsOf(step, scope, roleArn),
      findings: worstFirst(byNode.get(id) ?? []),
      lanes: [...inner].map(([branch, held]) => ({
        label: LANE_LABELS[branch] ?? branch,
        nodes: held.map(nodeAt),
      })),
    };
  };
  return {
    name,
    ...(roleArn === undefined ? {} : { roleArn }),
    nodes: (children.get('') ?? []).map(nodeAt),
    edges: edgesOf({ ...definition, steps }, pointers),
    findings: worstFirst(byNode.get('') ?? []),
    left: definition.steps.length - steps.length,
  };
};

const LANE_LABELS: Readonly<Record<string, string>> = {
  IfSteps: 'if true',
  ElseSteps: 'else',
  ForEachBody: 'for each',
};

const worstFirst = (findings: readonly Finding[]): PictureFinding[] =>
  findings
    .toSorted(
      (one, other) =>
        severityRank(other.severity) - severityRank(one.severity) ||
        statusWeight(other.status) - statusWeight(one.status),
    )
    .map(({ id, control, status, severity, title }) => ({ id, control, status, severity, title }));

/** The step that all evidence of a finding points into; else the step that the finding’s subject names. */
const nodeFinder = (pointers: ReadonlyMap<Step, string>): ((finding: Finding) => string | undefined) => {
  const known = new Set(pointers.values());
  const byName = new Map([...pointers].toReversed().map(([step, pointer]) => [step.name, pointer]));
  const within = (at: string): string | undefined => {
    let place = at.slice(at.indexOf('/Steps/'));
    while (place !== '' && !known.has(place)) place = place.slice(0, Math.max(0, place.lastIndexOf('/')));
    return place || undefined;
  };
  return ({ evidence, subject }) => {
    const held = new Set(evidence.map(({ at }) => (at.includes('/Steps/') ? within(at) : undefined)));
    const [only] = held;
    if (held.size === 1 && only !== undefined) return only;
    return subject === undefined ? undefined : byName.get(subject);
  };
};

/** Edges between a condition and its own branches are not drawn, as the box shows them. */
const edgesOf = (definition: Definition, pointers: ReadonlyMap<Step, string>): PictureEdge[] => {
  const byName = new Map(definition.steps.toReversed().map((step) => [step.name, pointers.get(step) ?? '']));
  const edges = new Map<string, PictureEdge>();
  for (const { from: fromName, to: toName, kind } of stepGraph(definition).edges) {
    const [from, to] = [byName.get(fromName) ?? '', byName.get(toName) ?? ''];
    const isWithin = from.startsWith(`${to}/`) || to.startsWith(`${from}/`);
    const key = JSON.stringify([from, to]);
    if (kind === 'branch' || isWithin || edges.get(key)?.kind === 'data') continue;
    if (edges.size < MOST_EDGES || edges.has(key)) edges.set(key, { from, to, kind });
  }
  return [...edges.values()];
};

/** The text for the execution role where the file does not name it. */
const EXECUTION_ROLE = 'the execution role';

const traitsOf = (step: Step, scope: ResolveScope, roleArn: string | undefined): Trait[] => {
  const roles = stepRoles(step).map(({ value }) => displayText(followText(value, scope)));
  const base = stepBaseName(step);
  const { places } = stepData(step, scope);
  const inDirection = (wanted: string) => [
    ...new Set(
      places
        .filter(({ direction }) => direction === wanted)
        .map(({ bucket, keyPattern }) => `${bucket}/${keyPattern}`),
    ),
  ];
  const isJob = isJobStepType(step.type);
  const own = roles.length === 0 && isJob ? [roleArn ?? EXECUTION_ROLE] : roles;
  return [
    ...[...new Set(own)].map((text): Trait => ({ kind: 'role', text })),
    ...(isJob
      ? [{ kind: 'prefix' as const, text: base ? displayText(followText(base.value, scope)) : 'none' }]
      : []),
    ...inDirection('input').map((text): Trait => ({ kind: 'reads', text })),
    ...inDirection('output').map((text): Trait => ({ kind: 'writes', text })),
  ];
};
