import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { nestedTemplates } from '../shared/declared/cloudformation/nested-templates.ts';
import type { TemplateInput } from '../shared/declared/cloudformation/read-templates.ts';
import { isZip } from '../shared/declared/terraform/binary-plan.ts';
import { asText, isObject, type Json, member } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { readBytesInFolder } from './bounded-file.ts';
import { constructsIn } from './construct-metadata.ts';
import { fileProblem, UsageError } from './errors.ts';
import { readWhole, STDIN, textIn } from './files.ts';
import { isInside } from './root-folder.ts';

/** The most templates and assets of one run, and how deep stacks may be nested. */
const MAX_FILES = 2000;
const MAX_NESTED = 20;
/** All texts together, in characters. */
const MAX_TEXT = 256 * 1024 * 1024;

/**
 * The templates that a user named: files in YAML or JSON, `-` for stdin, and folders that `cdk synth` wrote. Nested templates and assets are
 * read only in the folder of the file or in the named folder. A nested template that is named as well counts once.
 * @throws {UsageError} where a file or folder cannot be read, or is too large.
 */
export const readTemplateFiles = async (paths: readonly string[]): Promise<TemplateInput[]> => {
  const budget = { files: MAX_FILES, text: MAX_TEXT };
  const read = new Map<string, Found>();
  for (const path of paths)
    for (const found of await templatesAt(path, budget))
      read.set(JSON.stringify([found.real, found.input.stack]), found);
  const nested = new Set([...read.values()].flatMap(({ inner }) => inner));
  return [...read.values()].filter(({ real }) => !nested.has(real)).map(({ input }) => input);
};

/** A template by its real path, and those of the templates nested in it. */
type Found = { real: string; inner: readonly string[]; input: TemplateInput };
type Budget = { files: number; text: number };

const templatesAt = async (path: string, budget: Budget): Promise<Found[]> => {
  if (path === STDIN.argument) {
    const text = spent(await readTemplate(STDIN.name), STDIN.name, budget);
    return [{ real: STDIN.name, inner: [], input: { path: STDIN.name, text } }];
  }
  const { real, isFolder } = await located(path);
  if (isFolder) return assembly({ root: real, shown: path }, '.', budget, 0);
  const text = spent(await readTemplate(path), path, budget);
  const folder: Folder = { root: dirname(real), shown: dirname(path) };
  return [await withNested({ path, text }, { folder, from: '.', uploads: new Map(), budget }, real)];
};

/**
 * The text of a file that the user named.
 * @throws {UsageError} also where it is a plan.
 */
const readTemplate = async (path: string): Promise<string> => {
  const bytes = await readWhole(path, 'template');
  const text = isZip(bytes) ? undefined : textIn(bytes, path);
  if (text === undefined || isPlan(text))
    throw new UsageError(
      `${visibleText(path)}: is ${text === undefined ? 'a zip file, as plans are' : 'a plan'} of Terraform or OpenTofu, and no template; give it with --plan`,
    );
  return text;
};

/** Whether a text is the output of `show -json`, which no reader of templates need parse otherwise. */
const isPlan = (text: string): boolean => {
  if (!text.includes('"terraform_version"')) return false;
  const read = parseJson(text);
  const has = (name: string): boolean => read.ok && member(read.value, name) !== undefined;
  return has('terraform_version') && has('format_version') && !has('Resources');
};

/** A folder outside of which nothing is read: its real path, and the path that the user gave. */
type Folder = { root: string; shown: string };

const located = async (path: string): Promise<{ real: string; isFolder: boolean }> => {
  try {
    const real = await realpath(path);
    return { real, isFolder: (await stat(real)).isDirectory() };
  } catch (error) {
    throw fileProblem(path, error);
  }
};

const spent = (text: string, path: string, budget: Budget): string => {
  budget.files--;
  budget.text -= text.length;
  if (budget.files < 0 || budget.text < 0)
    throw new UsageError(
      `${visibleText(path)}: cannot be read: the templates before it are ${MAX_FILES} files or ${MAX_TEXT} characters already; name fewer`,
    );
  return text;
};

