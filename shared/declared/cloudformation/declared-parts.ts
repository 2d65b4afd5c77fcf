import { asText, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import type { Construct, DeclaredResource, Origin } from '../declared.ts';
import { below, NO_VALUE, UNKNOWN, type Value } from './evaluation.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';
import type { Stack } from './stacks.ts';

/** What is declared for a resource of one type. `around`: what other resources tell of the one with that key. */
export type Declaring = (
  resource: Resource,
  scene: StackScene,
  around: (key: string) => readonly Json[],
) => DeclaredResource[];

/** What a resource tells of others, by keys that say which these are. */
export type TellingAround = (resource: Resource, scene: StackScene) => AroundFact[];
export type AroundFact = { of: string; told: Json };

/** What every declared resource has. */
export const baseOf = ({ id, origin, metadata }: Resource, { stack, scope }: StackScene) => {
  const construct = constructOf(id, metadata, stack);
  return {
    address: `${stack.label}${id}`,
    scope,
    origin,
    ...(metadata !== undefined && { metadata }),
    ...(construct && { construct }),
  };
};

/** The construct of the CDK that a resource comes from: of a nested stack, only the template tells it. */
const constructOf = (
  id: string,
  metadata: Json | undefined,
  { constructs, parent }: Stack,
): Construct | undefined => {
  const noted = asText(member(metadata ?? null, 'aws:cdk:path'));
  const path = noted ?? (parent ? undefined : constructs?.byId.get(id));
  if (path === undefined || path === '') return undefined;
  const writtenAt = constructs?.writtenAt.get(path);
  return { path: cut(path, LONGEST_PATH), ...(writtenAt !== undefined && { writtenAt }) };
};

const LONGEST_PATH = 300;

export const propertyOrigin = ({ properties }: Resource, ...tokens: (string | number)[]): Origin =>
  below(properties, ...tokens);

/** An object made of parts of the template, which comes from where they do. Missing parts are left out. */
export const entryOf = (
  members: Readonly<Record<string, Json | undefined>>,
  origin: Origin,
  scene: StackScene,
): JsonObject => {
  const made = Object.fromEntries(
    Object.entries(members).filter((pair): pair is [string, Json] => pair[1] !== undefined),
  );
  scene.note(made, origin, true);
  return made;
};

/** The known value of a property; undefined where it is missing or unknown. */
const knownProperty = (resource: Resource, name: string, scene: StackScene): Json | undefined =>
  scene.known(scene.property(resource, name));

/** The text of a property; undefined where it is missing or unknown. */
export const textProperty = (resource: Resource, name: string, scene: StackScene): string | undefined =>
  asText(knownProperty(resource, name, scene));

/**
 * A list of texts in a property, each with its index. `isWhole` is false where it, or a part of it, is unknown.
 */
export const textsProperty = (
  resource: Resource,
  name: string,
  scene: StackScene,
): { texts: { text: string; index: number }[]; isWhole: boolean } => {
  const value = scene.property(resource, name);
  if (value === NO_VALUE) return { texts: [], isWhole: true };
  const values: Value[] = Array.isArray(value) ? value : [value];
  const texts = values.flatMap((each, index) => {
    const text = each === UNKNOWN || each === NO_VALUE ? undefined : asText(each);
    return text === undefined ? [] : [{ text, index }];
  });
  return { texts, isWhole: texts.length === values.length };
};

/** Tags as AWS lists them. Tags that are unknown are left out; what makes them unknown is reported. */
export const tagsProperty = (resource: Resource, scene: StackScene, name = 'Tags'): Json[] | undefined => {
  const value = scene.property(resource, name);
  if (!Array.isArray(value)) return undefined;
  const known = value.filter((each) => scene.known(each) !== undefined && isObject(each));
  if (known.length === value.length) return value;
  scene.note(known, propertyOrigin(resource, name), true);
  return known;
};
