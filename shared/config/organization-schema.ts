import * as z from 'zod/mini';
import { isRegion } from '../domain/regions.ts';

/** The number of an account. YAML takes digits without quotes for a number, and drops a leading zero. */
export const accountId = z
  .string()
  .check(
    z.regex(
      /^\d{12}$/,
      'is not the number of an account; expected 12 digits in quotes, such as "111122223333"',
    ),
  );

/**
 * The id of an organizational unit, or of the root of an organization.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html
 */
export const organizationalUnitId = z
  .string()
  .check(
    z.regex(
      /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
      'is not the id of an organizational unit; expected one such as ou-ab12-cdefgh34, or that of a root, such as r-ab12',
    ),
  );

const region = z
  .string()
  .check(
    z.refine(
      (value) => isRegion(value),
      'is not a Region that this version knows; expected one such as eu-west-1',
    ),
  );

/** An organization has at most 50,000 accounts. A file may name a part of them. */
const MOST_ACCOUNTS = 10_000;
const MOST_UNITS = 1000;

const accounts = z.array(accountId).check(z.minLength(1), z.maxLength(MOST_ACCOUNTS));
const units = z.array(organizationalUnitId).check(z.minLength(1), z.maxLength(MOST_UNITS));

/** Accounts by their numbers, and by an organizational unit that they are in or below. Either list is enough. */
export const accountsShape = { accounts: z.optional(accounts), organizationalUnits: z.optional(units) };

/** The accounts and Regions that are watched. */
export const organization = z
  .strictObject({
    regions: z.optional(z.array(region).check(z.minLength(1))),
    ...accountsShape,
    exclude: z.optional(accounts),
  })
  .check(
    z.describe(
      'The accounts and Regions that are watched. Missing: the account and Region of the deployment, or of the command.',
    ),
  );
