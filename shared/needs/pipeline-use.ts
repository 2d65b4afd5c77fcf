import { isAuthorisedRole } from '../authorised/roles.ts';
import { hasJobName, stepNameAnswer } from '../authorised/step-name.ts';
import type { Config } from '../config/schema.ts';
import { type DataRole, dataRole } from '../definition/data-role.ts';
import { knownText, type ResolveScope, resolveScope, resolveText } from '../definition/expression.ts';
import { type ImageInput, imageInputs } from '../definition/image-inputs.ts';
import { type Definition, type Step, stepPointer } from '../definition/parse.ts';
import { relatedSteps } from '../definition/related-steps.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import { asList, member } from '../json/json.ts';
import { dataNeeds, type ForeignOf, foreignPlaces } from './data-needs.ts';
import { jsonGetNeeds } from './json-get.ts';
import type { Need, NeedKind } from './need.ts';
import { roleArnOf, stepNeeds } from './step-needs.ts';

/** A need, and the place in a definition that it comes from. */
export type StepNeed = { kind: NeedKind; need: Need; step: string; pointer: string };

/** What one pipeline asks of one role. */
export type RoleUse = {
  roleArn: string;
  isExecutionRole: boolean;
  /** Steps that name the role. */
  steps: readonly string[];
  needs: readonly StepNeed[];
  /** By step, the places of unrelated steps, which the role must not change. */
  foreign: readonly ForeignOf[];
  /** What only a run tells, or AWS does not document, and so is asked of nobody. */
  open: readonly { kind: NeedKind; reason: string }[];
  /** The services that take the role over, and so must be trusted. */
  services: readonly string[];
};

/** What a pipeline asks of the account: all that is kept of it when its own audit is done. */
export type PipelineUse = {
  name: string;
  arn: string;
  roleArn: string;
  roles: readonly RoleUse[];
  imageInputs: readonly ImageInput[];
};

type Pipeline = { name: string; arn: string; roleArn: string };

/**
 * What a pipeline asks of its execution role and of its steps' roles. What another control already refuses (a role that
 * is not authorised, a job name that is not) is asked of nobody: to allow it would mend nothing.
 */
export const pipelineUse = (
  pipeline: Pipeline,
  definition: Definition,
  place: Scope,
  config: Config,
): PipelineUse => {
  const scope = resolveScope(definition, pipeline.name);
  const { name, arn, roleArn } = pipeline;
  const steps = definition.steps.map((step) => ({ step, asks: stepNeeds(step, scope, place) }));
  const asked = steps.map(({ step, asks }) => askedByStep(step, asks, scope, pipeline, place, config));
  const byRole = groupBy(
    asked.flatMap(({ needs }) => needs),
    ({ role }) => role,
  );
  const openByRole = groupBy(
    asked.flatMap(({ open }) => open),
    ({ role }) => role,
  );
  const { foreign, unlisted } = foreignPlaces(scope, relatedSteps(scope), roleArn);
  const named = groupBy(
    definition.steps.flatMap((step) =>
      rolesNamed(step, scope, place).map((role) => ({ role, step: step.name })),
    ),
    ({ role }) => role,
  );
  const passed = groupBy(
    steps.flatMap(({ asks }) => takenOver(asks)),
    ({ role }) => role,
  );
  const roles = new Set([roleArn, ...byRole.keys(), ...named.keys()]);
  return {
    name,
    arn,
    roleArn,
    roles: [...roles].map((role) => ({
      roleArn: role,
      isExecutionRole: role === roleArn,
      steps: [...new Set((named.get(role) ?? []).map(({ step }) => step))],
      needs: (byRole.get(role) ?? []).map(({ role: _, ...need }) => need),
      foreign: foreign.get(role) ?? [],
      open: [
        ...(openByRole.get(role) ?? []).map(({ kind, reason }) => ({ kind, reason })),
        ...(unlisted.has(role) ? [{ kind: 'isolation' as const, reason: tooManyPlaces(name) }] : []),
      ],
      services: [
        ...new Set([
          ...(role === roleArn ? [SAGEMAKER] : []),
          ...(passed.get(role) ?? []).map(({ service }) => service),
        ]),
      ],
    })),
    imageInputs: imageInputs(scope),
  };
};

const tooManyPlaces = (pipeline: string): string =>
  `the steps of pipeline ${pipeline} have too many places to tell all that this role must not change`;

/** Takes execution roles over. */
export const SAGEMAKER = 'sagemaker.amazonaws.com';

type StepAsks = ReturnType<typeof stepNeeds>;

type StepRoleNeed = StepNeed & { role: string };

/** What is not asked, as it is not known, and of whom it would be. */
type UnknownRoleNeed = { role: string; kind: NeedKind; reason: string };

