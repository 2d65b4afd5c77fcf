import type { Mistake } from '../definition/mistake.ts';
import { APPROVAL_FIELDS, type Approval, approvalOf } from '../domain/approval.ts';
import { asList, asText, isObject, type Json, member, pointerToken } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { isCalendarDate } from '../text/calendar-date.ts';
import { misspelt, suggestion } from '../text/suggestion.ts';
import type { Suppression } from './schema.ts';

/** A suppression in a definition: it is of the definition itself, so that it names no resource. */
export type InlineSuppression = Omit<Suppression, 'resource'>;

/** The suppressions of a definition, and what keeps others from being one. */
export type InlineSuppressions = { suppressions: InlineSuppression[]; mistakes: Mistake[] };

const OWN = '/Metadata/pipewarden';
const FIELDS = ['control', 'step', 'reason', 'expires', ...APPROVAL_FIELDS] as const;

/** A person reads and renews them. */
const MOST = 200;
const LONGEST = 2048;

/**
 * The suppressions that a definition itself has in `Metadata.pipewarden.suppressions`: `{ control, step, reason, expires }`, of
 * which the step may be left out, and who stands for it may be added (`owner`, `approvedBy`, `ticket`, `approvedOn`). `Metadata.pipewarden` may be the JSON of that as well, as the published schema of definitions has
 * texts alone for metadata. One with a mistake suppresses nothing. Only `lint` reads them: who writes a definition must not
 * silence an audit.
 */
export const inlineSuppressions = (root: Json, controls: readonly string[]): InlineSuppressions => {
  const found: InlineSuppressions = { suppressions: [], mistakes: [] };
  const own = member(member(root, 'Metadata'), 'pipewarden');
  if (own === undefined || own === null) return found;
  const text = asText(own);
  if (text !== undefined && !text.trimStart().startsWith('{')) return found; // whatever somebody notes there
  const parsed = text === undefined ? own : jsonOf(text);
  if (!isObject(parsed)) {
    found.mistakes.push(mistake(OWN, 'neither an object nor the JSON of one', '{ "suppressions": […] }'));
    return found;
  }
  for (const key of Object.keys(parsed))
    if (misspelt(key, ['suppressions']) !== undefined && key !== 'suppressions')
      found.mistakes.push(mistake(OWN, `a field ${key}`, '{ "suppressions": […] }'));
  const written = member(parsed, 'suppressions');
  const place = text === undefined ? `${OWN}/suppressions` : OWN;
  if (written === undefined) return found;
  if (!Array.isArray(written)) found.mistakes.push(mistake(place, 'no list', 'a list of suppressions'));
  for (const [index, entry] of asList(written).slice(0, MOST).entries()) {
    const read = suppressionIn(
      entry,
      (below) => (text === undefined ? `${place}/${index}${below}` : OWN),
      controls,
    );
    if ('control' in read) found.suppressions.push(read);
    else found.mistakes.push(read);
  }
  return found;
};

const jsonOf = (text: string): Json | undefined => {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : undefined;
};

const mistake = (pointer: string, found: string, expected: string): Mistake => ({
  certainty: 'sure',
  pointer,
  found,
  expected,
  remedy: `mend the suppression at ${pointer}, which suppresses nothing until then`,
});

/** A suppression by its parts, or what is wrong with them. `at`: the place of a part. */
export const suppressionIn = (
  entry: Json,
  at: (below: string) => string,
  controls: readonly string[],
): InlineSuppression | Mistake => {
  const expected =
    '{ "control", "step" (or none for the whole definition), "reason", "expires": "YYYY-MM-DD" }';
  if (!isObject(entry)) return mistake(at(''), 'no object', expected);
  const other = Object.keys(entry).find((key) => !FIELDS.some((field) => field === key));
  if (other !== undefined) return mistake(at(`/${pointerToken(other)}`), `a field ${other}`, expected);
  const texts = Object.fromEntries(FIELDS.map((field) => [field, member(entry, field)]));
  const { control, step, reason, expires } = texts;
  if (!isText(control) || !isText(reason) || !isText(expires) || (step !== undefined && !isText(step)))
    return mistake(at(''), 'a field is missing, empty or no text', expected);
  if (!controls.includes(control))
    return mistake(
      at('/control'),
      `there is no control ${JSON.stringify(control)}${suggestion(control, controls)}`,
      'the id of a control',
    );
  if (!isCalendarDate(expires)) return mistake(at('/expires'), expires, 'a date: YYYY-MM-DD');
  const approval: Approval = {};
  for (const field of APPROVAL_FIELDS) {
    const told = texts[field];
    if (told === undefined) continue;
    if (!isText(told)) return mistake(at(`/${field}`), 'empty or no text', expected);
    approval[field] = told;
  }
  if (approval.approvedOn !== undefined && !isCalendarDate(approval.approvedOn))
    return mistake(at('/approvedOn'), approval.approvedOn, 'a date: YYYY-MM-DD');
  return { control, reason, expires, ...approvalOf(approval), ...(step !== undefined && { step }) };
};

const isText = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST;
