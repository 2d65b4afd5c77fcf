import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * npm links the commands of a package's dependencies, not those of the package itself: without this link
 * `npx pipewarden` in a checkout would install the checkout into npx's own cache first.
 */
const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const link = join(bin, 'pipewarden');

mkdirSync(bin, { recursive: true });
rmSync(link, { force: true });
symlinkSync(relative(bin, join(root, 'dist/cli/pipewarden.mjs')), link);
