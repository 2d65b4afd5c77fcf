import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { accountId, organizationalUnitId } from '../../config/organization-schema.ts';
import { type Json, pointerToken } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { parseJson, positionOf } from '../../json/json-text.ts';
import { issueWords } from '../../text/issue-words.ts';
import type { OrganizationSource } from '../organization-source.ts';
import { found, notRead, type Read } from '../read-result.ts';
import type { OrganizationLevel } from '../reader.ts';
import { policyDocument } from './policy-document.ts';

/** An organization has at most 50,000 accounts, 2,000 units, and some thousands of policies. */
const MOST_ACCOUNTS = 50_000;
const MOST_TARGETS = 60_000;
const MOST_POLICIES = 20_000;
/** Of one type; AWS allows ten and fewer on one root, unit or account. */
const MOST_ATTACHED = 100;

const organizationId = z
  .string()
  .check(
    z.regex(/^o-[a-z0-9]{4,40}$/, 'is not the id of an organization; expected one such as o-exampleorgid'),
  );

const policyId = z
  .string()
  .check(z.regex(/^p-\w{1,128}$/, 'is not the id of a policy; expected one such as p-examplepolicyid'));

const path = z
  .string()
  .check(
    z.regex(
      /^o-[a-z0-9]+\/r-[a-z0-9]+\/(?:ou-[a-z0-9-]+\/){0,15}$/,
      'is not the path of an account; expected one such as o-exampleorgid/r-ab12/ou-ab12-cdefgh34/',
    ),
  );

const most = (count: number) =>
  z.refine<Record<string, unknown>>(
    (value) => Object.keys(value).length <= count,
    `has more than ${count} entries`,
  );

/** The schema of the file, version 1. `docs/organization-policies.schema.json` is generated from it. */
export const organizationFileSchema = z.strictObject({
  version: z.literal(1),
  asOf: z.iso.datetime().check(z.describe('When AWS began to be asked.')),
  id: organizationId,
  managementAccount: accountId,
  policies: z
    .record(
      policyId,
      z.strictObject({
        name: z.string().check(z.maxLength(256)),
        type: z.enum(['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']),
        content: z.union([z.record(z.string(), z.unknown()), z.string().check(z.maxLength(100_000))]),
      }),
    )
    .check(most(MOST_POLICIES), z.describe('The SCPs and RCPs, by their ids.')),
  targets: z
    .record(
      z.union([organizationalUnitId, accountId]),
      z.array(policyId).check(z.maxLength(2 * MOST_ATTACHED)),
    )
    .check(
      most(MOST_TARGETS),
      z.describe('The ids of the policies that are attached to the root, to units and to accounts.'),
    ),
  accounts: z
    .record(accountId, path)
    .check(most(MOST_ACCOUNTS), z.describe('The path of each account in the organization.')),
});

export type OrganizationFile = z.infer<typeof organizationFileSchema>;

/** A mistake in the text of a file. Lines and columns count from 1. */
export type FileIssue = { line: number; column: number; message: string };

/** The largest number of mistakes that are told. */
const MOST_ISSUES = 20;

/** The SCPs and RCPs of all accounts of an organization, from a file; or what is wrong with the file, and where. */
export const parseOrganizationFile = (
  text: string,
): { ok: true; file: OrganizationFile } | { ok: false; issues: FileIssue[] } => {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column, fault, message } = parsed.error;
    return { ok: false, issues: [{ line, column, message: `${fault}: ${message}` }] };
  }
  const checked = checkOrganizationFile(parsed.value);
  if (checked.ok) return checked;
  const told = checked.issues.slice(0, MOST_ISSUES);
  const pointers = told.map(({ at }) => at.map((key) => `/${pointerToken(key)}`).join(''));
  const ranges = jsonRanges(text, pointers);
  return {
    ok: false,
    issues: told.map(({ at, message }, index) => ({
      ...positionOf(text, ranges.get(pointers[index] ?? '')?.start ?? 0),
      message: `${at.length > 0 ? `${at.join('.')}: ` : ''}${message}`,
    })),
  };
};

type Issue = { at: (string | number)[]; message: string };

