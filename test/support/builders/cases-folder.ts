import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../../shared/cases');

/** The folder of shared real cases beside the checkout, if it exists. The cases are read in place, never copied. */
export const casesFolder = (...parts: string[]): string | undefined => {
  const path = join(folder, ...parts);
  return existsSync(path) ? path : undefined;
};
