import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { configSchema } from '../shared/config/schema.ts';
import { FRAMEWORKS, requirementsOf, standardsOf } from '../shared/frameworks/frameworks.ts';
import type { Control } from '../shared/judging/control.ts';
import { diffSchema } from '../shared/outputs/formats/diff.ts';
import { resultsSchema } from '../shared/outputs/formats/results-schema.ts';
import { whoCanResultsSchema } from '../shared/outputs/formats/who-can.ts';
import { controlPage, controlTable, permissionTable } from '../shared/outputs/pages/control-page.ts';
import { frameworksPage } from '../shared/outputs/pages/frameworks-page.ts';
import { organizationFileSchema } from '../shared/reader/answers/organization-file.ts';
import { apiMembersText } from './api-members.ts';
import { readControlTexts } from './control-texts.ts';
import { pageScriptText } from './page-script.ts';
import { serviceReferenceText } from './service-reference.ts';

/**
 * Generates everything that follows from the control files, the frameworks and the schemas: the registry, the pages of both, tables
 * in the README and docs/operations.md, the costs there, the published JSON schemas, the report's script, and the tables of AWS's
 * actions and requests. With `--check` it writes nothing, and fails if a file is stale.
 */

const ROOT = join(import.meta.dirname, '..');
const CONTROLS = 'shared/controls';
const NOT_CONTROLS = new Set(['index.ts', 'texts.ts']);
const isCheck = process.argv.includes('--check');

const files = (await readdir(join(ROOT, CONTROLS)))
  .filter((file) => file.endsWith('.ts') && !NOT_CONTROLS.has(file))
  .toSorted();
const controls = await Promise.all(
  files.map(async (file) => {
    const { control } = (await import(join(ROOT, CONTROLS, file))) as { control: Control };
    if (control.id !== file.replace('.ts', ''))
      throw new Error(`${CONTROLS}/${file}: its id is ${control.id}`);
    return control;
  }),
);

const stale: string[] = [];

const write = async (path: string, text: string): Promise<void> => {
  const current = await readFile(join(ROOT, path), 'utf8').catch(() => undefined);
  if (current === text) return;
  stale.push(path);
  if (isCheck) return;
  await mkdir(join(ROOT, path, '..'), { recursive: true });
  await writeFile(join(ROOT, path), text);
};

const camelCase = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const MADE = '// Made by `npm run generate` from the files of shared/controls.';

const LINE_WIDTH = 110;

/** A statement of a list, formatted as the rest of the sources. */
const listStatement = (start: string, entries: readonly string[], end = ''): string[] => {
  const line = `${start} [${entries.join(', ')}]${end};`;
  return line.length <= LINE_WIDTH
    ? [line]
    : [`${start} [`, ...entries.map((entry) => `  ${entry},`), `]${end};`];
};

/** A module with a list of controls. */
const registry = (name: string, comment: string, listed: readonly Control[], folder: string): string => {
  const imports = [
    ['../judging/control.ts', 'type { Control }'],
    ...listed.map(({ id }) => [`${folder}/${id}.ts`, `{ control as ${camelCase(id)} }`]),
  ].toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1));
  return [
    MADE,
    ...imports.map(([from, what]) => `import ${what} from '${from}';`),
    '',
    `/** ${comment} */`,
    ...listStatement(
      `export const ${name}: readonly Control[] =`,
      listed.map(({ id }) => camelCase(id)),
    ),
    '',
  ].join('\n');
};

const ofJobs = controls.filter(({ on }) => on.includes('job') || on.includes('event'));
await write(
  `${CONTROLS}/index.ts`,
  registry('CONTROLS', 'Every control, by id in alphabetical order.', controls, '.'),
);
await write(
  'shared/audit/controls-of-jobs.ts',
  registry('CONTROLS_OF_JOBS', 'The controls that judge jobs and unreadable events.', ofJobs, '../controls'),
);
const ids = [
  MADE,
  '',
  '/** The ids of all controls, for those who need no control. */',
  ...listStatement(
    'export const CONTROL_IDS =',
    controls.map(({ id }) => `'${id}'`),
    ' as const',
  ),
  '',
  '/** The id of a control of this version. */',
  'export type ControlId = (typeof CONTROL_IDS)[number];',
  '',
];
await write('shared/domain/control-ids.ts', ids.join('\n'));

