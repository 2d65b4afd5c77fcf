import { ANY, type Glob, literalGlob, parseGlob } from '../policy/glob.ts';
import { contextValues } from './context-values.ts';
import type { Request } from './request.ts';

/** A policy variable. `fallback` replaces the variable where the request does not carry its key. */
type Variable = { key: string; keyName: string; fallback?: string };

/** A text of a policy, split at its policy variables. */
export type Template = readonly (Glob | Variable)[];

/**
 * Splits a pattern or condition value at its policy variables. Only documents of Version 2012-10-17 have variables:
 * in older documents, and where the syntax is malformed, `${aws:username}` is plain text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export const parseTemplate = (text: string, version: string): Template => {
  if (version !== '2012-10-17' || !text.includes('${')) return [parseGlob(text)];
  const parts: (Glob | Variable)[] = [];
  let from = 0;
  for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', from)) {
    const end = text.indexOf('}', at);
    if (end < 0) break;
    parts.push(parseGlob(text.slice(from, at)), readVariable(text.slice(at + 2, end)));
    from = end + 1;
  }
  return [...parts, parseGlob(text.slice(from))];
};

const readVariable = (content: string): Glob | Variable => {
  if (content === '*' || content === '?' || content === '$') return literalGlob(content);
  const comma = content.indexOf(',');
  const key = (comma < 0 ? content : content.slice(0, comma)).trim();
  const quoted = comma < 0 ? undefined : content.slice(comma + 1).trim();
  const fallback = quoted !== undefined && /^'.*'$/s.test(quoted) ? quoted.slice(1, -1) : undefined;
  return { key, keyName: key.toLowerCase(), ...(fallback !== undefined && { fallback }) };
};

/** The template's variables whose values are unknown for this request, spelled as in the policy. */
export const unknownKeys = (template: Template, request: Request): string[] =>
  template.flatMap((part) =>
    'key' in part && contextValues(request, part.keyName) === undefined ? part.key : [],
  );

/** The pattern of a template without variables; undefined for a template with variables. */
export const fixedGlob = (template: Template): Glob | undefined => {
  const [first] = template;
  return template.length === 1 && first && !('key' in first) ? first : undefined;
};

/**
 * The template as a pattern, with each variable replaced by its value as literal text. Null: the request carries no
 * value for a variable without default, or several values; such a text matches nothing. Undefined: a value is
 * unknown.
 */
export const resolveTemplate = (template: Template, request: Request): Glob | null | undefined => {
  const glob: number[] = [];
  for (const part of template) {
    const piece = 'key' in part ? variableGlob(part, request) : part;
    if (!piece) return piece;
    for (const unit of piece) glob.push(unit);
  }
  return glob;
};

/**
 * The template as a pattern for whatever its unknown variables stand for: each of them is a star, and so is a variable of
 * the key that the caller leaves open.
 */
export const widestGlob = (template: Template, request: Request, open?: string): Glob =>
  template.flatMap((part) => {
    if (!('key' in part)) return [...part];
    return (part.keyName === open ? undefined : variableGlob(part, request)) ?? [ANY];
  });

const variableGlob = ({ keyName, fallback }: Variable, request: Request): Glob | null | undefined => {
  const values = contextValues(request, keyName);
  if (values === undefined) return undefined;
  const [value = fallback, ...more] = values ?? [];
  return value === undefined || more.length > 0 ? null : literalGlob(value);
};
