import type { Unread } from '../domain/gap.ts';
import { keeping, remembered } from '../memo.ts';
import { type AccountPlace, type Accounts, accountSelector, namesAccounts } from './account-selector.ts';
import { ACCOUNT_VARIABLE, patternFor } from './account-variable.ts';
import type { Config, FileConfig } from './schema.ts';

/**
 * The configuration of one account; or that it hangs on something that is not known of the account. Nobody may judge by a
 * part of it then: without a list, or with one for other accounts, the wrong things would be authorised. Fits `Read`.
 */
export type ConfigRead = { ok: true; value: Config } | { ok: false; unread: Unread };

/** The code of `Unread` where the configuration hangs on the organizational unit, and that is not known. */
export const UNIT_UNKNOWN = 'OrganizationalUnitUnknown';

/** The code of `Unread` where the configuration hangs on the account, and that is not known. */
export const ACCOUNT_UNKNOWN = 'AccountUnknown';

/** The largest number of accounts that are remembered. An organization of this size is watched by several deployments. */
const MOST_ACCOUNTS = 20_000;

/**
 * The configuration by which one account is judged: with the overrides for the account in the order of the file, the teams
 * that work there, and the account’s number in place of `${account}`. It is the same object for the same account, and for
 * accounts whose configurations say the same; where the file says nothing of accounts, it is the file’s own.
 */
export const configFor = (config: FileConfig, place: AccountPlace): ConfigRead => readerOf(config)(place);

const readerOf = remembered((config: FileConfig): ((place: AccountPlace) => ConfigRead) => {
  const { organization: _, overrides = [], ...base } = config;
  const { teams = [] } = base;
  if (overrides.length === 0 && !teams.some(namesAccounts) && !hasVariable(base)) {
    const value: Config =
      Object.hasOwn(config, 'organization') || Object.hasOwn(config, 'overrides') ? base : (config as Config);
    return () => ({ ok: true, value });
  }
  const overridesOf = accountSelector(overrides.map((each) => accountsOf(each, teams)));
  const teamsOf = accountSelector(teams);
  const byPlace = keeping<ConfigRead>(MOST_ACCOUNTS);
  const byParts = keeping<Config>(MOST_ACCOUNTS);
  const find = (place: AccountPlace): ConfigRead => {
    if (!/^\d{12}$/.test(place.account))
      return unknown(
        '',
        ACCOUNT_UNKNOWN,
        'it differs from account to account, and nothing tells the account',
      );
    const chosen = { overrides: overridesOf(place), teams: teamsOf(place) };
    const open = (['overrides', 'teams'] as const).find((part) => chosen[part].open.length > 0);
    if (open !== undefined)
      return unknown(
        ` (${open}[${chosen[open].open[0]}].organizationalUnits)`,
        UNIT_UNKNOWN,
        `it differs between organizational units, and nothing tells those of the account ${place.account}`,
      );
    const parts = [chosen.overrides.chosen, chosen.teams.chosen];
    const merged = byParts(JSON.stringify(parts), () => mergedOf(config, base, chosen));
    const value = hasVariable(merged)
      ? byParts(JSON.stringify([...parts, place.account, place.partition]), () => filledFor(merged, place))
      : merged;
    return { ok: true, value };
  };
  return (place) => {
    const { account, partition, path } = place;
    // In a list, JSON writes what is missing as null, which says that the account is in no organization.
    const key = path === undefined ? [account, partition] : [account, partition, path];
    return byPlace(JSON.stringify(key), () => find(place));
  };
});

const unknown = (at: string, code: string, message: string): ConfigRead => ({
  ok: false,
  unread: { call: `the configuration${at}`, code, message },
});

type Override = NonNullable<FileConfig['overrides']>[number];
type Teams = NonNullable<FileConfig['teams']>;

/** The accounts of an override: its own, and those of its teams. */
const accountsOf = (override: Override, teams: Teams): Accounts => {
  const named = new Set(override.teams);
  const all: Accounts[] = [override, ...teams.filter(({ name }) => named.has(name))];
  return {
    accounts: all.flatMap(({ accounts = [] }) => accounts),
    organizationalUnits: all.flatMap(({ organizationalUnits = [] }) => organizationalUnits),
  };
};

type Chosen = Record<'overrides' | 'teams', { chosen: readonly number[] }>;

const mergedOf = ({ overrides = [], teams }: FileConfig, base: Config, chosen: Chosen): Config => {
  const at = <T>(list: readonly T[], indexes: readonly number[]): T[] =>
    indexes.flatMap((index) => list[index] ?? []);
  const merged = at(overrides, chosen.overrides.chosen).reduce(withOverride, base);
  return teams?.some(namesAccounts)
    ? { ...merged, teams: at(teams, chosen.teams.chosen).map(withoutAccounts) }
    : merged;
};

const withOverride = (
  config: Config,
  { accounts: _, organizationalUnits: __, teams: ___, controls, suppressions, ...replaced }: Override,
): Config => ({
  ...config,
  ...replaced,
  ...(controls && { controls: { ...config.controls, ...controls } }),
  ...(suppressions && { suppressions: [...(config.suppressions ?? []), ...suppressions] }),
});

/** In an account, it does not matter where else a team works. */
const withoutAccounts = ({ accounts: _, organizationalUnits: __, ...team }: Teams[number]): Teams[number] =>
  team;

/** A reason is words for people, which nothing is filled into. */
const IN_WORDS = 'reason';

/** Whether a part of the configuration has a pattern with the account’s variable. */
const hasVariable = (part: unknown): boolean => {
  if (typeof part === 'string') return part.includes(ACCOUNT_VARIABLE);
  return typeof part === 'object' && part !== null && hasVariableWithin(part);
};

/** Remembered, because accounts have most parts in common. */
const hasVariableWithin = remembered((part: object): boolean =>
  Object.entries(part).some(([key, value]) => key !== IN_WORDS && hasVariable(value)),
);

/** The same with the account’s number. Parts without a variable are the same objects for all accounts. */
const filledFor = <T>(part: T, place: AccountPlace): T => {
  if (!hasVariable(part)) return part;
  const fill = (value: unknown): unknown => filledFor(value, place);
  const filled: unknown =
    typeof part === 'string'
      ? patternFor(part, place)
      : Array.isArray(part)
        ? part.map(fill)
        : Object.fromEntries(
            Object.entries(part as object).map(([key, value]) => [
              key,
              key === IN_WORDS ? value : fill(value),
            ]),
          );
  return filled as T;
};
