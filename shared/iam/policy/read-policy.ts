import { isObject, type Json, type JsonObject, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import {
  type PatternElement,
  type Policy,
  type PolicyKind,
  type PolicyProblem,
  type Statement,
  textPointer,
} from './policy.ts';
import {
  quoted,
  type ReportProblem,
  readTexts,
  reportTo,
  reportUnknownMembers,
  typeName,
  warning,
} from './policy-report.ts';
import { readConditions } from './read-condition.ts';
import { readPrincipals } from './read-principal.ts';

/** Longer texts are not parsed: AWS stores no policy of that size, and a hostile text could hold up an audit. */
const MAX_LENGTH = 1_048_576;

/** IAM's highest limit for identity policies: the inline policies of one role, not counting white space. */
const MAX_IDENTITY_LENGTH = 10_240;

/** What the caller says about a policy besides its text. */
export type PolicyOptions = { name: string; kind: PolicyKind };

/**
 * Reads a policy from JSON text, from URL-encoded JSON (as IAM's API returns it) or from a parsed value. Never
 * throws: what AWS would refuse is recorded as an error, and the policy is then unreadable.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const readPolicy = (source: Json, options: PolicyOptions): Policy => {
  const problems: PolicyProblem[] = [];
  const root = typeof source === 'string' ? parseText(source, options.kind, problems) : source;
  const read = problems.some(isError) ? NOTHING : readDocument(root, options.kind, reportTo(problems));
  return { ...options, ...read, problems, isReadable: !problems.some(isError) };
};

type PolicyBody = Pick<Policy, 'version' | 'statements'>;
const NOTHING: PolicyBody = { version: '2008-10-17', statements: [] };

const isError = ({ severity }: PolicyProblem): boolean => severity === 'error';

const parseText = (source: string, kind: PolicyKind, problems: PolicyProblem[]): Json => {
  const fail = (code: string, message: string, place = {}): null => {
    problems.push({ code, severity: 'error', message, pointer: '', ...place });
    return null;
  };
  if (source.length > MAX_LENGTH)
    return fail(
      'too-large',
      `the document has ${source.length} characters; more than ${MAX_LENGTH} are not read`,
    );
  const text = decoded(source);
  if (text === undefined) return fail('not-json', 'the document is URL-encoded, but the encoding is broken');
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { fault, message, line, column } = parsed.error;
    const code = fault === 'not JSON' ? 'not-json' : 'doubled-name';
    return fail(code, `the document is ${fault}: ${message}`, { line, column });
  }
  const stored = text.replaceAll(/\s/g, '').length;
  if (kind === 'identity' && stored > MAX_IDENTITY_LENGTH) {
    const message = `the document has ${stored} characters without white space; of a policy of your own IAM stores ${MAX_IDENTITY_LENGTH} at most`;
    problems.push(warning('oversized', '', message));
  }
  return parsed.value;
};

/** A document as a value; undefined for a text that cannot be read, of which `readPolicy` says why. */
export const documentIn = (source: Json): Json | undefined => {
  if (typeof source !== 'string') return source;
  const text = source.length > MAX_LENGTH ? undefined : decoded(source);
  const parsed = text === undefined ? undefined : parseJson(text);
  return parsed?.ok ? parsed.value : undefined;
};

/** IAM's API returns documents URL-encoded (RFC 3986). No JSON object begins with a percent sign. */
const decoded = (text: string): string | undefined => {
  if (!/^\s*%7b/i.test(text)) return text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
};

const readDocument = (root: Json, kind: PolicyKind, report: ReportProblem): PolicyBody => {
  if (!isObject(root)) {
    report('malformed-document', '', `a policy is a JSON object, and this is ${typeName(root)}`);
    return NOTHING;
  }
  reportUnknownMembers(root, ['Version', 'Id', 'Statement'], '', report);
  const version = member(root, 'Version') ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17') {
    report('unknown-version', '/Version', `Version must be "2012-10-17", and is ${typeName(version)}`);
    return NOTHING;
  }
  return { version, statements: readStatements(member(root, 'Statement'), kind, report) };
};

