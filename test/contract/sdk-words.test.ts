import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SDK_WORDS, type SdkWay, type SdkWays, TRAINING_WORDS } from '../../shared/definition/sdk-words.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';

const CHECKER = join(import.meta.dirname, '../support/python/validate_sdk_words.py');

const all: SdkWays[] = [...Object.values(SDK_WORDS), ...Object.values(TRAINING_WORDS)].flatMap((words) => [
  ...(words.name ? [words.name] : []),
  ...Object.values<SdkWays>(words.roles),
]);
const callsOf = (ways: readonly SdkWay[]): string[] => [
  ...new Set(ways.flatMap((way) => ('call' in way ? [way.call] : []))),
];

/** The faults that the installed SDK finds in calls: of each call, or null. */
const faultsOf = (sdk: 'sdk2' | 'sdk3', calls: readonly string[]): unknown =>
  JSON.parse(
    execFileSync(pythonProgram(sdk, 'python'), ['-B', CHECKER], {
      input: JSON.stringify(calls),
      encoding: 'utf8',
    }),
  );

describeWith('the SageMaker SDK', 'the words for the SageMaker Python SDK', () => {
  test.each(['sdk2', 'sdk3'] as const)('are calls that %s has', (sdk) => {
    const calls = callsOf(all.map((ways) => ways[sdk]));
    expect(calls.length).toBeGreaterThan(10);
    expect(faultsOf(sdk, calls)).toEqual(calls.map(() => null));
  });

  test('say of a class that only one of the SDKs has that the other lacks it', () => {
    const alone = (sdk: 'sdk2' | 'sdk3', other: 'sdk2' | 'sdk3') =>
      callsOf(all.filter((ways) => 'none' in ways[other]).map((ways) => ways[sdk]));
    const [of2, of3] = [alone('sdk2', 'sdk3'), alone('sdk3', 'sdk2')];
    expect([of2.length, of3.length]).toEqual([2, 3]);
    expect(faultsOf('sdk3', of2)).toEqual(of2.map(() => expect.any(String)));
    expect(faultsOf('sdk2', of3)).toEqual(of3.map(() => expect.any(String)));
  });

  test('are told from calls that neither has', () => {
    const wrong = ['Estimator(no_such=VALUE)', 'NoSuchClass(role=VALUE)', '@step(no_such=VALUE)'];
    expect(faultsOf('sdk2', wrong)).toEqual(wrong.map(() => expect.stringMatching(/^no /)));
  });
});
