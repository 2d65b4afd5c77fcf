import { keeping } from '../../memo.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Request } from '../decide/request.ts';
import { parseTemplate, resolveTemplate } from '../decide/variables.ts';
import { parseDecimal } from '../policy/decimal.ts';
import { type Glob, globText, literalGlob, parseGlob } from '../policy/glob.ts';
import { type AddressRange, addressText, parseRange } from '../policy/ip-range.ts';
import { compileTest, TESTS, type Test } from '../policy/operators.ts';
import { parseDate } from '../policy/policy-date.ts';
import { cellsOf } from './cells.ts';
import { arnLanguage, type Comparison, globLanguage, integerLanguage, type Language } from './language.ts';

/** Values of a key, one for each combination of outcomes of the conditions; some may be missing if not complete. */
export type ValueCells = { values: readonly string[]; isComplete: boolean };

/** What a condition compares the values of a key with. */
export type ComparedValue = { test: Test; glob: Glob; text: string };

/** Everything with which statements compare a key (in lower case); undefined if a variable in it is unknown. */
export const comparandsOf = (
  statements: readonly CompiledStatement[],
  keyName: string,
  request: Request,
): ComparedValue[] | undefined => {
  const comparands: ComparedValue[] = [];
  for (const { statement, policy } of statements) {
    for (const { base, texts, keyName: name } of statement.conditions) {
      if (name !== keyName || base === 'null') continue;
      for (const text of texts) {
        const glob = resolveTemplate(parseTemplate(text, policy.version), request);
        if (glob === undefined) return undefined;
        if (glob) comparands.push({ test: TESTS[base].test, glob, text: globText(glob) });
      }
    }
  }
  return comparands;
};

/** Kept, because roles are alike and most compare a key with the same values. */
const kept = keeping<ValueCells>(1000);

/** The values of a key that its comparands distinguish. */
export const valueCells = (comparands: readonly ComparedValue[], keyName: string): ValueCells =>
  kept(JSON.stringify([keyName, comparands]), () => cutValues(comparands, keyName));

const cutValues = (comparands: readonly ComparedValue[], keyName: string): ValueCells => {
  const kinds = new Set(comparands.map(({ test }) => kindOf(test)));
  if (kinds.has('number')) return numberCells(comparands, keyName);
  const [kind = 'text', ...more] = kinds;
  if (kind === 'text' && more.length === 0) {
    const { cells, all } = cellsOf(globLanguage(parseGlob('?*')), comparands.map(languageOf));
    return { values: cells.map(({ witness }) => witness), isComplete: all !== undefined };
  }
  const typed = [...kinds].filter((each) => each !== 'text');
  const values = [...kinds].flatMap((each) =>
    valuesOf(
      each,
      comparands.filter(({ test }) => kindOf(test) === each),
    ),
  );
  return {
    values: values.filter((value) => typed.every((each) => isOf(each, value))),
    isComplete: more.length === 0,
  };
};

/** Whether a value is of a kind: a key that is compared as an address contains an address. */
const isOf = (kind: Kind, value: string): boolean => compileTest(TEST_OF[kind], [])(value) !== undefined;

const TEST_OF: Readonly<Record<Kind, Test>> = {
  text: 'string',
  number: 'numeric-equals',
  date: 'date-equals',
  address: 'ip',
  bool: 'bool',
  binary: 'binary',
};

type Kind = 'text' | 'number' | 'date' | 'address' | 'bool' | 'binary';

const kindOf = (test: Test): Kind => {
  if (test.startsWith('numeric')) return 'number';
  if (test.startsWith('date')) return 'date';
  if (test === 'ip') return 'address';
  return test === 'bool' || test === 'binary' ? test : 'text';
};

/** Versions of a pipeline count from 1, everything else from 0. */
const firstNumber = (keyName: string): number => (keyName === 'sagemaker:pipelineversionid' ? 1 : 0);

/** Values of keys that are compared as numbers. They are whole numbers; comparands may include patterns. */
const numberCells = (comparands: readonly ComparedValue[], keyName: string): ValueCells => {
  const comparable = comparands.filter(({ test }) => ['text', 'number'].includes(kindOf(test)));
  const universe = integerLanguage('greater-equals', { units: BigInt(firstNumber(keyName)), scale: 0 });
  const { cells, all } = cellsOf(universe, comparable.map(languageOf));
  const isAll = comparable.length === comparands.length;
  return { values: cells.map(({ witness }) => witness), isComplete: all !== undefined && isAll };
};

const languageOf = ({ test, glob, text }: ComparedValue): Language => {
  if (test === 'string-like') return globLanguage(glob);
  if (test === 'arn') return arnLanguage(glob);
  const limit = test.startsWith('numeric') ? parseDecimal(text) : undefined;
  if (limit) return integerLanguage(test.slice('numeric-'.length) as Comparison, limit);
  return globLanguage(literalGlob(text), test === 'string-ignore-case');
};

const valuesOf = (kind: Kind, comparands: readonly ComparedValue[]): string[] => {
  const texts = comparands.map(({ text }) => text);
  switch (kind) {
    case 'bool':
      return ['true', 'false'];
    case 'date':
      return texts.flatMap(around);
    case 'address':
      return ['192.0.2.1', '2001:db8::1', ...texts.flatMap((text) => boundsOf(parseRange(text)))];
    case 'binary':
      return [...texts, 'eA=='];
    case 'text':
    case 'number':
      return texts;
  }
};

/** An instant, and the instants right before and after it. */
const around = (text: string): string[] => {
  const instant = parseDate(text);
  return instant === undefined ? [] : [-1, 0, 1].map((step) => new Date(instant + step).toISOString());
};

/** The ends of a range and their outer neighbours; all addresses between two such addresses are treated alike. */
const boundsOf = (range: AddressRange | undefined): string[] => {
  if (!range) return [];
  const size = 1n << BigInt(range.bits - range.prefix);
  const first = (range.value / size) * size;
  const limit = 1n << BigInt(range.bits);
  return [...new Set([first - 1n, first, first + size - 1n, first + size])]
    .filter((value) => value >= 0n && value < limit)
    .map((value) => addressText({ bits: range.bits, value }));
};
