import { isObject, type Json } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import type { DeclaredResource } from './declared.ts';

/** Where a text stands in what is declared, as far as that says what the text means. */
export type TextPlace =
  /** An element of a policy’s statement: Resource, Action, Principal, Condition. `services`: those of its actions. */
  | { in: 'policy'; element: string; services: readonly string[] }
  /** A value of a pipeline’s definition, by the name of its field. */
  | { in: 'definition'; field: string }
  /** Anything else, by the name of its field. */
  | { in: 'entry'; field: string };

/** A text of what is declared. */
export type DeclaredText = { text: string; place: TextPlace };

/** The deepest nesting that is walked. AWS’s documents nest far less. */
const MAX_DEPTH = 64;

/** All texts in declared resources; those in policies and definitions that are texts themselves, too. */
export const textsOf = (resources: readonly DeclaredResource[]): DeclaredText[] => {
  const found: DeclaredText[] = [];
  for (const resource of resources) {
    for (const value of valuesOf(resource)) walk(value, { in: 'entry', field: '' }, 0, found);
  }
  return found;
};

/** What a resource declares, without the fields that only say where. */
const valuesOf = (resource: DeclaredResource): Json[] => {
  const {
    type: _,
    address: __,
    origin: ___,
    scope: ____,
    metadata: _____,
    notes: ______,
    construct: _______,
    ...declared
  } = resource;
  return [JSON.parse(JSON.stringify(declared)) as Json];
};

const walk = (value: Json, place: TextPlace, depth: number, found: DeclaredText[]): void => {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') {
    const document = documentIn(value);
    if (document === undefined) found.push({ text: value, place });
    else walk(document, isDefinition(document) ? { in: 'definition', field: '' } : place, depth + 1, found);
  } else if (Array.isArray(value)) {
    for (const each of value) walk(each, place, depth + 1, found);
  } else if (isObject(value)) {
    const services = servicesOf(value);
    for (const [key, each] of Object.entries(value))
      walk(each, placeOf(key, place, services, value), depth + 1, found);
  }
};

const documentIn = (text: string): Json | undefined => {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const parsed = parseJson(text);
  return parsed.ok && typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : undefined;
};

const isDefinition = (document: Json): boolean => isObject(document) && Array.isArray(document.Steps);

/** The services in the actions of a statement; none of any other object. */
const servicesOf = (statement: Record<string, Json>): string[] => {
  if (statement.Effect === undefined) return [];
  const actions = [statement.Action, statement.NotAction].flat();
  return actions.flatMap((action) =>
    typeof action === 'string' ? [action.split(':')[0]?.toLowerCase() ?? ''] : [],
  );
};

const ELEMENTS = ['Resource', 'NotResource', 'Action', 'NotAction', 'Principal', 'NotPrincipal', 'Condition'];

const placeOf = (
  key: string,
  outer: TextPlace,
  services: readonly string[],
  holder: Record<string, Json>,
): TextPlace => {
  if (outer.in === 'policy') return outer;
  if (holder.Effect !== undefined && ELEMENTS.includes(key)) return { in: 'policy', element: key, services };
  return { ...outer, field: key };
};
