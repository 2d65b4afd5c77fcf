import { readFile } from 'node:fs/promises';
import { readTemplates } from '../shared/declared/cloudformation/read-templates.ts';
import type { Declare } from '../shared/declared/declared.ts';
import type { DeclaredOptions } from './audit-declared.ts';

/**
 * Reads templates and plans.
 * @throws {UsageError} if one of them cannot be read.
 */
export const readDeclared = async ({ template = [] }: DeclaredOptions): Promise<Declare> => {
  const inputs = await Promise.all(template.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));
  return readTemplates(inputs as never).declare;
};
