import { Buffer } from 'node:buffer';
import { condenseEvidence, type EvidenceLimits } from '../findings/fingerprint.ts';
import { cut } from '../text/cut.ts';
import { toJsonText } from '../text/strict-json.ts';
import type { HistoryRecord, LookRecord } from './records.ts';

/** How a single record is cut until it fits: fewer and shorter pieces of evidence, at last their digest alone. */
const STEPS: readonly EvidenceLimits[] = [
  { pieces: 20, characters: 500 },
  { pieces: 3, characters: 200 },
  { pieces: 0, characters: 200 },
];

/**
 * The record as lines of JSON of at most so many bytes. A look with too many verdicts becomes several records, each with some of
 * them. What one record still cannot hold is cut: evidence says so itself by a digest of all of it, other texts end in an ellipsis.
 * @throws {Error} where it does not fit even so.
 */
export const linesOf = (record: HistoryRecord, maxBytes: number): string[] => {
  const line = toJsonText(record);
  if (fits(line, maxBytes)) return [line];
  if (record.kind === 'look' && record.verdicts.length > 1)
    return halves(record).flatMap((half) => linesOf(half, maxBytes));
  for (const limits of STEPS) {
    const shorter = toJsonText(shortened(record, limits));
    if (fits(shorter, maxBytes)) return [shorter];
  }
  throw new Error(
    `a record of the history has ${line.length} characters, and cannot be cut to ${maxBytes} bytes`,
  );
};

const fits = (line: string, maxBytes: number): boolean => Buffer.byteLength(line) <= maxBytes;

const halves = (look: LookRecord): [LookRecord, LookRecord] => {
  const middle = Math.ceil(look.verdicts.length / 2);
  return [
    { ...look, verdicts: look.verdicts.slice(0, middle) },
    { ...look, verdicts: look.verdicts.slice(middle), notJudged: [] },
  ];
};

/** The texts that whoever names resources, writes policies or makes errors decides the length of. */
const shortened = (record: HistoryRecord, limits: EvidenceLimits): HistoryRecord => {
  const short = (text: string) => cut(text, Math.max(limits.characters, 200) * 10);
  switch (record.kind) {
    case 'look':
      return {
        ...record,
        verdicts: record.verdicts.map((verdict) => ({
          ...verdict,
          evidence: condenseEvidence(verdict.evidence, limits),
          ...(verdict.because !== undefined && { because: short(verdict.because) }),
        })),
        notJudged: record.notJudged.map((each) => ({ ...each, because: short(each.because) })),
      };
    case 'change':
      return {
        ...record,
        finding: {
          ...record.finding,
          evidence: condenseEvidence(record.finding.evidence, limits),
          remediation: short(record.finding.remediation),
        },
        ...(record.ended && { ended: { ...record.ended, because: short(record.ended.because) } }),
      };
    case 'watch':
      return { ...record, ...(record.because !== undefined && { because: short(record.because) }) };
  }
};
