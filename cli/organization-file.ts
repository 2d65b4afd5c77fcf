import { parseJson } from '../shared/json/json-text.ts';
import { ORGANIZATION_FORMS, organizationPoliciesOf } from '../shared/reader/answers/organization.ts';
import type { OrganizationPolicies } from '../shared/reader/reader.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';

/**
 * The policies of an organization from a file; they are taken as given.
 * @throws {UsageError} with file, line and column if the file has another form.
 */
export const readOrganizationFile = async (path: string): Promise<OrganizationPolicies> => {
  const text = await readText(path, 'organization');
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column, fault, message } = parsed.error;
    throw new UsageError(`${visibleText(path)}:${line}:${column}: ${fault}: ${message}`);
  }
  const policies = organizationPoliciesOf(parsed.value);
  if (policies) return policies;
  throw new UsageError(
    `${visibleText(path)}:1:1: not the policies of an organization: write ${ORGANIZATION_FORMS}`,
  );
};
