import type { Scope } from '../../domain/scope.ts';
import { asList, asText, type Json, member } from '../../json/json.ts';
import { shellText } from '../../text/shell-text.ts';
import { keyReference } from '../answers/key-reference.ts';
import { policyIn } from '../answers/policy-document.ts';
import { ABSENT, found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';
import type { Reader } from '../reader.ts';
import { atTop, bucketFile, ifAbsent, malformed, pathOf, readJson, type SnapshotFile } from './files.ts';

/** The methods of a Reader about policies of buckets and keys. */
export const snapshotPolicies = (
  root: string,
  scope: Scope,
): Pick<Reader, 'getBucketPolicy' | 'getKeyPolicy'> => ({
  getBucketPolicy: async (bucket): Promise<Read<Json | null>> =>
    ifAbsent<Json | null>(await readPolicy(root, bucketFile(bucket, 'policy.json', 'policy')), null),
  getKeyPolicy: async (key) => {
    const named = keyReference(key, scope, 'kms');
    if (!named.ok) return named;
    const { type, name } = named.value;
    const id = type === 'id' ? found(name) : await keyOfAlias(root, name);
    if (!id.ok) return id;
    const policy = await readPolicy(root, keyFile(id.value));
    return policy.ok ? found({ id: id.value, policy: policy.value }, policy.asOf) : policy;
  },
});

const keyFile = (id: string): SnapshotFile => ({
  path: ['kms', id, 'policy.json'],
  madeBy: `aws kms get-key-policy --key-id ${shellText(id)}`,
});

const ALIASES: SnapshotFile = { path: ['kms', 'aliases.json'], madeBy: 'aws kms list-aliases' };

const readPolicy = async (root: string, file: SnapshotFile): Promise<Read<Json>> => {
  const read = await readJson(root, file);
  if (!read.ok) return read;
  const document = policyIn(read.value);
  return document === undefined
    ? malformed(file, atTop('it is neither {"Policy": …} nor a policy with a Statement'))
    : found(document);
};

/** The id of the key that an alias leads to. A whole listing without the alias shows that the alias does not exist. */
const keyOfAlias = async (root: string, alias: string): Promise<Read<string>> => {
  const read = await readJson(root, ALIASES);
  if (!read.ok) return read;
  const list = member(read.value, 'Aliases');
  if (!Array.isArray(list)) return malformed(ALIASES, atTop('it holds no Aliases'));
  const entry = asList(list).find((each) => member(each, 'AliasName') === alias);
  const id = asText(member(entry, 'TargetKeyId'));
  if (id !== undefined) return found(id);
  const isCut = ['NextMarker', 'NextToken'].some((field) => asText(member(read.value, field)) !== undefined);
  const path = pathOf(ALIASES);
  return entry === undefined && (isCut || member(read.value, 'Truncated') === true)
    ? notRead(
        path,
        NOT_IN_SNAPSHOT,
        `${path} was cut and does not hold ${alias}; \`${ALIASES.madeBy}\` makes it whole`,
      )
    : notRead(path, ABSENT, `${path} holds no key of ${alias}`);
};
