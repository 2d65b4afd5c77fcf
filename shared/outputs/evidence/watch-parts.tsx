import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { Name, readableTime } from '../report/text.tsx';
import { type Gap, type GapKind, unwatchedHours } from './gaps.ts';
import type { EvidenceModel } from './model.ts';
import { Rows } from './page-parts.tsx';
import { hoursBetween } from './period.ts';

const KINDS: Record<GapKind, string> = {
  'never-recorded': 'Nothing is recorded',
  'before-first-record': 'Before the first record',
  'after-last-record': 'After the last record',
  'heartbeat-missing': 'No heartbeat',
  'sweep-missing': 'No complete sweep',
  'sweep-incomplete': 'Incomplete sweep',
  'not-looked-at': 'Not looked at',
  'records-refused': 'Records refused',
};

/** What a reader must know before anything else: in which times nobody watched. */
export const GapNotice = ({
  model: { gaps, begin, end },
  refused,
}: {
  model: EvidenceModel;
  refused: number;
}) => {
  if (gaps.length === 0)
    return (
      <div class="notice clear">
        <p>
          <b>The history shows no gap:</b> heartbeats came through each hour, and sweeps were complete.
        </p>
      </div>
    );
  const hours = unwatchedHours(gaps);
  return (
    <div class="notice holes">
      <p>
        <b>
          In {hours} of {hoursBetween(begin, end)} hours events may have been missed.
        </b>{' '}
        What happened then may be unknown, and nothing below says that it was good.
      </p>
      <ul>
        {[...groupBy(gaps, ({ kind }) => kind)].map(([kind, of]) => {
          const [longest] = of.toSorted((one, other) => lengthOf(other) - lengthOf(one));
          return (
            <li key={kind}>
              {KINDS[kind as GapKind]}: {of.length}
              {longest && TIMED.has(longest.kind) && (
                <>
                  , the longest {counted(lengthOf(longest), 'hour')} from {readableTime(longest.from)}
                </>
              )}
            </li>
          );
        })}
        {refused > 0 && <li>What could not be read of the history is in no count of this page.</li>}
      </ul>
      <p>
        <a href="#gaps">All gaps</a>
      </p>
    </div>
  );
};

/** The gaps of which each has a length of its own. */
const TIMED: ReadonlySet<GapKind> = new Set([
  'before-first-record',
  'after-last-record',
  'heartbeat-missing',
  'sweep-missing',
]);

const lengthOf = ({ from, until }: Gap): number => hoursBetween(from, until);

/** All gaps of the period. */
export const Gaps = ({ gaps }: { gaps: readonly Gap[] }) =>
  gaps.length === 0 ? (
    <p>No gap is known.</p>
  ) : (
    <Rows
      caption={`${counted(gaps.length, 'gap')}, by time`}
      file="gaps.csv"
      rows={gaps}
      columns={[
        { head: 'What', class: 'what', cell: ({ kind }) => KINDS[kind] },
        { head: 'From', class: 'time', cell: ({ from }) => readableTime(from) },
        {
          head: 'Until',
          class: 'time',
          cell: (gap) =>
            gap.until === gap.from ? '' : `${readableTime(gap.until)} (${counted(lengthOf(gap), 'hour')})`,
        },
        {
          head: 'Where and why',
          cell: ({ account, region, because }) => (
            <Name>{[...[account, region].filter(Boolean), because].join(', ')}</Name>
          ),
        },
      ]}
    />
  );
