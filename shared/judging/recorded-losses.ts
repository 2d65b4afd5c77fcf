import { parseArn } from '../domain/arn.ts';
import type { PolicyText, RoleChange } from '../domain/role-change.ts';
import type { RecordedUse, RecordedUses } from '../events/recorded-uses.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { allowOf, decide, denyOf } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { NO, YES } from '../iam/decide/match.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Request } from '../iam/decide/request.ts';
import type { Policy, PrincipalElement, Statement } from '../iam/policy/policy.ts';
import { principalOf } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import type { Json } from '../json/json.ts';
import { oncePer } from '../memo.ts';
import { trustAsItIs } from '../policies/trust-document.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { field } from '../text/one-line.ts';

/** Whether a change may take something from somebody. One that only adds to a role takes nothing. */
export const takesAway = (change: RoleChange): boolean => {
  switch (change.type) {
    case 'put-policy':
      return change.document.Statement.some(({ Effect }) => Effect === 'Deny');
    case 'trust':
    case 'untag':
      return true;
    case 'tag':
      return false;
  }
};

/** A principal whom a change would change, with every policy that affects it. */
export type Changed = { identity: Identity; policies: Policies };

/**
 * The recorded uses that a change would end, or may end. A use counts if it is allowed today or perhaps is, and after the
 * change it is denied or perhaps is. A use that today’s policies deny for sure is not the change’s doing.
 */
export const lostUses = (
  before: Changed,
  change: RoleChange,
  { uses: own, untold, assumptions }: Pick<RecordedUses, 'uses' | 'untold' | 'assumptions'>,
): RecordedUse[] => {
  const uses = [...own, ...untold.map((use) => ({ ...use, by: SOMEBODY }))];
  switch (change.type) {
    case 'put-policy': {
      const told = denialsOf(change.document);
      const untold = denialsOf(onAnything(change.document));
      return uses.filter(
        (use) =>
          denyOf(
            use.resource === undefined ? untold : told,
            use.action.toLowerCase(),
            requestOf(before, use),
            {},
          ) !== NO && isStillAllowed(before, use),
      );
    }
    case 'untag':
      return lostWithTag(before, change.key, uses);
    case 'trust': {
      const { trust } = before.identity;
      return trust ? lostAssumptions(trust, change.document, assumptions) : [];
    }
    case 'tag':
      return [];
  }
};

const SOMEBODY = 'somebody whom the record does not tell';

const denialsOf = (document: PolicyText): PolicyIndex =>
  indexPolicies([readPolicy(document as unknown as Json, { name: 'change', kind: 'identity' })]);

/** What a document denies on some resource, for a use whose resource is not told. */
const onAnything = ({ Version, Statement }: PolicyText): PolicyText => ({
  Version,
  Statement: Statement.map(({ NotResource: _, ...statement }) => ({ ...statement, Resource: ['*'] })),
});

const requestOf = ({ identity }: Changed, { action, resource = '*', keys }: RecordedUse): Request => ({
  principal: identity.principal,
  action,
  resource,
  context: contextOf(keys),
});

/**
 * Whether the use may be allowed today. What no policy of the principal allows, a policy of the resource may allow, which
 * is not known here: IAM and SageMaker’s pipelines and jobs have none within an account.
 */
const isStillAllowed = (before: Changed, use: RecordedUse): boolean => {
  const { resource, action } = use;
  if (resource === undefined) return true;
  const decision = decide(before.policies, requestOf(before, use));
  if (decision === 'ExplicitDeny') return false;
  const isOwn = parseArn(resource)?.account === before.identity.principal.account;
  return decision !== 'ImplicitDeny' || !isOwn || !/^(?:iam|sagemaker):/i.test(action);
};

const lostWithTag = (before: Changed, tagKey: string, uses: readonly RecordedUse[]): RecordedUse[] => {
  const hangsOnTag = oncePer((action) => readsTag(before.policies, tagKey, action));
  const tags = new Map(before.identity.principal.tags);
  tags.delete(tagKey.toLowerCase());
  const principal = { ...before.identity.principal, tags };
  return uses.filter(
    (use) =>
      hangsOnTag(use.action) &&
      isStillAllowed(before, use) &&
      (use.resource === undefined ||
        decide(before.policies, { ...requestOf(before, use), principal }) !== 'Allow'),
  );
};

