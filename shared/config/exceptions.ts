import { approvalText } from '../domain/approval.ts';
import { type Severity, severityRank } from '../domain/finding.ts';
import { groupBy } from '../group-by.ts';
import { oncePer } from '../memo.ts';
import type { ConfigPath } from './config-issue.ts';
import { type ConfigPart, partsOf, pathText } from './config-parts.ts';
import type { FileConfig, Suppression } from './schema.ts';

/** What keeps a control from telling something, or from telling it as loudly: its place in the file, and what it does in words. */
export type ConfigException = { at: string; text: string };

type Override = NonNullable<FileConfig['overrides']>[number];

/**
 * An exception at its place. `key`: the key of an override that takes its place there; missing where nothing does. `facts`: what it excepts,
 * by which two are the same. The text of one may say what another one says, because people write part of it.
 */
type Placed = { path: ConfigPath; key?: string; text: string; facts: readonly unknown[] };

/** The severity of each control by its id, as long as the configuration says nothing else. */
export type ControlSeverities = ReadonlyMap<string, Severity>;

/**
 * What a configuration excepts: suppressions, controls that are off or tell with a lower severity, accounts that are left out, and who may
 * do what others may not. What it authorises is none of it.
 */
export const exceptionsOf = (config: FileConfig, severities: ControlSeverities): ConfigException[] =>
  reachingExceptions(config, severities).map(({ at, text }) => ({ at, text }));

/** The exceptions of a configuration that an earlier one did not have, had in another form, or had for fewer accounts. */
export const newExceptions = (
  before: FileConfig,
  after: FileConfig,
  severities: ControlSeverities,
): ConfigException[] => {
  const known = groupBy(reachingExceptions(before, severities), ({ same }) => same);
  return reachingExceptions(after, severities)
    .filter(({ same, reach }) => !isCovered(reach, known.get(same) ?? []))
    .map(({ at, text }) => ({ at, text }));
};

/** The accounts and units that an exception is for, `all` without an override; but for those of the later overrides that replace it. */
type Reach = { accounts: ReadonlySet<string> | 'all'; replaced: Replaced };

/** Accounts and units of overrides. `units`: those among them that are no accounts. */
type Replaced = { has: (each: string) => boolean; all: () => string[]; units: () => string[] };

type Reaching = ConfigException & { same: string; reach: Reach };

const reachingExceptions = (config: FileConfig, severities: ControlSeverities): Reaching[] => {
  const parts = partsOf(config).map((each) => ({
    ...each,
    accounts: each.isOverride ? accountsOf(each.part as Override, config) : [],
  }));
  /** By account or unit, the last override that has the key. */
  const lastWith = oncePer((key: string) => {
    const last = new Map<string, number>();
    for (const [index, { part, accounts }] of parts.entries())
      if (hasKey(part, key)) for (const each of accounts) last.set(each, index);
    return { last, units: [...last.keys()].filter((each) => !isAccount(each)) };
  });
  const replacedAfter = (index: number, key: string | undefined): Replaced => {
    if (key === undefined) return NOBODY;
    const { last, units } = lastWith(key);
    const has = (each: string): boolean => (last.get(each) ?? -1) > index;
    return { has, all: () => [...last.keys()].filter(has), units: () => units.filter(has) };
  };
  return parts.flatMap((each, index) => {
    const all: Placed[] = [
      ...controlExceptions(each, severities),
      ...(each.part.suppressions ?? []).map((suppression, at) => ({
        path: [...each.path, 'suppressions', at],
        text: `it suppresses ${suppressionText(suppression)}`,
        facts: ['suppresses', ...suppressionFacts(suppression)],
      })),
      ...namedExceptions(each),
      ...(each.isOverride ? [] : leftOut(config)),
    ];
    const accounts = each.isOverride ? new Set(each.accounts) : 'all';
    const of = accountsText(each);
    return all.map(({ path, key, text, facts }) => ({
      at: pathText(path),
      text: `${text}${of}`,
      same: JSON.stringify(facts),
      reach: { accounts, replaced: replacedAfter(index, key) },
    }));
  });
};

const NOBODY: Replaced = { has: () => false, all: () => [], units: () => [] };

/** The accounts and units of an override: its own, and those of its teams. */
export const accountsOf = (
  { accounts = [], organizationalUnits = [], teams: names = [] }: Partial<Override>,
  { teams = [] }: FileConfig,
): string[] => {
  const named = teams.filter(({ name }) => names.includes(name));
  return [
    ...[...accounts, ...organizationalUnits],
    ...named.flatMap((team) => [...(team.accounts ?? []), ...(team.organizationalUnits ?? [])]),
  ];
};

