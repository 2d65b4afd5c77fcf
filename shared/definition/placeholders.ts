import type { TextPart } from './text-parts.ts';

/** `${name}` of Terraform, CloudFormation and shells, and `{{ name }}` of Jinja. */
const PLACEHOLDER = /\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}/g;

/** Whether a text has a place that a template leaves open. */
export const hasPlaceholder = (text: string): boolean => text.search(PLACEHOLDER) >= 0;

/**
 * A text of a template: what stands in its placeholders is only known when it is filled in.
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
