import { type Severity, severityRank } from '../domain/finding.ts';
import type { Json } from '../json/json.ts';
import type { ControlSeverities } from './exceptions.ts';

/** What it means that less is found because of a difference, and how severe that is. */
export type Meaning = { severity: Severity; means: string };

/** What a difference does at its place: to a list, to what is there at all, or to a value. */
export type How = 'adds' | 'takes out' | 'gone' | 'becomes';
export type Sides = { before: Json; after: Json };

/** Which differences let more pass, how severe that is, and what it means. `when`: only those. */
const MEANINGS: readonly {
  at: RegExp;
  how: How;
  severity?: Severity;
  means: string;
  when?: (sides: Sides, at: string, severities: ControlSeverities) => boolean;
}[] = [
  { at: /^prefixes\[/, how: 'adds', severity: 'LOW', means: 'more names of jobs are authorised' },
  {
    at: /^roles\.(creators|execution|steps)\[/,
    how: 'adds',
    severity: 'LOW',
    means: 'more principals are authorised',
  },
  {
    at: /^roles\.(administrators|trusted)\[/,
    how: 'adds',
    means: 'more may change or assume execution and step roles',
  },
  { at: /^sharedWith\[/, how: 'adds', means: 'pipelines may be shared with more' },
  { at: /^imageBuckets\.extraRules\[/, how: 'adds', means: 'image buckets may have more CORS rules' },
  { at: /^imageBuckets\.names$/, how: 'takes out', means: 'the bucket may not be known as an image bucket' },
  { at: /^imageBuckets\.tags\./, how: 'becomes', means: 'buckets may not be known as image buckets' },
  { at: /^scpException\.taggers\[/, how: 'adds', means: 'more may set the tag that SCPs except' },
  {
    at: /^scpException\.tag/,
    how: 'becomes',
    means: 'another tag is the one that SCPs except',
    when: ({ before, after }) => before !== null && after !== null,
  },
  {
    at: /^versionFloors$/,
    how: 'takes out',
    means: 'earlier versions may run',
    when: ({ before, after }) => !(after as Json[]).some((each) => isFloorKept(before, each)),
  },
  {
    at: /^versionFloors\[/,
    how: 'adds',
    means: 'more are excepted from a version floor',
    when: ({ before, after }) =>
      (before as Json[]).length > 0 &&
      exceptIn(after).length > 0 &&
      !(before as Json[]).some((each) => isFloorKept(each, after)),
  },
  {
    at: /^(prefixes|versionFloors|scpException|roles\.(creators|steps|execution))$/,
    how: 'gone',
    means: 'controls that need it do not judge any more',
  },
  {
    at: /^roles\.isolation$/,
    how: 'becomes',
    means: 'steps may share a role',
    when: ({ before }) => before === 'required',
  },
  { at: /^organization\.exclude\[/, how: 'adds', means: 'the account is not watched any more' },
  {
    at: /^organization\.(regions|accounts|organizationalUnits)$/,
    how: 'takes out',
    means: 'it may not be watched any more',
  },
  {
    at: /^alerts\.minimumSeverity$/,
    how: 'becomes',
    means: 'people are told of less',
    when: ({ before, after }) => rankOf(after, 'HIGH') > rankOf(before, 'HIGH'),
  },
  {
    at: /^securityHub\.findings$/,
    how: 'becomes',
    means: 'Security Hub gets no findings any more',
    when: ({ after }) => after === 'off',
  },
  {
    at: /^controls\.[^.]+\.severity$/,
    how: 'becomes',
    means: 'its findings are less severe, so that fewer are told of them',
    when: ({ before, after }, at, severities) => {
      const own = severities.get(at.split('.')[1] ?? '') ?? 'HIGH';
      return rankOf(after, own) < rankOf(before, own);
    },
  },
];

/** What a difference at a place means; undefined where it lets nothing pass that did not pass before. */
export const meaningOf = (
  at: string,
  how: How,
  severities: ControlSeverities,
  sides: Sides = { before: null, after: null },
): Meaning | undefined => {
  const meaning = MEANINGS.find(
    (each) => each.how === how && each.at.test(at) && (each.when?.(sides, at, severities) ?? true),
  );
  return meaning && { severity: meaning.severity ?? 'MEDIUM', means: meaning.means };
};

const rankOf = (value: Json, otherwise: Severity): number =>
  severityRank(typeof value === 'string' ? (value.toUpperCase() as Severity) : otherwise);

type Floor = { pipeline?: Json; minimum?: Json; except?: Json };

/** Whether the second floor holds for the same pipelines all that the first one does. */
const isFloorKept = (first: Json, second: Json): boolean => {
  const [one, other] = [first as Floor, second as Floor];
  return (
    one.pipeline === other.pipeline &&
    Number(other.minimum) >= Number(one.minimum) &&
    exceptIn(second).every((each) => exceptIn(first).includes(each))
  );
};

const exceptIn = (floor: Json): readonly Json[] => ((floor as Floor).except as Json[] | undefined) ?? [];
