import { SEVERITIES } from '../../domain/finding.ts';
import { visibleText } from '../../text/visible-text.ts';
import { capitalised } from './text.tsx';

/** The filters, which the page’s script applies. They are hidden where scripts do not run. */
export const Filters = ({
  controls,
  accounts,
  pipelines,
  hasNew,
}: {
  controls: readonly string[];
  accounts: readonly string[];
  pipelines: readonly string[];
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
      {accounts.length > 1 && <Choice id="account" label="Account" values={accounts} />}
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
  </search>
);

const Choice = ({ id, label, values }: { id: string; label: string; values: readonly string[] }) => (
  <label>
    {label}{' '}
    <select id={id}>
      <option value="">All</option>
      {values.map((value) => (
        <option key={value}>{visibleText(value)}</option>
      ))}
    </select>
  </label>
);
