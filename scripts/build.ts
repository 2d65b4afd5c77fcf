import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from 'esbuild';
import { GRAMMAR } from './grammar.ts';
import { bundledPackages } from './licences.ts';

/**
 * Usage: build.ts [cli]. Builds the command and the functions, or the command alone. Runs on every Node of `engines`,
 * as it builds the package where no other Node is installed.
 */

const root = join(import.meta.dirname, '..');

/** Bundled CommonJS packages call `require`, which ES modules lack. */
const requireBanner =
  "import { createRequire as pipewardenRequire } from 'node:module'; const require = pipewardenRequire(import.meta.url);";

/**
 * Writes the keys of the SDK's schemas as texts. The SDK names them by constants (`{ [_h]: … }`), of which esbuild cannot
 * know that they have no effect, so that it would keep the schemas of operations that nobody calls.
 */
const plainSchemaKeys: Plugin = {
  name: 'plain-schema-keys',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const texts = new Map(
        [...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name = '', text = '']) => [
          name,
          text,
        ]),
      );
      const contents = source.replaceAll(/([{,]\s*)\[(_\w+)\]:/g, (whole, before: string, name: string) =>
        texts.has(name) ? `${before}${texts.get(name)}:` : whole,
      );
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Takes Node’s own modules by `require`. Node reads each export of a module that an ES module imports, and some of the exports of
 * `node:http`, `node:crypto` and `node:fs` load more of Node when they are read: `import 'node:http'` alone costs 35 ms
 * and 12 MB for `WebSocket`.
 */
const builtinsByRequire: Plugin = {
  name: 'builtins-by-require',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'builtin';
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace },
    );
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

/** `string-width` compiles an expression for all emojis when it is loaded. That is a quarter of a start, and most runs measure no text. */
const lateStringWidth: Plugin = {
  name: 'late-string-width',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'late';
    onResolve({ filter: /^string-width$/ }, ({ kind, path, resolveDir }) =>
      kind === 'require-call' ? undefined : { path, namespace, pluginData: resolveDir },
    );
    onLoad({ filter: /.*/, namespace }, ({ path, pluginData: resolveDir }) => ({
      contents: `let made; export default (...given) => (made ??= require(${JSON.stringify(path)}).default)(...given);`,
      loader: 'js',
      resolveDir,
    }));
  },
};

/**
 * Gives what serves MCP a zod of its own. Its SDK uses nearly all of zod, and of a module in a shared chunk each command would load what any
 * of them uses: 85 KB more.
 */
const ownZodOfMcp: Plugin = {
  name: 'own-zod-of-mcp',
  setup: ({ onResolve, onLoad, resolve }) => {
    const namespace = 'zod-of-mcp';
    onResolve(
      { filter: /^zod(?:$|\/)/, namespace: 'file' },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === namespace || !/@modelcontextprotocol|[\\/]mcp-server\.ts$/.test(importer)) return;
        const { path: found, errors } = await resolve(path, { kind, resolveDir, pluginData: namespace });
        return { path: found, errors, namespace, sideEffects: false };
      },
    );
    onResolve({ filter: /^\./, namespace }, ({ path, importer }) => ({
      path: join(dirname(importer), path),
      namespace,
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: readFileSync(path), loader: 'js' }));
  },
};

const shared = {
  plugins: [plainSchemaKeys],
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  mainFields: ['module', 'main'],
  banner: { js: requireBanner },
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} satisfies BuildOptions;

/** Where the command keeps its compiled code; a command that runs during a build may write there. */
const COMPILE_CACHE = '.compile-cache';

const split = {
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
} satisfies BuildOptions;

/**
 * Builds one bundle for each Lambda function: `functions/<name>/handler.ts` becomes
 * `dist/functions/<name>/index.mjs`. It is split into chunks, so that a cold start loads only the clients that its
 * first event needs.
 */
const buildFunction = async (handler: string): Promise<void> => {
  const outdir = join('dist/functions', basename(dirname(handler)));
  const { outputFiles, metafile } = await build({
    ...shared,
    ...split,
    entryPoints: { index: handler },
    outdir,
    alias: {
      '@aws-sdk/credential-provider-node': './shared/aws/deployment/lambda-credentials.ts',
      '@aws-sdk/endpoint-cache': './shared/aws/deployment/no-endpoint-cache.ts',
    },
    plugins: [plainSchemaKeys, builtinsByRequire],
    external: ['bowser'], // detects browsers, which no function needs
    minify: true,
    target: 'node24',
  });
  writeFolder(outdir, outputFiles, metafile);
};

