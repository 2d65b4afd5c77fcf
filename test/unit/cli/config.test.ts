import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { appliedConfig } from '../../../cli/config.ts';
import { inFolder } from '../../support/commands/cli.ts';

const RULES = 'version: 1\nprefixes: []\n';

test('a configuration that is a link which leads nowhere is an error, and one farther away does not take its place', () =>
  inFolder({ 'pipewarden.yaml': RULES, '.git/HEAD': '', 'team/p.json': '{}' }, async (folder) => {
    await symlink(join(folder, 'no-such'), join(folder, 'team/pipewarden.yaml'));
    await expect(appliedConfig(undefined, [join(folder, 'team/p.json')])).rejects.toThrow(
      /team\/pipewarden\.yaml: cannot be read: it is a link that leads nowhere$/,
    );
  }));

test('a configuration that is a link to a file is that file', () =>
  inFolder({ 'rules.yaml': RULES, 'team/p.json': '{}' }, async (folder) => {
    await symlink(join(folder, 'rules.yaml'), join(folder, 'team/pipewarden.yaml'));
    await expect(appliedConfig(undefined, [join(folder, 'team/p.json')])).resolves.toMatchObject({
      config: { prefixes: [] },
    });
  }));

test('a configuration that is a folder is an error', () =>
  inFolder({ 'team/p.json': '{}' }, async (folder) => {
    await mkdir(join(folder, 'team/pipewarden.yaml'));
    await expect(appliedConfig(undefined, [join(folder, 'team/p.json')])).rejects.toThrow(/it is no file$/);
  }));
