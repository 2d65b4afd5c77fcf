import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type OutputFile, type Plugin } from 'esbuild';

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
      const contents = source.replaceAll(/([{,] ?)\[(_\w+)\]:/g, (whole, before: string, name: string) =>
        texts.has(name) ? `${before}${texts.get(name)}:` : whole,
      );
      return { contents, loader: 'js' };
    });
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

const NO_JMESPATH = './shared/aws/deployment/no-jmespath.ts';

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
      '@aws-lambda-powertools/jmespath': NO_JMESPATH,
      '@aws-lambda-powertools/jmespath/functions': NO_JMESPATH,
    },
    external: ['bowser'], // detects browsers, which no function needs
    minify: true,
    target: 'node24',
  });
  writeFolder(outdir, outputFiles, metafile);
};

/** Builds the command in chunks, so that `--version` and `--help` load no AWS SDK. */
const buildCli = async (): Promise<void> => {
  const outdir = 'dist/cli';
  const { outputFiles, metafile } = await build({
    ...shared,
    entryPoints: { pipewarden: 'cli/start.ts' },
    outdir,
    ...split,
    minifyWhitespace: true,
    target: 'node20.12',
  });
  writeFolder(outdir, outputFiles, metafile);
  chmodSync(join(root, outdir, 'pipewarden.mjs'), 0o755);
};

/**
 * Writes new files first and then removes those of earlier builds. Unchanged files are left alone. A process that
 * runs or packs the files meanwhile finds all of them complete.
 */
const writeFolder = (outdir: string, files: OutputFile[], metafile: Metafile): void => {
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
  for (const entry of globSync(join(root, outdir, '**/*'), { withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !written.has(path)) rmSync(path);
  }
};

const handlers = globSync(join(root, 'functions/*/handler.ts')).map((path) => relative(root, path));
await Promise.all([buildCli(), ...handlers.map(buildFunction)]);
