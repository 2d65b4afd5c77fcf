import type { Evidence, Finding } from '../domain/finding.ts';
import { isFaulty } from '../domain/status.ts';
import { type FilledHole, type Filling, token } from './fill.ts';

/** The findings with one way to fill the holes; passed verdicts are among them. */
export type JudgedFilling = {
  findings: readonly Finding[];
  /** The holes that have other values than in the first filling; none for the first one. */
  chosen: Filling;
  /** The address of a declared resource, by its ARN in lower case. */
  addressOf: ReadonlyMap<string, string>;
};

/** What is told of a declared account, and what only its deployment can tell. */
type Outcome = 'fault' | 'unknown' | 'none';

const outcomeOf = (finding: Finding | undefined): Outcome => {
  if (!finding) return 'none';
  if (finding.status === 'NOT_AVAILABLE') return 'unknown';
  return isFaulty(finding.status) ? 'fault' : 'none';
};

/**
 * The findings that hold however the holes are filled. A finding that hangs on a hole is NOT_AVAILABLE: its evidence names the
 * hole and what it is with which value, and its remediation what tells the value. A fault of the values that holes have by default
 * is told as a fault, because it is deployed if nobody says otherwise.
 */
export const findingsOfAll = (
  first: JudgedFilling,
  others: readonly JudgedFilling[],
  filled: ReadonlyMap<string, FilledHole>,
): Finding[] => {
  const hanging = new Map<string, { finding: Finding; differences: Difference[] }>();
  const untrue = new Set<Finding>();
  for (const other of others) {
    // With the same names on both sides, a text differs only where the verdict does.
    const [own, theirs] = [keyed(first, other, filled), keyed(other, other, filled)];
    for (const key of new Set([...own.keys(), ...theirs.keys()])) {
      const [before, after] = [own.get(key), theirs.get(key)];
      const [was, is] = [outcomeOf(before), outcomeOf(after)];
      if (was === is || was === 'unknown') continue;
      if (was === 'fault' && isOfDefaults(other.chosen, filled)) continue;
      if (before) untrue.add(before);
      const found = was === 'fault' ? before : after;
      const example = found === after && found ? asFirst(found, other, first) : (found ?? before);
      if (!example) continue;
      const about = before ? keyOf(before, first, first, filled) : key;
      const known = hanging.get(about);
      const difference = { chosen: other.chosen, was: before?.status, is: after?.status };
      if (known) known.differences.push(difference);
      else hanging.set(about, { finding: example, differences: [difference] });
    }
  }
  return [
    ...first.findings.filter((finding) => !untrue.has(finding)),
    ...[...hanging.values()].map(({ finding, differences }) => untold(finding, differences, filled)),
  ];
};

/** The finding, on the resource by the ARN that it has with the first values. */
const asFirst = (finding: Finding, { addressOf }: JudgedFilling, first: JudgedFilling): Finding => {
  const address = addressOf.get(finding.resource.arn.toLowerCase());
  const [arn] = [...first.addressOf].find(([, each]) => each === address) ?? [];
  const own = first.findings.find(({ resource }) => resource.arn.toLowerCase() === arn)?.resource.arn ?? arn;
  return own === undefined ? finding : { ...finding, resource: { ...finding.resource, arn: own } };
};

/** Whether all holes that a filling changes have a value by default. */
const isOfDefaults = (chosen: Filling, filled: ReadonlyMap<string, FilledHole>): boolean =>
  [...chosen.keys()].every((name) => filled.get(name)?.hole.byDefault !== undefined);

type Difference = { chosen: Filling; was: Finding['status'] | undefined; is: Finding['status'] | undefined };

const keyed = (
  judged: JudgedFilling,
  compared: JudgedFilling,
  filled: ReadonlyMap<string, FilledHole>,
): Map<string, Finding> =>
  new Map(judged.findings.map((finding) => [keyOf(finding, judged, compared, filled), finding]));

