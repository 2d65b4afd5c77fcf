import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * npm links the commands of dependencies, but not those of the package itself. With this link, node_modules/.bin/pipewarden
 * is the command of the checkout.
 */
const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const link = join(bin, 'pipewarden');

mkdirSync(bin, { recursive: true });
rmSync(link, { force: true });
symlinkSync(relative(bin, join(root, 'dist/cli/pipewarden.mjs')), link);
