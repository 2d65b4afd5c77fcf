import type { TriedRemediation, Verdict } from '../domain/finding.ts';

/** The one verdict of a control that has nothing to judge on a resource, and why. */
export const doesNotApply = (because: string): Verdict[] => [{ status: 'NOT_APPLICABLE', because }];

/** Advice with a document to put in place, where there is one. */
export const advised = (text: string, document: string | undefined): TriedRemediation =>
  document === undefined ? { text } : { text, patch: document, isDocument: true };

/** The advice of a remediation without its policy. */
export const plainText = ({ text, plain = text }: Pick<TriedRemediation, 'text' | 'plain'>): string => plain;