/** Whether a part has a key, or says something of a control: `controls.step-isolation`. */
const hasKey = (part: ConfigPart['part'], key: string): boolean =>
  key.startsWith(OF_CONTROL)
    ? Object.hasOwn(part.controls ?? {}, key.slice(OF_CONTROL.length))
    : Object.hasOwn(part, key);

const OF_CONTROL = 'controls.';

/** Whether earlier exceptions were for everything that one is for now. A unit may hold any account. */
const isCovered = ({ accounts, replaced }: Reach, earlier: readonly Reaching[]): boolean => {
  const isCoveredIn = (account: string | undefined): boolean =>
    earlier.some(({ reach }) => {
      if (reach.accounts !== 'all' && (account === undefined || !reach.accounts.has(account))) return false;
      if (account === undefined || !isAccount(account)) return reach.replaced.all().every(replaced.has);
      return (
        (!reach.replaced.has(account) || replaced.has(account)) && reach.replaced.units().every(replaced.has)
      );
    });
  return accounts === 'all' ? isCoveredIn(undefined) : [...accounts].every(isCoveredIn);
};

const isAccount = (text: string): boolean => /^\d{12}$/.test(text);

/** A suppression in words. One in a definition names no resource. */
export const suppressionText = ({
  control,
  resource = 'its own definition',
  step,
  expires,
  reason,
  ...approval
}: Omit<Suppression, 'resource'> & { resource?: string }): string =>
  `${control} on ${resource}${step === undefined ? '' : `, step ${step},`} until ${expires}: ${reason}${approvalText(approval)}`;

const suppressionFacts = ({ control, resource, step, expires }: Suppression): unknown[] => [
  control,
  resource,
  step,
  expires,
];

const accountsText = ({ part, isOverride }: ConfigPart): string => {
  if (!isOverride) return '';
  const { accounts = [], organizationalUnits = [], teams = [] } = part as Override;
  return `, for ${[...accounts, ...organizationalUnits, ...teams.map((name) => `the team ${name}`)].join(', ')}`;
};

const controlExceptions = ({ path, part }: ConfigPart, severities: ControlSeverities): Placed[] =>
  Object.entries(part.controls ?? {}).flatMap(([id, { enabled, severity, reason, ...setting }]): Placed[] => {
    const at = [...path, 'controls', id];
    const key = `${OF_CONTROL}${id}`;
    const own = severities.get(id);
    const isLower =
      severity !== undefined &&
      own !== undefined &&
      severityRank(severity.toUpperCase() as Severity) < severityRank(own);
    return [
      ...(enabled === false
        ? [
            {
              path: [...at, 'enabled'],
              key,
              text: `it switches off ${id}: ${reason ?? 'no reason is given'}${approvalText(setting)}`,
              facts: ['off', id],
            },
          ]
        : []),
      ...(isLower
        ? [
            {
              path: [...at, 'severity'],
              key,
              text: `it tells ${id} as ${severity}`,
              facts: ['severity', id, severity],
            },
          ]
        : []),
    ];
  });

/** Those whom the configuration names as excepted from what holds for others. */
const namedExceptions = ({ path, part }: ConfigPart): Placed[] => {
  const { roles, versionFloors = [], scpException, sharedWith = [], imageBuckets } = part;
  const each = (list: readonly unknown[] | undefined, at: ConfigPath, what: string): Placed[] =>
    (list ?? []).map((entry, index) => ({
      path: [...path, ...at, index],
      key: String(at[0]),
      text: `${what} ${typeof entry === 'string' ? entry : JSON.stringify(entry)}`,
      facts: [what, entry],
    }));
  return [
    ...versionFloors.flatMap(({ pipeline, except }, index) =>
      each(except, ['versionFloors', index, 'except'], `it excepts from the version floor of ${pipeline}`),
    ),
    ...each(scpException?.taggers, ['scpException', 'taggers'], 'it lets set the tag of the SCP exception'),
    ...each(roles?.trusted, ['roles', 'trusted'], 'it lets assume execution and step roles'),
    ...each(roles?.administrators, ['roles', 'administrators'], 'it lets change execution and step roles'),
    ...each(sharedWith, ['sharedWith'], 'it lets pipelines be shared with'),
    ...each(
      imageBuckets?.extraRules,
      ['imageBuckets', 'extraRules'],
      'it lets image buckets have the CORS rule',
    ),
  ];
};

/** Accounts of the watched units that are not watched. */
const leftOut = ({ organization }: FileConfig): Placed[] =>
  (organization?.exclude ?? []).map((account, index) => ({
    path: ['organization', 'exclude', index],
    text: `it does not watch the account ${account}`,
    facts: ['exclude', account],
  }));