/** The plug-in of the CDK as one file of CommonJS, which apps of both kinds load. It starts the command beside it. */
const cdkPlugin = async (): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    ...shared,
    entryPoints: ['cli/cdk-plugin.ts'],
    outfile: 'dist/cli/cdk.cjs',
    format: 'cjs',
    banner: {},
    define: { 'import.meta.dirname': '__dirname' },
    minifyWhitespace: true,
    target: 'node20.12',
  });
  const [file] = outputFiles;
  if (!file) throw new Error('esbuild wrote no plug-in');
  return file.contents;
};

/** Builds the command in chunks, so that `--version` and `--help` load no AWS SDK. */
const buildCli = async (): Promise<void> => {
  const outdir = 'dist/cli';
  const { outputFiles, metafile } = await build({
    ...shared,
    plugins: [plainSchemaKeys, lateStringWidth, ownZodOfMcp],
    alias: { '@modelcontextprotocol/server/_shims': './cli/mcp-shims.ts' },
    entryPoints: { pipewarden: 'cli/start.ts' },
    outdir,
    ...split,
    minifyWhitespace: true,
    target: 'node20.12',
  });
  writeFolder(outdir, outputFiles, metafile, {
    'THIRD-PARTY-LICENSES.txt': licenceTexts(
      bundledPackages([...Object.keys(metafile.inputs), ...Object.values(GRAMMAR)]),
    ),
    ...Object.fromEntries(
      Object.entries(GRAMMAR).map(([name, path]) => [name, readFileSync(join(root, path))]),
    ),
    // By this file, an editor knows what `pipewarden init` has written.
    'config.schema.json': readFileSync(join(root, 'docs/config.schema.json'), 'utf8'),
    'cdk.cjs': await cdkPlugin(),
    'cdk.d.cts': readFileSync(join(root, 'cli/cdk-types.d.cts'), 'utf8'),
  });
  chmodSync(join(root, outdir, 'pipewarden.mjs'), 0o755);
  linkCommand(join(root, outdir, 'pipewarden.mjs'));
};

/**
 * npm links the commands of dependencies, but not those of the package itself. With this link, node_modules/.bin/pipewarden
 * is the command of the checkout.
 */
const linkCommand = (command: string): void => {
  const bin = join(root, 'node_modules/.bin');
  const link = join(bin, 'pipewarden');
  mkdirSync(bin, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(bin, command), link);
};

/** For packages that name the MIT licence but carry no file of it. https://spdx.org/licenses/MIT.html */
const MIT_TERMS = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use,
copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const LICENCE_FILE = /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/i;

/** The texts of the licences and notices of packages, each text once, with the packages that come under it. */
const licenceTexts = (packages: readonly string[]): string => {
  const byText = new Map<string, string[]>();
  for (const path of packages) {
    const folder = join(root, path);
    const { name, version, license, author } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    ) as { name: string; version: string; license: string; author?: string | { name: string } };
    const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    const owner = typeof author === 'object' ? author.name : author;
    const own = `Copyright (c) ${owner ?? `the authors of ${name}`}${license === 'MIT' ? `\n\n${MIT_TERMS}` : ''}`;
    const text = texts.length > 0 ? texts.join('\n\n') : own;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return `The command contains parts of these packages, under their licences.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
};

/**
 * Writes new files first and then removes those of earlier builds. Unchanged files are left alone. A process that
 * runs or packs the files meanwhile finds all of them complete.
 */
const writeFolder = (
  outdir: string,
  files: OutputFile[],
  metafile: Metafile,
  others: Readonly<Record<string, string | Uint8Array>> = {},
): void => {
  const written = new Set<string>();
  const write = (path: string, contents: Uint8Array | string): void => {
    written.add(path);
    const bytes = Buffer.from(contents);
    if (existsSync(path) && readFileSync(path).equals(bytes)) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  };
  for (const { path, contents } of files) write(path, contents);
  write(join(root, outdir, 'meta.json'), JSON.stringify(metafile));
  for (const [name, contents] of Object.entries(others)) write(join(root, outdir, name), contents);
  for (const entry of readdirSync(join(root, outdir), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(path) && !path.includes(COMPILE_CACHE)) rmSync(path);
  }
};

const handlers = (): string[] =>
  readdirSync(join(root, 'functions'))
    .map((name) => join('functions', name, 'handler.ts'))
    .filter((handler) => existsSync(join(root, handler)));

await Promise.all([buildCli(), ...(process.argv[2] === 'cli' ? [] : handlers().map(buildFunction))]);
