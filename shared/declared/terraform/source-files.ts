import { asList, asText, type Json, member } from '../../json/json.ts';
import type { DeclaredProblem, Note, Origin, SourceFile } from '../declared.ts';
import type { ParseHcl } from '../hcl/parse-hcl.ts';
import type { Block, Body, Expression, HclFile } from '../hcl/syntax.ts';

/** A folder of sources. Paths are below it, with `/`. */
export type Folder = {
  /** The path that places begin with; files of it are named below it. */
  path: string;
  /** The names of the files in a folder; none where there is no such folder. */
  list: (folder: string) => readonly string[];
  /** The text of a file; undefined where there is none, or it may not be read. */
  text: (file: string) => string | undefined;
};

/** The sources of a module, with what they declare. */
export type SourceModule = {
  /** Its folder, as `path.module` has it. */
  folder: string;
  resources: ReadonlyMap<string, Block>;
  variables: ReadonlyMap<string, Block>;
  locals: ReadonlyMap<string, Expression>;
  outputs: ReadonlyMap<string, Block>;
  calls: ReadonlyMap<string, Block>;
  /** The configurations of providers, by `aws` and `aws.west`. */
  providers: ReadonlyMap<string, Block>;
  /** What comments say to Pipewarden of each managed resource, by its key in `resources`. */
  notes: ReadonlyMap<string, readonly Note[]>;
  /** What they say of anything else, and of nothing. */
  strayNotes: readonly Note[];
};

/** The sources that a plan was made from. */
export type Sources = {
  /** The modules by their keys: the names of the calls that lead to them, with dots between; `` is the root module. */
  modules: ReadonlyMap<string, SourceModule>;
  /** The text of a file that an expression names, below the folder that the plan was made in. */
  text: (file: string) => string | undefined;
  /** Parses a file that is a template. */
  template: (file: string, text: string) => Expression;
  problems: readonly DeclaredProblem[];
};

/** How many files and modules are read. */
const MAX_FILES = 5_000;
const MAX_MODULES = 1_000;
const MAX_TOTAL = 50_000_000;

/** Where the sources of a module are, and under which folder its author knows it. */
type ModulePlace = { read: string; folder: string };

/**
 * Reads the sources that begin in a folder. `placeOf` tells where the module of a key is; undefined where it is not there.
 */
export const readSources = (
  files: Folder,
  parse: ParseHcl,
  placeOf: (key: string, source: string | undefined, parent: string) => ModulePlace | undefined,
): Sources => {
  const modules = new Map<string, SourceModule>();
  const problems: DeclaredProblem[] = [];
  const left: { key: string; place: ModulePlace }[] = [];
  const root = placeOf('', undefined, '');
  if (root) left.push({ key: '', place: root });
  let count = 0;
  let total = 0;
  const parsed = new Map<string, HclFile[]>();
  const filesOf = ({ read, folder }: ModulePlace): HclFile[] => {
    const known = parsed.get(read);
    if (known) return known;
    const found: HclFile[] = [];
    // Override files come last. https://developer.hashicorp.com/terraform/language/files/override
    const listed = new Set(files.list(read));
    const names = [...listed]
      .filter((name) => isSource(name) && !isReplaced(name, listed))
      .toSorted((one, other) =>
        isOverride(one) === isOverride(other) ? (one < other ? -1 : 1) : isOverride(one) ? 1 : -1,
      );
    for (const name of names) {
      const path = shownPath(files.path, folder, name);
      const text = files.text(join(read, name));
      count++;
      total += text?.length ?? 0;
      if (text === undefined || count > MAX_FILES || total > MAX_TOTAL)
        problems.push(at(path, 'this file is not read, so that what it says is not judged'));
      else if (name.endsWith('.json'))
        problems.push(
          at(
            path,
            'configuration in JSON is not evaluated; what it says is judged as far as the plan tells it',
          ),
        );
      else found.push(parse(path, text));
    }
    problems.push(...found.flatMap((file) => file.problems));
    parsed.set(read, found);
    return found;
  };
  for (let next = left.pop(); next && modules.size < MAX_MODULES; next = left.pop()) {
    const { key, place } = next;
    const module = moduleOf(filesOf(place), place.folder);
    modules.set(key, module);
    for (const [name, call] of module.calls) {
      const child = key === '' ? name : `${key}.${name}`;
      const source = literalOf(call.body, 'source');
      const found = placeOf(child, source, place.folder);
      if (found) left.push({ key: child, place: found });
      else
        problems.push({
          ...call.origin,
          message: `the sources of this module are not there, so that what the plan does not tell of it stays unknown; run \`terraform get\` beside the plan`,
        });
    }
  }
  return {
    modules,
    problems,
    text: files.text,
    template: (file, text) => {
      const mark = markFor(text);
      const { body } = parse(file, `template = <<${mark}\n${text}\n${mark}\n`);
      const found = body.attributes.get('template');
      return found ?? { kind: 'broken', origin: at(file, ''), why: 'the template cannot be parsed' };
    },
  };
};

/** A word for the end of a heredoc that no line of the text is. */
const markFor = (text: string): string => {
  const longest = [...text.matchAll(/EOT+/g)].reduce((most, [each]) => Math.max(most, each.length), 2);
  return `EO${'T'.repeat(longest)}`;
};

