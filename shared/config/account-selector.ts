/**
 * The account that is judged. `path` is its place in the organization (`o-…/r-…/ou-…/`), null where it is in none, and
 * missing where that is not known. `account` is empty for a linted file, which is in no account yet.
 */
export type AccountPlace = { account: string; partition: string; path?: string | null | undefined };

/** Accounts by their numbers, and by organizational units that they are in or below. */
export type Accounts = {
  accounts?: readonly string[] | undefined;
  organizationalUnits?: readonly string[] | undefined;
};

/**
 * The entries that hold for an account, by their indexes in ascending order; and those of which this is not known, because they
 * name organizational units and the account’s are not known.
 */
export type Selected = { chosen: readonly number[]; open: readonly number[] };

/** Whether an entry names accounts at all. One that names none holds for all accounts. */
export const namesAccounts = ({ accounts, organizationalUnits }: Accounts): boolean =>
  (accounts ?? organizationalUnits) !== undefined;

/**
 * A function that tells which of the entries hold for an account. The entries are looked up by account and unit, so that an
 * account costs what holds for it, however many there are.
 */
export const accountSelector = (
  entries: readonly Accounts[],
): ((place: Pick<AccountPlace, 'account' | 'path'>) => Selected) => {
  const everywhere = entries.flatMap((entry, index) => (namesAccounts(entry) ? [] : index));
  const byAccount = indexesBy(entries, ({ accounts }) => accounts);
  const byUnit = indexesBy(entries, ({ organizationalUnits }) => organizationalUnits);
  const withUnits = [...new Set([...byUnit.values()].flat())].toSorted(ascending);
  return ({ account, path }) => {
    const units = unitsIn(path);
    const chosen = new Set([
      ...everywhere,
      ...(byAccount.get(account) ?? []),
      ...(units ?? []).flatMap((unit) => byUnit.get(unit) ?? []),
    ]);
    const open = units === undefined ? withUnits.filter((index) => !chosen.has(index)) : [];
    return { chosen: [...chosen].toSorted(ascending), open };
  };
};

const ascending = (one: number, other: number): number => one - other;

const indexesBy = (
  entries: readonly Accounts[],
  namesIn: (entry: Accounts) => readonly string[] | undefined,
): Map<string, number[]> => {
  const indexes = new Map<string, number[]>();
  for (const [index, entry] of entries.entries())
    for (const name of new Set(namesIn(entry))) {
      const before = indexes.get(name);
      if (before) before.push(index);
      else indexes.set(name, [index]);
    }
  return indexes;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths */
const PATH = /^o-[a-z0-9]+\/(r-[a-z0-9]+(?:\/ou-[a-z0-9-]+)*)(?:\/\d{12})?\/?$/;

/** The root and the organizational units in a path; none for an account in no organization; undefined where they are not known. */
export const unitsIn = (path: string | null | undefined): readonly string[] | undefined => {
  if (path === null) return [];
  const [, units] = PATH.exec(path ?? '') ?? [];
  return units?.split('/');
};
