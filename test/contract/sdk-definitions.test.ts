import { beforeAll, expect, test } from '@jest/globals';
import { displayText, resolveScope, resolveText } from '../../shared/definition/expression.ts';
import { type Definition, parseDefinition } from '../../shared/definition/parse.ts';
import { objectsWithin, stepBaseName, stepRoles } from '../../shared/definition/step-values.ts';
import { type SdkDefinition, sdkDefinitions } from '../corpus/sdk-definitions.ts';
import { describeWith } from '../support/jest/tools.ts';

type Read = SdkDefinition & { definition: Definition };

const read = (made: SdkDefinition): Read => {
  const parsed = parseDefinition(made.definitionText);
  if (!parsed.ok) throw new Error(`${made.name} of SDK ${made.sdk}: ${parsed.error.message}`);
  return { ...made, definition: parsed.definition };
};

/** One value for each definition, so that a failure names the definitions that differ. */
const byName = <Value>(all: readonly Read[], value: (one: Read) => Value): Record<string, Value> =>
  Object.fromEntries(all.map((one) => [`${one.name} (SDK ${one.sdk})`, value(one)]));

const ROLE = /^arn:aws:iam::111122223333:role\//;
const isRole = (value: unknown): value is string => typeof value === 'string' && ROLE.test(value);

describeWith('the SageMaker SDK', 'definitions that the SageMaker SDK writes', () => {
  let all: Read[] = [];
  beforeAll(async () => {
    all = (await sdkDefinitions()).map(read);
  });

  test('are there for both SDKs, with prefixing off and on', () => {
    const count = (sdk: string, prefixed: boolean): number =>
      all.filter((one) => one.sdk === sdk && one.prefixed === prefixed).length;
    expect([count('2', false), count('3', false)]).toEqual([count('2', true), count('3', true)]);
    expect(count('2', true)).toBeGreaterThanOrEqual(40);
    expect(count('3', true)).toBeGreaterThanOrEqual(29);
  });

  test('have the steps that their case made, in the order of the document', () => {
    expect(byName(all, ({ definition }) => definition.steps.map(({ type }) => type))).toEqual(
      byName(all, ({ stepTypes }) => stepTypes),
    );
  });

  test('have no unchecked part, except for steps of type Job', () => {
    expect(byName(all, ({ definition }) => definition.unchecked.map(({ name }) => name))).toEqual(
      byName(all, ({ definition }) =>
        definition.steps.filter(({ type }) => type === 'Job').map(({ name }) => name),
      ),
    );
  });

  test('have a base job name exactly if prefixing is on and the SDK accepts one', () => {
    const known = ({ definition }: Read) => definition.steps.filter(({ type }) => type !== 'Job');
    expect(
      byName(all, (one) => known(one).map((step) => [step.name, stepBaseName(step)?.value ?? 'none'])),
    ).toEqual(byName(all, (one) => known(one).map(({ name }) => [name, one.baseNames[name] ?? 'none'])));
  });

  test('contain no role outside the fields of the step type’s roles', () => {
    const found = ({ definition }: Read): unknown[] =>
      definition.steps.flatMap((step) => stepRoles(step).map(({ value }) => value)).filter(isRole);
    const named = ({ definition }: Read): unknown[] =>
      definition.steps
        .flatMap((step) => [step.arguments, ...objectsWithin(step)])
        .flatMap((value) => Object.values(value).filter(isRole));
    expect(byName(all, (one) => found(one).sort())).toEqual(byName(all, (one) => named(one).sort()));
    expect(all.flatMap(found).length).toBeGreaterThan(100);
  });

  test('name the role of the case: the step’s, or the pipeline’s through a parameter', () => {
    const roles = (kind: SdkDefinition['stepRoles']) =>
      all
        .filter((one) => one.stepRoles === kind)
        .flatMap(({ definition }) =>
          definition.steps
            .flatMap(stepRoles)
            .map(({ value }) => resolveText(value, resolveScope(definition))),
        );
    expect(roles('own').map(displayText)).toEqual(
      roles('own').map(() => expect.stringMatching(/^arn:aws:iam::111122223333:role\/steps\/fraud-\w+$/)),
    );
    expect(roles('parameter').flatMap(({ parameters }) => parameters)).toContain('Role');
    expect(new Set(roles('parameter').map(displayText))).toEqual(
      new Set(['arn:aws:iam::111122223333:role/pipelines/fraud']),
    );
  });

  test('read a JSON file if their case says so', () => {
    const reads = ({ definition }: Read): boolean =>
      definition.steps.some((step) => [...objectsWithin(step)].some((value) => 'Std:JsonGet' in value));
    expect(byName(all, reads)).toEqual(byName(all, ({ jsonGet }) => jsonGet));
  });
});
