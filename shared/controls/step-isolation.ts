import { reachIntoPlaces, unlistedPlaces } from '../concerns/foreign-places.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { IsolationFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { exemption } from '../judging/administrators.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { isolatedSteps } from '../judging/satisfying-steps.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { isolationGuardrail } from '../policies/isolation-policy.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'step-isolation',
  system: 'Step roles',
  title: 'Steps with roles of their own cannot change what unrelated steps use',
  severity: 'MEDIUM',
  on: ['pipeline', 'role'],
  requires: ['isolation'],
  hangsOn: ['step role'],
  satisfiedBy: ({ isolation }) =>
    isolation?.of === 'role'
      ? ownStatements(['s3:PutObject'])({ principal: isolation.principal })
      : isolatedSteps({ ...(isolation && { isolation }) }),
  evaluate: ({ isolation }, { roles }, shared) =>
    isolation.of === 'role'
      ? judgeRole(isolation, shared)
      : judgeSharing(isolation, roles?.isolation === 'required'),
});

type Of<T extends IsolationFact['of']> = Extract<IsolationFact, { of: T }>;

const judgeRole = (isolation: Of<'role'>, shared: SharedWork): Verdict[] => {
  const { principal, uses } = isolation;
  const unlisted = unlistedPlaces(uses);
  if (uses.foreign.length === 0 && unlisted.length === 0)
    return doesNotApply('no step has it as a role of its own beside unrelated steps');
  const exempt = exemption(principal);
  if (exempt) return exempt;

  const writes = uses.needs.filter(({ need }) => need.action === 's3:PutObject');
  const own = [...new Set(writes.map(({ need }) => need.resource))];
  const { concerns, folders, byBuckets } = reachIntoPlaces(isolation, own, shared);
  const verdict = verdictOn([...unlisted, ...concerns], {
    otherwise: 'narrow the statement to the step’s own outputs',
    breach: (evidence) => {
      const cause =
        byBuckets.size > 0
          ? ` What lets it in is ${listed([...byBuckets], 3)}: let that name those alone who are meant to write there.`
          : '';
      return {
        status: 'FAILED',
        evidence,
        remediation: remedyBy(
          principal,
          putPolicy('step-isolation', isolationGuardrail(own, [...folders], principal.scope.regions)),
          `Let ${principal.identity.principal.arn} write the outputs of its own steps alone, in its policies or by this Deny.${cause}`,
          `Let ${principal.identity.principal.arn} write the outputs of its own steps alone.${cause}`,
        ),
      };
    },
  });
  return [verdict];
};

/** Steps that share a role can change each other's data, whatever the role's policies say. */
const judgeSharing = ({ steps, executionRoleArn }: Of<'pipeline'>, isRequired: boolean): Verdict[] => {
  if (!isRequired) return doesNotApply('roles.isolation is not required');
  const shared = [...groupBy(steps, ({ roleArn }) => roleArn)]
    .map(([roleArn, users]) => [roleArn, users.filter(isAnother)] as const)
    .filter(([, users]) => users.length > 1);
  const [first, ...others] = shared.map(
    ([roleArn, users]): Evidence => ({
      at: users.find(({ pointer }) => pointer !== '')?.pointer ?? '/Steps',
      found: `${roleArn === executionRoleArn ? 'the execution role' : roleArn} runs the steps ${users.map(({ step }) => step).join(', ')}`,
      expected: 'a role of its own for each step (roles.isolation: required)',
    }),
  );
  if (!first) return [{ status: 'PASSED' }];
  return [
    {
      status: 'WARNING',
      evidence: [first, ...others],
      remediation: {
        text: 'Give each step a role of its own, and update the pipeline. SDK 2: role= of its Estimator, Processor, CheckJobConfig, AutoML or Model. SDK 3: role= of its ModelTrainer, Processor or CheckJobConfig, role_arn= of its ModelBuilder. A transform runs under the role of its model. Without the SDK: RoleArn of its arguments.',
      },
    },
  ];
};

type User = Of<'pipeline'>['steps'][number];

/**
 * Whether the user is another step: a step may name a role twice, and a transform uses the role of its model's step.
 */
const isAnother = ({ step, pointer }: User, index: number, users: readonly User[]): boolean =>
  users.findIndex((other) => other.step === step || (pointer !== '' && other.pointer === pointer)) === index;
