import { describe, test } from '@jest/globals';
import { casesFolder } from './cases-folder.ts';

export { casesFolder };

/**
 * `describe` for tests over one folder of the shared cases (`pipelines/real`); skipped if the folder is not beside
 * the checkout.
 */
export const describeCases = (part: string, title: string, body: (folder: string) => void): void => {
  const path = casesFolder(part);
  describe(title, () => {
    if (path) body(path);
    else test.skip(`the shared cases ${part} are not beside this checkout`, () => undefined);
  });
};
