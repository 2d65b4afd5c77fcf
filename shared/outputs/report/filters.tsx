import { unitsIn } from '../../config/account-selector.ts';
import { SEVERITIES } from '../../domain/finding.ts';
import type { RunPlace } from '../../findings/run-places.ts';
import { visibleText } from '../../text/visible-text.ts';
import { capitalised } from './text.tsx';
import { unitNamesOf } from './unit-names.ts';

/** The filters, which the page’s script applies. They are hidden where scripts do not run. */
export const Filters = ({
  controls,
  accounts,
  pipelines,
  several,
  hasNew,
}: {
  controls: readonly string[];
  accounts: readonly string[];
  pipelines: readonly string[];
  /** In a page of several accounts: their places, and the teams. */
  several?: { scopes: readonly RunPlace[]; teams: readonly string[] } | undefined;
  hasNew: boolean;
}) => (
  <search>
    <form id="filters" aria-label="Filters" hidden>
      <label>
        Search <input type="search" id="search" autocomplete="off" />
      </label>
      <fieldset>
        <legend>Severity</legend>
        {SEVERITIES.toReversed().map((severity) => (
          <label key={severity}>
            <input type="checkbox" name="severity" value={severity} /> {capitalised(severity)}
          </label>
        ))}
      </fieldset>
      <Choice id="control" label="Control" values={controls} />
      {several ? (
        <Places accounts={accounts} {...several} />
      ) : (
        accounts.length > 1 && <Choice id="account" label="Account" values={accounts} />
      )}
      {pipelines.length > 0 && <Choice id="pipeline" label="Pipeline" values={pipelines} />}
      {hasNew && (
        <label>
          <input type="checkbox" id="new" /> Only new
        </label>
      )}
      <p>
        <output id="shown" /> <button type="reset">Show all</button>{' '}
        <button type="button" id="csv">
          Save as CSV
        </button>
      </p>
    </form>
    <p id="filtered" class="later" />
  </search>
);

/** The filters by unit, account and team. Each account tells the units that it is in, by their indexes. */
const Places = ({
  accounts,
  scopes,
  teams,
}: {
  accounts: readonly string[];
  scopes: readonly RunPlace[];
  teams: readonly string[];
}) => {
  const places = new Map(scopes.map((place) => [place.account, place]));
  const unitsOf = (account: string): readonly string[] => unitsIn(places.get(account)?.path) ?? [];
  const units = [...new Set(accounts.flatMap(unitsOf))].toSorted();
  return (
    <>
      {units.length > 0 && <Choice id="unit" label="Unit" values={units} named={unitNamesOf(scopes)} />}
      <label>
        Account{' '}
        <select id="account">
          <option value="">All</option>
          {accounts.map((account) => (
            <option
              key={account}
              value={account}
              data-u={unitsOf(account)
                .map((unit) => units.indexOf(unit))
                .join(' ')}
            >
              {visibleText([account, places.get(account)?.name].filter(Boolean).join(' '))}
            </option>
          ))}
        </select>
      </label>
      {teams.length > 0 && <Choice id="team" label="Team" values={teams} />}
    </>
  );
};

const Choice = ({
  id,
  label,
  values,
  named,
}: {
  id: string;
  label: string;
  values: readonly string[];
  /** How a value is called, if not by itself. */
  named?: (value: string) => string;
}) => (
  <label>
    {label}{' '}
    <select id={id}>
      <option value="">All</option>
      {values.map((value) => {
        const [shown, called] = [visibleText(value), named?.(value)];
        return called === undefined || called === shown ? (
          <option key={value}>{shown}</option>
        ) : (
          <option key={value} value={shown}>
            {called}
          </option>
        );
      })}
    </select>
  </label>
);
