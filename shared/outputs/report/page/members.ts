import { all, type Member, type Row, type RowGroup } from './rows.ts';

/** Where findings are that are shown. '' means everywhere. */
export type Place = { unit: string; account: string; team: string; isNewOnly: boolean };

const FIELDS = ['unit', 'account', 'team'] as const;

const valuesOf = (id: string): string[] =>
  all<HTMLOptionElement>(`#${id} option`)
    .map(({ value }) => value)
    .slice(1);

/** Reads the findings of each line. The marks name accounts and teams by their places in the filters, and accounts their units. */
export const readMembers = (groups: readonly RowGroup[]): void => {
  const [units, teams] = [valuesOf('unit'), valuesOf('team')];
  const accounts = all<HTMLOptionElement>('#account option')
    .slice(1)
    .map(({ value, dataset }) => ({
      account: value,
      units: (dataset.u ?? '').split(' ').flatMap((index) => units[Number(index || 'x')] ?? []),
    }));
  for (const { rows } of groups)
    for (const row of rows) {
      const anchors = [row.details, ...all(':scope > span[id]', row.element)].map(({ id }) => id);
      row.members = (row.element.dataset.m ?? '').split(' ').map((mark, index) => {
        const [account = '', team = '', isNew] = mark.split('.');
        const place = accounts[Number(account)];
        return {
          account: place?.account ?? '',
          units: place?.units ?? [],
          team: team === '' ? '' : (teams[Number(team)] ?? ''),
          isNew: isNew === 'n',
          anchor: anchors[index] ?? '',
        };
      });
      row.text += ` ${row.members.map(({ account }) => account).join(' ')}`;
    }
};

/** The findings of a line that are in the place. */
export const membersIn = ({ members = [] }: Row, place: Place): Member[] =>
  members.filter(
    ({ account, units, team, isNew }) =>
      (place.account === '' || place.account === account) &&
      (place.unit === '' || units.includes(place.unit)) &&
      (place.team === '' || place.team === team) &&
      (!place.isNewOnly || isNew),
  );

const select = (id: string): HTMLSelectElement | undefined => {
  const element = document.getElementById(id);
  return element instanceof HTMLSelectElement ? element : undefined;
};

const chosen = (id: string): string => select(id)?.value ?? '';

/** The place that the filters name. */
export const readPlace = (isNewOnly: boolean): Place => ({
  unit: chosen('unit'),
  account: chosen('account'),
  team: chosen('team'),
  isNewOnly,
});

/** Adds the unit and the team to a link’s fragment. */
export const placeParameters = (parameters: URLSearchParams): void => {
  for (const name of FIELDS) if (chosen(name) !== '') parameters.set(name, chosen(name));
};

/** Sets the filters by place from a link’s fragment. */
export const applyPlace = (parameters: URLSearchParams): void => {
  for (const name of FIELDS) {
    const element = select(name);
    if (element) element.value = parameters.get(name) ?? '';
  }
};

/** Whether the filters show a finding of the line. The line is then one of the account that they name. */
export const isInPlace = (
  row: Row,
  { account, isNewOnly }: { account: string; isNewOnly: boolean },
): boolean => {
  row.account = account;
  return membersIn(row, readPlace(isNewOnly)).length > 0;
};
