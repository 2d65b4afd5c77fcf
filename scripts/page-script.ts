import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/**
 * The report's script, bundled and minified, as a JSON file: that of one account, and that of several, which has their filters
 * besides. The report embeds one of these texts, and its content policy admits exactly its bytes.
 */
export const pageScriptText = async (): Promise<string> => {
  const [script, accountsScript] = [await scriptOf(false), await scriptOf(true)];
  return `${JSON.stringify({ script, accountsScript }, null, 2)}\n`;
};

/** Around the parts of the sources that the script of one account does not have, so that its bytes do not depend on them. */
const MARKS = { begin: '// several accounts', end: '// end of several accounts' };

const withoutMarked = (source: string): string => {
  let isMarked = false;
  const kept = source.split('\n').filter((line) => {
    if (line.trim() === MARKS.begin) isMarked = true;
    const isKept = !isMarked;
    if (line.trim() === MARKS.end) isMarked = false;
    return isKept;
  });
  return kept.join('\n');
};

const ofOneAccount: Plugin = {
  name: 'of one account',
  setup: (builder) => {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: withoutMarked(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

const scriptOf = async (isOfSeveral: boolean): Promise<string> => {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['shared/outputs/report/page/page.ts'],
    tsconfig: 'shared/outputs/report/page/tsconfig.json',
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    plugins: isOfSeveral ? [] : [ofOneAccount],
    write: false,
  });
  const script = outputFiles.map(({ text }) => text.trim()).join('');
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its own element');
  return script;
};
