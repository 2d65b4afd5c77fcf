import { asList, asText, isObject, type Json, type JsonObject, member, pointerToken } from '../json/json.ts';
import { parseJson, type TextError } from '../json/json-text.ts';
import { remembered } from '../memo.ts';
import { cut } from '../text/cut.ts';
import { misspeltMembers } from './letter-case.ts';
import { BRANCHES, type Branch, type StepType, type StepTypeName, stepTypeNamed } from './step-type-names.ts';
import { stepType } from './step-types.ts';
import { untoldParts } from './untold-parts.ts';

/** The longest definition that CreatePipeline accepts, in characters. */
const MAX_DEFINITION_LENGTH = 1_048_576;

/** Deeper Conditions are reported as not checked: AWS allows 50 steps, and pointers grow with each level. */
const MAX_DEPTH = 200;

/**
 * At most this many steps are read, while SageMaker accepts 50.
 * https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
 */
export const MAX_STEPS = 5000;

/** The names and types of steps are cut to this length; SageMaker accepts names of 64 characters. */
const MAX_NAME = 256;

/** A pipeline parameter. Its default is kept as text; undefined where the parameter has no default. */
export type Parameter = { name: string; type: string; defaultValue?: string };

/** A step, at the top level or inside another step. */
export type Step = {
  name: string;
  /** Undefined for a type that this version does not know; such steps are not judged. */
  type: StepTypeName | undefined;
  /** The type as written in the definition. */
  typeText: string;
  raw: JsonObject;
  arguments: JsonObject;
  /** The steps that must run before this one. SDK 3 may write `{ Step, Trigger }` in place of a name. */
  dependsOn: string[];
  /** The Condition or ForEach that contains this step, and the branch in it; undefined at the top level. */
  parent?: Step;
  branch?: Branch;
  index: number;
};

/** A part of the definition that could not be judged, and the reason. */
export type Unchecked = { pointer: string; name: string; reason: string };

/** A pipeline definition with all its steps in document order. `isCut` is set if it has more steps than are read. */
export type Definition = {
  parameters: Map<string, Parameter>;
  steps: Step[];
  unchecked: Unchecked[];
  isCut?: true;
  /**
   * The definition is a template file: its placeholders stand for texts that are unknown until a tool fills them in.
   */
  isTemplate?: true;
};

/**
 * Reads a definition from JSON. It is not validated against the published schema, which rejects definitions that the
 * SDK writes: known members are read, and the rest is listed as unchecked.
 */
export const parseDefinition = (
  text: string,
): { ok: true; definition: Definition } | { ok: false; error: TextError } => {
  if (text.length > MAX_DEFINITION_LENGTH) {
    return fail(
      `the definition has ${text.length} characters; SageMaker takes at most ${MAX_DEFINITION_LENGTH}`,
    );
  }
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) return fail('a pipeline definition is a JSON object with Steps');
  if (!Array.isArray(member(parsed.value, 'Steps'))) return fail('the definition has no list of Steps');
  return { ok: true, definition: readDefinition(parsed.value) };
};

/** The definition with new defaults for its parameters: what an execution that was started with these values runs. */
export const withParameters = (
  definition: Definition,
  values: Readonly<Record<string, string>>,
): Definition => ({
  ...definition,
  parameters: new Map(
    [...definition.parameters].map(([name, parameter]) => [
      name,
      Object.hasOwn(values, name) ? { ...parameter, defaultValue: values[name] ?? '' } : parameter,
    ]),
  ),
});

const fail = (message: string): { ok: false; error: TextError } => ({
  ok: false,
  error: { line: 1, column: 1, message },
});

const ROOT_MEMBERS = ['Parameters', 'Steps'];

const readDefinition = (root: JsonObject): Definition => {
  const { parameters, unchecked } = readParameters(root);
  const read = readSteps(root);
  const misspelt = misspeltMembers(root, ROOT_MEMBERS).map((pointer) => otherCase(pointer, ''));
  return { parameters, ...read, unchecked: [...misspelt, ...unchecked, ...read.unchecked] };
};

/** If a parameter is declared twice, its default is unknown. */
const readParameters = (root: JsonObject): Pick<Definition, 'parameters' | 'unchecked'> => {
  const parameters = new Map<string, Parameter>();
  const unchecked: Unchecked[] = [];
  for (const [index, entry] of asList(member(root, 'Parameters')).entries()) {
    const name = asText(member(entry, 'Name'));
    const defaultValue = asText(member(entry, 'DefaultValue'));
    if (name === undefined) continue;
    const type = asText(member(entry, 'Type')) ?? 'String';
    if (parameters.has(name)) {
      const reason = `the parameter ${name} is declared a second time, so that its default is not known`;
      unchecked.push({ pointer: `/Parameters/${index}`, name: '', reason });
      parameters.set(name, { name, type });
      continue;
    }
    parameters.set(name, { name, type, ...(defaultValue === undefined ? {} : { defaultValue }) });
  }
  return { parameters, unchecked };
};

const otherCase = (pointer: string, name: string): Unchecked => ({
  pointer,
  name,
  reason:
    'this name differs only in letter case from a known one, and AWS does not document whether SageMaker accepts it',
});

