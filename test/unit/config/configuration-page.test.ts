import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { configFor } from '../../../shared/config/config-for.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';

const PAGE = 'docs/configuration.md';
const text = readFileSync(join(import.meta.dirname, '../../..', PAGE), 'utf8');
const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];

test('the example of the configuration’s page is valid, and means what the page says', () => {
  const config = parseConfig(
    example,
    PAGE,
    CONTROLS.map(({ id }) => id),
  );
  const read = configFor(config, { account: '777788889999', partition: 'aws', path: null });
  expect(read).toMatchObject({
    ok: true,
    value: {
      prefixes: [{ prefix: 'research' }],
      roles: { creators: ['arn:aws:iam::777788889999:role/ci'] },
      teams: [{ name: 'fraud' }, { name: 'research' }],
      suppressions: [{ resource: 'arn:aws:sagemaker:*:777788889999:pipeline/trial-*' }],
    },
  });
});
