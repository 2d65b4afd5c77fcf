import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';

/**
 * The name of a finding’s resource for people; in results of several accounts or Regions, with the account and the Region that it is
 * in.
 */
export const resourceLabel = ({
  account,
  resource: { arn },
}: Pick<Finding, 'account' | 'resource'>): string => {
  const name = resourceName(arn);
  if (account === undefined) return name;
  const region = parseArn(arn)?.region;
  return `${name} (${region ? `${account}, ${region}` : account})`;
};
