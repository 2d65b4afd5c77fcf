import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

/** Files that only show an event's name, pass it on to be shown, or compare a trail's selectors with it. */
const SHOWN = [
  'cli/dlq.ts',
  'functions/audit/audit-batch.ts',
  'functions/audit/dead-letter.ts',
  'shared/controls/trail-logging.ts',
  'shared/domain/trigger.ts',
  'shared/facts/gather-executions.ts',
  'shared/facts/gather-managed-pipeline.ts',
  'shared/facts/logged-calls.ts',
  /^shared\/history\//,
  /^shared\/outputs\//,
];

test('only shared/events depends on event names; later code uses what a request says has changed', () => {
  const files = globSync('{shared,functions,cli}/**/*.{ts,tsx}', { cwd: root }).filter(
    (file) => !file.startsWith('shared/events/'),
  );
  const naming = files.filter((file) =>
    /\b(eventName|event_name)\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  const isShown = (file: string): boolean =>
    SHOWN.some((each) => (typeof each === 'string' ? each === file : each.test(file)));
  expect(files.length).toBeGreaterThan(300);
  expect(naming.filter((file) => !isShown(file))).toEqual([]);
  const judged = naming.filter((file) =>
    /eventName\b[^\n]{0,20}(===|!==|\.(?:includes|startsWith|endsWith|match|test)\()|\.(?:test|exec|includes)\([^)\n]*\beventName\b/.test(
      readFileSync(join(root, file), 'utf8'),
    ),
  );
  expect(judged).toEqual([]);
});
