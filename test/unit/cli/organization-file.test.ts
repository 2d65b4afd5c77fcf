import { expect, test } from '@jest/globals';
import { readOrganizationFile } from '../../../cli/organization-file.ts';
import { inFolder } from '../../support/commands/cli.ts';

const readFileOf = (content: unknown) =>
  inFolder({ 'scps.json': content }, (folder) =>
    readOrganizationFile(`${folder}/scps.json`).catch((error: unknown) =>
      String(error).replace(`${folder}/`, ''),
    ),
  );

test('an organization file with levels is read in UTF-8 and UTF-16', async () => {
  const text = JSON.stringify([{ target: 'r-1', policies: [{ Name: 'all', Content: { Statement: [] } }] }]);
  const read = {
    scps: [{ target: 'r-1', policies: [{ name: 'all', document: { Statement: [] } }] }],
    rcps: [],
  };
  expect(await readFileOf(text)).toEqual(read);
  expect(await readFileOf(Buffer.from(`\ufeff${text}`, 'utf16le'))).toEqual(read);
});

test.each<[string, unknown, RegExp]>([
  ['is not JSON', '[\n  {"target" "r-1"}]', /^UsageError: scps\.json:2:13: not JSON: /],
  ['is empty', '', /^UsageError: scps\.json:1:1: not JSON: /],
  [
    'has another form',
    { Policies: [] },
    /^UsageError: scps\.json:1:1: not the policies of an organization: write/,
  ],
  ['has a wrong account', { scps: [], managementAccount: 'me' }, /^UsageError: scps\.json:1:1: .*12 digits/],
  ['is no text', Buffer.from([0x80]), /^UsageError: scps\.json: cannot be read: it is not text/],
  [
    'is huge',
    ' '.repeat(8 * 1024 * 1024 + 1),
    /^UsageError: scps\.json: cannot be read: it is larger than 8388608 bytes/,
  ],
])('an organization file that %s is refused, with the place of the fault', async (_, content, message) => {
  expect(await readFileOf(content)).toMatch(message);
});