const described = await Promise.all(
  controls.map(async (control) => {
    const path = `${CONTROLS}/${control.id}.md`;
    const markdown = await readFile(join(ROOT, path), 'utf8');
    const mapped = { requirements: requirementsOf(control.id), standards: standardsOf(control.id) };
    return { ...control, ...readControlTexts(markdown, path, control.id), ...mapped };
  }),
);
const texts = described.map(
  ({ id, description, risk, decision, example, remediation, fix, requirements, standards, references }) => [
    id,
    { description, risk, decision, example, remediation, fix, requirements, standards, references },
  ],
);
await write(`${CONTROLS}/texts.generated.json`, `${JSON.stringify(Object.fromEntries(texts), null, 2)}\n`);

for (const control of described) await write(`docs/controls/${control.id}.md`, controlPage(control));
await write('docs/frameworks.md', frameworksPage(FRAMEWORKS));

/** Replaces the part of a page between its two marker comments. */
const writePart = async (path: string, part: string, text: string): Promise<void> => {
  const page = await readFile(join(ROOT, path), 'utf8');
  const [begin, end] = [`<!-- ${part}:begin -->`, `<!-- ${part}:end -->`];
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`${path} has no ${begin} … ${end}`);
  await write(path, `${page.slice(0, before)}${begin}\n${text}\n${page.slice(after)}`);
};

await writePart('README.md', 'controls', controlTable(controls));
await writePart('docs/operations.md', 'permissions', permissionTable(controls));
// Imported last, because the page reads the registry that was written above.
const { permissionsPage } = await import('../infra/permissions-page.ts');
await write('docs/permissions.md', permissionsPage());

// Each size is made once, as making its templates takes seconds. cdk-nag reads what the CDK calls deprecated.
process.env.JSII_DEPRECATED ??= 'quiet';
const { costTables } = await import('./cost-page.ts');
const { deployedCounts } = await import('./cost-templates.ts');
const { metricsInSources } = await import('./own-metrics.ts');
const counted = new Map<string, ReturnType<typeof deployedCounts>>();
await writePart(
  'docs/operations.md',
  'costs',
  costTables((size, over) => {
    const key = JSON.stringify([size.accounts > 1, size.regions, over]);
    const counts = counted.get(key) ?? deployedCounts(size, over);
    counted.set(key, counts);
    return { counts, ownMetrics: new Set([...metricsInSources(), ...counts.ownMetrics]).size };
  }),
);

const publish = (schema: z.core.$ZodType, title: string): string =>
  `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) }, null, 2)}\n`;
await write('docs/config.schema.json', publish(configSchema, 'Pipewarden configuration, version 1'));
await write(
  'docs/organization-policies.schema.json',
  publish(organizationFileSchema, 'Policies of an organization for Pipewarden, version 1'),
);
await write('docs/results.schema.json', publish(resultsSchema, 'Pipewarden results, version 2.0'));
await write('docs/diff.schema.json', publish(diffSchema, 'Pipewarden diff of two results, version 1.0'));
await write(
  'docs/who-can.schema.json',
  publish(whoCanResultsSchema, 'Pipewarden answers who can, version 1.0'),
);
await write('shared/outputs/report/page-script.generated.json', await pageScriptText());
await write('shared/definition/api-members.generated.json', apiMembersText());
await write('shared/iam/lint/service-reference.generated.json', await serviceReferenceText());

if (isCheck && stale.length > 0) {
  console.error(`stale, run "npm run generate": ${stale.join(', ')}`);
  process.exitCode = 1;
}
