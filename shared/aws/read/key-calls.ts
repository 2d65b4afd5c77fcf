import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import type { Scope } from '../../domain/scope.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { type KeyReference, keyReference } from '../../reader/answers/key-reference.ts';
import { policyDocument } from '../../reader/answers/policy-document.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { KeyPolicy } from '../../reader/reader.ts';
import { call } from './call.ts';
import { namingActions } from './naming-actions.ts';

export const makeKmsClient = (config: KMSClientConfig): KMSClient =>
  namingActions('kms', new KMSClient(config));

/**
 * The policy of a key, and its id. GetKeyPolicy does not accept an alias, so that the key’s id is looked up first.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
 */
export const readKeyPolicy = async (
  client: KMSClient,
  scope: Scope,
  key: string,
): Promise<Read<KeyPolicy>> => {
  const name = 'GetKeyPolicy';
  const named = keyReference(key, scope, name);
  const id = named.ok ? await keyId(client, named.value) : named;
  if (!id.ok) return id;
  const output = await call(name, () =>
    client.send(new GetKeyPolicyCommand({ KeyId: id.value, PolicyName: 'default' })),
  );
  if (!output.ok) return output;
  const document = policyDocument(output.value.Policy);
  return document === undefined
    ? notRead(name, INCOMPLETE, `the answer holds no policy of ${id.value}`)
    : found({ id: id.value, policy: document });
};

const keyId = async (client: KMSClient, { type, name }: KeyReference): Promise<Read<string>> => {
  if (type === 'id') return found(name);
  const output = await call('DescribeKey', () => client.send(new DescribeKeyCommand({ KeyId: name })));
  if (!output.ok) return output;
  const id = output.value.KeyMetadata?.KeyId;
  return id === undefined
    ? notRead('DescribeKey', INCOMPLETE, `the answer holds no key of ${name}`)
    : found(id);
};
