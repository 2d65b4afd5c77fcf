import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/**
 * The report's script, bundled and minified, as a JSON file. The report embeds this text, and its content policy
 * admits exactly these bytes.
 */
export const pageScriptText = async (): Promise<string> => {
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
    write: false,
  });
  const script = outputFiles.map(({ text }) => text.trim()).join('');
  if (/<\/script|<!--/i.test(script)) throw new Error('the script would end its own element');
  return `${JSON.stringify({ script }, null, 2)}\n`;
};
