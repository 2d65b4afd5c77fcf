import { parseArn } from '../domain/arn.ts';
import { matchesGlob } from '../iam/policy/glob.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { type AccountPlace, unitsIn } from './account-selector.ts';
import { configFor, UNIT_UNKNOWN } from './config-for.ts';
import type { ConfigIssue, ConfigPath } from './config-issue.ts';
import { creatorPatterns } from './creators.ts';
import type { Config, FileConfig } from './schema.ts';

/**
 * Whether the organization of the configuration names an account; undefined where this hangs on the account’s organizational
 * units, and nothing tells them. Without accounts and units, only `own` is watched: the account of the deployment or command.
 */
export const isWatched = (
  { organization = {} }: Pick<FileConfig, 'organization'>,
  { account, path }: Pick<AccountPlace, 'account' | 'path'>,
  own: string,
): boolean | undefined => {
  const { accounts, organizationalUnits, exclude = [] } = organization;
  if (exclude.includes(account)) return false;
  if (accounts === undefined && organizationalUnits === undefined) return account === own;
  if (accounts?.includes(account)) return true;
  if (organizationalUnits === undefined) return false;
  const units = unitsIn(path);
  return units?.some((unit) => organizationalUnits.includes(unit));
};

/** Whether it hangs on the organizational units of an account that it is watched, or how it is judged. */
export const hangsOnPlace = (
  config: FileConfig,
  account: Omit<AccountPlace, 'path'>,
  own: string,
): boolean => {
  const read = configFor(config, account);
  return isWatched(config, account, own) === undefined || (!read.ok && read.unread.code === UNIT_UNKNOWN);
};

/**
 * What a configuration says that does not fit the watched accounts: accounts that none of its entries is for, and entries for
 * accounts and organizational units that are not watched. None of it makes the configuration invalid.
 */
export const watchedIssues = (config: FileConfig, watched: readonly AccountPlace[]): ConfigIssue[] => [
  ...unjudgedAccounts(config, watched),
  ...unwatchedNames(config, watched),
];

const unjudgedAccounts = (config: FileConfig, watched: readonly AccountPlace[]): ConfigIssue[] => {
  const uncovered: string[] = [];
  const unknown: string[] = [];
  for (const place of watched) {
    const read = configFor(config, place);
    if (!read.ok) unknown.push(place.account);
    else if (!isCovered(read.value, place)) uncovered.push(place.account);
  }
  return [
    ...issuesAt(config, uncovered, (accounts) => `no entry is for ${accounts}: ${NO_ENTRY}`),
    ...issuesAt(
      config,
      unknown,
      (accounts) => `nothing tells the organizational units of ${accounts}: ${NO_UNITS}`,
    ),
  ];
};

const NO_ENTRY =
  'neither a prefix nor a creator nor an execution role; add what is in use there, for all accounts or in overrides';
const NO_UNITS = 'name the account in accounts, too, where organizationalUnits decide';

/** One issue at each account that the organization lists, and one for all others. */
const issuesAt = (
  { organization }: FileConfig,
  accounts: readonly string[],
  message: (accounts: string) => string,
): ConfigIssue[] => {
  const places = new Map(organization?.accounts?.map((account, index) => [account, index]));
  const others = accounts.filter((account) => !places.has(account));
  const at: ConfigPath = organization === undefined ? [] : ['organization'];
  const path = organization?.organizationalUnits === undefined ? at : [...at, 'organizationalUnits'];
  return [
    ...accounts.flatMap((account): ConfigIssue[] => {
      const index = places.get(account);
      return index === undefined
        ? []
        : [{ path: [...at, 'accounts', index], message: message(`the account ${account}`) }];
    }),
    ...(others.length > 0 ? [{ path, message: message(accountsText(others)) }] : []),
  ];
};

const accountsText = (accounts: readonly string[]): string =>
  `${accounts.length === 1 ? 'the account' : counted(accounts.length, 'account')} ${listed(accounts)}`;

/** Whether an entry for a prefix, creator or execution role may be about something of the account. */
const isCovered = (config: Config, place: AccountPlace): boolean =>
  (config.prefixes ?? []).some(({ roles }) => roles === undefined || isAny(roles, place)) ||
  isAny(creatorPatterns(config), place) ||
  isAny(config.roles?.execution ?? [], place);

