import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { type Definition, parseDefinition } from '../../../shared/definition/parse.ts';
import type { Severity, Status, Verdict } from '../../../shared/domain/finding.ts';
import type { FactName, Facts } from '../../../shared/facts/facts.ts';
import { type Fact, notApplicable, type SomeFacts } from '../../../shared/facts/gathered.ts';
import { SHARED_STEPS, sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import type { Control } from '../../../shared/judging/control.ts';
import { evaluate } from '../../../shared/judging/evaluate.ts';
import { satisfiedBy } from '../../../shared/judging/satisfied-by.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { isOfEntry, isPlaceOfPass } from './pass-places.ts';

/** The input of a control: the facts that it requires, and the configuration. */
export type Given = { facts: Partial<Facts>; config?: Partial<Config> };

/** What an open verdict must contain. Evidence is `[at, found]`: `at` exactly, and a part of `found`. */
export type ExpectedFinding = {
  subject?: string;
  evidence: [at: string, found: string][];
  severity?: Severity;
  /** A part of the first evidence's `expected`. */
  expected?: string;
  /** A part of the remediation's text. */
  remedy?: string;
  patch?: string;
  /** Whether the remediation contains a command whose change `evaluate` has tried. */
  isMended?: boolean;
};

/** An open verdict with this evidence, which offers a command. */
export const withCommand = (...evidence: ExpectedFinding['evidence']): ExpectedFinding => ({
  evidence,
  isMended: true,
});

/**
 * The same cases, each of which must offer a command. `evaluate` drops commands after which the control would not
 * pass.
 */
export const mended = <T extends Record<string, { told: ExpectedFinding }>>(table: T): T =>
  Object.fromEntries(
    Object.entries(table).map(([title, stated]) => [
      title,
      { ...stated, told: { ...stated.told, isMended: true } },
    ]),
  ) as T;

type Table<G> = Record<string, G & { told: ExpectedFinding | ExpectedFinding[] }>;

/** The cases of one control by title. `given` makes facts and configuration from what a case states. */
export type ControlCases<G> = {
  given: (stated: G) => Given;
  /** All verdicts are PASSED; `subjects` lists their subjects where they matter. */
  passes: Record<string, G & { subjects?: (string | undefined)[] }>;
  fails: Table<G>;
  warns?: Table<G>;
  isNotAvailable?: Table<G>;
  isNotApplicable?: Record<string, G>;
  /** The control makes no verdict at all. */
  isSilent?: Record<string, G>;
};

/**
 * Declares the tests of a control: its cases, and for each required fact and list, the verdict without it. Every case
 * also checks that `evaluate` is pure.
 */
export const controlCases = <G>(control: Control, cases: ControlCases<G>): void => {
  const judge = (stated: G): Verdict[] => verdictsOf(control, cases.given(stated));
  const first = Object.values(cases.passes)[0];
  if (first === undefined) throw new Error(`${control.id} has no case that passes`);

  describe('passes', () => {
    test.each(Object.entries(cases.passes))('%s', (_, stated) => {
      const verdicts = judge(stated);
      expect(verdicts.map(summary)).toEqual(
        verdicts.map(() => expect.objectContaining({ status: 'PASSED' })),
      );
      expect(verdicts.length).toBeGreaterThan(0);
      if (stated.subjects) expect(verdicts.map(({ subject }) => subject)).toEqual(stated.subjects);
    });

    test.each(Object.entries(cases.passes))('%s, and says what satisfied it', (_, stated) => {
      const { facts, config } = cases.given(stated);
      const known = gatheredOf(control, facts);
      for (const { subject } of judge(stated)) {
        const places = satisfiedBy(control, known, { version: 1, ...config }, subject);
        expect(places.filter((place) => !isPlaceOfPass(place))).toEqual([]);
        expect(places.length).toBeGreaterThan(0);
        expect(places.length).toBeLessThanOrEqual(5);
        if (isOfEntries(control)) expect(places.filter(isOfEntry)).not.toEqual([]);
      }
    });
  });

  const open = (status: Status, title: string, table: Table<G> = {}): void => {
    const rows = Object.entries(table);
    if (rows.length === 0) return;
    describe(title, () => {
      test.each(rows)('%s', (_, stated) => {
        const verdicts = judge(stated).filter((verdict) => verdict.status !== 'PASSED');
        expect(verdicts.map(summary)).toEqual([stated.told].flat().map((told) => expectation(status, told)));
      });
    });
  };
  open('FAILED', 'fails', cases.fails);
  open('WARNING', 'warns', cases.warns);
  open('NOT_AVAILABLE', 'is not available', cases.isNotAvailable);

  const ofSteps = control.on.includes('execution') && control.requires.includes('definition');
  if (ofSteps)
    test('says the name of the step first, in what was found and in the remedy', () => {
      const told = Object.values({ ...cases.fails, ...cases.warns, ...cases.isNotAvailable })
        .flatMap(judge)
        .flatMap((verdict) =>
          'evidence' in verdict && verdict.subject !== undefined
            ? [verdict.remediation.text, ...verdict.evidence.map(({ found }) => found)].map((text) => ({
                step: verdict.subject,
                start: text.split(/[ :]/, 2).join(' ').replace(/^S/, 's'),
              }))
            : [],
        );
      expect(told.map(({ start }) => start)).toEqual(told.map(({ step }) => `step ${step}`));
      expect(told.length).toBeGreaterThan(0);
    });

  test('does not throw on the first case that it finds fault with', () => {
    const [failing] = Object.values({ ...cases.fails, ...cases.warns, ...cases.isNotAvailable });
    if (failing === undefined) throw new Error(`${control.id} finds fault with no case`);
    const places = judge(failing).flatMap((verdict) => ('evidence' in verdict ? verdict.evidence : []));
    expect(places.map(({ at }) => at)).not.toContain(`control ${control.id}`);
  });

  const others: [string, G, Status[]][] = [
    ...Object.entries(cases.isNotApplicable ?? {}).map(([title, stated]): [string, G, Status[]] => [
      `is not applicable: ${title}`,
      stated,
      ['NOT_APPLICABLE'],
    ]),
    ...Object.entries(cases.isSilent ?? {}).map(([title, stated]): [string, G, Status[]] => [
      `says nothing: ${title}`,
      stated,
      [],
    ]),
  ];
  if (others.length > 0) {
    test.each(others)('%s', (_, stated, statuses) => {
      expect(judge(stated).map(({ status }) => status)).toEqual(statuses);
    });
  }

  // A control of the configuration itself requires no facts.
  const facts = control.on.includes('configuration') ? [] : [...control.requires];
  for (const fact of facts) {
    test(`is NOT_AVAILABLE, never PASSED, without ${fact}`, () => {
      expect(verdictsOf(control, cases.given(first), { [fact]: DENIED }).map(summary)).toEqual([
        expectation('NOT_AVAILABLE', { evidence: [['DescribeThat', 'AccessDeniedException: not allowed']] }),
      ]);
    });
    test(`is NOT_AVAILABLE, never silent, where nobody gathered ${fact}`, () => {
      expect(verdictsOf(control, cases.given(first), { [fact]: undefined }).map(summary)).toEqual([
        expectation('NOT_AVAILABLE', { evidence: [[fact, 'NotGathered']] }),
      ]);
    });
    test(`is NOT_APPLICABLE, with the reason, where there is no ${fact} to know`, () => {
      const nothing = notApplicable('there is nothing to know');
      expect(verdictsOf(control, cases.given(first), { [fact]: nothing })).toEqual([
        { status: 'NOT_APPLICABLE', because: 'there is nothing to know' },
      ]);
      const others = facts.filter((other) => other !== fact);
      for (const other of others) {
        const verdicts = verdictsOf(control, cases.given(first), { [fact]: nothing, [other]: DENIED });
        expect(verdicts.map(({ status }) => status)).toEqual(['NOT_AVAILABLE']);
      }
    });
  }

  if (asksAboutSets(control))
    test('with less work for its questions says that it is not known, and no more', () => {
      const all: G[] = [
        cases.passes,
        cases.fails,
        cases.warns,
        cases.isNotAvailable,
        cases.isNotApplicable,
      ].flatMap((table) => Object.values(table ?? {}));
      const seen = new Set<Status>();
      for (const stated of all) {
        const enough = statusesOf(control, cases.given(stated), SHARED_STEPS);
        for (const steps of [0, 30, 300, 3000]) {
          const few = statusesOf(control, cases.given(stated), steps);
          for (const status of few) seen.add(status);
          const fine = new Set<Status>(enough.flatMap((status) => MAY_BECOME[status]));
          expect([few.filter((status) => !fine.has(status)), few.length > 0]).toEqual([
            [],
            enough.length > 0,
          ]);
        }
      }
      expect(seen).toContain('NOT_AVAILABLE');
    });

  if (control.needs.length === 0) return;
  test.each([...control.needs])('is NOT_APPLICABLE without %s in the configuration', (list) => {
    const { facts, config } = cases.given(first);
    const [section, key] = list.split('.') as [keyof Config, string | undefined];
    const empty = key === undefined ? [] : { [key]: [] };
    for (const emptied of [undefined, ...(section === 'scpException' ? [] : [empty])]) {
      const verdicts = verdictsOf(control, { facts, config: { ...config, [section]: emptied } });
      expect(verdicts.map(({ status }) => status)).toEqual(['NOT_APPLICABLE']);
    }
  });
};

/** Whether a control compares what it judges with entries of the configuration, where no policy decides. */
const isOfEntries = ({ needs, requires }: Control): boolean =>
  !requires.includes('principal') && needs.length > 0;

/** Whether a control asks set questions and so takes the shared budget. */
const asksAboutSets = ({ evaluate: judge }: Control): boolean => judge.length > 2;

/** What a verdict may become if a search is cut short: an example may be missed, and nothing is proven about all. */
const MAY_BECOME: Readonly<Record<Status, readonly Status[]>> = {
  PASSED: ['PASSED', 'NOT_AVAILABLE'],
  FAILED: ['FAILED', 'NOT_AVAILABLE'],
  WARNING: ['WARNING', 'NOT_AVAILABLE'],
  NOT_AVAILABLE: ['NOT_AVAILABLE'],
  // Whether the control applies at all may be the unknown part.
  NOT_APPLICABLE: ['NOT_APPLICABLE', 'NOT_AVAILABLE', 'FAILED', 'WARNING'],
};

const statusesOf = (control: Control, { facts, config }: Given, steps: number): Status[] =>
  control
    .evaluate({ ...DEFAULTS, ...facts } as Facts, { version: 1, ...config }, sharedWork(steps))
    .map(({ status }) => status);

const DENIED = notRead('DescribeThat', 'AccessDeniedException', 'not allowed');

/** The facts that the control requires, as somebody has gathered them. */
const gatheredOf = (
  control: Control,
  facts: Given['facts'],
  instead: { [F in FactName]?: Fact<never> | undefined } = {},
): SomeFacts => {
  const gathered: SomeFacts = {};
  for (const name of control.requires) {
    const fact = Object.hasOwn(instead, name) ? instead[name] : found(facts[name] ?? DEFAULTS[name]);
    if (fact) Object.assign(gathered, { [name]: fact });
  }
  return gathered;
};

/** The engine's verdicts of one control, made twice on frozen facts. */
export const verdictsOf = (
  control: Control,
  { facts, config }: Given,
  instead: { [F in FactName]?: Fact<never> | undefined } = {},
): Verdict[] => {
  const gathered = gatheredOf(control, facts, instead);
  const before = cloneable(gathered);
  const [type = 'pipeline'] = control.on;
  const judge = (): Verdict[] =>
    evaluate([control], type, deepFreeze(gathered), deepFreeze({ version: 1, ...config })).map(
      ({ verdict }) => verdict,
    );
  const verdicts = judge();
  expect(judge()).toEqual(verdicts);
  expect(cloneable(gathered)).toEqual(before);
  return verdicts;
};

/** A copy of the facts that are data. Indexed policies contain functions, which cannot be copied. */
const cloneable = (gathered: SomeFacts): unknown =>
  structuredClone(
    Object.fromEntries(
      Object.entries(gathered).filter(
        ([name]) =>
          ![
            'principal',
            'principals',
            'directory',
            'creators',
            'resourcePolicies',
            'isolation',
            'inputs',
            'exceptionSubject',
            'trust',
          ].includes(name),
      ),
    ),
  );

/** Facts that most controls do not use. */
const DEFAULTS: Partial<Facts> = { overrides: {}, gaps: [] };

const summary = (verdict: Verdict) => ({
  status: verdict.status,
  subject: verdict.subject,
  ...('evidence' in verdict
    ? {
        severity: verdict.severity,
        evidence: verdict.evidence,
        remedy: verdict.remediation.text,
        patch: verdict.remediation.patch,
        isMended: verdict.remediation.patch !== undefined,
      }
    : {}),
});

const expectation = (
  status: Status,
  { subject, evidence, severity, expected, remedy, patch, isMended }: ExpectedFinding,
) =>
  expect.objectContaining({
    status,
    subject,
    severity,
    evidence: evidence.map(([at, part], index) =>
      expect.objectContaining({
        at,
        found: expect.stringContaining(part),
        ...(index === 0 && expected !== undefined ? { expected: expect.stringContaining(expected) } : {}),
      }),
    ),
    ...(remedy === undefined ? {} : { remedy: expect.stringContaining(remedy) }),
    ...(patch === undefined ? {} : { patch }),
    ...(isMended === undefined ? {} : { isMended }),
  });

/** Freezes objects and lists at any depth. A Map cannot be frozen, so its write methods are removed. */
const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    const refuse = (): never => {
      throw new TypeError('a control wrote to its facts');
    };
    for (const writer of ['set', 'delete', 'clear']) Object.defineProperty(value, writer, { value: refuse });
  }
  Object.freeze(value);
  if (value instanceof Set) return value;
  for (const part of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(part);
  return value;
};

/** A definition with these steps and parameters, read as if from AWS. A parameter of null has no default. */
export const definitionOf = (
  steps: readonly unknown[],
  parameters: Readonly<Record<string, unknown>> = {},
): Definition => {
  const Parameters = Object.entries(parameters).map(([Name, DefaultValue]) =>
    DefaultValue === null ? { Name, Type: 'String' } : { Name, Type: 'String', DefaultValue },
  );
  const parsed = parseDefinition(JSON.stringify({ Version: '2020-12-01', Parameters, Steps: steps }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition;
};

/** A step; `more` contains members beside its arguments. */
export const step = (name: string, type: string, args: object = {}, more: object = {}): object => ({
  Name: name,
  Type: type,
  Arguments: args,
  ...more,
});

/** A Condition with these steps in its branches. */
export const condition = (name: string, ifSteps: object[], elseSteps: object[] = []): object =>
  step(name, 'Condition', { Conditions: [], IfSteps: ifSteps, ElseSteps: elseSteps });
