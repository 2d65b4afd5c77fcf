import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

const folder = join(import.meta.dirname, '../../../../shared/cases');

/** Where the shared real cases lie: beside the checkout, where they are there at all. They are read, never copied. @public */
export const casesFolder = (...parts: string[]): string | undefined => {
  const path = join(folder, ...parts);
  return existsSync(path) ? path : undefined;
};

/** `describe` for tests over one folder of the shared cases (`pipelines/real`), skipped where it is not beside the checkout. */
export const describeCases = (part: string, title: string, body: (folder: string) => void): void => {
  const path = casesFolder(part);
  describe(title, () => {
    if (path) body(path);
    else test.skip(`the shared cases ${part} are not beside this checkout`, () => undefined);
  });
};
