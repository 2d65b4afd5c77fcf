import { compareDecimals, type Decimal, parseDecimal } from './decimal.ts';

/** Year and month, then a day, then a time with its fraction and its zone: each may be left out from the end. */
const ISO =
  /^(\d{4}-\d\d)(?:-(\d\d)(?:[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))?)?)?$/;

/** The greatest instant that a JavaScript date can hold, in seconds to both sides of 1970. */
const MAX_SECONDS: Decimal = { units: 8_640_000_000_000n, scale: 0 };
const MIN_SECONDS: Decimal = { units: -8_640_000_000_000n, scale: 0 };

/**
 * The instant of an ISO 8601 date (as the W3C narrows it down: https://www.w3.org/TR/NOTE-datetime) or of seconds since
 * 1970, in whole milliseconds; undefined where the text is neither, or names a day or hour that does not exist. Without
 * a zone it is UTC. A bare `2026` is seconds, not a year: AWS allows both forms and does not say which wins.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
export const parseDate = (text: string): number | undefined => {
  const seconds = parseDecimal(text);
  if (seconds) return isDate(seconds) ? milliseconds(seconds) : undefined;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, month, day = '01', time = '00:00', second = '00', fraction = '', sign, hours, minutes] = match;
  const date = new Date(`${month}-${day}T${time}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // The engine takes a 30th of February for the 2nd of March; of a day that never is it makes an invalid date.
  if (date.getUTCDate() !== Number(day)) return undefined;
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  return date.getTime() - offset * 60_000;
};

const isDate = (seconds: Decimal): boolean =>
  compareDecimals(seconds, MAX_SECONDS) <= 0 && compareDecimals(seconds, MIN_SECONDS) >= 0;

/** By integers, as a double makes 1767225600.001 seconds something else than the same time of day. */
const milliseconds = ({ units, scale }: Decimal): number => Number((units * 1000n) / 10n ** BigInt(scale));
