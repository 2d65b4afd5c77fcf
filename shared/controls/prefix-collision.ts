import type { Prefix } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'prefix-collision',
  system: 'Job prefixes',
  title: 'No authorised prefix is the beginning of another team’s',
  severity: 'MEDIUM',
  on: ['configuration'],
  lint: true,
  requires: [],
  evaluate: (_, { prefixes = [] }) => {
    const verdicts = prefixes.flatMap((entry, index) => judge(entry, index, prefixes));
    return verdicts.length > 0 || prefixes.length === 0 ? verdicts : [{ status: 'PASSED' }];
  },
});

const judge = (entry: Prefix, index: number, prefixes: readonly Prefix[]): Verdict[] => {
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

/** Prefixes are of the same team if they list the same roles or the same pipelines, or if neither lists any. */
const isSameTeam = (one: Prefix, other: Prefix): boolean => {
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

const teamOf = ({ roles, pipelines }: Prefix): string =>
  [
    ...(roles ? [`roles ${roles.join(', ')}`] : []),
    ...(pipelines ? [`pipelines ${pipelines.join(', ')}`] : []),
  ].join('; ') || 'everyone';
