import { unitsIn } from '../../config/account-selector.ts';
import { SEVERITIES, type Severity, severityRank } from '../../domain/finding.ts';
import { counts } from '../../findings/compare-runs.ts';
import { isNotJudged, type RunPlace } from '../../findings/run-places.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import { leftOpen } from '../formats/coverage.ts';
import { Bar, partsText, SeverityCells, SeverityHeads, severityParts } from './charts.tsx';
import { linesOf, type ReportFinding } from './report-findings.ts';
import type { RunHistory } from './run-history.ts';
import { LongText, Text } from './text.tsx';
import { bySeverity } from './trend-point.ts';
import { unitNamesOf } from './unit-names.ts';

/** An account of the page: its place, what is open in it, and what changed since its previous run. */
type AccountRow = {
  account: string;
  name?: string | undefined;
  unit: string;
  places: readonly RunPlace[];
  open: Record<Severity, number>;
  notAvailable: number;
  change: { added: number; mended: number } | undefined;
};

/** The name of the group of accounts whose organizational unit is not known, or that are in none. */
const NO_UNIT = 'Unit not known';

/** So many accounts are listed before their units; a page of fewer accounts lists all of them in any case. */
const MOST_WORST = 10;
/** The units of a page with more accounts start closed. */
const MOST_LISTED = 20;

/** All accounts by organizational unit, the worst first: what is open, what changed, and where nothing was judged and why. */
export const Accounts = ({
  history: { scopes, changesOf },
  entries,
}: {
  history: RunHistory;
  entries: readonly ReportFinding[];
}) => {
  const rows = rowsOf(scopes, entries, changesOf);
  const units = [...groupBy(rows, ({ unit }) => unit)].toSorted(
    ([one, [first]], [other, [second]]) =>
      Number(one === NO_UNIT) - Number(other === NO_UNIT) || (first && second ? byUrgency(first, second) : 0),
  );
  const shown = shownIn(rows);
  const hasChanges = rows.some(({ change }) => change);
  const named = unitNamesOf(scopes);
  const columns = { shown, hasChanges, named, most: Math.max(1, ...rows.map(totalOf)) };
  return (
    <section aria-labelledby="accounts">
      <h2 id="accounts">
        Accounts <small>{counted(rows.length, 'account')}</small>
      </h2>
      <NotJudged scopes={scopes} />
      {units.length > 1 && <Units units={units} {...columns} />}
      {rows.length > MOST_LISTED && (
        <AccountTable caption="The worst accounts" rows={rows.slice(0, MOST_WORST)} {...columns} />
      )}
      {units.length === 1 ? (
        <UnitTable caption="All accounts, the worst first" rows={rows} {...columns} />
      ) : (
        units.map(([unit, of]) => (
          <details key={unit} class="list unit" open={rows.length <= MOST_LISTED}>
            <summary>
              <Text>{named(unit)}</Text>{' '}
              <small>
                {counted(of.length, 'account')}: {sumText(of)}
              </small>
            </summary>
            <AccountTable caption={`Accounts in ${named(unit)}, the worst first`} rows={of} {...columns} />
          </details>
        ))
      )}
    </section>
  );
};

