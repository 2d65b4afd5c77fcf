import { isObject, member } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { ORGANIZATION_FORMS, organizationPoliciesOf } from '../shared/reader/answers/organization.ts';
import {
  type OrganizationFile,
  organizationOfFile,
  parseOrganizationFile,
} from '../shared/reader/answers/organization-file.ts';
import { type OrganizationSource, sourceOf } from '../shared/reader/organization-source.ts';
import { found } from '../shared/reader/read-result.ts';
import type { Reader } from '../shared/reader/reader.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';

/** Whoever answers for a reader on its organization, and whether this is for one account alone. */
export type GivenOrganization = {
  isOfOne: boolean;
  source: (reader: Reader) => Pick<OrganizationSource, 'policiesOf' | 'ownOf'>;
};

/**
 * The policies of an organization from a file; they are taken as given. The file holds those of all accounts, or of one.
 * @throws {UsageError} with file, line and column if the file has another form.
 */
export const readGivenOrganization = async (path: string): Promise<GivenOrganization> => {
  const text = await readText(path, 'organization');
  const parsed = parseJson(text);
  if (parsed.ok && isObject(parsed.value) && member(parsed.value, 'version') !== undefined) {
    const source = organizationOfFile(checkedFile(text, path));
    return { isOfOne: false, source: () => source };
  }
  if (!parsed.ok) {
    const { line, column, fault, message } = parsed.error;
    throw new UsageError(`${visibleText(path)}:${line}:${column}: ${fault}: ${message}`);
  }
  const policies = organizationPoliciesOf(parsed.value);
  if (!policies)
    throw new UsageError(
      `${visibleText(path)}:1:1: not the policies of an organization: take what pipewarden snapshot --organization writes, or write ${ORGANIZATION_FORMS}`,
    );
  return {
    isOfOne: true,
    source: (reader) => ({ ...sourceOf(reader), policiesOf: async () => found(policies) }),
  };
};

/**
 * The policies of all accounts of an organization, from a file.
 * @throws {UsageError} with file, line and column if the file has another form.
 */
export const readOrganizationFile = async (path: string): Promise<OrganizationFile> =>
  checkedFile(await readText(path, 'organization'), path);

const checkedFile = (text: string, path: string): OrganizationFile => {
  const parsed = parseOrganizationFile(text);
  if (parsed.ok) return parsed.file;
  throw new UsageError(
    parsed.issues
      .map(({ line, column, message }) => `${visibleText(path)}:${line}:${column}: ${visibleText(message)}`)
      .join('\n'),
  );
};
