import { type Framework, INTERPRETATION } from '../../frameworks/framework.ts';
import { counted } from '../../text/counted.ts';
import { Text } from '../report/text.tsx';
import { Count } from './page-parts.tsx';
import { STANDS_HOURS } from './period.ts';
import { type Standing, type Tally, totalOf } from './tallies.ts';

type TitleOf = (control: string) => string;

const sum = (counts: Record<Standing, number>, ...of: Standing[]): number =>
  of.reduce((total, standing) => total + counts[standing], 0);

const UNKNOWN: Standing[] = ['unknown', 'not-judged', 'not-looked-at', 'no-verdict'];

/** The columns of counts; `begins` marks the first one of a group. */
const COLUMNS: readonly [head: string, count: (tally: Tally) => number, begins?: true][] = [
  ['Population', ({ population }) => population],
  ['Passed', ({ begin }) => begin.passed, true],
  ['At fault', ({ begin }) => sum(begin, 'failed', 'warning')],
  ['Unknown', ({ begin }) => sum(begin, ...UNKNOWN)],
  ['Accepted', ({ begin }) => begin.accepted],
  ['First seen later', ({ begin }) => begin['not-yet-seen']],
  ['Opened', ({ opened }) => opened, true],
  ['Mended', ({ mended }) => mended],
  ['Ended otherwise', ({ endedOtherwise }) => endedOtherwise],
  ['At fault at any time', ({ everAtFault }) => everAtFault],
  ['Passed', ({ end }) => end.passed, true],
  ['Failed', ({ end }) => end.failed],
  ['Warning', ({ end }) => end.warning],
  ['Unknown', ({ end }) => sum(end, ...UNKNOWN)],
  ['Accepted', ({ end }) => end.accepted],
  ['Does not apply', ({ end }) => end['not-applicable']],
  ['Gone', ({ end }) => end.gone],
];

/** What became of each control’s population, from the beginning of the period to its end. */
export const Controls = ({ tallies, titleOf }: { tallies: readonly Tally[]; titleOf: TitleOf }) => {
  if (tallies.length === 0) return <p>No control was heard of in the period.</p>;
  const end = totalOf(tallies, 'end');
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="wide" tabIndex={0} aria-label="Controls and their populations">
        <table class="tally">
          <caption>Numbers of resources; of findings where a finding opened or ended</caption>
          <thead>
            <tr>
              <td />
              <td />
              <th scope="colgroup" colSpan={5} class="apart">
                At the beginning
              </th>
              <th scope="colgroup" colSpan={4} class="apart">
                In the period
              </th>
              <th scope="colgroup" colSpan={7} class="apart">
                At the end
              </th>
            </tr>
            <tr>
              <th scope="col">Control</th>
              {COLUMNS.map(([head, , begins], index) => (
                <th key={index} scope="col" class={begins && 'apart'}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tallies.map((tally) => (
              <tr key={tally.control}>
                <th scope="row">
                  <Text>{tally.control}</Text>
                  <small>{titleOf(tally.control)}</small>
                </th>
                {COLUMNS.map(([, count, begins], index) => (
                  <td key={index} class={begins && 'apart'}>
                    <Count of={count(tally)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p>
        Unknown at the end: {end.unknown} could not be read, {end['not-judged']} were not judged,{' '}
        {end['not-looked-at']} were not looked at in the last {STANDS_HOURS} hours, of {end['no-verdict']} the
        newest look told nothing more. None of these is a pass.
      </p>
    </>
  );
};

/** The requirements of a framework with the controls that are evidence for parts of them, and what became of these. */
export const Requirements = ({
  framework: { requirements, note, edition, publisher },
  tallies,
  titleOf,
}: {
  framework: Framework;
  tallies: readonly Tally[];
  titleOf: TitleOf;
}) => {
  const byControl = new Map(tallies.map((tally) => [tally.control, tally]));
  return (
    <>
      <p>
        {publisher}, {edition}. {INTERPRETATION}
      </p>
      {note !== undefined && <p>{note}</p>}
      {requirements.map(({ id, title, parts, doesNotShow }) => (
        <section key={id} aria-label={id}>
          <h3>
            {id}: {title}
          </h3>
          {parts.map(({ shows, controls }) => (
            <>
              <p>{shows}</p>
              <ul>
                {controls.map((control) => (
                  <li key={control}>
                    {control}: {titleOf(control)} <small>{becameOf(byControl.get(control))}</small>
                  </li>
                ))}
              </ul>
            </>
          ))}
          <p>
            <b>Not shown:</b> {doesNotShow}
          </p>
        </section>
      ))}
    </>
  );
};

const NOT_HEARD = 'No look of the period tells of this control: nothing is known.';

const becameOf = (tally: Tally | undefined): string => {
  if (!tally || tally.population === 0) return NOT_HEARD;
  const { population, end, everAtFault, opened, mended } = tally;
  const counts: [count: number, what: string][] = [
    [end.passed, 'passed'],
    [sum(end, 'failed', 'warning'), 'at fault'],
    [end.accepted, 'accepted'],
    [sum(end, ...UNKNOWN), 'unknown'],
    [end['not-applicable'], 'not concerned'],
    [end.gone, 'gone'],
  ];
  const told = counts.flatMap(([count, what]) => (count > 0 ? `${count} ${what}` : [])).join(', ');
  return `Of ${counted(population, 'resource')} at the end: ${told}. In the period: ${everAtFault} at fault at some time, ${opened} opened, ${mended} mended.`;
};