const isAny = (patterns: readonly string[], { account, partition }: AccountPlace): boolean =>
  patterns.some((pattern) => {
    const arn = parseArn(pattern);
    return arn !== undefined && matchesGlob(arn.partition, partition) && matchesGlob(arn.account, account);
  });

const unwatchedNames = (config: FileConfig, watched: readonly AccountPlace[]): ConfigIssue[] => {
  const accounts = new Set(watched.map(({ account }) => account));
  const excluded = new Set(config.organization?.exclude);
  const units = new Set<string>();
  let areAllKnown = true;
  for (const { path } of watched) {
    const own = unitsIn(path);
    if (own === undefined) areAllKnown = false;
    for (const unit of own ?? []) units.add(unit);
  }
  const accountIssue = (account: string, path: ConfigPath): ConfigIssue[] => {
    if (accounts.has(account)) return [];
    const why = excluded.has(account) ? 'organization.exclude takes it out' : 'correct it, or watch it';
    return [{ path, message: `${account} is not among the watched accounts; ${why}` }];
  };
  const unitIssue = (unit: string, path: ConfigPath): ConfigIssue[] =>
    units.has(unit) || !areAllKnown
      ? []
      : [{ path, message: `no watched account is in or below ${unit}; correct it, or take it out` }];
  return [
    ...namedIn(config).flatMap(({ account, unit, path }) =>
      unit === undefined ? accountIssue(account, path) : unitIssue(unit, path),
    ),
    ...patternsIn(config).flatMap(({ pattern, path }) => {
      const account = parseArn(pattern)?.account ?? '';
      return /^\d{12}$/.test(account) ? accountIssue(account, path) : [];
    }),
  ];
};

type Named =
  | { account: string; unit?: undefined; path: ConfigPath }
  | { unit: string; account?: undefined; path: ConfigPath };

/** Every account and organizational unit that the configuration names by its id. */
const namedIn = ({ organization, teams = [], overrides = [], alerts }: FileConfig): Named[] => {
  const parts: [
    ConfigPath,
    { accounts?: string[] | undefined; organizationalUnits?: string[] | undefined },
  ][] = [
    [['organization'], organization ?? {}],
    ...teams.map((team, index): [ConfigPath, typeof team] => [['teams', index], team]),
    ...overrides.map((each, index): [ConfigPath, typeof each] => [['overrides', index], each]),
  ];
  return [
    ...parts.flatMap(([at, { accounts = [], organizationalUnits = [] }]): Named[] => [
      ...accounts.map((account, index) => ({ account, path: [...at, 'accounts', index] })),
      ...organizationalUnits.map((unit, index) => ({ unit, path: [...at, 'organizationalUnits', index] })),
    ]),
    ...(alerts?.routes ?? []).flatMap(({ match: { account, organizationalUnit: unit } }, index): Named[] => {
      const at = ['alerts', 'routes', index, 'match'];
      return [
        ...(account === undefined ? [] : [{ account, path: [...at, 'account'] }]),
        ...(unit === undefined ? [] : [{ unit, path: [...at, 'organizationalUnit'] }]),
      ];
    }),
  ];
};

/** The patterns of roles that pipelines and their jobs run under, which are of the pipeline’s own account. */
const patternsIn = (config: FileConfig): { pattern: string; path: ConfigPath }[] => {
  const parts: [ConfigPath, Pick<FileConfig, 'roles' | 'prefixes'>][] = [
    [[], config],
    ...(config.overrides ?? []).map((each, index): [ConfigPath, typeof each] => [['overrides', index], each]),
  ];
  const at = (patterns: readonly string[] | undefined, path: ConfigPath) =>
    (patterns ?? []).map((pattern, index) => ({ pattern, path: [...path, index] }));
  return parts.flatMap(([path, { roles, prefixes = [] }]) => [
    ...prefixes.flatMap((entry, index) => at(entry.roles, [...path, 'prefixes', index, 'roles'])),
    ...at(roles?.execution, [...path, 'roles', 'execution']),
    ...at(roles?.steps, [...path, 'roles', 'steps']),
  ]);
};