/** What a finding is about, whatever the values of the holes. */
const keyOf = (
  { control, resource, subject }: Finding,
  { addressOf }: JudgedFilling,
  { chosen }: JudgedFilling,
  filled: ReadonlyMap<string, FilledHole>,
): string => {
  const nameless = (text: string): string => {
    let plain = text;
    for (const [name, value] of chosen) {
      const own = filled.get(name)?.value;
      for (const each of [value, own]) if (each) plain = plain.replaceAll(each, `\u0000${name}\u0000`);
    }
    return plain;
  };
  const address = addressOf.get(resource.arn.toLowerCase());
  return JSON.stringify([control, address ?? nameless(resource.arn), nameless(subject ?? '')]);
};

/** What stands for all roles of an account of which nothing is known. */
export const OTHER_ROLES: FilledHole['hole'] = {
  name: 'other roles of the account',
  by: 'given',
  tell: 'give --snapshot or --live of the account',
};

/** What the account has given a declared principal, and nobody knows whether the source gave it before and takes it away now. */
export const GIVEN_BESIDES: FilledHole['hole'] = {
  name: 'what the account gives it besides',
  by: 'given',
  tell: 'take from the account what the source does not declare',
};

/** What stands for the account in place of a hole, and how it may decide a verdict. */
const OF_ACCOUNT: ReadonlyMap<string, string> = new Map([
  [OTHER_ROLES.name, 'by what is declared alone, but other roles of the account may decide it'],
  [
    GIVEN_BESIDES.name,
    'by what is declared alone, but what the account gives it besides stays, unless the same source gave it before',
  ],
]);

/** The most holes that one finding names. */
const MAX_HOLES = 3;

const untold = (
  finding: Finding,
  differences: readonly Difference[],
  filled: ReadonlyMap<string, FilledHole>,
): Finding => {
  const singles = differences.filter(({ chosen }) => chosen.size === 1);
  const shown = (singles.length > 0 ? singles : differences).slice(0, MAX_HOLES);
  const text = JSON.stringify(finding);
  /** Of holes that were filled together, those that the finding names. */
  const concerned = (chosen: Filling): Filling => {
    const named = [...chosen].filter(
      ([name, value]) =>
        text.includes(filled.get(name)?.value || value) || (value !== '' && text.includes(value)),
    );
    return named.length > 0 ? new Map(named) : chosen;
  };
  const holes = [...new Set(shown.flatMap(({ chosen }) => [...concerned(chosen).keys()]))].slice(
    0,
    MAX_HOLES,
  );
  const evidence = shown.map(({ chosen, was, is }): Evidence => {
    const [own] = [...chosen.keys()].filter((name) => OF_ACCOUNT.has(name));
    if (own !== undefined)
      return {
        at: own,
        found: `${statusText(was)} ${OF_ACCOUNT.get(own)}`,
        expected: 'an account of which all is known that decides it',
      };
    return {
      at: holesText([...concerned(chosen).keys()].slice(0, MAX_HOLES)),
      found: `${statusText(is)} where ${valuesText(concerned(chosen))}, and ${statusText(was)} otherwise`,
      expected: 'a value that is known before the deployment',
    };
  });
  const tells = holes.flatMap((name) => filled.get(name)?.hole.tell ?? []);
  return {
    ...finding,
    status: 'NOT_AVAILABLE',
    evidence: [...evidence, ...finding.evidence],
    remediation: {
      text: `Not told until deployed, as it hangs on ${holesText(holes)}. To know it before, ${[...new Set(tells)].join('; ')}.`,
    },
  };
};

const holesText = (names: readonly string[]): string =>
  names.map((name) => (OF_ACCOUNT.has(name) ? name : `\${${name}}`)).join(', ');

const valuesText = (chosen: Filling): string =>
  [...chosen]
    .slice(0, MAX_HOLES)
    .map(([name, value]) =>
      value.startsWith(token(name)) ? `\${${name}} is long` : `\${${name}} is “${value}”`,
    )
    .join(' and ');

const statusText = (status: Finding['status'] | undefined): string => status ?? 'not applicable';
