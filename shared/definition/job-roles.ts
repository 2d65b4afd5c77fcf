import { asList, memberAnyCase } from '../json/json.ts';
import { JOB_KINDS, type JobKindId, jobKind } from './job-kinds.ts';

/**
 * The roles that the request for a job or its description names, each once, in the order of the kind’s fields, whatever
 * the case of its keys. Undefined where it lacks a role that the API requires, or does not tell one: then it was cut or
 * hidden, and nobody knows under which roles the job runs.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Service.html
 */
export const rolesOfJob = (kind: JobKindId, source: unknown): string[] | undefined => {
  const { mayLackRole } = jobKind(kind);
  const roleFields = roleFieldsOf(kind);
  const roles = new Set<string>();
  for (const field of roleFields) {
    const path = field.split('.').map((segment) => segment.replace('[]', ''));
    const name = path.pop() ?? '';
    for (const holder of holdersAt(source, path)) {
      const role = memberAnyCase(holder, name);
      const isAbsent = role === undefined || role === null || role === '';
      if (isAbsent && mayLackRole && path.length === 0) continue;
      if (isAbsent || typeof role !== 'string') return undefined;
      roles.add(role);
    }
  }
  const isShort = roles.size === 0 && roleFields.length > 0 && !mayLackRole;
  return isShort ? undefined : [...roles];
};

/** All fields of all kinds whose ARNs look the same, as an ARN does not tell which of these kinds a job is. */
const roleFieldsOf = (kind: JobKindId): readonly string[] => [
  ...new Set(
    Object.values(JOB_KINDS)
      .filter(({ arnType }) => arnType === jobKind(kind).arnType)
      .flatMap(({ roleFields }) => roleFields),
  ),
];

/** The objects at a path of fields. A list and a single element are treated alike, whatever the path says. */
const holdersAt = (source: unknown, path: readonly string[]): unknown[] =>
  path.reduce<unknown[]>(
    (holders, field) => holders.flatMap((holder) => asList(memberAnyCase(holder, field))),
    [source],
  );
