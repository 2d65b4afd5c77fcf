import type { DeclaredResource } from './declared.ts';
import type { FilledHole, Form } from './fill.ts';
import { type DeclaredText, textsOf } from './texts.ts';

/**
 * What holes have to look like, by where their values stand: a hole that is the beginning of a policy’s Resource is an ARN. Holes
 * that have a form of their own, or whose values are known, are left out.
 */
export const formsOf = (
  resources: readonly DeclaredResource[],
  filled: ReadonlyMap<string, FilledHole>,
): ReadonlyMap<string, Form> => {
  const open = [...filled.values()].filter(({ hole, isGiven }) => !isGiven && isFree(hole));
  const forms = new Map<string, Form>();
  if (open.length === 0) return forms;
  for (const each of textsOf(resources))
    for (const { hole, value } of open) {
      if (forms.has(hole.name) || !each.text.startsWith(value)) continue;
      const form = formAt(each, each.text === value);
      if (form !== 'text') forms.set(hole.name, form);
    }
  return forms;
};

/** Whether nothing is known of a hole’s value. */
const isFree = ({ like, values, byDefault }: FilledHole['hole']): boolean =>
  like === undefined && byDefault === undefined && (values ?? []).length === 0;

/** What a text has to look like in its place. */
const formAt = ({ place }: DeclaredText, isWhole: boolean): Form => {
  if (place.in === 'policy') return formInPolicy(place.element, place.services);
  const { field } = place;
  if (/S3|Uri$|Url$|Path$/i.test(field) && !/Image/i.test(field)) return 's3';
  if (!isWhole) return 'text';
  if (/RoleArn$/i.test(field)) return 'role';
  if (/PolicyArn$|BoundaryArn$/.test(field)) return 'policy';
  return /KmsKey/i.test(field) ? 'key' : 'text';
};

const formInPolicy = (element: string, services: readonly string[]): Form => {
  if (element === 'Principal' || element === 'NotPrincipal') return 'role';
  if (element !== 'Resource' && element !== 'NotResource') return 'text';
  const [service = 's3'] = services;
  if (service === 'iam' || service === 'sts') return 'role';
  if (service === 'kms') return 'key';
  return /^[a-z][a-z0-9-]*$/.test(service) ? `resource ${service}` : 'resource s3';
};
