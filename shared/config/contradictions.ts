import { partitionOfRegion } from '../domain/regions.ts';
import { type Accounts, namesAccounts } from './account-selector.ts';
import type { ConfigPath, FoundIssue } from './config-issue.ts';
import { partsOf } from './config-parts.ts';
import type { FileConfig } from './schema.ts';

/** What is wrong between the parts of a configuration whose every part is valid by itself. */
export const contradictions = (config: FileConfig, controls: readonly string[]): FoundIssue[] => [
  ...unknownControls(config, controls),
  ...exceptionsFromItself(config),
  ...organizationIssues(config),
  ...teamIssues(config),
  ...overrideIssues(config),
  ...routeIssues(config),
];

const unknownControls = (config: FileConfig, controls: readonly string[]): FoundIssue[] => {
  const named = [
    ...partsOf(config).flatMap(({ path: at, part }) => [
      ...Object.keys(part.controls ?? {}).map((id) => ({ path: [...at, 'controls', id], id, isKey: true })),
      ...(part.suppressions ?? []).map(({ control }, index) => ({
        path: [...at, 'suppressions', index, 'control'],
        id: control,
        isKey: false,
      })),
    ]),
    ...(config.alerts?.routes ?? []).flatMap(({ match: { control } }, index) =>
      control === undefined
        ? []
        : [{ path: ['alerts', 'routes', index, 'match', 'control'], id: control, isKey: false }],
    ),
  ];
  const known = new Set(controls);
  return named
    .filter(({ id }) => !known.has(id))
    .map(({ path, id, isKey }) => ({
      path,
      isKey,
      message: `there is no control ${JSON.stringify(id)}`,
      near: { word: id, names: controls },
    }));
};

/** The control that judges what a configuration excepts. None of it may be excepted from it. */
const OF_EXCEPTIONS = 'exceptions-scoped';

const exceptionsFromItself = (config: FileConfig): FoundIssue[] =>
  partsOf(config).flatMap(({ path, part }) => {
    const message = `${OF_EXCEPTIONS} tells what this file excepts, so that the file can neither suppress it nor change it; take the entry out`;
    return [
      ...(Object.hasOwn(part.controls ?? {}, OF_EXCEPTIONS)
        ? [{ path: [...path, 'controls', OF_EXCEPTIONS], isKey: true, message }]
        : []),
      ...(part.suppressions ?? []).flatMap(({ control }, index) =>
        control === OF_EXCEPTIONS ? [{ path: [...path, 'suppressions', index, 'control'], message }] : [],
      ),
    ];
  });

/** The entries of a list that stand in it before. */
const doubles = (list: readonly string[] | undefined, path: ConfigPath): FoundIssue[] => {
  const seen = new Set<string>();
  return (list ?? []).flatMap((each, index) => {
    const isDouble = seen.has(each);
    seen.add(each);
    return isDouble
      ? [{ path: [...path, index], message: `${each} stands twice in the list; keep one of the two` }]
      : [];
  });
};

const doubledAccounts = ({ accounts, organizationalUnits }: Accounts, at: ConfigPath): FoundIssue[] => [
  ...doubles(accounts, [...at, 'accounts']),
  ...doubles(organizationalUnits, [...at, 'organizationalUnits']),
];

const NOTHING_WATCHED =
  'names nothing; add regions, organizationalUnits or accounts, or leave it out to watch the own account and Region';
const NOTHING_OWNED =
  'owns nothing; add accounts, organizationalUnits, prefixes, pipelines, roles or resources';
const FOR_NO_ACCOUNT = 'is for no account; add accounts, organizationalUnits or teams';
const CHANGES_NOTHING = 'changes nothing; add what is different for these accounts, such as prefixes';