const isSource = (name: string): boolean => /\.(?:tf|tofu)(?:\.json)?$/.test(name);
/** OpenTofu reads main.tofu in place of main.tf. */
const isReplaced = (name: string, beside: ReadonlySet<string>): boolean =>
  name.includes('.tf') && beside.has(name.replace('.tf', '.tofu'));
const isOverride = (name: string): boolean => /(?:^|_)override\.(?:tf|tofu)/.test(name);

/** A path without `.` and `..`, as far as they can be taken away. */
export const join = (...parts: readonly string[]): string => {
  const steps: string[] = [];
  for (const step of parts.join('/').split('/')) {
    if (step === '' || step === '.') continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop();
    else steps.push(step);
  }
  return steps.join('/');
};

const shownPath = (base: string, folder: string, name: string): string => {
  const below = join(folder, name);
  return base === '' || base === '.' ? below : `${base.replace(/\/$/, '')}/${below}`;
};

const at = (path: string, message: string): DeclaredProblem => ({ ...placeless(path), message });

const placeless = (path: string): Origin => {
  const file: SourceFile = {
    path,
    places: (pointers) => new Map([...pointers].map((pointer) => [pointer, { line: 1, column: 1 }])),
  };
  return { file, pointer: '' };
};

/** The text of an attribute that is written out. */
const literalOf = (body: Body, name: string): string | undefined => {
  const found = body.attributes.get(name);
  return found?.kind === 'literal' && typeof found.value === 'string' ? found.value : undefined;
};

const moduleOf = (files: readonly HclFile[], folder: string): SourceModule => {
  const resources = new Map<string, Block>();
  const variables = new Map<string, Block>();
  const locals = new Map<string, Expression>();
  const outputs = new Map<string, Block>();
  const calls = new Map<string, Block>();
  const providers = new Map<string, Block>();
  const notes = new Map<string, Note[]>();
  const strayNotes: Note[] = [];
  for (const { on, ...note } of files.flatMap((file) => file.notes)) {
    const [first = '', second = ''] = on?.type === 'resource' ? on.labels : [];
    if (second === '') strayNotes.push(note);
    else notes.set(`${first}.${second}`, [...(notes.get(`${first}.${second}`) ?? []), note]);
  }
  const add = (map: Map<string, Block>, key: string, block: Block): void => {
    const known = map.get(key);
    map.set(key, known ? overridden(known, block) : block);
  };
  for (const block of files.flatMap(({ body }) => body.blocks)) {
    const [first = '', second = ''] = block.labels;
    if (block.type === 'resource') add(resources, `${first}.${second}`, block);
    else if (block.type === 'data') add(resources, `data.${first}.${second}`, block);
    else if (block.type === 'variable') add(variables, first, block);
    else if (block.type === 'output') add(outputs, first, block);
    else if (block.type === 'module') add(calls, first, block);
    else if (block.type === 'provider') {
      const alias = literalOf(block.body, 'alias');
      add(providers, alias === undefined ? first : `${first}.${alias}`, block);
    } else if (block.type === 'locals')
      for (const [name, value] of block.body.attributes) locals.set(name, value);
  }
  return { folder, resources, variables, locals, outputs, calls, providers, notes, strayNotes };
};

/** A block with what another one of the same name overrides. */
const overridden = (block: Block, by: Block): Block => {
  const types = new Set(by.body.blocks.map(({ type }) => type));
  return {
    ...block,
    body: {
      attributes: new Map([...block.body.attributes, ...by.body.attributes]),
      blocks: [...block.body.blocks.filter(({ type }) => !types.has(type)), ...by.body.blocks],
    },
  };
};

/** Where the modules are that a plan file carries. Its manifest tells their folders. */
export const placesInPlan = (
  manifest: Json,
): ((key: string, source?: string, parent?: string) => ModulePlace | undefined) => {
  const folders = manifestFolders(manifest, ['Key', 'Dir']);
  return (key) => {
    const folder = folders.get(key);
    return folder === undefined ? undefined : { read: `m-${key}`, folder };
  };
};

const manifestFolders = (
  list: Json | undefined,
  [keyName, folderName]: [string, string],
): Map<string, string> =>
  new Map(
    asList(list).flatMap((entry): [string, string][] => {
      const [key, folder] = [asText(member(entry, keyName)), asText(member(entry, folderName))];
      return key !== undefined && folder !== undefined ? [[key, folder]] : [];
    }),
  );

/** Where the modules are in a folder, after `terraform init`, or by their paths. */
export const placesInFolder = (
  installed: Json,
): ((key: string, source: string | undefined, parent: string) => ModulePlace | undefined) => {
  const folders = manifestFolders(member(installed, 'Modules'), ['Key', 'Dir']);
  return (key, source, parent) => {
    if (key === '') return { read: '', folder: '' };
    const folder =
      source && /^\.\.?\//.test(source)
        ? join(parent, source)
        : folders.get(key) && join(folders.get(key) ?? '');
    return folder === undefined ? undefined : { read: folder, folder };
  };
};
