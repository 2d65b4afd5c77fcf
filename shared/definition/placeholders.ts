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
