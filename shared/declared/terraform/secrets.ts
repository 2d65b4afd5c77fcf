import { isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import type { Secret } from '../declared.ts';
import type { Plan } from './plan.ts';
import type { Sources } from './source-files.ts';

/** The least length of a text that is hidden. Shorter ones are parts of too much else. */
const LEAST_OF_VARIABLE = 4;
const LEAST_OF_DOCUMENT = 6;

/**
 * The texts that Terraform hides: values of sensitive variables, and of attributes that hang on something sensitive. Of a document that is
 * sensitive as a whole, these are the texts that name somebody or something.
 */
export const secretsOf = (
  { variables, hiddenVariables, resources }: Plan,
  sources: Sources | undefined,
): Secret[] => {
  const root = sources?.modules.get('');
  const isHidden = (name: string): boolean => {
    const mark = root?.variables.get(name)?.body.attributes.get('sensitive');
    return hiddenVariables.has(name) || (mark?.kind === 'literal' && mark.value === true);
  };
  const found = new Map<string, string>();
  const add = (name: string, text: string, least: number): void => {
    if (text.length >= least && !found.has(text)) found.set(text, name);
  };
  for (const [name, value] of variables)
    if (isHidden(name)) for (const text of textsIn(value)) add(`var.${name}`, text, LEAST_OF_VARIABLE);
  for (const { address, values, sensitive } of resources)
    for (const [name, value] of Object.entries(values))
      for (const text of hiddenIn(value, member(sensitive, name)))
        add(`${address}.${name}`, text, LEAST_OF_DOCUMENT);
  return [...found].map(([value, name]) => ({ name, value }));
};

const MAX_DEPTH = 60;

/** The texts under a mark. */
const hiddenIn = (value: Json, mark: Json | undefined, depth = 0): string[] => {
  if (mark === true) return textsIn(value);
  if (typeof mark !== 'object' || mark === null || depth > MAX_DEPTH) return [];
  return Object.entries(mark).flatMap(([name, each]) => {
    const inner = Array.isArray(value) ? value[Number(name)] : member(value, name);
    return inner === undefined ? [] : hiddenIn(inner, each, depth + 1);
  });
};

/** Elements of policies that tell nothing secret. */
const PUBLIC: ReadonlySet<string> = new Set(['Action', 'NotAction', 'Effect', 'Service', 'Version']);

const textsIn = (value: Json, depth = 0): string[] => {
  if (depth > MAX_DEPTH) return [];
  if (typeof value === 'string') {
    const parsed = /^\s*[{[]/.test(value) ? parseJson(value) : undefined;
    return parsed?.ok && typeof parsed.value === 'object' ? textsIn(parsed.value, depth + 1) : [value];
  }
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => (PUBLIC.has(name) ? [] : textsIn(each, depth + 1)));
};
