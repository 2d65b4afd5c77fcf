import { expect, test } from '@jest/globals';
import { readGivenOrganization, readOrganizationFile } from '../../../cli/organization-file.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { organizationFile } from '../../support/builders/organization-file.ts';
import { inFolder } from '../../support/commands/cli.ts';

/** What a file says of an account; else the message that refuses it. */
const readFileOf = (content: unknown) =>
  inFolder({ 'scps.json': content }, async (folder) => {
    try {
      const { isOfOne, source } = await readGivenOrganization(`${folder}/scps.json`);
      const read = await source(memoryReader({}).reader).policiesOf('444455556666');
      return read.ok ? [isOfOne, read.value] : read.unread;
    } catch (error) {
      return String(error).replaceAll(`${folder}/`, '');
    }
  });

test('an organization file with levels is read in UTF-8 and UTF-16', async () => {
  const text = JSON.stringify([{ target: 'r-1', policies: [{ Name: 'all', Content: { Statement: [] } }] }]);
  const read = {
    scps: [{ target: 'r-1', policies: [{ name: 'all', document: { Statement: [] } }] }],
    rcps: [],
  };
  expect(await readFileOf(text)).toEqual([true, read]);
  expect(await readFileOf(Buffer.from(`\ufeff${text}`, 'utf16le'))).toEqual([true, read]);
});

test.each<[string, unknown, RegExp]>([
  ['is not JSON', '[\n  {"target" "r-1"}]', /^UsageError: scps\.json:2:13: not JSON: /],
  ['is empty', '', /^UsageError: scps\.json:1:1: not JSON: /],
  [
    'has another form',
    { Policies: [] },
    /^UsageError: scps\.json:1:1: not the policies of an organization: take what/,
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

test('a file of all accounts answers for each of them, and is the one that a deployment takes', async () => {
  const text = JSON.stringify(organizationFile(), null, 2);
  expect(await readFileOf(text)).toEqual([
    false,
    expect.objectContaining({ toldAt: '2026-11-20T10:00:00Z' }),
  ]);
  await inFolder({ 'all.json': text }, async (folder) => {
    expect(await readOrganizationFile(`${folder}/all.json`)).toEqual(organizationFile());
  });
});

test('a file of all accounts that is wrong is refused with every place', async () => {
  const { policies, ...others } = organizationFile();
  const text = JSON.stringify(
    { ...others, policies: { ...policies, 'p-full0000': { name: 1 } }, more: 1 },
    null,
    2,
  );
  const message = String(await readFileOf(text)).split('\n');
  expect(message[0]).toMatch(/^UsageError: scps\.json:\d+:\d+: policies\.p-full0000\.name: must be a text/);
  expect(message.every((line) => /scps\.json:\d+:\d+: \S/.test(line))).toBe(true);
  expect(message.at(-1)).toMatch(/more: there is no such key here$/);
});

test('a deployment takes no file with the levels of one account', async () => {
  await inFolder({ 'scps.json': [] }, async (folder) => {
    await expect(readOrganizationFile(`${folder}/scps.json`)).rejects.toThrow(
      /scps\.json:1:1: not the policies of an organization, which pipewarden snapshot --organization writes/,
    );
  });
});
