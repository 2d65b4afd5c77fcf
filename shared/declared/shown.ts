import { type Finding, findingId } from '../domain/finding.ts';
import type { Scope } from '../domain/scope.ts';
import type { FilledHole } from './fill.ts';

/** Writes the names of holes, `${BucketName}`, in place of the values that nobody gave. */
export const namesInPlace = (filled: ReadonlyMap<string, FilledHole>): ((text: string) => string) => {
  const made = [...filled.values()]
    .filter(({ hole, value, isGiven }) => !isGiven && value !== hole.byDefault && value !== hole.values?.[0])
    // A longer value may contain a shorter one.
    .toSorted((one, other) => other.value.length - one.value.length);
  if (made.length === 0) return (text) => text;
  const names = new Map(made.map(({ hole, value }) => [value.toLowerCase(), hole.name]));
  // SageMaker’s older ARNs are in lower case, and so may be the texts of findings.
  const any = new RegExp(made.map(({ value }) => value.replaceAll(/[^a-z0-9]/gi, '\\$&')).join('|'), 'gi');
  return (text) => text.replaceAll(any, (value) => `\${${names.get(value.toLowerCase()) ?? value}}`);
};

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
      text: shown(text),
      ...(patch !== undefined && { patch: shown(patch) }),
      ...(undo !== undefined && { undo: shown(undo) }),
      ...(changes !== undefined && { changes: shown(changes) }),
    },
  };
};
