import type { RecordedUses } from '../events/recorded-uses.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { RoleUses } from '../needs/roster.ts';
import { listed } from '../text/listed.ts';
import { shellText } from '../text/shell-text.ts';
import { before } from '../text/trim.ts';
import { otherRegions, regionsText } from './other-regions.ts';
import { usesText } from './recorded-losses.ts';

/** The advice lists this many entries, which is enough to recognise other uses of the role. */
const MAX_ACTIONS = 12;
const MAX_PIPELINES = 5;
const MAX_UNTOLD = 3;
/** Of a long list, so many actions of each service are named. */
const MAX_OF_SERVICE = 6;

/**
 * Advice on a role that may do more than its pipelines need. It contains no command, because only a person can tell
 * what else uses the role. Instead it lists the actions that a policy made from the pipelines' needs would take away, and
 * which of them CloudTrail shows in use.
 */
export const narrowing = (
  { identity, policies, scope }: Pick<PrincipalFact, 'identity' | 'policies' | 'scope'>,
  { executes, runsSteps, needs, open }: Pick<RoleUses, 'executes' | 'runsSteps' | 'needs' | 'open'>,
  recorded: Pick<RecordedUses, 'uses' | 'assumptions'>,
): string => {
  const pipelines = [...new Set([...executes, ...runsSteps].map(({ name }) => name))];
  const others = otherRegions({ identity, scope, uses: { needs }, recorded });
  const needed = new Set(needs.map(({ need }) => need.action.toLowerCase()));
  const allows = (policies.identity?.statements ?? []).filter(
    ({ statement }) => statement.effect === 'Allow',
  );
  const besides = new Set(
    allows.flatMap(({ statement: { actions } }) =>
      actions.isNot
        ? [`all actions except ${listed(actions.texts, MAX_ACTIONS)}`]
        : actions.texts.filter((action) => !needed.has(action.toLowerCase())),
    ),
  );
  const untold = [...new Set(open.filter(({ kind }) => kind === 'data').map(({ reason }) => reason))];
  return [
    writingFor(pipelines, identity.principal.declaredIn !== undefined),
    `Review the policy before it replaces what ${identity.principal.arn} has.`,
    besides.size > 0
      ? `The new policy leaves out, or allows less of, these actions, which the role may do today: ${besides.size > MAX_ACTIONS ? byService([...besides]) : [...besides].join(', ')}.`
      : 'The new policy allows the same actions on fewer resources.',
    ...(untold.length > 0
      ? [`The definitions do not tell all that the role needs: ${listed(untold, MAX_UNTOLD)}.`]
      : []),
    ...usedBeyond(needs, recorded.uses),
    ...(others.length > 0
      ? [
          `It works in ${regionsText(others)}, too: add what its pipelines there need, as this audit does not read them.`,
        ]
      : []),
    'Ask who else uses the role, and keep each Deny.',
  ].join(' ');
};

/**
 * How to write the policy: one run of the command for each pipeline, with the file that it takes. The pipelines of a role that is
 * only declared are not deployed, so that no call describes them.
 */
const writingFor = (pipelines: readonly string[], isDeclared: boolean): string => {
  const [only, ...others] = pipelines;
  const isOne = others.length === 0;
  const name = isOne && only !== undefined ? shellText(only) : 'NAME';
  const file = isDeclared
    ? 'its definition, in a file of its own'
    : `the output of aws sagemaker describe-pipeline --pipeline-name ${name} (in a snapshot: sagemaker/pipelines/${isOne ? (only ?? 'NAME') : 'NAME'}/pipeline.json)`;
  return isOne
    ? `Write the policy that the role needs for ${only ?? 'its pipelines'}: pipewarden generate execution-role FILE, where FILE is ${file}.`
    : `Write the policy that the role needs: pipewarden generate execution-role FILE for each of ${listed(pipelines, MAX_PIPELINES)}, where FILE is ${file}, and put the statements of all into one policy.`;
};

/** Which recorded uses no pipeline is known to need, as one sentence; none without such uses. */
export const usedBeyond = (needs: RoleUses['needs'], uses: RecordedUses['uses']): string[] => {
  const needsOf = groupBy(needs, ({ need }) => need.action.toLowerCase());
  const used = uses.filter(({ action, resource }) => {
    const patterns = (needsOf.get(action.toLowerCase()) ?? []).map(({ need }) => need.resource);
    return patterns.length === 0 || (resource !== undefined && !matchesAny(patterns, resource));
  });
  return used.length > 0
    ? [`CloudTrail shows that it did what no pipeline is known to need: ${usesText(used, MAX_ACTIONS)}.`]
    : [];
};

/** A long list of actions is easier to read by service, with the largest group first and its first actions by name. */
const byService = (actions: readonly string[]): string =>
  listed(
    [...groupBy(actions, (action) => before(action, ':'))]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([service, of]) =>
        of.length === 1
          ? of.join()
          : `${of.length} actions of ${service} (${listed(
              of.map((action) => action.slice(service.length + 1)),
              MAX_OF_SERVICE,
            )})`,
      ),
    MAX_ACTIONS,
  );
