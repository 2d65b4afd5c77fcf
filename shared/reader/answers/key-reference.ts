import { parseArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { found, notRead, type Read } from '../read-result.ts';

/** How a text names a KMS key: by id, or by an alias (`alias/…`), which can be moved to another key. */
export type KeyReference = { type: 'id' | 'alias'; name: string };

const NAME = /^[A-Za-z0-9-]{1,128}$/;
const ALIAS = /^alias\/[A-Za-z0-9/_-]{1,250}$/;

/**
 * The key that an ARN, alias or id names. A key of another account or Region is a gap: it must not be looked up under
 * the same name here, and KMS gives a key’s policy to the key’s own account only.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
 */
export const keyReference = (key: string, { account, region }: Scope, call: string): Read<KeyReference> => {
  const arn = parseArn(key);
  if (arn?.service === 'kms' && (arn.account !== account || arn.region !== region)) {
    const where = `account ${arn.account}, Region ${arn.region}`.slice(0, 200);
    return notRead(call, 'OutsideScope', `the key belongs to ${where}`);
  }
  const name = arn?.service === 'kms' ? arn.resource.replace(/^key\//, '') : key;
  if (ALIAS.test(name)) return found({ type: 'alias', name });
  if (NAME.test(name)) return found({ type: 'id', name });
  return notRead(call, 'InvalidName', `no KMS key can be named ${JSON.stringify(key).slice(0, 300)}`);
};
