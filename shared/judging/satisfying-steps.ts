import { jobNameAnswer } from '../authorised/job-name.ts';
import { stepNameAnswer } from '../authorised/step-name.ts';
import type { Config } from '../config/schema.ts';
import {
  displayText,
  knownText,
  type ResolveScope,
  resolveScope,
  resolveText,
  textLength,
} from '../definition/expression.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { calledRole } from '../definition/named-roles.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import { stepBaseName, stepRoles } from '../definition/step-values.ts';
import type { Facts } from '../facts/facts.ts';
import { jobNameAsked } from './job-name-asked.ts';
import { prefixEntry, roleEntry } from './satisfying-entries.ts';
import { type Looked, MOST_PLACES } from './satisfying-statements.ts';

type StepFacts = Partial<Facts>;

/** The steps of a name, and what resolves the values in them. */
const stepsNamed = (
  { definition, pipeline, overrides = {} }: StepFacts,
  subject: string | undefined,
): { scope: ResolveScope; steps: Step[] } | undefined =>
  definition && {
    scope: resolveScope(definition, pipeline?.name, overrides),
    steps: definition.steps.filter(({ name }) => name === subject).slice(0, MOST_PLACES),
  };

/** The base job name of a step, and the entry of prefixes that authorises it. */
export const stepPrefix = (facts: StepFacts, config: Config, subject: string | undefined): Looked[] => {
  const { scope, steps = [] } = stepsNamed(facts, subject) ?? {};
  return steps.flatMap((step) => {
    if (!scope) return [];
    return [
      ...stepNameFound(step, scope),
      ...prefixEntry(
        config,
        (alone) => stepNameAnswer(step, scope, facts.pipeline ?? {}, alone)?.answer === 'yes',
      ),
    ];
  });
};

/** The base job name of a step, and how long it is. */
export const stepNameLength = (facts: StepFacts, subject: string | undefined): Looked[] => {
  const { scope, steps = [] } = stepsNamed(facts, subject) ?? {};
  return scope
    ? steps.flatMap((step) =>
        stepNameFound(step, scope, (length) => {
          const { maxLength, maxPrefixLength = maxLength } = stepType(step.type).name ?? { maxLength: 63 };
          return `, of ${length} characters where ${maxPrefixLength} are allowed`;
        }),
      )
    : [];
};

const stepNameFound = (
  step: Step,
  scope: ResolveScope,
  more: (length: number) => string = () => '',
): Looked[] => {
  const base = stepBaseName(step);
  if (!base) return [{ at: stepPointer(step), found: `step ${step.name} has no base job name` }];
  const name = resolveText(base.value, scope);
  return [
    {
      at: base.pointer,
      found: `step ${step.name} has the base job name ${displayText(name)}${more(textLength(name).least)}`,
    },
  ];
};

/** The roles that a step names, or the one of the pipeline, and the entry of the configuration that names each. */
export const stepRolesNamed = (facts: StepFacts, config: Config, subject: string | undefined): Looked[] => {
  const { pipeline } = facts;
  if (subject === undefined) {
    const role = pipeline?.roleArn ?? 'a role that is not told';
    return [
      { at: 'RoleArn', found: `the pipeline runs under ${role}` },
      ...roleEntry(role, config, ['execution']),
    ];
  }
  const { scope, steps = [] } = stepsNamed(facts, subject) ?? {};
  if (!scope) return [];
  return steps.flatMap((step) =>
    stepRoles(step).flatMap(({ field, value, pointer }) => {
      const text = resolveText(value, scope);
      const written = knownText(text) ?? '';
      const role = calledRole(field, written, pipeline?.named).arn ?? written;
      const isOwn = role === pipeline?.roleArn && config.roles?.execution === undefined;
      const whose = isOwn ? ', the pipeline’s own role' : '';
      return [
        { at: pointer, found: `step ${step.name} names ${displayText(text)}${whose}` },
        ...roleEntry(role, config, ['steps', 'execution']),
      ];
    }),
  );
};

/** The name of a started job, and the entry of prefixes that authorises it. */
export const jobPrefix = ({ job }: StepFacts, config: Config): Looked[] => {
  const asked = job && jobNameAsked(job);
  if (!asked) return [];
  const { named, use } = asked;
  return [
    { at: jobKind(named.kind).nameField, found: named.name },
    ...prefixEntry(config, (alone) => jobNameAnswer(named, use, alone).answer === 'yes'),
  ];
};

/** The roles of a job, and the steps that may have started it, or the entry of the configuration that names each role. */
export const jobRoles = ({ job, declaration }: StepFacts, config: Config): Looked[] => {
  if (!job) return [];
  const at = jobKind(job.kind).roleFields.join(', ');
  const declared = declaration?.steps.slice(0, MOST_PLACES).flatMap((step) => {
    const [first] = stepRoles(step);
    return [
      {
        at: first?.pointer ?? stepPointer(step),
        found: `step ${step.name} of pipeline ${declaration.pipelineName} declares ${first ? 'it' : `no role, so that the one of the pipeline is meant (${declaration.pipelineRoleArn ?? 'not told'})`}`,
      },
    ];
  });
  const roles = job.roleArns.slice(0, MOST_PLACES);
  return [
    ...roles.map((role) => ({ at, found: role })),
    ...(declared ?? roles.flatMap((role) => roleEntry(role, config, ['steps', 'execution']))),
  ];
};

/** The steps of a pipeline, each with the role of its own. */
export const isolatedSteps = ({ isolation }: StepFacts): Looked[] =>
  isolation?.of === 'pipeline'
    ? isolation.steps
        .slice(0, MOST_PLACES)
        .map(({ step, pointer, roleArn }) => ({ at: pointer || '/Steps', found: `${step} under ${roleArn}` }))
    : [];