/** The units, each with the sum of its accounts. */
const Units = ({
  units,
  shown,
  named,
}: Columns & { units: readonly (readonly [string, readonly AccountRow[]])[] }) => {
  const sums = units.map(([unit, of]) => ({
    unit,
    of,
    open: bySeverity((severity) => of.reduce((sum, row) => sum + row.open[severity], 0)),
    notAvailable: of.reduce((sum, row) => sum + row.notAvailable, 0),
    left: of.filter(({ places }) => !places.every(isWhole)).length,
  }));
  const most = Math.max(1, ...sums.map(totalOf));
  return (
    <table class="bars accounts">
      <caption>Organizational units, the worst first</caption>
      <thead>
        <tr>
          <th scope="col">Unit</th>
          <td class="wide"></td>
          <SeverityHeads shown={shown} />
          <th scope="col">Accounts</th>
          <th scope="col">Judged</th>
        </tr>
      </thead>
      <tbody>
        {sums.map(({ unit, of, open, notAvailable, left }) => (
          <tr key={unit}>
            <th scope="row">
              {unit === NO_UNIT ? unit : <a href={`#?unit=${encodeURIComponent(unit)}`}>{named(unit)}</a>}
            </th>
            <td class="wide">
              <Bar
                parts={severityParts(open, notAvailable)}
                most={most}
                title={partsText(severityParts(open, notAvailable))}
              />
            </td>
            <SeverityCells shown={shown} open={open} notAvailable={notAvailable} />
            <td>{of.length}</td>
            <td class={left > 0 ? 'gap' : undefined}>{left > 0 ? `not ${left}` : 'all'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

type Columns = {
  /** How a unit is called. */
  named: (unit: string) => string;
  shown: readonly Severity[];
  hasChanges: boolean;
  most: number;
};

const UnitTable = ({ rows, ...table }: Columns & { caption: string; rows: readonly AccountRow[] }) =>
  rows.length <= MOST_LISTED ? (
    <AccountTable rows={rows} {...table} />
  ) : (
    <details class="list unit">
      <summary>All accounts</summary>
      <AccountTable rows={rows} {...table} />
    </details>
  );

const AccountTable = ({
  caption,
  rows,
  shown,
  hasChanges,
  most,
}: Columns & { caption: string; rows: readonly AccountRow[] }) => (
  <table class="bars accounts">
    <caption>{caption}</caption>
    <thead>
      <tr>
        <th scope="col">Account</th>
        <td class="wide"></td>
        <SeverityHeads shown={shown} />
        {hasChanges && (
          <>
            <th scope="col">New</th>
            <th scope="col">Mended</th>
          </>
        )}
        <th scope="col">Judged</th>
      </tr>
    </thead>
    <tbody>
      {rows.map(({ account, name, places, open, notAvailable, change }) => {
        const parts = severityParts(open, notAvailable);
        return (
          <tr key={account}>
            <th scope="row">
              <a href={`#?account=${encodeURIComponent(account)}`}>{visibleText(account)}</a>
              {name !== undefined && (
                <small>
                  <Text>{cut(name, LONGEST_ACCOUNT_NAME)}</Text>
                </small>
              )}
            </th>
            <td class="wide">
              <Bar parts={parts} most={most} title={partsText(parts)} />
            </td>
            <SeverityCells shown={shown} open={open} notAvailable={notAvailable} />
            {hasChanges && (
              <>
                <td>{change ? change.added : '–'}</td>
                <td>{change ? change.mended : '–'}</td>
              </>
            )}
            <td class={places.every(isWhole) ? undefined : 'gap'}>{judgedText(places)}</td>
          </tr>
        );
      })}
    </tbody>
  </table>
);

/** The longest name that AWS gives to an account. https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html */
const LONGEST_ACCOUNT_NAME = 50;

const isWhole = ({ coverage = 'judged' }: RunPlace): boolean => coverage === 'judged';

/** Whether an account was judged in its Regions: `yes`, `no`, or the Regions in which it was not. */
const judgedText = (places: readonly RunPlace[]): string => {
  const open = places.filter((place) => !isWhole(place));
  if (open.length === 0) return 'yes';
  if (open.length === places.length && open.every(isNotJudged)) return 'no';
  return `not ${open.map((place) => place.region + (isNotJudged(place) ? '' : ' in part')).join(', ')}`;
};

/** Where nothing was judged, by reason. */
const NotJudged = ({ scopes }: { scopes: readonly RunPlace[] }) => {
  const groups = leftOpen(scopes);
  return groups.length === 0 ? null : (
    <table class="unjudged">
      <caption>Not judged, so that nobody knows what is wrong there</caption>
      <thead>
        <tr>
          <th scope="col">Why</th>
          <th scope="col">Where</th>
        </tr>
      </thead>
      <tbody>
        {groups.map(({ because, isPart, accounts }) => (
          <tr key={because}>
            <td>
              <LongText>{because}</LongText>
            </td>
            <td>
              <LongText>
                {accounts
                  .map(
                    ({ account, name, regions }) =>
                      `${account}${name === undefined ? '' : ` ${name}`}${regions.length > 0 ? ` in ${regions.join(', ')}` : ''}`,
                  )
                  .join('; ')}
              </LongText>
              {isPart && ' (in part)'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const rowsOf = (
  scopes: readonly RunPlace[],
  entries: readonly ReportFinding[],
  changesOf: RunHistory['changesOf'],
): AccountRow[] => {
  const open = groupBy(entries.filter(counts), ({ account }) => account);
  return [...groupBy(scopes, ({ account }) => account)]
    .map(([account, places]): AccountRow => {
      const own = open.get(account) ?? [];
      const faulty = own.filter(({ status }) => status !== 'NOT_AVAILABLE');
      const changes = changesOf.get(account);
      return {
        account,
        name: places.find(({ name }) => name !== undefined)?.name,
        unit: unitsIn(places.find(({ path }) => path !== undefined)?.path)?.at(-1) ?? NO_UNIT,
        places,
        open: bySeverity((severity) => faulty.filter((entry) => entry.severity === severity).length),
        notAvailable: own.length - faulty.length,
        change: changes && { added: changes.added.length, mended: changes.mended.length },
      };
    })
    .toSorted(byUrgency);
};

/** The account with more of the most severe findings first; of equals, the one of which less is known. */
const byUrgency = (one: AccountRow, other: AccountRow): number => {
  for (const severity of SEVERITIES.toReversed())
    if (one.open[severity] !== other.open[severity]) return other.open[severity] - one.open[severity];
  return other.notAvailable - one.notAvailable || (one.account < other.account ? -1 : 1);
};

const totalOf = ({ open, notAvailable }: Pick<AccountRow, 'open' | 'notAvailable'>): number =>
  SEVERITIES.reduce((sum, severity) => sum + open[severity], notAvailable);

const shownIn = (rows: readonly AccountRow[]): Severity[] =>
  SEVERITIES.toReversed().filter((severity) => rows.some(({ open }) => open[severity] > 0));

const sumText = (rows: readonly AccountRow[]): string => {
  const sums = shownIn(rows).map(
    (severity) => `${rows.reduce((sum, { open }) => sum + open[severity], 0)} ${severity.toLowerCase()}`,
  );
  const left = rows.filter(({ places }) => places.every(isNotJudged)).length;
  const known = sums.length === 0 && left < rows.length ? ['nothing open'] : sums;
  const unknown = left === 0 ? [] : [`${left === rows.length ? '' : `${left} `}not judged`];
  return [...known, ...unknown].join(', ');
};

/** What to know in ten seconds: how many accounts were judged, what is gravest, in how many accounts, and by how many causes. */
export const accountsText = (
  { scopes }: Pick<RunHistory, 'scopes'>,
  entries: readonly ReportFinding[],
): string => {
  const rows = rowsOf(scopes, entries, new Map());
  const judged = rows.filter(({ places }) => !places.every(isNotJudged)).length;
  const faulty = entries.filter((entry) => counts(entry) && entry.status !== 'NOT_AVAILABLE');
  const [gravest] = faulty.toSorted(
    (one, other) => severityRank(other.severity) - severityRank(one.severity),
  );
  const partly = rows.filter(({ places }) => !places.every(isWhole) && !places.every(isNotJudged)).length;
  const inPart = partly === 0 ? '' : `, ${partly} of them in part`;
  const coverage = `${judged} of ${counted(rows.length, 'account')} judged${inPart}.`;
  if (!gravest) return `${coverage} Nothing is open in them.`;
  const { severity } = gravest;
  const worst = faulty.filter((entry) => entry.severity === severity);
  const affected = rows.filter(({ open }) => open[severity] > 0).length;
  const causes = linesOf(worst, true).length;
  const level = severity.toLowerCase();
  const most = causes < worst.length ? `, by ${counted(causes, 'cause')}` : '';
  return `${coverage} ${counted(worst.length, `${level} finding`)} in ${counted(affected, 'account')}${most}.`;
};