const readStatements = (value: Json | undefined, kind: PolicyKind, report: ReportProblem): Statement[] => {
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) {
    report(
      'missing-element',
      value === undefined ? '' : '/Statement',
      `Statement must be a list of statements, and is ${typeName(value)}`,
    );
    return [];
  }
  const list: readonly Json[] = isList ? value : [value];
  if (list.length === 0) report('empty-element', '/Statement', 'the policy has no statement');
  return list.flatMap(
    (raw, index) =>
      readStatement(raw, { kind, index, pointer: isList ? `/Statement/${index}` : '/Statement' }, report) ??
      [],
  );
};

type StatementPlace = { kind: PolicyKind; index: number; pointer: string };

const ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

const readStatement = (raw: Json, place: StatementPlace, report: ReportProblem): Statement | undefined => {
  const { kind, index, pointer } = place;
  if (!isObject(raw)) {
    report('malformed-statement', pointer, `a statement is an object, and this is ${typeName(raw)}`);
    return undefined;
  }
  reportUnknownMembers(raw, ELEMENTS, pointer, report);
  const sid = member(raw, 'Sid');
  if (sid !== undefined && typeof sid !== 'string')
    report('wrong-type', `${pointer}/Sid`, `Sid must be a text, and is ${typeName(sid)}`);
  const effect = member(raw, 'Effect');
  if (effect !== 'Allow' && effect !== 'Deny') {
    const at = effect === undefined ? pointer : `${pointer}/Effect`;
    report('malformed-effect', at, `Effect must be "Allow" or "Deny", and is ${typeName(effect)}`);
    return undefined;
  }
  const principal = oneOf(raw, 'Principal', pointer, report);
  const principals = readPrincipals({ ...principal, pointer, kind }, report);
  const actions = readPatterns(raw, 'Action', place, report);
  const resources = readPatterns(raw, 'Resource', place, report);
  if (!actions) return undefined;
  return {
    index,
    pointer,
    effect,
    actions,
    ...(typeof sid === 'string' && sid !== '' && { sid }),
    ...(resources && { resources }),
    ...(principals && { principals }),
    conditions: readConditions(member(raw, 'Condition'), `${pointer}/Condition`, report),
  };
};

/** Reads an element or its negation; a statement must not have both. */
const oneOf = (
  raw: JsonObject,
  name: string,
  pointer: string,
  report: ReportProblem,
): { value: Json | undefined; isNot: boolean } => {
  const value = member(raw, name);
  const not = member(raw, `Not${name}`);
  if (value !== undefined && not !== undefined)
    report('both-elements', pointer, `a statement has either ${name} or Not${name}, and this one has both`);
  return not === undefined ? { value, isNot: false } : { value: not, isNot: true };
};

/**
 * These policies may leave out Resource (as a role's trust policy does): the statement is then about the resource
 * itself.
 */
const WITHOUT_RESOURCE: readonly PolicyKind[] = ['trust', 'resource', 'endpoint'];

const readPatterns = (
  raw: JsonObject,
  name: 'Action' | 'Resource',
  { kind, pointer }: StatementPlace,
  report: ReportProblem,
): PatternElement | undefined => {
  const { value, isNot } = oneOf(raw, name, pointer, report);
  if (value === undefined) {
    if (name === 'Action' || !WITHOUT_RESOURCE.includes(kind))
      report('missing-element', pointer, `the statement has neither ${name} nor Not${name}`);
    return undefined;
  }
  const place = `${pointer}/${isNot ? 'Not' : ''}${name}`;
  const element = readTexts(value, place, report);
  if (!element) return undefined;
  if (element.texts.length === 0) report('empty-element', place, 'the list is empty');
  const isWellFormed =
    name === 'Action' ? isAction : kind === 'resource' || kind === 'endpoint' ? () => true : isResource;
  const advice = name === 'Action' ? '"service:Action" or "*"' : 'an ARN or "*"';
  for (const [index, text] of element.texts.entries())
    if (!isWellFormed(text))
      report(
        `malformed-${name.toLowerCase()}`,
        textPointer(element, index),
        `${quoted(text)} must be ${advice}`,
      );
  return { ...element, isNot };
};

const isAction = (text: string): boolean => text === '*' || /^[^\s:]+:[^\s:]+$/.test(text);
const isResource = (text: string): boolean => text === '*' || text.startsWith('arn:');
