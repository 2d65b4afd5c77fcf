import { parseArn } from '../domain/arn.ts';
import type { AccountReaders } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { AuditContext } from './audit-resource.ts';

/**
 * The context for each request about an account: with the reader of the Region that the resource’s ARN names, or with the
 * first one for what an account has once for all Regions. The contexts share all else, also the evidence of the account.
 */
export const contextsOf = (
  readers: AccountReaders,
  shared: Omit<AuditContext, 'reader'>,
): ((request: Pick<AuditRequest, 'resource'>) => AuditContext) => {
  const [home] = readers;
  const atHome: AuditContext = { ...shared, reader: home };
  const byRegion = new Map(
    readers.map((reader) => [reader.scope.region, reader === home ? atHome : { ...shared, reader }]),
  );
  return ({ resource: { arn } }) => byRegion.get(parseArn(arn)?.region ?? '') ?? atHome;
};
