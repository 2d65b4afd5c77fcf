import { asText, isObject, type Json, member } from '../../json/json.ts';
import type { Origin } from '../declared.ts';
import { below, type Expression, evaluated, type Place, part, placeBelow, type Value } from './evaluation.ts';
import { expression, functionOf } from './expressions.ts';
import { UNREADABLE } from './yaml-template.ts';

/** A resource of a template. Its properties are made ready when they are first asked for. */
export type Resource = {
  id: string;
  type: string;
  origin: Origin;
  /** The name of the condition under which it exists. */
  condition: string | undefined;
  properties: Origin;
  /** What the template notes of the resource; for CloudFormation it means nothing. */
  metadata: Json | undefined;
  /** Whether SAM makes policies of connectors that stand beside its properties. */
  hasConnectors: boolean;
  /** The names of the properties that the template gives. */
  propertyNames: readonly string[];
  /** A property, or a part of it by the names on the way; undefined where the template does not give it. */
  property: (...path: [string, ...string[]]) => Expression | undefined;
};

/** A resource as it is written; undefined where it has no type. */
export const resourceOf = (
  id: string,
  source: Json,
  origin: Origin,
  placeAt: (origin: Origin) => Place,
): Resource | undefined => {
  const type = member(source, 'Type');
  if (typeof type !== 'string') return undefined;
  const properties = member(source, 'Properties') ?? {};
  const own = below(origin, 'Properties');
  // A macro or an unknown function in place of the properties, or beside them, may give any of them.
  const macro =
    !isObject(properties) ||
    properties === UNREADABLE ||
    Object.keys(properties).some((name) => name.startsWith('Fn::'))
      ? expression(properties, placeAt(own))
      : undefined;
  const made = new Map<string, Expression>();
  return {
    id,
    type,
    origin,
    condition: asText(member(source, 'Condition')),
    properties: own,
    metadata: member(source, 'Metadata'),
    hasConnectors: type.startsWith('AWS::Serverless::') && member(source, 'Connectors') !== undefined,
    propertyNames: isObject(properties) ? Object.keys(properties) : [],
    property: (...path) => {
      const key = path.join(' ');
      const known = made.get(key) ?? (macro ? partOf(macro, path) : partAt(properties, placeAt(own), path));
      if (known) made.set(key, known);
      return known;
    },
  };
};

/** The expression of a part of a value, however functions lie on the way to it. */
const partAt = (source: Json, place: Place, path: readonly string[]): Expression | undefined => {
  const [name, ...rest] = path;
  if (name === undefined) return expression(source, place);
  const isMap = isObject(source) && source !== UNREADABLE && functionOf(source) === undefined;
  if (!isMap) return partOf(expression(source, place), path);
  const value = member(source, name);
  return value === undefined ? undefined : partAt(value, placeBelow(place, name), rest);
};

const partOf = (whole: Expression, path: readonly string[]): Expression => ({
  evaluate: (scene) => path.reduce<Value>((value, name) => part(value, name), evaluated(whole, scene)),
});