/**
 * The real path of a file in the folder; undefined where it is not there. `from` is the folder, below the root, to which the path is relative.
 * @throws {UsageError} where the path leads out of the folder.
 */
const fileIn = async ({ root, shown }: Folder, from: string, path: string): Promise<string | undefined> => {
  const wanted = resolve(root, from, path);
  const leavesFolder = (): UsageError =>
    new UsageError(
      `${visibleText(path)}: is outside of ${visibleText(shown)}, and nothing is read outside of the folder that was named`,
    );
  if (!isInside(root, wanted)) throw leavesFolder();
  const real = await realpath(wanted).catch(() => undefined);
  if (real === undefined) return undefined;
  if (!isInside(root, real)) throw leavesFolder();
  return real;
};

const readIn = async (real: string, shown: string, budget: Budget): Promise<string> => {
  const bytes = await readBytesInFolder(real, 'template');
  try {
    return spent(new TextDecoder('utf-8', { fatal: true }).decode(bytes), shown, budget);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${visibleText(shown)}: cannot be read: it is not text (UTF-8)`, { cause: error });
  }
};

/** Where templates are read: the folder, the one below it to which paths are relative, and what is uploaded from it. */
type Where = { folder: Folder; from: string; uploads: Uploads; budget: Budget };

/** The real paths of files by their keys in S3. */
type Uploads = ReadonlyMap<string, string>;

/** A template with the templates of its nested stacks and the other files that it names. One that contains itself is left out. */
const withNested = async (
  input: TemplateInput,
  where: Where,
  real: string,
  outer: readonly string[] = [],
): Promise<Found> => {
  const { folder, from, uploads, budget } = where;
  const nested = new Map<string, TemplateInput>();
  const inner: string[] = [];
  const around = [...outer, real];
  for (const [id, name] of nestedTemplates(input.path, input.text)) {
    const file =
      'path' in name
        ? await fileIn(folder, from, name.path)
        : [...uploadsIn(name.address, uploads).values()][0];
    if (file === undefined || around.length > MAX_NESTED || around.includes(file)) continue;
    const shown = join(folder.shown, relative(folder.root, file));
    const text = await readIn(file, shown, budget);
    const own = relative(folder.root, dirname(file)) || '.';
    const found = await withNested({ path: shown, text }, { ...where, from: own }, file, around);
    nested.set(id, found.input);
    inner.push(file, ...found.inner);
  }
  const assets = new Map<string, { path: string; text: string }>();
  if (input.text.includes(S3_LOCATION))
    for (const [key, file] of uploadsIn(input.text, uploads)) {
      const shown = join(folder.shown, relative(folder.root, file));
      if (!inner.includes(file)) assets.set(key, { path: shown, text: await readIn(file, shown, budget) });
    }
  return {
    real,
    inner,
    input: { ...input, ...(nested.size > 0 && { nested }), ...(assets.size > 0 && { assets }) },
  };
};

const S3_LOCATION = 'PipelineDefinitionS3Location';

/** The uploaded files whose keys stand in a text. */
const uploadsIn = (text: string, uploads: Uploads): Map<string, string> => {
  const found = new Map<string, string>();
  if (uploads.size === 0) return found;
  for (const [word] of text.matchAll(/[\w./-]{1,1024}\.json\b/g))
    for (let key = word; key !== ''; key = key.includes('/') ? key.slice(key.indexOf('/') + 1) : '') {
      const real = uploads.get(key);
      if (real !== undefined) found.set(key, real);
    }
  return found;
};

/** How deep stages of the CDK may be nested. */
const MAX_STAGES = 10;

/**
 * The stacks of a folder that `cdk synth` wrote, and those of its stages.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html
 */
const assembly = async (folder: Folder, from: string, budget: Budget, depth: number): Promise<Found[]> => {
  const manifest = await jsonIn(folder, from, 'manifest.json', budget);
  if (manifest === undefined)
    throw new UsageError(
      `${visibleText(join(folder.shown, from))}: holds no manifest.json: name a folder that \`cdk synth\` wrote, or the templates themselves`,
    );
  const artifacts = Object.entries(entries(member(manifest, 'artifacts')));
  const uploads = await uploadsOf(
    folder,
    from,
    artifacts.map(([, artifact]) => artifact),
    budget,
  );
  const found: Found[] = [];
  for (const [id, artifact] of artifacts) {
    const properties = member(artifact, 'properties');
    const type = member(artifact, 'type');
    if (type === 'cdk:cloud-assembly' && depth < MAX_STAGES) {
      const directory = asText(member(properties, 'directoryName'));
      const real = directory === undefined ? undefined : await fileIn(folder, from, directory);
      if (real !== undefined)
        found.push(...(await assembly(folder, relative(folder.root, real) || '.', budget, depth + 1)));
    }
    const file = type === 'aws:cloudformation:stack' ? asText(member(properties, 'templateFile')) : undefined;
    if (file === undefined) continue;
    const real = await fileIn(folder, from, file);
    const path = join(folder.shown, from, file);
    if (real === undefined)
      throw new UsageError(
        `${visibleText(path)}: cannot be read: manifest.json names it, and there is no such file`,
      );
    const text = await readIn(real, path, budget);
    const noted = asText(member(artifact, 'additionalMetadataFile'));
    const metadata =
      noted === undefined ? member(artifact, 'metadata') : await jsonIn(folder, from, noted, budget);
    const input: TemplateInput = {
      path,
      text,
      stack: stackOf(id, artifact),
      constructs: constructsIn(metadata, process.cwd()),
    };
    found.push(await withNested(input, { folder, from, uploads, budget }, real));
  }
  return found;
};

