import { asText, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import { visibleName, visibleText } from '../../text/visible-text.ts';
import type { Origin } from '../declared.ts';
import {
  below,
  type Expression,
  evaluated,
  NO_VALUE,
  type Piece,
  type Place,
  placeBelow,
  type Scene,
  type Spelled,
  UNKNOWN,
  type Value,
} from './evaluation.ts';
import { MAX_NESTING, UNREADABLE } from './yaml-template.ts';

/**
 * Makes a part of a template ready: lists and objects of plain values stay as they are, functions become closures. Nothing is
 * reported before it is asked for, because most of a template is never asked for.
 */
export const expression = (source: Json, place: Place): Expression => {
  if (source === UNREADABLE) return { evaluate: () => UNKNOWN };
  if (typeof source === 'string') {
    const isDynamic = source.includes(DYNAMIC);
    return isDynamic ? { evaluate: (scene) => withReferences(source, scene) } : { value: source };
  }
  if (typeof source !== 'object' || source === null) return { value: source };
  const { origin, depth } = place;
  if (depth > MAX_NESTING) return failing(origin, `it is nested deeper than ${MAX_NESTING} levels`);
  if (Array.isArray(source)) return list(source, place);
  const name = functionOf(source);
  if (name === undefined) return object(source, place);
  const prepare = FUNCTIONS.get(name);
  if (!prepare)
    return failing(origin, `${visibleName(name)} is no known function here; what it gives is unknown`);
  if (Object.keys(source).length > 1 && prepare !== transform)
    return failing(origin, `${name} stands beside other keys, which AWS refuses; what it gives is unknown`);
  const made = prepare(source[name] as Json, placeBelow(place, name), source);
  const evaluate = typeof made === 'function' ? made : made.evaluate;
  const spell = typeof made === 'function' ? undefined : made.spell;
  return {
    evaluate: (scene) => scene.deeper(origin, () => evaluate(scene)),
    spell:
      spell &&
      ((scene) => {
        const found = scene.deeper(origin, () => spell(scene));
        return found === UNKNOWN ? { value: UNKNOWN } : found;
      }),
  };
};

/** What an expression gives, with the pieces of a text that functions put together or that is written at `origin`. */
export const spelled = (made: Expression, origin: Origin, scene: Scene): Spelled => {
  if (!isPlain(made)) return made.spell?.(scene) ?? { value: made.evaluate(scene) };
  const { value } = made;
  return typeof value === 'string' ? { pieces: [{ text: value, origin, offset: 0 }] } : { value };
};

/** A function whose value is the text of its pieces; undefined where one of them is unknown. */
const textual = (piecesIn: (scene: Scene) => readonly Piece[] | undefined, { origin }: Place): Textual => ({
  spell: (scene) => {
    const pieces = piecesIn(scene);
    return pieces ? { pieces } : { value: UNKNOWN };
  },
  evaluate: (scene) => {
    const found = piecesIn(scene);
    if (!found) return UNKNOWN;
    const length = found.reduce((sum, { text }) => sum + text.length + 1, 0);
    if (!scene.spend(length, origin)) return UNKNOWN;
    return withReferences(found.map(({ text }) => text).join(''), scene);
  },
});

/** A function of CloudFormation, made ready with its argument. `source` is the object around it, which names its holes. */
type Prepare = (argument: Json, place: Place, source: Json) => Evaluate | Textual;

type Evaluate = (scene: Scene) => Value;
/** A function that may put a text together. */
type Textual = { evaluate: Evaluate; spell: (scene: Scene) => Spelled };

/** The function that an object is; undefined of an object of members. A function stands alone in its object, but for transforms. */
export const functionOf = (source: JsonObject): string | undefined => {
  const names = Object.keys(source);
  const name = names.find((each) => each.startsWith('Fn::'));
  return name ?? (names.length === 1 && names[0] === 'Ref' ? 'Ref' : undefined);
};

const failing = (origin: Origin, message: string): Expression => ({
  evaluate: (scene) => {
    scene.report(origin, message);
    return UNKNOWN;
  },
});

const isPlain = (made: Expression): made is { value: Json } => 'value' in made;

const list = (source: Json[], place: Place): Expression => {
  const elements = source.map((element, index) => expression(element, placeBelow(place, index)));
  if (elements.every(isPlain)) {
    place.origins.set(source, place.origin);
    return { value: source };
  }
  return {
    evaluate: (scene) =>
      scene.deeper(place.origin, () => {
        const values = elements.map((each) => evaluated(each, scene)).filter((value) => value !== NO_VALUE);
        if (!scene.spend(values.length + 1, place.origin)) return UNKNOWN;
        scene.note(
          values as Json[],
          place.origin,
          values.every((value) => scene.known(value) !== undefined),
        );
        return values as Json[];
      }),
  };
};

const object = (source: JsonObject, place: Place): Expression => {
  const members = Object.entries(source).map(
    ([name, value]) => [name, expression(value, placeBelow(place, name))] as const,
  );
  if (members.every(([, value]) => isPlain(value))) {
    place.origins.set(source, place.origin);
    return { value: source };
  }
  return {
    evaluate: (scene) =>
      scene.deeper(place.origin, () => {
        const values = members
          .map(([name, value]) => [name, evaluated(value, scene)] as const)
          .filter(([, value]) => value !== NO_VALUE);
        if (!scene.spend(values.length + 1, place.origin)) return UNKNOWN;
        const made = Object.fromEntries(values) as JsonObject;
        scene.note(
          made,
          place.origin,
          values.every(([, value]) => scene.known(value) !== undefined),
        );
        return made;
      }),
  };
};

/** A value as a text. Undefined, and a problem, where it is a list or an object; undefined where it is unknown. */
export const textValue = (value: Value, origin: Origin, scene: Scene, what: string): string | undefined => {
  if (value === UNKNOWN) return undefined;
  const text = value === NO_VALUE ? undefined : asText(value);
  if (text === undefined) scene.report(origin, `${what} is not a text`);
  return text;
};

const listValue = (value: Value, origin: Origin, scene: Scene, what: string): Value[] | undefined => {
  if (value === UNKNOWN) return undefined;
  if (Array.isArray(value)) return value;
  scene.report(origin, `${what} is not a list`);
  return undefined;
};

const failed = (scene: Scene, origin: Origin, message: string): typeof UNKNOWN => {
  scene.report(origin, message);
  return UNKNOWN;
};

/** The arguments of a function that takes a list of them; undefined where there are too few or too many. */
const argumentsOf = (argument: Json, place: Place, least: number, most = least): Expression[] | undefined =>
  Array.isArray(argument) && argument.length >= least && argument.length <= most
    ? argument.map((each, index) => expression(each, placeBelow(place, index)))
    : undefined;

const wrongArguments =
  ({ origin }: Place, form: string) =>
  (scene: Scene): Value =>
    failed(scene, origin, `its argument is not ${form}`);

/** A value that only the deployment gives, called like the function that gives it. */
const openValue = (source: Json, { origin }: Place, scene: Scene): string => {
  const text = JSON.stringify(source);
  const name = text.length <= MAX_NAME ? text : `${cut(text, MAX_NAME)} at ${origin.pointer}`;
  return scene.fill({ name: visibleText(name), by: 'given', tell: 'write the value into the template' });
};
const MAX_NAME = 200;

const ref: Prepare = (argument, place) => {
  const name = expression(argument, place);
  return (scene) => {
    const text = textValue(evaluated(name, scene), place.origin, scene, 'the name');
    return text === undefined ? UNKNOWN : scene.refer(text, place.origin);
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getatt.html */
const getAtt: Prepare = (argument, place) => {
  const parts = Array.isArray(argument) ? argumentsOf(argument, place, 2) : [expression(argument, place)];
  if (!parts) return wrongArguments(place, 'a logical id and an attribute');
  return (scene) => {
    const texts = parts.map((each) =>
      textValue(evaluated(each, scene), place.origin, scene, 'a part of the name'),
    );
    if (texts.includes(undefined)) return UNKNOWN;
    const name = texts.join('.');
    const dot = name.indexOf('.');
    return dot < 0
      ? failed(scene, place.origin, 'its argument is not a logical id and an attribute')
      : scene.attribute(name.slice(0, dot), name.slice(dot + 1), place.origin);
  };
};

type SubPart = { text: string; offset: number } | { name: string };

/** The texts and names in a text for `Fn::Sub`. `${!Name}` is the text `${Name}`. */
export const subParts = (text: string): SubPart[] => {
  const parts: SubPart[] = [];
  let from = 0;
  for (const { 0: whole, 1: bang, 2: name = '', index } of text.matchAll(/\$\{(!?)([^{}$]*)\}/g)) {
    if (index > from) parts.push({ text: text.slice(from, index), offset: from });
    parts.push(bang ? { text: `\${${name}}`, offset: index } : { name: name.trim() });
    from = index + whole.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), offset: from });
  return parts;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html */
const sub: Prepare = (argument, place) => {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  if (
    typeof template !== 'string' ||
    !isObject(variables) ||
    (Array.isArray(argument) && argument.length !== 2)
  )
    return wrongArguments(place, 'a text, or a text and a map');
  const own = new Map(
    Object.entries(variables).map(([name, value]) => [name, expression(value, placeBelow(place, 1, name))]),
  );
  const parts = subParts(template);
  const written = Array.isArray(argument) ? below(place.origin, 0) : place.origin;
  const variableValue = (name: string, scene: Scene): Value => {
    const variable = own.get(name);
    const dot = name.indexOf('.');
    if (variable) return evaluated(variable, scene);
    return dot < 0
      ? scene.refer(name, place.origin)
      : scene.attribute(name.slice(0, dot), name.slice(dot + 1), place.origin);
  };
  return textual((scene) => {
    const pieces: Piece[] = [];
    for (const each of parts) {
      if ('text' in each) {
        pieces.push({ ...each, origin: written });
        continue;
      }
      const text = textValue(variableValue(each.name, scene), place.origin, scene, 'a part of the text');
      if (text === undefined) return undefined;
      pieces.push({ text, origin: place.origin });
    }
    return pieces;
  }, place);
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-join.html */
const join: Prepare = (argument, place, source) => {
  if (!Array.isArray(argument) || argument.length !== 2)
    return wrongArguments(place, 'a delimiter and a list');
  const [first, listed] = argument as [Json, Json];
  const delimiter = expression(first, placeBelow(place, 0));
  // Each part is made ready once: twice at each level would be too often where joins are in joins.
  const elements = Array.isArray(listed)
    ? listed.map((each, index) => {
        const at = placeBelow(place, 1, index);
        return { made: expression(each, at), origin: at.origin };
      })
    : expression(listed, placeBelow(place, 1));
  const textsIn = (scene: Scene): readonly (readonly Piece[])[] | undefined => {
    const texts: (readonly Piece[])[] = [];
    const add = (value: Value, origin: Origin): boolean => {
      const text = value === NO_VALUE ? '' : textValue(value, origin, scene, 'a part of the text');
      if (text !== undefined && value !== NO_VALUE) texts.push([{ text, origin }]);
      return text !== undefined;
    };
    if (Array.isArray(elements)) {
      for (const { made, origin } of elements) {
        const found = spelled(made, origin, scene);
        if ('pieces' in found) texts.push(found.pieces);
        else if (!add(found.value, origin)) return undefined;
      }
      return texts;
    }
    const value = evaluated(elements, scene);
    if (value === UNKNOWN) return undefined;
    // A list that only the deployment gives is one text here.
    if (!Array.isArray(value)) return [[{ text: openValue(source, place, scene), origin: place.origin }]];
    return value.every((each) => add(each, place.origin)) ? texts : undefined;
  };
  return textual((scene) => {
    const text = textValue(evaluated(delimiter, scene), place.origin, scene, 'the delimiter');
    const texts = text === undefined ? undefined : textsIn(scene);
    if (text === undefined || !texts) return undefined;
    const between: Piece = { text, origin: place.origin };
    return texts.flatMap((pieces, index) => (index === 0 || text === '' ? pieces : [between, ...pieces]));
  }, place);
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-select.html */
const select: Prepare = (argument, place, source) => {
  const parts = argumentsOf(argument, place, 2);
  if (!parts) return wrongArguments(place, 'an index and a list');
  const [index, values] = parts as [Expression, Expression];
  return (scene) => {
    const at = textValue(evaluated(index, scene), place.origin, scene, 'the index');
    const elements = evaluated(values, scene);
    if (at === undefined || elements === UNKNOWN) return UNKNOWN;
    // A list that only the deployment gives is one text here, and one that was split may have too few parts.
    const found = Array.isArray(elements) && /^\d{1,9}$/.test(at) ? elements[Number(at)] : undefined;
    return found ?? openValue(source, place, scene);
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-split.html */
const split: Prepare = (argument, place) => {
  const parts = argumentsOf(argument, place, 2);
  if (!parts) return wrongArguments(place, 'a delimiter and a text');
  return (scene) => {
    const [delimiter, text] = parts.map((each) =>
      textValue(evaluated(each, scene), place.origin, scene, 'a part of it'),
    );
    if (delimiter === undefined || text === undefined) return UNKNOWN;
    if (delimiter === '') return failed(scene, place.origin, 'its delimiter is empty');
    if (!scene.spend(text.length + 1, place.origin)) return UNKNOWN;
    const made = text.split(delimiter);
    scene.note(made, place.origin, true);
    return made;
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-if.html */
const onCondition: Prepare = (argument, place) => {
  const parts = argumentsOf(argument, place, 3);
  if (!parts) return wrongArguments(place, 'a condition and two values');
  const [condition, ...branches] = parts as [Expression, Expression, Expression];
  const chosen = (scene: Scene): 0 | 1 | undefined => {
    const name = textValue(evaluated(condition, scene), place.origin, scene, 'the name of the condition');
    return name === undefined ? undefined : scene.isTrue(name, place.origin) ? 0 : 1;
  };
  return {
    evaluate: (scene) => {
      const index = chosen(scene);
      return index === undefined ? UNKNOWN : evaluated(branches[index], scene);
    },
    spell: (scene) => {
      const index = chosen(scene);
      return index === undefined
        ? { value: UNKNOWN }
        : spelled(branches[index], below(place.origin, index + 1), scene);
    },
  };
};

/**
 * A key that is not in the map may be one that only the deployment gives; then the value is one of all that the map holds.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
 */
const findInMap: Prepare = (argument, place, source) => {
  const keys = argumentsOf(Array.isArray(argument) ? argument.slice(0, 3) : argument, place, 3);
  const options = Array.isArray(argument) ? argument[3] : undefined;
  if (!keys) return wrongArguments(place, 'the name of a map and two keys');
  const fallback = member(options, 'DefaultValue');
  const otherwise =
    fallback === undefined ? undefined : expression(fallback, placeBelow(place, 3, 'DefaultValue'));
  return (scene) => {
    const [name, first, second] = keys.map((each) =>
      textValue(evaluated(each, scene), place.origin, scene, 'a key'),
    );
    if (name === undefined || first === undefined || second === undefined) return UNKNOWN;
    const map = scene.map(name);
    const found = member(member(map, first), second);
    if (found !== undefined) return typeof found === 'string' ? withReferences(found, scene) : found;
    if (otherwise) return evaluated(otherwise, scene);
    if (!isObject(map)) return failed(scene, place.origin, `the template has no map ${visibleName(name)}`);
    const rows = Object.entries(map).filter(([key]) => member(map, first) === undefined || key === first);
    const values = rows.flatMap(([, row]) => member(row, second) ?? []);
    const all =
      values.length > 0 ? values : rows.flatMap(([, row]) => (isObject(row) ? Object.values(row) : []));
    const texts = all.map((value) => asText(value));
    if (!texts.every((text) => text !== undefined))
      return failed(scene, place.origin, 'its key is not in the map');
    return scene.fill({
      name: visibleText(cut(JSON.stringify(source), MAX_NAME)),
      values: [...new Set(texts)],
      by: 'given',
      tell: 'give the parameter or Region that is its key',
    });
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html */
const importValue: Prepare = (argument, place) => {
  const name = expression(argument, place);
  return (scene) => {
    const text = textValue(evaluated(name, scene), place.origin, scene, 'the name of the export');
    return text === undefined ? UNKNOWN : scene.imported(text, place.origin);
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html */
const getStackOutput: Prepare = (argument, place) => {
  const made = (name: string): Expression | undefined => {
    const value = member(argument, name);
    return value === undefined ? undefined : expression(value, placeBelow(place, name));
  };
  const [stack, output, region] = [made('StackName'), made('OutputName'), made('Region')];
  if (!stack || !output) return wrongArguments(place, 'a StackName and an OutputName');
  return (scene) => {
    const text = (each: Expression): string | undefined =>
      textValue(evaluated(each, scene), place.origin, scene, 'a part of its argument');
    const [name, key] = [text(stack), text(output)];
    if (name === undefined || key === undefined) return UNKNOWN;
    return scene.stackOutput({ name, output: key, region: region && text(region) }, place.origin);
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-base64.html */
const base64: Prepare = (argument, place) => {
  const plain = expression(argument, place);
  return (scene) => {
    const text = textValue(evaluated(plain, scene), place.origin, scene, 'the text');
    if (text === undefined || !scene.spend(text.length * 2, place.origin)) return UNKNOWN;
    return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html */
const toJsonString: Prepare = (argument, place) => {
  const made = expression(argument, place);
  return (scene) => {
    const value = scene.known(evaluated(made, scene));
    if (value === undefined) return UNKNOWN;
    const text = JSON.stringify(value);
    return scene.spend(text.length, place.origin) ? text : UNKNOWN;
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-length.html */
const length: Prepare = (argument, place) => {
  const made = expression(argument, place);
  return (scene) => listValue(evaluated(made, scene), place.origin, scene, 'its argument')?.length ?? UNKNOWN;
};

/** A list that only the deployment gives. It is one text, so that what is selected of it is known to be unknown. */
const openList: Prepare = (_, place, source) => (scene) => openValue(source, place, scene);

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html */
const transform: Prepare = (argument, place) => {
  const name = asText(member(argument, 'Name'));
  return (scene) =>
    failed(
      scene,
      place.origin,
      `the macro ${name === undefined ? 'in it' : visibleName(name)} is run by AWS at the deployment; what it changes is unknown`,
    );
};

const FUNCTIONS: ReadonlyMap<string, Prepare> = new Map([
  ['Ref', ref],
  ['Fn::GetAtt', getAtt],
  ['Fn::Sub', sub],
  ['Fn::Join', join],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::If', onCondition],
  ['Fn::FindInMap', findInMap],
  ['Fn::ImportValue', importValue],
  ['Fn::GetStackOutput', getStackOutput],
  ['Fn::Base64', base64],
  ['Fn::ToJsonString', toJsonString],
  ['Fn::Length', length],
  ['Fn::Cidr', openList],
  ['Fn::GetAZs', openList],
  ['Fn::Transform', transform],
]);

const DYNAMIC = '{{resolve:';

/**
 * A text with what its dynamic references stand for, which CloudFormation reads from Systems Manager and Secrets Manager.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
export const withReferences = (text: string, scene: Scene): string =>
  text.includes(DYNAMIC)
    ? text.replace(/\{\{resolve:[^{}]*\}\}/g, (reference) =>
        scene.fill({
          name: visibleName(reference),
          by: 'given',
          tell: 'write the value into the template',
        }),
      )
    : text;
