import { asText, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { keeping, once } from '../../memo.ts';
import { visibleName } from '../../text/visible-text.ts';
import type { DeclaredProblem, Origin, Origins, SourceFile } from '../declared.ts';
import { comparedTexts, condition } from './conditions.ts';
import { below, type Condition, type Expression, type Place } from './evaluation.ts';
import { expression } from './expressions.ts';
import { type CollectionOf, hasLoops, isLoop, unrolled } from './loops.ts';
import { type Resource, resourceOf } from './resource.ts';
import { globalsIn, serverlessRole } from './serverless.ts';
import { readTemplateText, type TemplateText } from './template-text.ts';
import { UNREADABLE } from './yaml-template.ts';

/** A parameter of a template, as far as it decides values. */
export type Parameter = {
  name: string;
  /** `of-list`: its text is a list, divided by commas. */
  form: 'text' | 'list';
  /** Missing where there is none, or where nobody may see it. */
  byDefault: string | undefined;
  allowed: readonly string[] | undefined;
  /** The name of the SSM parameter that holds the value, where the value is not in the template. */
  storedAs: string | undefined;
  compared: readonly string[] | undefined;
};

/** A template that was read. It knows no stack, so that several stacks may share it. */
export type Template = {
  file: SourceFile;
  problems: readonly DeclaredProblem[];
  /** The macro that may change any resource of the template; of several the first. */
  macro?: string;
  parameters: ReadonlyMap<string, Parameter>;
  /** The texts with which conditions compare a parameter, also one of CloudFormation’s own. */
  comparedWith: (name: string) => readonly string[];
  resources: ReadonlyMap<string, Resource>;
  map: (name: string) => Json | undefined;
  condition: (name: string) => Condition | undefined;
  /** The value of an output, the name under which it is exported, and the condition under which it exists. */
  outputs: ReadonlyMap<string, Output>;
  /** The template with its loops written out, which hang on values; missing where it has none. */
  writtenOut?: (collectionOf: CollectionOf) => Template;
};

export type Output = {
  value: Expression | undefined;
  exportName: Expression | undefined;
  condition: string | undefined;
  origin: Origin;
};

/** Reads a template. Never throws: what is wrong becomes a problem, and the rest is kept. */
export const readTemplate = (path: string, text: string, origins: Origins): Template => {
  const read = readTemplateText(path, text);
  const template = templateOf(read, origins);
  const { tree, file } = read;
  if (tree === undefined || !hasLoops(text)) return template;
  const written = keeping<Template>(MAX_WRITTEN);
  return {
    ...template,
    writtenOut: (collectionOf) => {
      const asked: (readonly string[] | undefined)[] = [];
      const made = unrolled(tree, file, (collection, origin) => {
        const items = collectionOf(collection, origin);
        asked.push(items);
        return items;
      });
      return written(JSON.stringify(asked), () => {
        const own = templateOf({ tree: made.tree, file: made.file, problems: [] }, origins);
        const isNew = ({ pointer, message }: DeclaredProblem): boolean =>
          !template.problems.some((each) => each.pointer === pointer && each.message === message);
        const problems = made.problems.map(({ origin, message }) => ({ ...origin, message }));
        return { ...own, problems: [...problems, ...own.problems.filter(isNew)] };
      });
    },
  };
};

/**
 * The most resources of one template that are judged.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_RESOURCES = 1000;

/** How many ways in which loops are written out are kept. */
const MAX_WRITTEN = 16;

const templateOf = ({ file, tree, problems }: TemplateText, origins: Origins): Template => {
  const root: Origin = { file, pointer: '' };
  const found: DeclaredProblem[] = [...problems];
  const report = (origin: Origin, message: string): void => void found.push({ ...origin, message });
  const placeAt = (origin: Origin): Place => ({ origin, depth: 0, origins });
  const section = (name: string): JsonObject => {
    const value = member(tree, name);
    if (value === undefined) return {};
    if (isObject(value) && value !== UNREADABLE) return value;
    report(below(root, name), `${name} is not a map`);
    return {};
  };
  if (tree !== undefined && !isObject(member(tree, 'Resources')))
    report(root, 'the file is no template of CloudFormation: it has no Resources');
  const conditions = section('Conditions');
  const compared = once(() => comparedTexts(tree));
  const comparedWith = (name: string): readonly string[] => [...(compared().get(name) ?? [])];
  const known = new Map<string, Condition>();
  const listed = Object.entries(section('Resources'));
  if (listed.length > MAX_RESOURCES)
    report(
      below(root, 'Resources'),
      `it has ${listed.length} resources, and AWS takes 500; those after the first ${MAX_RESOURCES} are not judged`,
    );
  const made = listed.slice(0, MAX_RESOURCES).flatMap(([id, source]) => {
    const resource = resourceOf(id, source, below(root, 'Resources', id), placeAt);
    if (!resource && !isLoop(id))
      report(below(root, 'Resources', id), `${visibleName(id)} is no resource: it has no Type`);
    return resource ?? [];
  });
  const globals = globalsIn(member(tree, 'Globals'), (source, ...path) =>
    expression(source, placeAt(below(root, 'Globals', ...path))),
  );
  const maps = section('Mappings');
  const unknown = unknownTransforms(tree);
  for (const name of unknown)
    report(
      below(root, 'Transform'),
      `the macro ${visibleName(name)} changes the template at the deployment; the template is judged as it is written`,
    );
  const macro = unknown.find((name) => !ADDING_TRANSFORMS.includes(name));
  return {
    file,
    problems: found,
    ...(macro !== undefined && { macro: visibleName(macro) }),
    parameters: parametersIn(section('Parameters'), comparedWith),
    comparedWith,
    resources: new Map(
      [...made.flatMap((each) => serverlessRole(each, globals) ?? []), ...made].map((each) => [
        each.id,
        each,
      ]),
    ),
    map: (name) => member(maps, name),
    condition: (name) => {
      const source = member(conditions, name);
      if (source === undefined) return undefined;
      const ready = known.get(name) ?? condition(source, placeAt(below(root, 'Conditions', name)));
      known.set(name, ready);
      return ready;
    },
    outputs: new Map(
      Object.entries(section('Outputs')).map(([name, source]) => [
        name,
        outputOf(source, below(root, 'Outputs', name), placeAt),
      ]),
    ),
  };
};

/** The transforms of AWS that change nothing that is judged, or that are done here. */
const KNOWN_TRANSFORMS = ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31'];

/**
 * The transforms of AWS that add resources or outputs of their own, and change none of what is written.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html
 */
const ADDING_TRANSFORMS = [
  'AWS::CodeDeployBlueGreen',
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
  'AWS::ServiceCatalog',
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html */
const unknownTransforms = (tree: Json | undefined): string[] => {
  const source = member(tree, 'Transform');
  return (Array.isArray(source) ? source : source === undefined ? [] : [source])
    .map((each) => asText(each) ?? asText(member(each, 'Name')) ?? 'without a name')
    .filter((name) => !KNOWN_TRANSFORMS.includes(name));
};

const outputOf = (source: Json, origin: Origin, placeAt: (origin: Origin) => Place): Output => {
  const made = (value: Json | undefined, ...names: string[]): Expression | undefined =>
    value === undefined ? undefined : expression(value, placeAt(below(origin, ...names)));
  return {
    value: made(member(source, 'Value'), 'Value'),
    exportName: made(member(member(source, 'Export'), 'Name'), 'Export', 'Name'),
    condition: asText(member(source, 'Condition')),
    origin,
  };
};

const STORED = /^AWS::SSM::Parameter::Value<(.*)>$/;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
const parametersIn = (
  section: JsonObject,
  comparedWith: (name: string) => readonly string[],
): Map<string, Parameter> =>
  new Map(
    Object.entries(section).map(([name, source]) => {
      const type = asText(member(source, 'Type')) ?? 'String';
      const [, stored] = STORED.exec(type) ?? [];
      const form = /^(?:CommaDelimitedList|List<.*>)$/.test(stored ?? type) ? 'list' : 'text';
      const byDefault = asText(member(source, 'Default'));
      const isSecret = asText(member(source, 'NoEcho')) === 'true';
      const allowed = member(source, 'AllowedValues');
      const values = Array.isArray(allowed) ? allowed.flatMap((each) => asText(each) ?? []) : [];
      const compared = comparedWith(name);
      return [
        name,
        {
          name,
          form,
          byDefault: stored !== undefined || isSecret ? undefined : byDefault,
          // Of a list, they are the values of its elements; of an SSM parameter, they are names.
          allowed: values.length > 0 && form === 'text' && stored === undefined ? values : undefined,
          storedAs: stored === undefined ? undefined : (byDefault ?? ''),
          compared: compared.length > 0 ? compared : undefined,
        },
      ];
    }),
  );
