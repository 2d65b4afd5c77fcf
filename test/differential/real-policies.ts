import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asList, asText, isObject, type Json, member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';

/** A published policy, and the actions that it names in full. */
export type RealPolicy = { document: Json; actions: readonly string[] };

/** Services for which the generator has resources. */
const SERVICES = ['s3', 'sqs', 'sagemaker', 'iam', 'secretsmanager'];

const realPolicy = (document: Json): RealPolicy[] => {
  const actions = asList(member(document, 'Statement'))
    .flatMap((statement) => asList(member(statement, 'Action')))
    .flatMap((action) => asText(action) ?? [])
    .filter(
      (action) =>
        /^[a-z]+:[A-Za-z]+$/.test(action) && SERVICES.includes(action.slice(0, action.indexOf(':'))),
    );
  return actions.length > 0 ? [{ document, actions }] : [];
};

/** The policies of a folder of the shared cases. */
export const casePolicies = (folder: string): RealPolicy[] =>
  globSync('**/*.json', { cwd: folder })
    .toSorted()
    .flatMap((file) => {
      const parsed = parseJson(readFileSync(join(folder, file), 'utf8'));
      if (!parsed.ok) throw new Error(`${file} is no JSON`);
      return realPolicy(member(member(parsed.value, 'PolicyVersion'), 'Document') ?? parsed.value);
    });

/** AWS's managed policies, which moto carries in a Python file as one JSON text. */
export const managedPolicies = (): RealPolicy[] => {
  const root = join(import.meta.dirname, '../../.venv');
  const [file] = globSync('*/lib/python3*/site-packages/moto/iam/aws_managed_policies.py', { cwd: root });
  if (!file) return [];
  const [, text = ''] = readFileSync(join(root, file), 'utf8').split('"""');
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return [];
  return Object.values(parsed.value).flatMap((policy) => {
    const document = member(policy, 'Document');
    return document === undefined ? [] : realPolicy(document);
  });
};