const askedByStep = (
  step: Step,
  { jobs, passes }: StepAsks,
  scope: ResolveScope,
  pipeline: Pipeline,
  place: Scope,
  config: Config,
): { needs: StepRoleNeed[]; open: UnknownRoleNeed[] } => {
  const { roleArn } = pipeline;
  const asked = (role: string, kind: NeedKind, need: Need, pointer: string): StepRoleNeed => ({
    role,
    kind,
    need,
    step: step.name,
    pointer,
  });
  const isRefused = (role: string): boolean =>
    isListed(config) && isAuthorisedRole(role, config, roleArn) === 'no';
  const pointer = stepPointer(step);
  const isTagged = asList(member(step.arguments, 'Tags')).length > 0;
  const jobNeeds = isNameRefused(step, scope, pipeline, config)
    ? []
    : jobs.needs.filter(
        ({ action }) => !NOT_ASKED.test(action) && (isTagged || action !== 'sagemaker:AddTags'),
      );
  const roles = dataRole(step, scope, roleArn);
  const files = jsonGetNeeds(step, scope, place);
  const ofData = dataNeeds(step, scope, place);
  const roleAt = holdersOf(roles);
  const refused = new Set(roles.flatMap(({ role }) => (role !== undefined && isRefused(role) ? role : [])));
  const data = ofData.needs.flatMap(({ pointer: at, ...need }) => {
    const role = roleAt(at);
    return role === undefined || refused.has(role) ? [] : asked(role, 'data', need, at);
  });
  const open = (role: string, kind: NeedKind, reasons: readonly { reason: string }[]): UnknownRoleNeed[] =>
    reasons.map(({ reason }) => ({ role, kind, reason }));
  return {
    needs: [
      ...jobNeeds.map((need) => asked(roleArn, 'job', need, pointer)),
      ...passes.needs
        .filter(({ resource }) => !isRefused(resource))
        .map((need) => asked(roleArn, 'pass-role', need, pointer)),
      ...files.needs.map((need) => asked(roleArn, 'json-get', need, pointer)),
      ...data,
    ],
    open: [
      ...open(roleArn, 'job', jobs.open),
      ...open(roleArn, 'pass-role', passes.open),
      ...open(roleArn, 'json-get', files.open),
      ...roles.flatMap(({ role }) => (role === undefined ? [] : open(role, 'data', ofData.open))),
    ],
  };
};

/** Whose role a place of the step is for: that of the object which holds the place and names a role. */
const holdersOf = (roles: readonly DataRole[]): ((pointer: string) => string | undefined) => {
  const [only, ...others] = roles;
  if (others.length === 0) return () => only?.role;
  const byHolder = new Map(roles.map(({ role, pointer }) => [pointer.replace(/\/RoleArn$/, ''), role]));
  return (pointer) => {
    let holder = pointer;
    while (holder !== '' && !byHolder.has(holder)) holder = holder.slice(0, holder.lastIndexOf('/'));
    return byHolder.get(holder);
  };
};

/** The roles that a step hands to services. */
const takenOver = ({ passes }: StepAsks): { role: string; service: string }[] =>
  passes.needs.flatMap(({ resource, context }) => {
    const service = context?.['iam:PassedToService'];
    return service === undefined ? [] : { role: resource, service };
  });

/** To stop an execution is nothing that a pipeline needs to run, and nobody documents it. */
const NOT_ASKED = /^sagemaker:Stop/;

const isListed = ({ roles }: Config): boolean =>
  (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;

const isNameRefused = (
  step: Step,
  scope: ResolveScope,
  pipeline: Pipeline,
  { prefixes = [] }: Config,
): boolean =>
  prefixes.length > 0 && hasJobName(step) && stepNameAnswer(step, scope, pipeline, prefixes)?.answer === 'no';

/** The steps that run under a role of the account, each with that role, as far as it is known. */
export const stepsWithRoles = (
  { name, roleArn }: Pick<Pipeline, 'name' | 'roleArn'>,
  definition: Definition,
): { step: string; pointer: string; roleArn: string }[] => {
  const scope = resolveScope(definition, name);
  return definition.steps.flatMap((step) =>
    dataRole(step, scope, roleArn).flatMap(({ role, pointer }) =>
      role === undefined ? [] : [{ step: step.name, pointer, roleArn: role }],
    ),
  );
};

/** The roles that a step names, as far as they are known. */
const rolesNamed = (step: Step, scope: ResolveScope, place: Scope): string[] =>
  stepRoles(step).flatMap(({ value }) =>
    knownText(resolveText(value, scope)) === undefined ? [] : (roleArnOf(value, scope, place) ?? []),
  );
