import type { CoveredMember } from '../../sweep/covered-members.ts';
import { cut } from '../../text/cut.ts';
import { textTable } from './text-table.ts';

const LONGEST_REASON = 400;
const HEADINGS = [
  'ACCOUNT',
  'REGION',
  'UNIT',
  'COVERED',
  'LAST SWEEP',
  'LAST EVENT',
  'WHY NOT, AND WHAT TO DO',
];

/** The accounts and Regions that a hub watches, for a terminal, one on each line. */
export const memberTable = (members: readonly CoveredMember[]): string =>
  textTable([HEADINGS, ...members.map(rowOf)]);

const rowOf = ({
  account,
  region,
  isCovered,
  isUnwatched,
  unit,
  lastSweep,
  lastEvent,
  why,
  todo,
}: CoveredMember): string[] => [
  account,
  region,
  unit ?? '-',
  isCovered ? 'yes' : isUnwatched ? 'not watched' : 'no',
  minuteOf(lastSweep),
  minuteOf(lastEvent),
  why === undefined ? '' : `${cut(why, LONGEST_REASON)}: ${todo}`,
];

const minuteOf = (time: string | undefined): string => time?.slice(0, 16).replace('T', ' ') ?? '-';
