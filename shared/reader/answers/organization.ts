import { asList, asText, isObject, type Json, member } from '../../json/json.ts';
import type { OrganizationLevel, OrganizationPolicies } from '../reader.ts';
import { policyDocument } from './policy-document.ts';

/** The policies of an account that is in no organization. */
export const NO_ORGANIZATION: OrganizationPolicies = { scps: [], rcps: [] };

/**
 * The levels in `[{"target": …, "policies": [{"Name", "Content"}]}]`, root first; undefined for anything else, so that
 * no other text is taken for “no policies”.
 */
export const organizationLevelsOf = (json: Json): OrganizationLevel[] | undefined => {
  if (!Array.isArray(json)) return undefined;
  const levels = json.map(levelOf);
  return levels.every((level) => level !== undefined) ? levels : undefined;
};

const levelOf = (json: Json): OrganizationLevel | undefined => {
  const target = asText(member(json, 'target'));
  const list = member(json, 'policies');
  if (!target || !Array.isArray(list)) return undefined;
  const policies = list.map((policy) => {
    const name = asText(member(policy, 'Name'));
    const document = policyDocument(member(policy, 'Content'));
    return name === undefined || document === undefined ? undefined : { name, document };
  });
  return policies.every((policy) => policy !== undefined) ? { target, policies } : undefined;
};

/**
 * The path of an account in its organization (`o-…/r-…/ou-…/`), from the Paths of DescribeAccount; undefined where they
 * tell none, or more than one, of this organization and account.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
 */
export const accountPath = (
  paths: Json | undefined,
  organization: string,
  account: string,
): string | undefined => {
  const [path, ...others] = asList(paths).map(asText);
  const [, id, units, last = account] = PATH.exec(path ?? '') ?? [];
  return others.length === 0 &&
    units !== undefined &&
    (id ?? organization) === organization &&
    last === account
    ? `${organization}/${units}/`
    : undefined;
};

const PATH = /^(?:(o-[a-z0-9]+)\/)?(r-[a-z0-9]+(?:\/ou-[a-z0-9-]+){0,15})(?:\/(\d{12}))?\/?$/;

/** The forms of a file with an organization’s policies, for messages. */
export const LEVELS_FORM = '[{"target": …, "policies": [{"Name": …, "Content": …}]}, …], root first';
export const ORGANIZATION_FORMS = `${LEVELS_FORM}, or {"scps": …, "rcps": …, "managementAccount": "12 digits"} with such lists`;

const FIELDS: readonly string[] = ['scps', 'rcps', 'managementAccount'];

/**
 * The organization’s policies in a file: a list with the levels of the SCPs, or `{"scps", "rcps",
 * "managementAccount"}`. Anything else is undefined, also an object with a further field: a list under a misspelt name
 * would be taken for no policies.
 */
export const organizationPoliciesOf = (json: Json): OrganizationPolicies | undefined => {
  if (isObject(json) && member(json, 'absent') === true) return NO_ORGANIZATION;
  if (isObject(json) && Object.keys(json).some((field) => !FIELDS.includes(field))) return undefined;
  const scps = organizationLevelsOf(isObject(json) ? (member(json, 'scps') ?? null) : json);
  const listed = member(json, 'rcps');
  const rcps = listed === undefined ? [] : organizationLevelsOf(listed);
  const managementAccount = member(json, 'managementAccount');
  if (!scps || !rcps) return undefined;
  if (managementAccount === undefined) return { scps, rcps };
  return typeof managementAccount === 'string' && /^\d{12}$/.test(managementAccount)
    ? { scps, rcps, managementAccount }
    : undefined;
};