/** The same from a value that was parsed. */
export const checkOrganizationFile = (
  value: Json,
): { ok: true; file: OrganizationFile } | { ok: false; issues: Issue[] } => {
  z.config(en());
  const checked = organizationFileSchema.safeParse(value, { reportInput: true });
  const issues = checked.success ? contradictionsIn(checked.data) : checked.error.issues.flatMap(toIssues);
  return checked.success && issues.length === 0 ? { ok: true, file: checked.data } : { ok: false, issues };
};

const toIssues = (issue: z.core.$ZodIssue): Issue[] => {
  const at = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ at: [...at, key], message: 'there is no such key here' }));
  if (issue.code === 'invalid_key')
    return [{ at, message: issue.issues[0] ? issueWords(issue.issues[0]) : 'there is no such key here' }];
  if (at.length === 0)
    return [
      { at, message: 'not the policies of an organization, which pipewarden snapshot --organization writes' },
    ];
  return [{ at, message: issueWords(issue) }];
};

/** What is missing would be taken for “no policies”. */
const contradictionsIn = ({ id, policies, targets, accounts }: OrganizationFile): Issue[] => [
  ...Object.entries(policies).flatMap(([policy, { content }]): Issue[] =>
    policyDocument(content as Json) === undefined
      ? [{ at: ['policies', policy, 'content'], message: 'is no policy' }]
      : [],
  ),
  ...Object.entries(targets).flatMap(([target, attached]) =>
    attached.flatMap((policy, index): Issue[] =>
      Object.hasOwn(policies, policy)
        ? []
        : [{ at: ['targets', target, index], message: `policies has no ${policy}` }],
    ),
  ),
  ...Object.entries(accounts).flatMap(([account, place]): Issue[] => {
    const at = ['accounts', account];
    if (!place.startsWith(`${id}/`)) return [{ at, message: `is in another organization than ${id}` }];
    const missing = levelsAbove(place, account).find((target) => !Object.hasOwn(targets, target));
    return missing === undefined ? [] : [{ at, message: `targets has no ${missing}` }];
  }),
];

/** The ids of the account and of all that contains it, root first. */
const levelsAbove = (place: string, account: string): string[] => [...place.split('/').slice(1, -1), account];

/** What a file tells of an account, and the ids of all that this hangs on. */
export type OrganizationOfFile = Omit<OrganizationSource, 'forgetBefore'> & {
  /** The account, all that contains it, and the policies that they have; undefined for an account that the file lacks. */
  hangsOn: (account: string) => ReadonlySet<string> | undefined;
};

/** The name of the file in messages and gaps. */
export const ORGANIZATION_FILE = 'organization-policies.json';

/** Answers on the organization from a file. */
export const organizationOfFile = (file: OrganizationFile): OrganizationOfFile => {
  const { policies, targets, accounts, id, managementAccount, asOf } = file;
  const placeOf = (account: string): string | undefined =>
    Object.hasOwn(accounts, account) ? accounts[account] : undefined;
  const lacking = (account: string): Read<never> =>
    notRead(
      ORGANIZATION_FILE,
      'NotInFile',
      `the policies of the organization of ${asOf} hold nothing of the account ${account}: take them again with pipewarden snapshot --organization`,
    );
  const levelsOf = (place: string, account: string, type: string): OrganizationLevel[] => {
    const levels = levelsAbove(place, account).map((target) => ({
      target,
      policies: (targets[target] ?? []).flatMap((policy) => {
        const { name, type: of, content } = policies[policy] ?? {};
        const document = policyDocument(content as Json);
        return of === type && name !== undefined && document !== undefined ? [{ name, document }] : [];
      }),
    }));
    return levels.some((level) => level.policies.length > 0) ? levels : [];
  };
  return {
    policiesOf: async (account) => {
      const place = placeOf(account);
      if (place === undefined) return lacking(account);
      return found({
        scps: levelsOf(place, account, 'SERVICE_CONTROL_POLICY'),
        rcps: levelsOf(place, account, 'RESOURCE_CONTROL_POLICY'),
        managementAccount,
        own: { id, path: place },
        toldAt: asOf,
      });
    },
    ownOf: async (account) => {
      const place = placeOf(account);
      return place === undefined ? lacking(account) : found({ id, path: place });
    },
    hangsOn: (account) => {
      const place = placeOf(account);
      if (place === undefined) return undefined;
      const levels = levelsAbove(place, account);
      return new Set([...levels, ...levels.flatMap((target) => targets[target] ?? [])]);
    },
  };
};
