import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { casesFolder } from './cases-folder.ts';

const examples = join(import.meta.dirname, '../../../examples');
export const THE_EXAMPLE = {
  snapshot: join(examples, 'account'),
  configuration: join(examples, 'pipewarden.yaml'),
};

/** The example and, where they are beside the checkout, the shared accounts: by name, each with the folder of its snapshot and its configuration. */
export const sampleAccounts = (): [name: string, snapshot: string, configuration: string][] => {
  const folder = casesFolder('accounts');
  const others = folder ? readdirSync(folder, { withFileTypes: true }) : [];
  return [
    ['the example', THE_EXAMPLE.snapshot, THE_EXAMPLE.configuration],
    ...others
      .filter((each) => each.isDirectory())
      .map(({ name }): [string, string, string] => [
        name,
        join(folder ?? '', name, 'snapshot'),
        join(folder ?? '', name, 'pipewarden.yaml'),
      ]),
  ];
};
