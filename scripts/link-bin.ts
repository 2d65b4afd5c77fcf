import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * npm links the commands of dependencies, but not those of the package itself. Without this link, `npx pipewarden` in
 * a checkout would first install the checkout into npx's own cache.
 */
const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const link = join(bin, 'pipewarden');

mkdirSync(bin, { recursive: true });
rmSync(link, { force: true });
symlinkSync(relative(bin, join(root, 'dist/cli/pipewarden.mjs')), link);
