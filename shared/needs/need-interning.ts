import { oncePer, rememberedPart } from '../memo.ts';
import type { Need } from './need.ts';

/** Keeps one copy of what the needs of thousands of pipelines have in common. */
export type NeedInterning = {
  /** The one copy of a text. */
  text: (text: string) => string;
  /** A text that two needs have in common if they ask for the same, whatever else they say. */
  identity: (need: Need) => string;
  /** The need, made of the copies that are kept. */
  need: (need: Need) => Need;
};

/** A text or an object that is a part of needs, with its number among all different ones. */
type Part<T> = { number: number; value: T };

export const needInterning = (): NeedInterning => {
  let countOfTexts = 0;
  const parts = new Map<string, Part<object>>();
  const textPart = oncePer((value): Part<string> => ({ number: countOfTexts++, value }));
  const text = (each: string): string => textPart(each).value;
  // The needs of one pipeline share their objects, so that most are written as text once.
  // Kept with the roster that is being made, as some of these objects live as long as the process.
  const found = rememberedPart((value: object): Part<object> => {
    const written = JSON.stringify(value);
    const known = parts.get(written) ?? { number: parts.size, value };
    parts.set(written, known);
    return known;
  });
  const part = <T extends object>(value: T): Part<T> => found(value) as Part<T>;
  const numberOf = (value: object | undefined): number => (value ? part(value).number : -1);
  return {
    text,
    identity: ({
      action,
      resource,
      nameStars = 0,
      isOneOf = false,
      isCode = false,
      alias = '',
      context,
      request,
      or,
    }) =>
      // Numbers, as the texts themselves would be most of the memory of a roster that is being made.
      `${textPart(action).number} ${textPart(resource).number} ${textPart(alias).number} ${nameStars} ${isOneOf} ${isCode} ${numberOf(context)} ${numberOf(request)} ${numberOf(or)}`,
    need: (need) => ({
      ...need,
      action: text(need.action),
      resource: text(need.resource),
      ...(need.context && { context: part(need.context).value }),
      ...(need.request && { request: part(need.request).value }),
      ...(need.or && { or: part(need.or).value }),
    }),
  };
};
