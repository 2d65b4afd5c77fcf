import type { Json } from '../../json/json.ts';
import type { Origins } from '../declared.ts';
import type { Expression } from './evaluation.ts';
import { readTemplate, type Template } from './template.ts';

/** A template as a file holds it, and what is known of the stack that it makes. */
export type TemplateInput = {
  /** The path as a person can open it. */
  path: string;
  text: string;
  /** What is known of the stack; what is missing is asked for. */
  stack?: { name?: string; account?: string; region?: string };
  constructs?: Constructs;
  /** The templates of nested stacks, by the logical ids of their resources. */
  nested?: ReadonlyMap<string, TemplateInput>;
  /** The texts of files that are uploaded with the template, by their keys in S3. */
  assets?: ReadonlyMap<string, { path: string; text: string }>;
};

/** What a cloud assembly tells of constructs: their paths by logical ids, and where the code makes them by their paths. */
export type Constructs = { byId: ReadonlyMap<string, string>; writtenAt: ReadonlyMap<string, string> };

/** A stack that a template makes. */
export type Stack = {
  /** Its place among all stacks. */
  index: number;
  template: Template;
  /** What its names are told with where there are several stacks: `Training.`; empty where there is one. */
  label: string;
  name: string | undefined;
  account: string | undefined;
  region: string | undefined;
  assets: TemplateInput['assets'];
  constructs: Constructs | undefined;
  /** The values of JSON texts that were read last, by where they stand: most are the same whatever the holes are filled with. */
  texts: Map<string, { text: string; value: Json }>;
  /** Nested stacks, by logical id. */
  nested: ReadonlyMap<string, Stack>;
  /** The stack in which this one is nested, and as which resource. */
  parent: { stack: Stack; id: string } | undefined;
  /** What the outer stack passes for a parameter. Missing where nobody passes anything. */
  passed: ((parameter: string) => { expression: Expression; stack: Stack } | undefined) | undefined;
};

/** How deep stacks may be nested. */
const MAX_NESTED = 20;

/** Reads templates into stacks, outer ones before those nested in them. */
export const stacksOf = (inputs: readonly TemplateInput[], origins: Origins): Stack[] => {
  const all: Stack[] = [];
  const isAlone = inputs.length === 1 && (inputs[0]?.nested?.size ?? 0) === 0;
  const labels = new Set<string>();
  const labelOf = (text: string): string => {
    if (isAlone) return '';
    let label = `${text}.`;
    for (let next = 2; labels.has(label); next++) label = `${text}-${next}.`;
    labels.add(label);
    return label;
  };
  const add = (input: TemplateInput, parent: Stack['parent'], depth: number): Stack => {
    const template = readTemplate(input.path, input.text, origins);
    const nested = new Map<string, Stack>();
    const own = parent ? `${parent.stack.label}${parent.id}` : (input.stack?.name ?? fileName(input.path));
    const stack: Stack = {
      index: all.length,
      template,
      label: labelOf(own),
      name: parent ? undefined : input.stack?.name,
      account: parent ? parent.stack.account : input.stack?.account,
      region: parent ? parent.stack.region : input.stack?.region,
      assets: input.assets ?? parent?.stack.assets,
      constructs: input.constructs ?? parent?.stack.constructs,
      texts: new Map(),
      nested,
      parent,
      passed: parent && passedBy(parent.stack, parent.id),
    };
    all.push(stack);
    if (depth < MAX_NESTED)
      for (const [id, inner] of input.nested ?? []) nested.set(id, add(inner, { stack, id }, depth + 1));
    return stack;
  };
  for (const input of inputs) add(input, undefined, 0);
  return all;
};

const fileName = (path: string): string => {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replace(/(?:\.template)?\.(?:json|ya?ml|template)$/i, '') || name;
};

const passedBy =
  (stack: Stack, id: string): NonNullable<Stack['passed']> =>
  (parameter) => {
    const expression = stack.template.resources.get(id)?.property('Parameters', parameter);
    return expression && { expression, stack };
  };
