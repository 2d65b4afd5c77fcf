import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../../shared/cases');

/** Where the shared real cases lie: beside the checkout, where they are there at all. They are read, never copied. */
export const casesFolder = (...parts: string[]): string | undefined => {
  const path = join(folder, ...parts);
  return existsSync(path) ? path : undefined;
};