const jsonIn = async (
  folder: Folder,
  from: string,
  path: string,
  budget: Budget,
): Promise<Json | undefined> => {
  const real = await fileIn(folder, from, path);
  if (real === undefined) return undefined;
  const shown = join(folder.shown, from, path);
  const parsed = parseJson(await readIn(real, shown, budget));
  if (parsed.ok) return parsed.value;
  const { line, column, message } = parsed.error;
  throw new UsageError(`${visibleText(shown)}:${line}:${column}: ${message}`);
};

const entries = (value: Json | undefined): Record<string, Json> => (isObject(value) ? value : {});

/** `aws://111122223333/eu-west-1`; the CDK writes `unknown-account` and `unknown-region` for what it does not know. */
const ENVIRONMENT = /^aws:\/\/(?:(\d{12})|[^/]*)\/(?:unknown-region|([a-z0-9-]+)|[^/]*)$/;

const stackOf = (id: string, artifact: Json): NonNullable<TemplateInput['stack']> => {
  const properties = member(artifact, 'properties');
  const [, account, region] = ENVIRONMENT.exec(asText(member(artifact, 'environment')) ?? '') ?? [];
  return {
    // https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.AwsCloudFormationStackProperties.html
    name: asText(member(properties, 'stackName')) ?? id,
    ...(account !== undefined && { account }),
    ...(region !== undefined && { region }),
  };
};

/** The JSON files that are uploaded with stacks, by their keys in S3. */
const uploadsOf = async (
  folder: Folder,
  from: string,
  artifacts: readonly Json[],
  budget: Budget,
): Promise<Uploads> => {
  const uploads = new Map<string, string>();
  for (const artifact of artifacts) {
    if (member(artifact, 'type') !== 'cdk:asset-manifest') continue;
    const file = asText(member(member(artifact, 'properties'), 'file'));
    const manifest = file === undefined ? undefined : await jsonIn(folder, from, file, budget);
    for (const asset of Object.values(entries(member(manifest, 'files')))) {
      const source = member(asset, 'source');
      const path = asText(member(source, 'path'));
      if (member(source, 'packaging') !== 'file' || !path?.endsWith('.json')) continue;
      const real = await fileIn(folder, from, path);
      if (real === undefined) continue;
      for (const destination of Object.values(entries(member(asset, 'destinations')))) {
        const key = asText(member(destination, 'objectKey'));
        if (key !== undefined) uploads.set(key, real);
      }
    }
  }
  return uploads;
};
