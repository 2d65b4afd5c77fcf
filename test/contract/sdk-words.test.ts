import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { hasJobName } from '../../shared/authorised/step-name.ts';
import { control } from '../../shared/controls/pipeline-job-prefix.ts';
import { parseDefinition } from '../../shared/definition/parse.ts';
import { PREFIXING } from '../../shared/definition/sdk-advice.ts';
import { SDK_WORDS, type SdkWay, type SdkWays, TRAINING_WORDS } from '../../shared/definition/sdk-words.ts';
import { isJobStepType } from '../../shared/definition/step-types.ts';
import { stepBaseName } from '../../shared/definition/step-values.ts';
import { sdkDefinitions } from '../corpus/sdk-definitions.ts';
import { verdictsOf } from '../support/builders/control-cases.ts';
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

/** The calls with which the definitions of a type give a name, by SDK; others than that of the type for these steps. */
const OTHER_CALLS: Record<string, string> = {
  FraudScoreFunction: '@step(job_name_prefix=',
  FraudFunction: '@step(job_name_prefix=',
};

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

  test('tell of each pipeline with one job step that the SDK left its name out, and how to give it', async () => {
    const rows = (await sdkDefinitions()).flatMap(({ name, sdk, prefixed, definitionText }) => {
      const parsed = parseDefinition(definitionText);
      if (!parsed.ok) throw new Error(`${name}: ${parsed.error.message}`);
      const jobs = parsed.definition.steps.filter((step) => hasJobName(step) && step.type !== 'Job');
      const [step] = jobs;
      if (prefixed || jobs.length !== 1 || !step || stepBaseName(step)) return [];
      const facts = { pipeline: { name: 'fraud' }, definition: parsed.definition };
      const [verdict] = verdictsOf(control, { facts, config: { prefixes: [{ prefix: 'fraud' }] } });
      if (verdict?.status !== 'FAILED') throw new Error(`${name}: ${verdict?.status}`);
      const way = isJobStepType(step.type) && SDK_WORDS[step.type].name[sdk === '2' ? 'sdk2' : 'sdk3'];
      const call = way && 'call' in way ? way.call.replace('VALUE)', '') : `no call for ${step.type}`;
      const told = [verdict.evidence[0].found, verdict.remediation.text].join(' ');
      return [
        {
          name,
          sdk,
          told,
          expected: [`step ${step.name} has no base job name`, OTHER_CALLS[step.name] ?? call, PREFIXING],
        },
      ];
    });
    expect(rows.length).toBeGreaterThan(20);
    expect(
      rows.flatMap(({ name, sdk, told, expected }) =>
        expected.filter((part) => !told.includes(part)).map((part) => `SDK ${sdk}, ${name}: ${part}`),
      ),
    ).toEqual([]);
  });

  test('are told from calls that neither has', () => {
    const wrong = ['Estimator(no_such=VALUE)', 'NoSuchClass(role=VALUE)', '@step(no_such=VALUE)'];
    expect(faultsOf('sdk2', wrong)).toEqual(wrong.map(() => expect.stringMatching(/^no /)));
  });
});
