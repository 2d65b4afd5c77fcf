import { teamOfPrefix } from '../authorised/named-teams.ts';
import type { Prefix } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { prefixesApart } from '../judging/satisfying-entries.ts';

export const control = defineControl({
  id: 'prefix-collision',
  system: 'Job prefixes',
  title: 'No authorised prefix is the beginning of another team’s',
  severity: 'MEDIUM',
  on: ['configuration'],
  lint: true,
  requires: [],
  satisfiedBy: (_, config) => prefixesApart(config),
  evaluate: (_, { prefixes = [], teams = [] }) => {
    const owned = prefixes.map((entry) => ({ ...entry, team: teamOfPrefix(entry.prefix, teams) }));
    const verdicts = owned.flatMap((entry, index) => judge(entry, index, owned));
    return verdicts.length > 0 || prefixes.length === 0 ? verdicts : [{ status: 'PASSED' }];
  },
});

/** An authorised prefix, with the team of the configuration that it is of. */
type OwnedPrefix = Prefix & { team: string | undefined };

const judge = (entry: OwnedPrefix, index: number, prefixes: readonly OwnedPrefix[]): Verdict[] => {
  const [first, ...others] = prefixes.flatMap((other, at) => {
    const isLater = other.prefix !== entry.prefix || at > index;
    if (at === index || !isLater || !begins(entry, other) || isSameTeam(entry, other)) return [];
    return {
      at: `prefixes[${index}].prefix`,
      found: `${entry.prefix} (${teamOf(entry)}) begins ${other.prefix} (${teamOf(other)}), prefixes[${at}]`,
      expected: 'a prefix that begins no other team’s',
    };
  });
  if (!first) return [];
  return [
    {
      status: 'FAILED',
      subject: entry.prefix,
      evidence: [first, ...others],
      remediation: {
        text: `Give the team of ${entry.prefix} a prefix that begins no other, in pipewarden.yaml, in its policies and its pipelines; or name the same roles or pipelines for both.`,
      },
    },
  ];
};

const begins = (one: Prefix, other: Prefix): boolean => `${other.prefix}-`.startsWith(`${one.prefix}-`);

/**
 * Teams of the configuration decide. Where they do not have both prefixes, these are of the same team if they list the same roles
 * or the same pipelines, or if neither lists any.
 */
const isSameTeam = (one: OwnedPrefix, other: OwnedPrefix): boolean => {
  if (one.team !== undefined && other.team !== undefined) return one.team === other.team;
  const [isOfRoles, isOfPipelines] = [
    isSameList(one.roles, other.roles),
    isSameList(one.pipelines, other.pipelines),
  ];
  return (
    (isOfRoles && isOfPipelines) ||
    (isOfRoles && one.roles !== undefined) ||
    (isOfPipelines && one.pipelines !== undefined)
  );
};

const isSameList = (one: readonly string[] | undefined, other: readonly string[] | undefined): boolean =>
  JSON.stringify([...new Set(one)].toSorted()) === JSON.stringify([...new Set(other)].toSorted());

const teamOf = ({ team, roles, pipelines }: OwnedPrefix): string =>
  [
    ...(team === undefined ? [] : [`team ${team}`]),
    ...(roles ? [`roles ${roles.join(', ')}`] : []),
    ...(pipelines ? [`pipelines ${pipelines.join(', ')}`] : []),
  ].join('; ') || 'everyone';
