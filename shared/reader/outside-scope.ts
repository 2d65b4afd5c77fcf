import { parseArn } from '../domain/arn.ts';
import { notRead, type Read } from './read-result.ts';
import type { Reader } from './reader.ts';

/**
 * A gap for a SageMaker resource of another account or Region, where it cannot be read; undefined for any other ARN.
 */
export const outsideScope = (arn: string, call: string, { scope }: Reader): Read<never> | undefined => {
  const { account, region } = parseArn(arn) ?? {};
  const isOutside = (account && account !== scope.account) || (region && region !== scope.region);
  if (!isOutside) return undefined;
  return notRead(
    call,
    'OutsideScope',
    `${arn} is not in account ${scope.account}, Region ${scope.region}, which this audit reads`,
  );
};
