import { isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import type { Origin } from '../declared.ts';
import { decoded, entriesOf, isEncoded, jsonOf, textOf, Untold, type Value } from '../hcl/values.ts';
import { isMarked, type PlannedResource } from './plan.ts';
import { defaultTags } from './provider-scope.ts';
import { NO_SOURCES, type Part, type World } from './world.ts';

/**
 * The document that an attribute is, as an object where it is JSON; null where there is none. Undefined where it cannot be told, which
 * is reported.
 */
export const documentOf = (resource: PlannedResource, name: string, world: World): Json | undefined =>
  documentIn(world.part(resource), name, world, world.originOf(resource, name));

/** The same of an attribute of a block. */
export const documentIn = (
  part: Part,
  name: string,
  world: World,
  origin = attributeOf(part, name),
): Json | undefined => {
  try {
    const value = part.attribute(name) ?? null;
    return value === null ? null : documentFrom(value, origin, world);
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    world.report({ ...origin, message: `this document is not told before the deployment: ${error.message}` });
    return undefined;
  }
};

const attributeOf = ({ origin: { file, pointer } }: Part, name: string): Origin => ({
  file,
  pointer: `${pointer}/${name}`,
});

/** A value as a document. A text that is no JSON stays one, because the engine says what is wrong with it. */
export const documentFrom = (value: Value, origin: Origin, world: World): Json => {
  if (value !== null && isEncoded(value)) return jsonOf(decoded(value));
  const text = textOf(value);
  const parsed = parseJson(text);
  if (!parsed.ok && world.holdsHole(text)) throw new Untold('the deployment gives a part of its text');
  if (!parsed.ok || !isObject(parsed.value)) return text;
  world.origins.set(parsed.value, origin);
  return parsed.value;
};

/** The tags of a resource as AWS lists them, with those that its provider adds. */
export const tagList = (resource: PlannedResource, world: World): JsonObject[] => {
  const origin = world.originOf(resource, 'tags');
  const read = (name: string): (readonly [string, Value])[] => {
    const value = world.part(resource).attribute(name) ?? null;
    return value === null ? [] : entriesOf(value);
  };
  const textAt = (name: string, value: Value): string | undefined => {
    if (value === null) return undefined;
    try {
      return textOf(value);
    } catch (error) {
      if (!(error instanceof Untold)) throw error;
      return world.ask({
        name: `${resource.address}.tags.${name}`,
        by: 'given',
        tell: 'write the value of the tag in place of the expression',
      });
    }
  };
  try {
    const isTold = !isMarked(resource.unknown === true || member(resource.unknown, 'tags_all'));
    const all = new Map(
      isTold && isObject(member(resource.values, 'tags_all'))
        ? read('tags_all')
        : [...defaultTags(resource, world), ...read('tags')],
    );
    return [...all].flatMap(([name, value]) => {
      const text = textAt(name, value);
      if (text === undefined) return [];
      const tag = { Key: name, Value: text };
      world.origins.set(tag, origin);
      return [tag];
    });
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    if (error.message !== NO_SOURCES)
      world.report({ ...origin, message: `${error.message}; its tags are told once it is deployed` });
    return [];
  }
};
