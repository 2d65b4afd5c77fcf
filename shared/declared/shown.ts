import { type Finding, findingId } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import type { Secret } from './declared.ts';
import { type FilledHole, mayHoldToken } from './fill.ts';

/** Writes the names of holes, `${BucketName}`, in place of the values that nobody gave, and of secrets. */
export const namesInPlace = (
  filled: ReadonlyMap<string, FilledHole>,
  secrets: readonly Secret[] = [],
): ((text: string) => string) => {
  const made = [
    ...[...filled.values()].flatMap(({ hole, value, isGiven }) =>
      isGiven || value === hole.byDefault || value === hole.values?.[0] ? [] : { name: hole.name, value },
    ),
    ...secrets,
  ]
    // A longer value may contain a shorter one.
    .toSorted((one, other) => other.value.length - one.value.length);
  if (made.length === 0) return (text) => text;
  // Most texts name no hole.
  const others = made.filter(({ value }) => !mayHoldToken(value.toLowerCase()));
  const mayHoldName = (text: string): boolean => {
    const lower = text.toLowerCase();
    return mayHoldToken(lower) || others.some(({ value }) => lower.includes(value.toLowerCase()));
  };
  return (text) =>
    !mayHoldName(text)
      ? text
      : made.reduce((shown, { name, value }) => withName(shown, value, `\${${name}}`), text);
};

/** The name in place of each occurrence of a value, in any letter case: SageMaker’s older ARNs are in lower case. */
const withName = (text: string, value: string, name: string): string => {
  const [all, wanted] = [text.toLowerCase(), value.toLowerCase()];
  // A few characters change their length in lower case, so that places in both texts would differ.
  if (all.length !== text.length) return text.replaceAll(value, name);
  let shown = '';
  let end = 0;
  for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, end)) {
    shown += text.slice(end, at) + name;
    end = at + value.length;
  }
  return shown + text.slice(end);
};

/** What to do with the names of holes in a document. */
const WITH_NAMES =
  'Write it as a policy of its own (AWS::IAM::RolePolicy, aws_iam_role_policy), with references in place of the names in ${…}.';

/** A finding as a person reads it: holes by their names, and its id by what the finding is about. */
export const shownFinding = (finding: Finding, scope: Scope, shown: (text: string) => string): Finding => {
  const { resource, subject, remediation, account, cause, principal } = finding;
  const arn = shown(resource.arn);
  const part = subject === undefined ? undefined : shown(subject);
  const { text, patch, undo, changes } = remediation;
  return {
    ...finding,
    id: findingId({
      control: finding.control,
      scope: { partition: scope.partition, account: shown(scope.account), region: shown(scope.region) },
      resourceArn: arn,
      subject: part,
    }),
    resource: { ...resource, arn },
    ...(part !== undefined && { subject: part }),
    ...(account !== undefined && { account: shown(account) }),
    ...(cause !== undefined && { cause: shown(cause) }),
    ...(principal !== undefined && { principal: shown(principal) }),
    evidence: finding.evidence.map(({ at, found, expected }) => ({
      at: shown(at),
      found: shown(found),
      expected: shown(expected),
    })),
    remediation: {
      text: patch !== undefined && shown(patch) !== patch ? `${shown(text)} ${WITH_NAMES}` : shown(text),
      ...(patch !== undefined && { patch: shown(patch) }),
      ...(undo !== undefined && { undo: shown(undo) }),
      ...(changes !== undefined && { changes: shown(changes) }),
    },
  };
};
