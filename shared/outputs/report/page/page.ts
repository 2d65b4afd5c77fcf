import { offerCopies } from './copy.ts';
import { toCsv } from './csv.ts';
import { applyHash, type Filters, filtersHash, isShown, readFilters } from './filters.ts';
// several accounts
import { membersIn, readMembers, readPlace } from './members.ts';
// several accounts
import type { Member } from './rows.ts';
// end of several accounts
import { all, fill, fillAll, type Row, type RowGroup, readGroups } from './rows.ts';

// end of several accounts

/** The script of the report. The page is complete without it; the script adds filters, paging, copying and CSV. */

const PAGE = 20;

const groups = readGroups();
// several accounts
readMembers(groups);
// end of several accounts
const rows = groups.flatMap(({ rows: of }) => of);
const limits = new Map<RowGroup, number>();
const form = document.getElementById('filters');
const status = document.getElementById('shown');
const filtered = document.getElementById('filtered');

/** The finding of the link that was followed. It is shown whatever filters and pages say. */
let wanted: Row | undefined;

const show = (filters: Filters): void => {
  let count = 0;
  for (const group of groups) {
    const fitting = group.rows.filter((row) => isShown(row, filters));
    count += fitting.length;
    // several accounts
    for (const row of fitting) count += shownIn(row, filters).length - 1;
    // end of several accounts
    const limit = wholeCauses(fitting, limits.get(group) ?? PAGE);
    const onPage = new Set(fitting.slice(0, limit));
    const isFitting = new Set(fitting);
    for (const row of group.rows) {
      const { element } = row;
      element.hidden = row !== wanted && !isFitting.has(row);
      element.classList.toggle('later', row !== wanted && !onPage.has(row));
    }
    const left = fitting.length - limit;
    group.more.hidden = left <= 0;
    group.more.textContent = `Show ${Math.min(left, PAGE * 5)} more of ${fitting.length}`;
    group.element.hidden = group.rows.every(({ element }) => element.hidden);
  }
  for (const section of all<HTMLElement>('section.findings'))
    section.hidden = all<HTMLElement>('article', section).every(({ hidden }) => hidden);
  if (status) status.textContent = `${count} of ${rows.length} findings`;
  // several accounts
  if (status) {
    const all = rows.reduce((sum, { members = [] }) => sum + members.length, 0);
    status.textContent = `${count} of ${all} findings`;
  }
  // end of several accounts
  // Paper shows no filters, so that what they leave out would be missed.
  if (filtered)
    filtered.textContent =
      filtersHash(filters) === '' ? '' : `This page is filtered: it shows ${status?.textContent}.`;
};

/** The first rows up to a limit, and further to the end of their last cause. */
const wholeCauses = (fitting: readonly Row[], limit: number): number => {
  const next = fitting.findIndex(({ isFollowing }, index) => index >= limit && !isFollowing);
  return next < 0 ? Math.max(limit, fitting.length) : next;
};

const refresh = async (): Promise<void> => {
  const filters = readFilters();
  if (filters.text !== '') await fillAll(groups);
  show(readFilters());
};

const follow = async (): Promise<void> => {
  if (location.hash.startsWith('#?')) applyHash(location.hash);
  wanted = rows.find(({ details }) => `#${details.id}` === location.hash);
  // several accounts
  wanted ??= rows.find(({ members = [] }) => members.some(({ anchor }) => `#${anchor}` === location.hash));
  // end of several accounts
  await refresh();
  if (!wanted) return;
  await fill(wanted);
  offerCopies(wanted.details);
  wanted.element.open = true;
  wanted.element.scrollIntoView({ block: 'start' });
};

