import { asList, asText, isObject, type Json, type JsonObject, member, pointerToken } from '../json/json.ts';
import { parseJson, type TextError } from '../json/json-text.ts';
import { remembered } from '../memo.ts';
import { cut } from '../text/cut.ts';
import { misspeltMembers } from './letter-case.ts';
import { BRANCHES, type Branch, type StepType, type StepTypeName, stepTypeNamed } from './step-type-names.ts';
import { stepType } from './step-types.ts';

/** The longest definition that CreatePipeline takes, in characters. */
const MAX_DEFINITION_LENGTH = 1_048_576;

/** Conditions nested deeper are reported as not checked: AWS allows 50 steps, and a JSON pointer grows with each level. */
const MAX_DEPTH = 200;

/**
 * So many steps are read, of a definition that SageMaker would take 50 of.
 * https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
 */
export const MAX_STEPS = 5000;

/** A step's name and type are shown up to here; SageMaker takes a name of 64 characters. */
const MAX_NAME = 256;

/** A pipeline parameter, with its default as text; undefined where it has none. */
export type Parameter = { name: string; type: string; defaultValue?: string };

/** A step, wherever it is nested. */
export type Step = {
  name: string;
  /** Undefined for a type that is not known here, of whose steps nothing is judged. */
  type: StepTypeName | undefined;
  /** The type as it is written. */
  typeText: string;
  raw: JsonObject;
  arguments: JsonObject;
  /** What must come before it; SDK 3 may write `{ Step, Trigger }` for a name. */
  dependsOn: string[];
  /** The Condition or ForEach that holds it, and in which branch; undefined at the top. */
  parent?: Step;
  branch?: Branch;
  index: number;
};

/** A part of the definition that could not be judged, and why. */
export type Unchecked = { pointer: string; name: string; reason: string };

/** A pipeline definition, its steps flattened in document order; `isCut` where it has more of them than are read. */
export type Definition = {
  parameters: Map<string, Parameter>;
  steps: Step[];
  unchecked: Unchecked[];
  isCut?: true;
  /** It is a file that a tool has yet to fill in, so that its placeholders stand for texts that nobody knows here. */
  isTemplate?: true;
};

/**
 * The definition of a JSON text. It is not held against the published schema, which rejects what the SDK writes: what
 * is understood is taken, and the rest is listed as not checked.
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

/** The definition with other defaults of its parameters: what an execution runs that was started with these values. */
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

/** Of a parameter that is declared twice the default is not known. */
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
  reason: 'this name is known in another letter case, and whether SageMaker takes it is not documented',
});

type Pending = { list: Json[]; parent?: Step; branch?: Step['branch']; depth: number; next: number };

/** Walks with a stack of its own: a definition can nest deeper than the call stack. */
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

/** The members of a step that are read here, by its type. */
const membersOf = remembered(({ branches, roles, images, inputs, outputs, name }: StepType): string[] => [
  ...['Name', 'Type', 'Arguments', 'DependsOn'],
  ...branches.map((branch) => `Arguments.${branch}`),
  ...[...roles, ...images, ...inputs, ...outputs, ...(name === null ? [] : [name.field])],
]);

/** Why a step, or a part of it, is not judged; null where it is. */
const unjudged = ({ type, typeText }: Step): string | null => {
  if (type === undefined) return `steps of type ${typeText} are not known to this version`;
  const reason = stepType(type).unjudged;
  return reason && `of steps of type ${type} ${reason}`;
};

/** The steps within a step, of whatever type it is. */
const branchesOf = (step: Step): [Branch, Json[]][] =>
  BRANCHES.map((branch): [Branch, Json[]] => [branch, asList(member(step.arguments, branch))]).filter(
    ([, list]) => list.length > 0,
  );

const branchPointer = (parent: Step, branch: Step['branch']): string =>
  `${stepPointer(parent)}/Arguments/${branch ?? 'IfSteps'}`;

/** The JSON pointer of a step, or of a place below it (`Arguments.RoleArn` → `/Steps/0/Arguments/RoleArn`). */
export const stepPointer = (step: Step, below: readonly (string | number)[] = []): string => {
  let pointer = ownPointer(step);
  for (const token of below) pointer += `/${pointerToken(token)}`;
  return pointer;
};

/** A step is pointed into hundreds of times. */
const ownPointer: (step: Step) => string = remembered(({ parent, branch, index }: Step) =>
  parent && branch ? `${ownPointer(parent)}/Arguments/${branch}/${index}` : `/Steps/${index}`,
);
