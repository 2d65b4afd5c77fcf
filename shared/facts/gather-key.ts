import { parseArn } from '../domain/arn.ts';
import type { Need } from '../needs/need.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import { principalRequest } from '../requests/resource-requests.ts';
import { unjudged } from './gather-principal.ts';
import { type GatherContext, type Gathered, notApplicable, withoutFacts } from './gathered.ts';

/** The roles that need a KMS key or alias are looked at next. The key itself is not judged. */
export const gatherKey = async (
  { resource: { arn }, trigger }: RequestOf<'key'>,
  { evidence }: GatherContext,
): Promise<Gathered<'key'>> => {
  const roster = await evidence.roster();
  if (!roster.ok) return unjudged('key', arn, [roster.unread]);
  const roles = [...roster.value.roles.values()].filter(({ needs }) =>
    needs.some(({ need }) => mayBeOf(need, arn)),
  );
  return withoutFacts('key', notApplicable('the roles that need it are judged instead'), {
    arn,
    follow: roles.flatMap(({ roleArn }) => principalRequest(roleArn, { trigger, changed: ['uses'] })),
  });
};

/** A need that names an alias may be of any key: the alias is resolved when the key's policy is read. */
const mayBeOf = ({ action, resource, alias }: Need, arn: string): boolean => {
  if (!action.startsWith('kms:')) return false;
  const name = parseArn(arn)?.resource ?? '';
  if (!name.startsWith('alias/')) return alias !== undefined || resource.includes('*') || resource === arn;
  return alias !== undefined && alias.slice(alias.indexOf('alias/')) === name;
};
