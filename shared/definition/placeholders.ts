import type { TextPart } from './text-parts.ts';

/** `${name}` of Terraform, CloudFormation and shells, and `{{ name }}` of Jinja. */
const PLACEHOLDER = /\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}/g;

/** Whether a text contains a template's placeholder. */
export const hasPlaceholder = (text: string): boolean => text.search(PLACEHOLDER) >= 0;

/**
 * Splits a template's text: its placeholders are unknown until a tool fills them in.
 * https://developer.hashicorp.com/terraform/language/functions/templatefile,
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
 */
export const templateParts = (text: string): TextPart[] => {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: placeholder, index } of text.matchAll(PLACEHOLDER)) {
    parts.push({ text: text.slice(from, index) }, { unknown: placeholder });
    from = index + placeholder.length;
  }
  return [...parts, { text: text.slice(from) }];
};

/** Whether a template’s text may become another text when its placeholders are filled in; not where it has none. */
export const mayBecome = (template: string, text: string): boolean => {
  if (!hasPlaceholder(template)) return false;
  const known = templateParts(template).flatMap((part) => ('text' in part ? part.text : []));
  const [first = '', ...between] = known;
  const last = between.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of between) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
};
