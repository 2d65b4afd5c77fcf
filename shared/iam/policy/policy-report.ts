import { asText, isObject, type Json, type JsonObject } from '../../json/json.ts';
import { cut } from '../../text/cut.ts';
import type { PolicyProblem, TextElement } from './policy.ts';

/** Records an error: something in a policy that AWS would refuse, and its place in the document. */
export type ReportProblem = (code: string, pointer: string, message: string) => void;

/** A report that appends errors to a list. */
export const reportTo =
  (problems: PolicyProblem[]): ReportProblem =>
  (code, pointer, message) => {
    problems.push({ code, severity: 'error', message, pointer });
  };

/** A warning: AWS stores the document, but it does something else than it seems to do. */
export const warning = (code: string, pointer: string, message: string): PolicyProblem => ({
  code,
  severity: 'warning',
  message,
  pointer,
});

/** Reports every member that the policy grammar does not have; AWS refuses a document with such a member. */
export const reportUnknownMembers = (
  value: JsonObject,
  known: readonly string[],
  pointer: string,
  report: ReportProblem,
): void => {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const right = known.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    const advice = right ? `write ${right}` : `known are ${known.join(', ')}`;
    report('unknown-element', pointer, `${quoted(name)} is no element of a policy here; ${advice}`);
  }
};

/** Reads a scalar or a list of scalars, which the grammar allows in most places; undefined if the value is neither. */
export const readTexts = (value: Json, pointer: string, report: ReportProblem): TextElement | undefined => {
  const isList = Array.isArray(value);
  const texts: string[] = [];
  for (const [index, entry] of (isList ? value : [value]).entries()) {
    const text = asText(entry);
    const place = isList ? `${pointer}/${index}` : pointer;
    if (text === undefined)
      report('wrong-type', place, `a text was expected, and this is ${typeName(entry)}`);
    else texts.push(text);
  }
  return texts.length === (isList ? value.length : 1) ? { texts, pointer, isList } : undefined;
};

/** The kind of a value, as part of a sentence. */
export const typeName = (value: Json | undefined): string =>
  value === undefined
    ? 'missing'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : isObject(value)
          ? 'an object'
          : `the ${typeof value} ${quoted(String(value))}`;

/** A value from the document, shortened for a message. */
export const quoted = (text: string): string => JSON.stringify(cut(text, 101));
