import type { Policy, PolicyKind } from '../shared/iam/policy/policy.ts';
import { readPolicy } from '../shared/iam/policy/read-policy.ts';
import { isObject, type Json, member } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { readText } from './files.ts';

/** Where outputs of the AWS CLI contain a policy document, by command. */
const WRAPPERS: readonly (readonly string[])[] = [
  ['PolicyVersion', 'Document'], // iam get-policy-version
  ['PolicyDocument'], // iam get-role-policy, get-user-policy, get-group-policy
  ['Role', 'AssumeRolePolicyDocument'], // iam get-role
  ['Policy', 'Content'], // organizations describe-policy
  ['Policy'], // s3api get-bucket-policy, kms get-key-policy
];

/** The policy document of a file, which may be wrapped in the output of an AWS CLI command. */
const documentIn = (value: Json): Json => {
  if (!isObject(value) || member(value, 'Statement') !== undefined) return value;
  for (const path of WRAPPERS) {
    const found = path.reduce<Json | undefined>((at, key) => member(at, key), value);
    if (found !== undefined) return found;
  }
  return value;
};

/**
 * Reads a policy file. A file that is not a policy becomes a policy with problems, because decisions that do not
 * depend on it can still be made.
 * @throws {UsageError} if the file cannot be read.
 */
export const readPolicyFile = async (path: string, kind: PolicyKind): Promise<Policy> => {
  const text = await readText(path, 'policy');
  const parsed = parseJson(text);
  return readPolicy(parsed.ok ? documentIn(parsed.value) : text, { name: path, kind });
};