const organizationIssues = ({ organization }: FileConfig): FoundIssue[] => {
  if (organization === undefined) return [];
  if (Object.keys(organization).length === 0) return [{ path: ['organization'], message: NOTHING_WATCHED }];
  const { regions = [], accounts = [], organizationalUnits, exclude = [] } = organization;
  const watched = new Set(accounts);
  const [first = ''] = regions;
  return [
    ...doubles(regions, ['organization', 'regions']),
    ...doubledAccounts(organization, ['organization']),
    ...doubles(exclude, ['organization', 'exclude']),
    ...regions.flatMap((region, index): FoundIssue[] => {
      const [own, other] = [partitionOfRegion(first), partitionOfRegion(region)];
      if (own === other) return [];
      const message = `${region} is in the partition ${other}, and ${first} is in ${own}; a configuration is for one partition, because organizations and roles end there`;
      return [{ path: ['organization', 'regions', index], message }];
    }),
    ...exclude.flatMap((account, index): FoundIssue[] => {
      const path = ['organization', 'exclude', index];
      if (watched.has(account))
        return [{ path, message: `${account} is among accounts too; keep it in one of the two lists` }];
      const message = `takes ${account} out of no list; give organizationalUnits, or leave it out, as accounts that are not listed are not watched`;
      return organizationalUnits === undefined ? [{ path, message }] : [];
    }),
  ];
};

const teamIssues = ({ teams = [], alerts }: FileConfig): FoundIssue[] => {
  const seen = new Set<string>();
  return [
    ...teams.flatMap((team, index): FoundIssue[] => {
      const { name } = team;
      const isDouble = seen.has(name);
      seen.add(name);
      const message = `there is a team ${JSON.stringify(name)} before it; keep one of the two`;
      return [
        ...(isDouble ? [{ path: ['teams', index, 'name'], message }] : []),
        ...(Object.keys(team).length > 1 ? [] : [{ path: ['teams', index], message: NOTHING_OWNED }]),
        ...doubledAccounts(team, ['teams', index]),
      ];
    }),
    ...(teams.length > 0 && alerts?.teams !== undefined
      ? [
          {
            path: ['alerts', 'teams'],
            isKey: true,
            message: 'there are teams at the top too; move these there, so that a team has one meaning',
          },
        ]
      : []),
  ];
};

/** The keys of an override that tell its accounts. */
const SELECTORS: readonly string[] = [
  'accounts',
  'organizationalUnits',
  'teams',
] satisfies (keyof Override)[];

type Override = NonNullable<FileConfig['overrides']>[number];

const overrideIssues = ({ overrides = [], teams = [] }: FileConfig): FoundIssue[] => {
  const named = new Map(teams.map((team) => [team.name, team]));
  const names = [...named.keys()];
  return overrides.flatMap((override, index) => [
    ...(namesAccounts(override) || override.teams !== undefined
      ? []
      : [{ path: ['overrides', index], message: FOR_NO_ACCOUNT }]),
    ...(Object.keys(override).every((key) => SELECTORS.includes(key))
      ? [{ path: ['overrides', index], message: CHANGES_NOTHING }]
      : []),
    ...doubledAccounts(override, ['overrides', index]),
    ...doubles(override.teams, ['overrides', index, 'teams']),
    ...(override.teams ?? []).flatMap((name, at): FoundIssue[] => {
      const path = ['overrides', index, 'teams', at];
      const team = named.get(name);
      if (team === undefined) return [unknownTeam(path, name, names)];
      const isSomewhere = (team.accounts ?? team.organizationalUnits) !== undefined;
      const message = `the team ${JSON.stringify(name)} has no accounts of its own; give it accounts or organizationalUnits`;
      return isSomewhere ? [] : [{ path, message }];
    }),
  ]);
};

const unknownTeam = (path: ConfigPath, name: string, names: readonly string[]): FoundIssue => ({
  path,
  message: `${JSON.stringify(name)} is not among teams`,
  near: { word: name, names },
});

const routeIssues = ({ alerts, teams }: FileConfig): FoundIssue[] => {
  const names = teams?.map(({ name }) => name) ?? Object.keys(alerts?.teams ?? {});
  return (alerts?.routes ?? []).flatMap(({ match }, index) => {
    const at = ['alerts', 'routes', index, 'match'];
    return [
      ...(match.team === undefined || names.includes(match.team)
        ? []
        : [unknownTeam([...at, 'team'], match.team, names)]),
    ];
  });
};
