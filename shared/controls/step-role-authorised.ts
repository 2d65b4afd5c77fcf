import type { Answer } from '../authorised/prefixes.ts';
import { authorisedRoles, isAuthorisedRole, isRefusedExecutionRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import {
  concerns,
  displayText,
  knownText,
  type ResolveScope,
  resolveScope,
  resolveText,
} from '../definition/expression.ts';
import { calledRole } from '../definition/named-roles.ts';
import type { Step } from '../definition/parse.ts';
import { roleAdvice } from '../definition/sdk-advice.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Facts, PipelineSubject } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { stepRolesNamed } from '../judging/satisfying-steps.ts';

export const control = defineControl({
  id: 'step-role-authorised',
  system: 'Step roles',
  title: 'Every role that a pipeline runs under or that a step names is authorised',
  severity: 'HIGH',
  on: ['pipeline', 'execution'],
  lint: true,
  requires: ['pipeline', 'definition', 'overrides'],
  needs: ['roles.steps'],
  satisfiedBy: stepRolesNamed,
  evaluate: ({ pipeline, definition, overrides }, config) => {
    const scope = resolveScope(definition, pipeline.name, overrides);
    const steps = definition.steps.map((step) => ({ step, named: namedBy(step, scope, pipeline, config) }));
    const own = judgesExecutionRole({ pipeline, overrides }) ? executionRole(pipeline, steps, config) : [];
    // That the steps run under the pipeline’s own role is told once.
    const isTold = own.some(({ status }) => status === 'FAILED') ? pipeline.roleArn : undefined;
    const ofSteps = steps.flatMap(({ step, named }) => judgeStep(step, named, isTold));
    // Beside an open step, that the pipeline’s own role is right is no news.
    const isShown = isTold !== undefined || !ofSteps.some((verdict) => 'evidence' in verdict);
    return isShown ? [...own, ...ofSteps] : ofSteps;
  },
});

/** A role that a step names, and whether it is authorised. `known` is its ARN or name, where no run tells it. */
type NamedRole = Evidence & {
  answer: Answer;
  known: string | undefined;
  field: string;
  parameters: readonly string[];
};

const PROFILE_UNTOLD = ', an instance profile of which it is not known whose role it holds';

/** Of a role that is named without its account and path, where an authorised one may be meant. */
const NAME_ALONE = ', of which neither account nor path is told';

const namedBy = (
  step: Step,
  scope: ResolveScope,
  { roleArn, named }: PipelineSubject,
  config: Config,
): NamedRole[] =>
  stepRoles(step)
    .map(({ field, value, pointer }) => ({ field, pointer, role: resolveText(value, scope) }))
    .filter(({ role }) => concerns(role, scope.parameters))
    .map(({ field, role, pointer }) => {
      const written = knownText(role);
      const { isProfile, arn: held } = calledRole(field, written ?? '', named);
      const known = held ?? (isProfile ? undefined : written);
      const meant = held !== undefined ? `, which is ${held}` : isProfile ? PROFILE_UNTOLD : '';
      const answer = known === undefined ? 'unknown' : isAuthorisedRole(known, config, roleArn);
      const why = known !== undefined && answer === 'unknown' ? NAME_ALONE : '';
      const source = role.parameters.length > 0 ? ` (from parameter ${role.parameters.join(', ')})` : '';
      return {
        answer,
        known,
        field,
        parameters: role.parameters,
        at: pointer,
        found: `step ${step.name} names ${displayText(role)}${meant}${why}${source}`,
        expected: `one of the authorised roles: ${authorisedRoles(config).join(', ')}`,
      };
    });

/** The role of a pipeline is judged with the pipeline, and not again with each of its executions. */
const judgesExecutionRole = ({ pipeline, overrides }: Pick<Facts, 'pipeline' | 'overrides'>): boolean =>
  !pipeline.hasPresentRole && Object.keys(overrides).length === 0;

/** The verdict on the role that the pipeline runs under; none where it is not told, or no execution roles are listed. */
const executionRole = (
  { name = 'the pipeline', roleArn }: PipelineSubject,
  steps: readonly { named: readonly NamedRole[] }[],
  config: Config,
): Verdict[] => {
  const execution = config.roles?.execution;
  if (roleArn === undefined || execution === undefined) return [];
  if (!isRefusedExecutionRole(roleArn, config)) return [{ status: 'PASSED' }];
  const expected = `one of the authorised execution roles: ${execution.join(', ')}`;
  const alsoNamed = steps
    .flatMap(({ named }) => named.filter(({ answer, known }) => answer === 'no' && known === roleArn))
    .slice(0, MAX_EVIDENCE)
    .map(({ at, found }): Evidence => ({ at, found, expected }));
  return [
    {
      status: 'FAILED',
      evidence: [{ at: 'RoleArn', found: `the pipeline runs under ${roleArn}`, expected }, ...alsoNamed],
      remediation: {
        text: `Update ${name} to run under an authorised role, or add ${roleArn} to roles.execution in pipewarden.yaml.`,
      },
    },
  ];
};

/** A person looks at the first few. */
const MAX_EVIDENCE = 20;

/** What is wrong stands before what is not known. */
const ORDER: readonly Answer[] = ['no', 'unknown'];

/** The verdict on the roles that a step names, but for a role that is told with the pipeline. */
const judgeStep = (step: Step, named: readonly NamedRole[], toldRole: string | undefined): Verdict[] => {
  const judged = named.filter(({ answer, known }) => answer !== 'no' || known !== toldRole);
  if (judged.length === 0) return [];
  const isWrong = judged.some(({ answer }) => answer === 'no');
  const [first, ...others] = ORDER.flatMap((wanted) => judged.filter(({ answer }) => answer === wanted)).map(
    (role) => ({ role, evidence: evidenceOf(role, isWrong) }),
  );
  if (!first) return [{ status: 'PASSED', subject: step.name }];
  return [
    {
      status: isWrong ? 'FAILED' : 'NOT_AVAILABLE',
      subject: step.name,
      evidence: [first.evidence, ...others.map(({ evidence }) => evidence)],
      remediation: { text: remedy(step, first.role) },
    },
  ];
};

const evidenceOf = ({ at, answer, found, expected }: NamedRole, isWrong: boolean): Evidence => ({
  at,
  found: isWrong && answer === 'unknown' ? `${found}: whether it is authorised is not known` : found,
  expected,
});

const remedy = (step: Step, { at, field, parameters }: NamedRole): string => {
  const how =
    parameters.length > 0
      ? `let parameter ${parameters.join(', ')} have an authorised role, by ParameterString(default_value=…) and by what starts the pipeline, or name a role directly.`
      : 'name an authorised role.';
  return `Step ${step.name}: ${how} ${roleAdvice(step, field)} Without the SDK: change ${at}. Then update the pipeline, or add the role to roles.steps in pipewarden.yaml.`;
};
