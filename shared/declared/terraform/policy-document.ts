import { asList, isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import {
  decoded,
  encoded,
  isEncoded,
  jsonOf,
  listOf,
  ofJsonText,
  textOf,
  Untold,
  type Value,
} from '../hcl/values.ts';
import type { Part, World } from './world.ts';

/**
 * The policy that the data source aws_iam_policy_document makes of its blocks: statements of the source documents, its own, and those
 * of the override documents, of which one with the sid of an earlier one takes its place.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 */
export const documentData = (part: Part, world: World): Value => {
  const own: JsonObject[] = part.blocks('statement').map((block) => statementOf(block, world));
  const before = documentsIn(part, 'source_policy_documents', 'source_json');
  const after = documentsIn(part, 'override_policy_documents', 'override_json');
  const statements = [...before.map(statementsOf), own, ...after.map(statementsOf)].reduce(merged, []);
  const id = scalar(part, 'policy_id');
  const document: JsonObject = {
    Version: scalar(part, 'version') ?? '2012-10-17',
    ...(id !== undefined && { Id: id }),
    Statement: statements,
  };
  world.origins.set(document, part.origin);
  return encoded(document);
};

const scalar = (part: Part, name: string): string | undefined => {
  const value = part.attribute(name);
  return value === undefined || value === null || value === '' ? undefined : textOf(value);
};

const documentsIn = (part: Part, name: string, formerName: string): Json[] => {
  const list = part.attribute(name) ?? null;
  const former = part.attribute(formerName) ?? null;
  const all = [...(former === null ? [] : [former]), ...(list === null ? [] : listOf(list))];
  return all.flatMap((each) => (each === null || each === '' ? [] : [documentOf(each)]));
};

const documentOf = (value: Value): Json =>
  jsonOf(value !== null && isEncoded(value) ? decoded(value) : ofJsonText(textOf(value)));

const statementsOf = (document: Json): JsonObject[] => {
  const list = asList(member(document, 'Statement'));
  if (!isObject(document) || !list.every(isObject))
    throw new Untold('a document that it is made of is no policy');
  return list;
};

/** The statements, with others that take the place of those of the same sid. */
const merged = (statements: JsonObject[], others: JsonObject[]): JsonObject[] => {
  const made = [...statements];
  for (const each of others) {
    const sid = member(each, 'Sid');
    const at = sid === undefined || sid === '' ? -1 : made.findIndex((known) => member(known, 'Sid') === sid);
    if (at < 0) made.push(each);
    else made[at] = each;
  }
  return made;
};

const statementOf = (block: Part, world: World): JsonObject => {
  const texts = (name: string, key: string): JsonObject => {
    const value = oneOrAll(textsIn(block, name));
    if (typeof value === 'object')
      world.origins.set(value, { file: block.origin.file, pointer: `${block.origin.pointer}/${name}` });
    return typeof value === 'object' && value.length === 0 ? {} : { [key]: value };
  };
  const sid = scalar(block, 'sid');
  const statement: JsonObject = {
    ...(sid !== undefined && { Sid: sid }),
    Effect: scalar(block, 'effect') ?? 'Allow',
    ...texts('actions', 'Action'),
    ...texts('not_actions', 'NotAction'),
    ...texts('resources', 'Resource'),
    ...texts('not_resources', 'NotResource'),
    ...principals(block, 'principals', 'Principal'),
    ...principals(block, 'not_principals', 'NotPrincipal'),
    ...conditions(block),
  };
  world.origins.set(statement, block.origin);
  return statement;
};

/** In these blocks `&{…}` stands for a variable of IAM, because `${…}` is one of Terraform. */
const withVariables = (text: string): string => text.replaceAll('&{', '${');

const textsIn = (block: Part, name: string): string[] => {
  const value = block.attribute(name) ?? null;
  return value === null
    ? []
    : listOf(value).flatMap((each) => (each === null ? [] : [withVariables(textOf(each))]));
};

const oneOrAll = (texts: readonly string[]): string | string[] => {
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : texts.toSorted().toReversed();
};

const principals = (block: Part, type: string, key: string): JsonObject => {
  const byType = new Map<string, string[]>();
  for (const each of block.blocks(type)) {
    const kind = scalar(each, 'type') ?? '';
    byType.set(kind, [...(byType.get(kind) ?? []), ...textsIn(each, 'identifiers')]);
  }
  if (byType.size === 0) return {};
  const [everyone] = byType.get('*') ?? [];
  if (byType.size === 1 && everyone === '*') return { [key]: '*' };
  return { [key]: Object.fromEntries([...byType].map(([kind, texts]) => [kind, oneOrAll(texts)])) };
};

const conditions = (block: Part): JsonObject => {
  const byTest = new Map<string, Map<string, string[]>>();
  for (const each of block.blocks('condition')) {
    const test = scalar(each, 'test') ?? '';
    const variable = withVariables(scalar(each, 'variable') ?? '');
    const ofTest = byTest.get(test) ?? new Map<string, string[]>();
    ofTest.set(variable, [...(ofTest.get(variable) ?? []), ...textsIn(each, 'values')]);
    byTest.set(test, ofTest);
  }
  if (byTest.size === 0) return {};
  return {
    Condition: Object.fromEntries(
      [...byTest].map(([test, variables]) => [
        test,
        Object.fromEntries([...variables].map(([name, texts]) => [name, oneOrAll(texts)])),
      ]),
    ),
  };
};
