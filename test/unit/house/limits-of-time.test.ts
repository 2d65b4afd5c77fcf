import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

/** A limit of time that a test, a hook or a group gives itself. */
const OWN_LIMIT = /^\s*\},\s*\d[\d_* ]*,?\s*\);/m;
/** An assertion on how long something took. */
const ASSERTED_TIME = /expect\([^\n]*(?:Date\.now\(\)|performance\.now\(\)|process\.hrtime)[^\n]*\)\s*\.to/;

const testFiles = globSync('test/**/*.test.{ts,tsx}', { cwd: root });

test.each([
  ['a limit of its own', OWN_LIMIT, 'test("x", () => {\n}, 20_000);', 'test("x", () => {\n});'],
  [
    'an assertion on a clock',
    ASSERTED_TIME,
    'expect(Date.now() - began).toBeLessThan(5)',
    'expect(asked).toBe(2)',
  ],
])('%s is found', (_, pattern, bad, good) => {
  expect([pattern.test(bad), pattern.test(good)]).toEqual([true, false]);
});

// The limits of jest.config.js are of minutes, so that a busy machine fails no test.
test('no test fails because the machine is busy: none has a limit of its own, or asserts a time', () => {
  expect(testFiles.length).toBeGreaterThan(200);
  const offending = testFiles.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return (
      path !== 'test/unit/house/limits-of-time.test.ts' && (OWN_LIMIT.test(text) || ASSERTED_TIME.test(text))
    );
  });
  expect(offending).toEqual([]);
});