type Pending = { list: Json[]; parent?: Step; branch?: Step['branch']; depth: number; next: number };

/** Keeps its own stack, because steps can be nested deeper than the call stack. */
const readSteps = (root: JsonObject): Omit<Definition, 'parameters'> => {
  const steps: Step[] = [];
  const unchecked: Unchecked[] = [];
  const stack: Pending[] = [{ list: asList(member(root, 'Steps')), depth: 0, next: 0 }];
  for (let level = stack.at(-1); level; level = stack.at(-1)) {
    const index = level.next++;
    const raw = level.list[index];
    if (raw === undefined) {
      stack.pop();
      continue;
    }
    if (steps.length + unchecked.length >= MAX_STEPS) {
      const reason = `only the first ${MAX_STEPS} steps are judged; SageMaker takes 50`;
      unchecked.push({ pointer: placeOf(level, index), name: '', reason });
      return { steps, unchecked, isCut: true };
    }
    const step = readStep(raw, index, level);
    if (!step) {
      const reason = 'this step is not an object with a Name and a Type';
      unchecked.push({ pointer: placeOf(level, index), name: '', reason });
      continue;
    }
    steps.push(step);
    for (const below of misspeltMembers(step.raw, membersOf(stepType(step.type))))
      unchecked.push(otherCase(`${stepPointer(step)}${below}`, step.name));
    for (const tokens of untoldParts(step.raw, pathsOf(stepType(step.type)))) {
      const untold =
        'an expression stands here in place of what it is about, so that nothing of it is judged';
      unchecked.push({ pointer: stepPointer(step, tokens), name: step.name, reason: untold });
    }
    const reason = unjudged(step);
    if (reason !== null) unchecked.push({ pointer: stepPointer(step), name: step.name, reason });
    const branches = branchesOf(step);
    if (branches.length > 0 && level.depth >= MAX_DEPTH) {
      const tooDeep = `its branches are nested deeper than ${MAX_DEPTH} Conditions`;
      unchecked.push({ pointer: stepPointer(step), name: step.name, reason: tooDeep });
      continue;
    }
    for (const [branch, list] of branches.toReversed()) {
      stack.push({ list, parent: step, branch, depth: level.depth + 1, next: 0 });
    }
  }
  return { steps, unchecked };
};

const placeOf = ({ parent, branch }: Pending, index: number): string =>
  `${parent ? branchPointer(parent, branch) : '/Steps'}/${index}`;

const readStep = (raw: Json, index: number, level: Pending): Step | undefined => {
  const name = asText(member(raw, 'Name'));
  const typeText = asText(member(raw, 'Type'));
  if (!isObject(raw) || name === undefined || typeText === undefined) return undefined;
  const args = member(raw, 'Arguments');
  return {
    name: cut(name, MAX_NAME),
    type: stepTypeNamed(typeText),
    typeText: cut(typeText, MAX_NAME),
    raw,
    arguments: isObject(args) ? args : {},
    dependsOn: asList(member(raw, 'DependsOn')).flatMap(
      (entry) => asText(entry) ?? asText(member(entry, 'Step')) ?? [],
    ),
    ...(level.parent && level.branch ? { parent: level.parent, branch: level.branch } : {}),
    index,
  };
};

/** The members of a step that are read, by the step's type. */
const membersOf = remembered((type: StepType): string[] => [
  ...['Name', 'Type', 'Arguments', 'DependsOn'],
  ...type.branches.map((branch) => `Arguments.${branch}`),
  ...pathsOf(type),
]);

/** The places of a step whose values are judged. */
const pathsOf = remembered(({ roles, images, inputs, outputs, name }: StepType): string[] => [
  ...[...roles, ...images, ...inputs, ...outputs, ...(name === null ? [] : [name.field])],
]);

/** Why a step or a part of it is not judged; null for a step that is judged. */
const unjudged = ({ type, typeText }: Step): string | null => {
  if (type === undefined) return `steps of type ${typeText} are not known to this version`;
  const reason = stepType(type).unjudged;
  return reason && `of steps of type ${type} ${reason}`;
};

/** The steps inside a step, whatever the outer step's type is. */
const branchesOf = (step: Step): [Branch, Json[]][] =>
  BRANCHES.map((branch): [Branch, Json[]] => [branch, asList(member(step.arguments, branch))]).filter(
    ([, list]) => list.length > 0,
  );

const branchPointer = (parent: Step, branch: Step['branch']): string =>
  `${stepPointer(parent)}/Arguments/${branch ?? 'IfSteps'}`;

/** The JSON pointer of a step, or of a place in the step (`Arguments.RoleArn` → `/Steps/0/Arguments/RoleArn`). */
export const stepPointer = (step: Step, below: readonly (string | number)[] = []): string => {
  let pointer = ownPointer(step);
  for (const token of below) pointer += `/${pointerToken(token)}`;
  return pointer;
};

/** Remembered, because hundreds of pointers may lead into one step. */
const ownPointer: (step: Step) => string = remembered(({ parent, branch, index }: Step) =>
  parent && branch ? `${ownPointer(parent)}/Arguments/${branch}/${index}` : `/Steps/${index}`,
);
