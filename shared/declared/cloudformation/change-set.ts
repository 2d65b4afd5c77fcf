import { isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import { readTemplateText } from './template-text.ts';

/** A resource that a change set makes or changes. `properties`: JSON with what CloudFormation knows of it, `{"Properties":{…}}`. */
export type ChangedProperties = { id: string; type: string; properties: string };

/**
 * The template of what a change set makes and changes alone: with the values that CloudFormation tells, and as the template says it where
 * only the deployment tells them. What does not change is as it is in the account. The change set tells all numbers and booleans as texts,
 * so that literals are taken from the template.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
 */
export const templateOfChanges = (template: string, changes: readonly ChangedProperties[]): string => {
  const { tree } = readTemplateText('template', template);
  const resources = member(tree, 'Resources');
  const changed = changes.map(({ id, type, properties: source }): [string, JsonObject] => {
    const written = member(member(resources, id), 'Properties');
    const context = changeContext(source);
    const told = context && (member(context, 'Properties') ?? context);
    const merged = told === undefined ? written : withTold(written, told, 0);
    return [id, { Type: type, ...(merged !== undefined && { Properties: merged }) }];
  });
  // What macros have made of the template is in what the change set tells.
  const { Transform: _, ...rest } = isObject(tree) ? tree : {};
  return JSON.stringify({ ...rest, Resources: Object.fromEntries(changed) });
};

/** What a change set tells of a resource; undefined where that is nothing that anybody can read. */
export const changeContext = (source: string): JsonObject | undefined => {
  const read = parseJson(source);
  if (!read.ok || !isObject(read.value)) return undefined;
  const properties = member(read.value, 'Properties');
  return properties === undefined || isObject(properties) ? read.value : undefined;
};

/** How a change set writes a value that only the deployment tells. The user guide of change sets has it, that of hooks leaves it open. */
const UNTOLD = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** What is written nowhere and not told before the deployment: a function that nobody knows may give anything. */
const UNKNOWN: Json = { 'Fn::Transform': { Name: 'Unknown' } };

const MAX_DEPTH = 100;

const withTold = (written: Json | undefined, told: Json, depth: number): Json => {
  if (typeof told === 'string') {
    if (told.includes(UNTOLD)) return written ?? UNKNOWN;
    const isLiteral = typeof written === 'number' || typeof written === 'boolean';
    return isLiteral && String(written) === told ? written : told;
  }
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (isObject(told)) {
    // What a function gives in this place is told as a whole, or its parts are unknown.
    const own = isObject(written) && !isFunction(written) ? written : {};
    const isWhole = own === written || written === undefined;
    if (!isWhole && holdsUntold(told)) return written ?? UNKNOWN;
    const names = [...new Set([...Object.keys(own), ...Object.keys(told)])];
    return Object.fromEntries(
      names.map((name) => {
        const [before, after] = [member(own, name), member(told, name)];
        return [name, after === undefined ? (before ?? UNKNOWN) : withTold(before, after, depth + 1)];
      }),
    );
  }
  if (!Array.isArray(told)) return told;
  if (Array.isArray(written) && written.length === told.length)
    return told.map((each, index) => withTold(written[index], each, depth + 1));
  return written !== undefined && holdsUntold(told)
    ? written
    : told.map((each) => withTold(undefined, each, depth + 1));
};

const isFunction = (value: JsonObject): boolean => {
  const [name = '', ...others] = Object.keys(value);
  return others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
};

const holdsUntold = (value: Json): boolean => JSON.stringify(value).includes(UNTOLD);
