import { compareDecimals, parseDecimal } from './decimal.ts';

/** Year, month, day, and optionally a time with its fraction and its zone. */
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/;

/** The greatest instant that a JavaScript date can hold, in seconds; larger numbers are no dates. */
const MAX_SECONDS = { units: 8_640_000_000_000n, scale: 0 };

/**
 * The instant of an ISO 8601 date or of seconds since 1970, in milliseconds; undefined where the text is neither, or
 * names a day or hour that does not exist. Without a zone it is UTC.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
export const parseDate = (text: string): number | undefined => {
  const seconds = parseDecimal(text);
  if (seconds) return compareDecimals(seconds, MAX_SECONDS) > 0 ? undefined : Number(text) * 1000;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, zoneHours, zoneMinutes] = match.map(
    (part) => part ?? '0',
  );
  const start = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isDay = new Date(start).toISOString().startsWith(`${year}-${month}-${day}`);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  return start + minutes * 60_000 + Number(second) * 1000 + Number(`0.${fraction}`) * 1000;
};
