import type { Mistake } from '../definition/mistake.ts';
import { asList, isObject, type Json, member, pointerToken } from '../json/json.ts';
import { suggestion } from '../text/suggestion.ts';
import { isCalendarDate, type Suppression } from './schema.ts';

/** A suppression in a definition: it is of the definition itself, so that it names no resource. */
export type InlineSuppression = Omit<Suppression, 'resource'>;

/** The suppressions of a definition, and what keeps others from being one. */
export type InlineSuppressions = { suppressions: InlineSuppression[]; mistakes: Mistake[] };

const PLACE = ['Metadata', 'pipewarden', 'suppressions'] as const;
const FIELDS = ['control', 'step', 'reason', 'expires'] as const;

/** A person reads and renews them. */
const MOST = 200;
const LONGEST = 2048;

/**
 * The suppressions that a definition itself has in `Metadata.pipewarden.suppressions`: `{ control, step, reason, expires }`, of
 * which the step may be left out. One with a mistake suppresses nothing. Only `lint` reads them: who writes a definition must not
 * silence an audit.
 */
export const inlineSuppressions = (root: Json, controls: readonly string[]): InlineSuppressions => {
  const found: InlineSuppressions = { suppressions: [], mistakes: [] };
  const written = PLACE.reduce<Json | undefined>((at, key) => member(at, key), root);
  const place = `/${PLACE.join('/')}`;
  if (written === undefined) return found;
  if (!Array.isArray(written)) found.mistakes.push(mistake(place, 'no list', 'a list of suppressions'));
  for (const [index, entry] of asList(written).slice(0, MOST).entries()) {
    const read = suppressionIn(entry, `${place}/${index}`, controls);
    if ('control' in read) found.suppressions.push(read);
    else found.mistakes.push(read);
  }
  return found;
};

const mistake = (pointer: string, found: string, expected: string): Mistake => ({
  certainty: 'sure',
  pointer,
  found,
  expected,
  remedy: `mend the suppression at ${pointer}, which suppresses nothing until then`,
});

const suppressionIn = (entry: Json, at: string, controls: readonly string[]): InlineSuppression | Mistake => {
  const expected =
    '{ "control", "step" (or none for the whole definition), "reason", "expires": "YYYY-MM-DD" }';
  if (!isObject(entry)) return mistake(at, 'no object', expected);
  const other = Object.keys(entry).find((key) => !FIELDS.some((field) => field === key));
  if (other !== undefined) return mistake(`${at}/${pointerToken(other)}`, `a field ${other}`, expected);
  const texts = Object.fromEntries(FIELDS.map((field) => [field, member(entry, field)]));
  const { control, step, reason, expires } = texts;
  if (!isText(control) || !isText(reason) || !isText(expires) || (step !== undefined && !isText(step)))
    return mistake(at, 'a field is missing, empty or no text', expected);
  if (!controls.includes(control))
    return mistake(
      `${at}/control`,
      `there is no control ${JSON.stringify(control)}${suggestion(control, controls)}`,
      'the id of a control',
    );
  if (!isCalendarDate(expires)) return mistake(`${at}/expires`, expires, 'a date: YYYY-MM-DD');
  return { control, reason, expires, ...(step !== undefined && { step }) };
};

const isText = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST;
