import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { RoleUses } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';
import { before } from '../text/trim.ts';

/** Enough to see what a role is used for besides its pipelines. */
const MAX_ACTIONS = 12;
const MAX_PIPELINES = 5;

/**
 * Advice on a role that may do more than its pipelines need. No command is given: only a person can tell what else the
 * role is used for, so the advice lists what a policy made of the pipelines' needs would leave out.
 */
export const narrowing = (
  { identity, policies }: Pick<PrincipalFact, 'identity' | 'policies'>,
  { executes, runsSteps, needs }: Pick<RoleUses, 'executes' | 'runsSteps' | 'needs'>,
): string => {
  const pipelines = [...new Set([...executes, ...runsSteps].map(({ name }) => name))];
  const needed = new Set(needs.map(({ need }) => need.action.toLowerCase()));
  const allows = (policies.identity?.statements ?? []).filter(
    ({ statement }) => statement.effect === 'Allow',
  );
  const besides = new Set(
    allows.flatMap(({ statement: { actions } }) =>
      actions.isNot
        ? [`all but ${listed(actions.texts, MAX_ACTIONS)}`]
        : actions.texts.filter((action) => !needed.has(action.toLowerCase())),
    ),
  );
  return [
    `Write the policy that the role needs for ${listed(pipelines, MAX_PIPELINES)} (pipewarden generate execution-role), and review the policy before it replaces what ${identity.principal.arn} has.`,
    besides.size > 0
      ? `The new policy leaves out what the role is allowed besides: ${besides.size > MAX_ACTIONS ? byService([...besides]) : [...besides].join(', ')}.`
      : 'The role keeps its actions, on fewer resources.',
    'Ask who else uses the role, and keep each Deny.',
  ].join(' ');
};

/** Many actions say more to a reader by their services, the largest part first. */
const byService = (actions: readonly string[]): string =>
  listed(
    [...groupBy(actions, (action) => before(action, ':'))]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([service, of]) => (of.length === 1 ? of.join() : `${of.length} actions of ${service}`)),
    MAX_ACTIONS,
  );