const saveCsv = async (): Promise<void> => {
  await fillAll(groups);
  const filters = readFilters();
  const lines = rows
    .filter((row) => isShown(row, filters))
    .map((row) => [
      row.severity,
      row.status,
      row.control,
      row.title,
      row.account,
      row.pipeline,
      ...cells(row),
    ]);
  const heads = [
    'severity',
    'status',
    'control',
    'title',
    'account',
    'pipeline',
    'about',
    'resource',
    'found',
    'expected',
    'remedy',
    'command',
    'id',
  ];
  // several accounts
  heads.push('unit', 'team');
  lines.splice(
    0,
    lines.length,
    ...rows.filter((row) => isShown(row, filters)).flatMap((row) => memberLines(row, filters)),
  );
  // end of several accounts
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([toCsv([heads, ...lines])], { type: 'text/csv' }));
  link.download = 'findings.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

/** The cells of a finding in the CSV, from its line, its details, and what the head of its control says for all. */
const cells = ({ element, details }: Row): string[] => {
  const own = (selector: string): string[] => all(selector, details).map(valueIn);
  const ofAll = (selector: string): string[] =>
    element.parentElement ? all(`:scope > ${selector}`, element.parentElement).map(valueIn) : [];
  const about = all('summary > bdi', element).map(valueIn);
  const expected = own('td[data-is=Expected]');
  return [
    about.join(' › '),
    fact('Resource', details) || (about[0] ?? ''),
    own('td[data-is=Found]').join('; '),
    (expected.length > 0 ? expected : ofAll('.expected')).join('; '),
    [...own('.remedy'), ...ofAll('.remedy')][0] ?? '',
    [...own('.patch'), ...ofAll('.patch')][0] ?? '',
    fact('Finding', details),
  ];
};

/** The value without its label. A long one is there twice: cut, and whole after that. */
const valueIn = (element: Element): string => (all('bdi', element).at(-1) ?? element).textContent ?? '';

const fact = (name: string, details: Element): string =>
  all('dt', details).find(({ textContent }) => textContent === name)?.nextElementSibling?.textContent ?? '';

// several accounts
/** The findings of a line that the filters show. */
const shownIn = (row: Row, { isNewOnly }: Filters): Member[] => membersIn(row, readPlace(isNewOnly));

/** A line of the CSV for each finding of a line of the page. The details list the resource of each. */
const memberLines = (row: Row, filters: Filters): string[][] => {
  const [about = '', resource = '', ...others] = cells(row);
  const id = others.pop() ?? '';
  const ids = all<HTMLElement>('.members a', row.details).map(({ dataset }) => dataset.id ?? '');
  const resources = all('.members td:nth-child(2) > bdi', row.details).map(
    ({ textContent }) => textContent ?? '',
  );
  return shownIn(row, filters).map((member) => [
    row.severity,
    row.status,
    row.control,
    row.title,
    member.account,
    row.pipeline,
    about,
    resources[(row.members ?? []).indexOf(member)] ?? resource,
    ...others,
    ids[(row.members ?? []).indexOf(member)] ?? id,
    member.units.at(-1) ?? '',
    member.team,
  ]);
};
// end of several accounts

for (const row of rows)
  row.element.addEventListener('toggle', () => {
    if (row.element.open) void fill(row).then(() => offerCopies(row.details));
  });
for (const group of groups)
  group.more.addEventListener('click', () => {
    const before = limits.get(group) ?? PAGE;
    limits.set(group, before + PAGE * 5);
    show(readFilters());
    const next = group.rows.filter(({ element }) => !element.hidden)[before];
    next?.element.querySelector('summary')?.focus();
  });

let pending: ReturnType<typeof setTimeout> | undefined;
const changed = (): void => {
  clearTimeout(pending);
  pending = setTimeout(() => {
    wanted = undefined;
    history.replaceState(null, '', filtersHash(readFilters()) || location.href.split('#', 1)[0]);
    void refresh();
  }, 80);
};
form?.addEventListener('input', changed);
form?.addEventListener('reset', changed);
form?.addEventListener('submit', (event) => event.preventDefault());
document.getElementById('csv')?.addEventListener('click', () => void saveCsv());
addEventListener('hashchange', () => void follow());
addEventListener('beforeprint', () => void fillAll(groups));
if (form) form.hidden = false;
document.documentElement.classList.add('with-script');
offerCopies(document);
void follow();
