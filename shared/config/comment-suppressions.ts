import type { Json } from '../json/json.ts';
import { type InlineSuppression, suppressionIn } from './inline-suppressions.ts';

/** How a suppression is written in a comment. */
export const COMMENT_FORM = 'pipewarden:ignore CONTROL [step STEP] until YYYY-MM-DD: REASON';

/** Comments with this are looked at. */
export const COMMENT_MARK = 'pipewarden:';

/** What is meant as a suppression, even if it is written in another tool’s way. */
const MEANT = /pipewarden:\s*(?:ignore|skip|suppress|disable|allow|noqa)/i;

const BEGINNING = 'pipewarden:ignore ';

const LONGEST = 4096;

/**
 * The suppression in a line of a comment, or why it is none; undefined for a line that only mentions Pipewarden. It has the parts of every
 * other one: a control, an end, a reason, perhaps a step.
 */
export const commentSuppression = (
  text: string,
  controls: readonly string[],
): InlineSuppression | { wrong: string } | undefined => {
  if (!MEANT.test(text)) return undefined;
  if (text.length > LONGEST) return { wrong: `it is longer than ${LONGEST} characters` };
  const said = text.startsWith(BEGINNING) ? text.slice(BEGINNING.length) : '';
  const colon = said.indexOf(':');
  const reason = colon < 0 ? undefined : said.slice(colon + 1);
  const head = colon < 0 ? said : said.slice(0, colon);
  const [control, ...words] = head.split(/[\s,]+/).filter((word) => word !== '');
  if (control === undefined) return { wrong: `it does not begin as ${COMMENT_FORM}` };
  const [step, rest] = words[0] === 'step' ? [words[1], words.slice(2)] : [undefined, words];
  const [until, expires, ...more] = rest;
  if (until !== 'until' || expires === undefined || more.length > 0)
    return { wrong: `it has no “until YYYY-MM-DD” after its control or step: ${COMMENT_FORM}` };
  if (reason === undefined || reason.trim() === '') return { wrong: `it has no reason: ${COMMENT_FORM}` };
  const parts: Json = { control, reason: reason.trim(), expires, ...(step !== undefined && { step }) };
  const read = suppressionIn(parts, () => '', controls);
  return 'control' in read ? read : { wrong: `${read.found}; expected: ${read.expected}` };
};
