import { compareDecimals, type Decimal, parseDecimal } from './decimal.ts';

/** Year and month, optionally a day, then optionally a time with its fraction and zone. */
const ISO =
  /^(\d{4}-\d\d)(?:-(\d\d)(?:[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))?)?)?$/;

/** A JavaScript date can hold this many seconds before and after 1970. */
const MAX_SECONDS: Decimal = { units: 8_640_000_000_000n, scale: 0 };
const MIN_SECONDS: Decimal = { units: -8_640_000_000_000n, scale: 0 };

/**
 * The instant of an ISO 8601 date (in the W3C profile: https://www.w3.org/TR/NOTE-datetime) or of seconds since 1970,
 * in whole milliseconds. Without a zone, the time is UTC. Undefined for other texts and for days or hours that do not
 * exist. A bare `2026` means seconds, not a year: AWS allows both forms and does not say which one wins.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
export const parseDate = (text: string): number | undefined => {
  const seconds = parseDecimal(text);
  if (seconds) return isDate(seconds) ? milliseconds(seconds) : undefined;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, month, day = '01', time = '00:00', second = '00', fraction = '', sign, hours, minutes] = match;
  const date = new Date(`${month}-${day}T${time}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // JavaScript turns the 30th of February into the 2nd of March, and a 32nd of any month into an invalid date.
  if (date.getUTCDate() !== Number(day)) return undefined;
  const offset = sign ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;
  return date.getTime() - offset * 60_000;
};

const isDate = (seconds: Decimal): boolean =>
  compareDecimals(seconds, MAX_SECONDS) <= 0 && compareDecimals(seconds, MIN_SECONDS) >= 0;

/** Computed with integers: as a double, 1767225600.001 seconds would not be exactly that many milliseconds. */
const milliseconds = ({ units, scale }: Decimal): number => Number((units * 1000n) / 10n ** BigInt(scale));
