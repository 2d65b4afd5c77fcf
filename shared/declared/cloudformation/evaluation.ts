import { isObject, type Json, type JsonObject, member, pointerToken } from '../../json/json.ts';
import type { Hole, Origin, Origins } from '../declared.ts';

/** What `Ref: AWS::NoValue` gives: the member or element around it does not exist. */
export const NO_VALUE = Symbol('AWS::NoValue');
/** A value that cannot be told and may be of any form: what a macro gives, or a function that nobody knows. */
export const UNKNOWN = Symbol('unknown');

/**
 * What an expression gives. A list or object may hold `UNKNOWN` in place of a part of it; `Scene.known` tells.
 */
export type Value = Json | typeof NO_VALUE | typeof UNKNOWN;

/** A part of a template, ready to be evaluated again and again. Of one without functions the value is the template’s own. */
export type Expression =
  | { value: Json }
  | { evaluate: (scene: Scene) => Value; spell?: ((scene: Scene) => Spelled) | undefined };

/** The text that functions put together, in its pieces, or any other value. */
export type Spelled = { pieces: readonly Piece[] } | { value: Value };

/**
 * A piece of a text that a function puts together, and where it comes from. With `offset` (in UTF-16 units), it was written there in the text
 * at `origin`; without it, something at `origin` gave it.
 */
export type Piece = { text: string; origin: Origin; offset?: number };

/** A hole and the value that was made up for it. */
export type OpenHole = { hole: Hole; value: string };

export type Condition = (scene: Scene) => boolean;

export const evaluated = (expression: Expression, scene: Scene): Value =>
  'value' in expression ? expression.value : expression.evaluate(scene);

/** What the functions of a template may ask of the stack in which they stand, while holes are filled in one way. */
export type Scene = {
  /** `Ref`: a parameter, a pseudo parameter or a resource. */
  refer: (name: string, origin: Origin) => Value;
  /** `Fn::GetAtt`. */
  attribute: (logicalId: string, attribute: string, origin: Origin) => Value;
  isTrue: (condition: string, origin: Origin) => boolean;
  /** The whole map of that name; undefined where there is none. */
  map: (name: string) => Json | undefined;
  imported: (name: string, origin: Origin) => Value;
  stackOutput: (stack: { name: string; output: string; region: string | undefined }, origin: Origin) => Value;
  /** Evaluates something, with the holes of which nobody knows anything and on which it hangs. */
  open: <T>(evaluate: () => T) => { value: T; holes: readonly OpenHole[] };
  /** The value of a hole of this stack: its name is completed by the stack’s. */
  fill: (hole: Hole) => string;
  report: (origin: Origin, message: string) => void;
  /** Whether so many more values or characters may be made. Reports once where not. */
  spend: (amount: number, origin: Origin) => boolean;
  /** One level deeper, unless this is too deep. */
  deeper: <T>(origin: Origin, evaluate: () => T) => T | typeof UNKNOWN;
  /** Notes where a made list or object comes from, and whether a part of it is unknown. */
  note: (made: Json[] | JsonObject, origin: Origin, isKnown: boolean) => void;
  /** The value, if no part of it is unknown or missing. */
  known: (value: Value) => Json | undefined;
};

/** A member of an evaluated object: `UNKNOWN` of what is unknown, `NO_VALUE` where there is none. */
export const part = (value: Value, name: string): Value => {
  if (value === UNKNOWN) return UNKNOWN;
  if (!isObject(value)) return NO_VALUE;
  return member(value, name) ?? NO_VALUE;
};

/** An origin of a part of what another origin is of. */
export const below = ({ file, pointer }: Origin, ...tokens: (string | number)[]): Origin => ({
  file,
  pointer: [pointer, ...tokens.map(pointerToken)].join('/'),
});

/** Where expressions stand, how deep, and what notes the origins of plain values. */
export type Place = { origin: Origin; depth: number; origins: Origins };

export const placeBelow = ({ origin, depth, origins }: Place, ...tokens: (string | number)[]): Place => ({
  origin: below(origin, ...tokens),
  depth: depth + tokens.length,
  origins,
});
