import { expect, test } from '@jest/globals';
import { schemaLine } from '../../../cli/schema-line.ts';

const IN_PROJECT = '/home/ann/ml/node_modules/@acme/tool/dist/cli/config.schema.json';
const PATH = 'node_modules/@acme/tool/dist/cli/config.schema.json';

test.each([
  ['/home/ann/ml/pipewarden.yaml', IN_PROJECT, `# yaml-language-server: $schema=${PATH}\n`],
  ['/home/ann/ml/teams/a/pipewarden.yaml', IN_PROJECT, `# yaml-language-server: $schema=../../${PATH}\n`],
  ['/home/ann/other/pipewarden.yaml', IN_PROJECT, ''],
  ['/home/ann/ml-two/pipewarden.yaml', IN_PROJECT, ''],
  ['/home/ann/pipewarden.yaml', '/opt/tool/dist/cli/config.schema.json', ''],
  ['/a/x.yaml', '/a/node_modules/with\nbreak/config.schema.json', ''],
])('of %s with the schema %s: %j', (file, schema, line) => {
  expect(schemaLine(file, schema)).toBe(line);
});
