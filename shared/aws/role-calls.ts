import { GetRoleCommand, IAMClient, type IAMClientConfig } from '@aws-sdk/client-iam';
import { INCOMPLETE } from '../facts/describe.ts';
import { found, notRead, type Read } from '../facts/read.ts';
import type { RoleFact } from '../facts/reader.ts';
import { call } from './call.ts';

export const makeIamClient = (config: IAMClientConfig): IAMClient => new IAMClient(config);

/** A role, with the path that its ARN holds and a session's ARN does not. */
export const readRole = async (client: IAMClient, name: string): Promise<Read<RoleFact>> => {
  const output = await call('GetRole', () => client.send(new GetRoleCommand({ RoleName: name })));
  if (!output.ok) return output;
  const { RoleName, Arn } = output.value.Role ?? {};
  return RoleName === undefined || Arn === undefined
    ? notRead('GetRole', INCOMPLETE, `the answer holds no role ${name}`)
    : found({ name: RoleName, arn: Arn });
};