/** Whether a statement on the action reads the tag of the principal; without one, the tag decides nothing. */
const readsTag = (
  { identity, boundary, session, scps = [], rcps = [], resource, endpoint }: Policies,
  tagKey: string,
  action: string,
): boolean => {
  const tag = `aws:principaltag/${tagKey}`.toLowerCase();
  return [identity, boundary, session, ...scps, ...rcps, resource, endpoint].some((index) => {
    if (!index) return false;
    const { allows, denies } = index.candidates(action.toLowerCase());
    return [...allows, ...denies].some(({ statement }) =>
      JSON.stringify(statement).toLowerCase().includes(tag),
    );
  });
};

/** Who assumed the role by a statement that the change takes away or rewrites, and by no statement afterwards. */
const lostAssumptions = (
  trust: Policy,
  document: Json,
  assumptions: readonly RecordedUse[],
): RecordedUse[] => {
  const after = readPolicy(document, { name: trust.name, kind: 'trust' });
  const kept = new Set(after.statements.map(textOf));
  const taken = trust.statements.filter((each) => each.effect === 'Allow' && !kept.has(textOf(each)));
  const takenIndex = indexPolicies([{ ...trust, statements: taken }]);
  const afterIndex = indexPolicies([after]);
  return assumptions.filter(({ by, action, resource = '*', keys }) => {
    const account = by !== undefined && /^\d{12}$/.test(by) ? by : undefined;
    const principal = by === undefined || account !== undefined ? undefined : principalOf(by);
    if (!principal) return taken.some((statement) => mayName(statement.principals, account));
    const request: Request = { principal, action, resource, context: contextOf(keys) };
    const name = action.toLowerCase();
    const isAllowedBy = (index: PolicyIndex) => allowOf(index, name, request, {});
    return isAllowedBy(takenIndex) !== NO && isAllowedBy(afterIndex) !== YES;
  });
};

const textOf = (statement: Statement): string =>
  JSON.stringify(trustAsItIs({ statements: [statement], version: '2012-10-17' }));

/** Whether a statement may name somebody of whom only the account is known, or nothing. */
const mayName = (principals: PrincipalElement | undefined, account: string | undefined): boolean =>
  principals !== undefined &&
  (principals.isNot ||
    account === undefined ||
    // A principal of another account may also be named by its unique id (AIDA…, AROA…).
    principals.principals.some(
      ({ type, value }) => type === 'AWS' && (!value.startsWith('arn:') || value.includes(account)),
    ));

/** Advice lists this many uses. */
const MAX_LISTED = 4;
const MAX_NAME = 200;

/** The uses as text: `sagemaker:CreateModel on arn:… (3 times, last at 2026-11-20T10:00:00Z)`. */
export const usesText = (uses: readonly RecordedUse[], most = MAX_LISTED): string =>
  listed(
    uses.map(({ by, action, resource, times, last }) => {
      const who = by === undefined ? '' : `${field(by, MAX_NAME)}: `;
      const on = resource === undefined ? 'a resource that is not told' : field(resource, MAX_NAME);
      const at = last === undefined ? '' : `, last at ${last}`;
      return `${who}${action} on ${on} (${times === 1 ? 'once' : counted(times, 'time')}${at})`;
    }),
    most,
  );

/** Which records were looked at for a change: `1204 records from 2026-11-01 to 2026-11-28`. */
export const recordsText = (
  { records, span, tellsObjects }: Pick<RecordedUses, 'records' | 'span' | 'tellsObjects'>,
  change: RoleChange,
): string => {
  const days = span ? ` from ${span.from.slice(0, 10)} to ${span.to.slice(0, 10)}` : '';
  const without = tellsObjects || !mayEndObjects(change) ? '' : ', which hold no data events of S3';
  return `${counted(records, 'record')}${days}${without}`;
};

/** Whether a change may end reads or writes of objects, which management events do not show. */
const mayEndObjects = (change: RoleChange): boolean =>
  change.type === 'untag' ||
  (change.type === 'put-policy' &&
    change.document.Statement.some(
      ({ Effect, Action }) => Effect === 'Deny' && Action.some((action) => /^(?:s3:|\*)/i.test(action)),
    ));
