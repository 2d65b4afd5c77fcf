import type { Prefix } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';

export const control = defineControl({
  id: 'prefix-collision',
  on: ['configuration'],
  lint: true,
  requires: [],
  meta: {
    system: 'Job prefixes',
    title: 'No authorised prefix is the beginning of another team’s',
    severity: 'MEDIUM',
    description:
      'A prefix is a permissions boundary: a policy for jobs whose names begin with “ml-” reaches those that begin ' +
      'with “ml-fraud-” as well. The prefixes of the configuration are held against each other.',
    risk:
      'The team with the shorter prefix can create, stop and describe the jobs of the team with the longer one, and its ' +
      'jobs pass for theirs: between the two there is no boundary.',
    remediation:
      'Give each team a prefix that begins no other’s, such as ml-core and ml-fraud, in pipewarden.yaml, in the ' +
      'policies and in the pipelines; or name the same roles or pipelines for both, where they are one team.',
    decision: [
      'Prefix and dash are compared: ml begins ml-fraud, and does not begin mlops.',
      'Two prefixes are of one team if they are authorised for the same roles or for the same pipelines; what is left out stands for all.',
      'The shorter prefix is at fault; each that it begins is evidence.',
      'The same prefix listed twice, for different teams, is a collision as well.',
    ],
    example: {
      fails:
        'prefixes: [{ prefix: ml, roles: ["arn:aws:iam::*:role/core"] }, { prefix: ml-fraud, roles: ["arn:aws:iam::*:role/fraud"] }]',
      passes:
        'prefixes: [{ prefix: ml-core, roles: ["arn:aws:iam::*:role/core"] }, { prefix: ml-fraud, roles: ["arn:aws:iam::*:role/fraud"] }]',
    },
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions-prefix',
    ],
    fix: rolePolicyFix({
      role: 'core',
      name: 'create-jobs',
      statement: {
        Effect: 'Allow',
        Action: 'sagemaker:CreateTrainingJob',
        Resource: 'arn:aws:sagemaker:*:111122223333:training-job/ml-core-*',
      },
    }),
    requirements: [
      'ISO 27001:2022 A.5.15',
      'ISO 27001:2022 A.8.3',
      'NIST 800-53 AC-3',
      'NIST 800-53 AC-6',
      'SOC 2 CC6.1',
      'SOC 2 CC6.3',
    ],
  },
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

/** By their roles or their pipelines; two that name neither are everyone’s. */
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
