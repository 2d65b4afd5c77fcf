import { type Severity, severityRank } from '../domain/finding.ts';
import type { ConfigPath } from './config-issue.ts';
import { type ConfigPart, partsOf, pathText } from './config-parts.ts';
import type { FileConfig, Suppression } from './schema.ts';

/** What keeps a control from telling something, or from telling it as loudly: its place in the file, and what it does in words. */
export type ConfigException = { at: string; text: string };

type Placed = { path: ConfigPath; text: string };

/** The severity of each control by its id, as long as the configuration says nothing else. */
export type ControlSeverities = ReadonlyMap<string, Severity>;

/**
 * What a configuration excepts: suppressions, controls that are off or tell with a lower severity, and who may do what others
 * may not. What it authorises is none of it. Two exceptions that say the same have the same text, wherever they are in the file.
 */
export const exceptionsOf = (config: FileConfig, severities: ControlSeverities): ConfigException[] =>
  partsOf(config).flatMap((each) => {
    const of = accountsText(each);
    return [
      ...controlExceptions(each, severities),
      ...(each.part.suppressions ?? []).map((suppression, index) => ({
        path: [...each.path, 'suppressions', index],
        text: `it suppresses ${suppressionText(suppression)}`,
      })),
      ...namedExceptions(each),
    ].map(({ path, text }) => ({ at: pathText(path), text: `${text}${of}` }));
  });

/** The exceptions of a configuration that an earlier one did not have, or had in another form. */
export const newExceptions = (
  before: FileConfig,
  after: FileConfig,
  severities: ControlSeverities,
): ConfigException[] => {
  const known = new Set(exceptionsOf(before, severities).map(({ text }) => text));
  return exceptionsOf(after, severities).filter(({ text }) => !known.has(text));
};

/** A suppression in words. One in a definition names no resource. */
export const suppressionText = ({
  control,
  resource = 'its own definition',
  step,
  expires,
  reason,
}: Omit<Suppression, 'resource'> & { resource?: string }): string =>
  `${control} on ${resource}${step === undefined ? '' : `, step ${step},`} until ${expires}: ${reason}`;

const accountsText = ({ part, isOverride }: ConfigPart): string => {
  if (!isOverride) return '';
  const {
    accounts = [],
    organizationalUnits = [],
    teams = [],
  } = part as {
    accounts?: string[];
    organizationalUnits?: string[];
    teams?: string[];
  };
  return `, for ${[...accounts, ...organizationalUnits, ...teams.map((name) => `the team ${name}`)].join(', ')}`;
};

const controlExceptions = ({ path, part }: ConfigPart, severities: ControlSeverities): Placed[] =>
  Object.entries(part.controls ?? {}).flatMap(([id, { enabled, severity, reason }]): Placed[] => {
    const at = [...path, 'controls', id];
    const own = severities.get(id);
    const isLower =
      severity !== undefined &&
      own !== undefined &&
      severityRank(severity.toUpperCase() as Severity) < severityRank(own);
    return [
      ...(enabled === false
        ? [{ path: [...at, 'enabled'], text: `it switches off ${id}: ${reason ?? 'no reason is given'}` }]
        : []),
      ...(isLower ? [{ path: [...at, 'severity'], text: `it tells ${id} as ${severity}` }] : []),
    ];
  });

/** Those whom the configuration names as excepted from what holds for others. */
const namedExceptions = ({ path, part }: ConfigPart): Placed[] => {
  const { roles, versionFloors = [], scpException, sharedWith = [], imageBuckets } = part;
  const each = (list: readonly unknown[] | undefined, at: ConfigPath, what: string): Placed[] =>
    (list ?? []).map((entry, index) => ({
      path: [...path, ...at, index],
      text: `${what} ${typeof entry === 'string' ? entry : JSON.stringify(entry)}`,
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
