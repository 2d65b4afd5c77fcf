// several accounts
import { applyPlace, isInPlace, placeParameters } from './members.ts';
// end of several accounts
import { all, type Row } from './rows.ts';

/** What to show. '' and an empty set of severities mean everything. */
export type Filters = {
  text: string;
  severities: ReadonlySet<string>;
  control: string;
  account: string;
  pipeline: string;
  isNewOnly: boolean;
};

const FIELDS = ['control', 'account', 'pipeline'] as const;

const field = (id: string): HTMLInputElement | HTMLSelectElement | undefined => {
  const element = document.getElementById(id);
  return element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element : undefined;
};

const boxes = (): HTMLInputElement[] => all<HTMLInputElement>('#filters input[name=severity]');

export const readFilters = (): Filters => ({
  text: (field('search')?.value ?? '').trim().toLowerCase(),
  severities: new Set(boxes().flatMap(({ checked, value }) => (checked ? value : []))),
  control: field('control')?.value ?? '',
  account: field('account')?.value ?? '',
  pipeline: field('pipeline')?.value ?? '',
  isNewOnly: isChecked('new'),
});

const isChecked = (id: string): boolean => {
  const box = field(id);
  return box instanceof HTMLInputElement && box.checked;
};

export const isShown = (row: Row, filters: Filters): boolean =>
  // several accounts
  isInPlace(row, filters) &&
  // end of several accounts
  (filters.severities.size === 0 || filters.severities.has(row.severity)) &&
  FIELDS.every((name) => filters[name] === '' || filters[name] === row[name]) &&
  (!filters.isNewOnly || row.isNew) &&
  filters.text.split(/\s+/).every((word) => row.text.includes(word));

/** The filters as a link’s fragment: `#?severity=HIGH&control=step-isolation`; '' without filters. */
export const filtersHash = ({ text, severities, isNewOnly, ...fields }: Filters): string => {
  const parameters = new URLSearchParams();
  for (const severity of severities) parameters.append('severity', severity);
  for (const name of FIELDS) if (fields[name] !== '') parameters.set(name, fields[name]);
  // several accounts
  placeParameters(parameters);
  // end of several accounts
  if (isNewOnly) parameters.set('new', '1');
  if (text !== '') parameters.set('search', text);
  const query = parameters.toString();
  return query === '' ? '' : `#?${query}`;
};

/** Sets the filters from a link’s fragment. */
export const applyHash = (hash: string): void => {
  const parameters = new URLSearchParams(hash.slice(2));
  const severities = new Set(parameters.getAll('severity'));
  for (const box of boxes()) box.checked = severities.has(box.value);
  for (const name of [...FIELDS, 'search'] as const) {
    const element = field(name);
    if (element) element.value = parameters.get(name) ?? '';
  }
  // several accounts
  applyPlace(parameters);
  // end of several accounts
  const isNew = field('new');
  if (isNew instanceof HTMLInputElement) isNew.checked = parameters.has('new');
};
