import { isAuthorisedRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { dataRole } from '../definition/data-role.ts';
import { type ResolveScope, resolveScope } from '../definition/expression.ts';
import { type ImageInput, imageInputs } from '../definition/image-inputs.ts';
import { calledBy, type NamedRoles, namedRole } from '../definition/named-roles.ts';
import { type Definition, type Step, stepPointer } from '../definition/parse.ts';
import { relatedSteps } from '../definition/related-steps.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import { oncePer } from '../memo.ts';
import { type ForeignOf, foreignPlaces, handedCodeNeeds } from './data-needs.ts';
import { jobRoleNeeds } from './job-role-needs.ts';
import { anyObject, jsonGetNeeds } from './json-get.ts';
import type { Need, NeedKind } from './need.ts';
import { handedOver, stepNeeds } from './step-needs.ts';

/** A need of one pipeline, with the places in its definition that it comes from: the first of them, and how many there are. */
export type StepNeed = {
  kind: NeedKind;
  need: Need;
  askers: { step: string; pointer: string }[];
  count: number;
};

/** A person looks at some of them; thousands would be kept for nobody. */
export const MAX_ASKERS = 20;

/** What one pipeline asks of one role. */
export type RoleUse = {
  roleArn: string;
  isExecutionRole: boolean;
  /** Steps that name the role. */
  steps: readonly string[];
  needs: readonly StepNeed[];
  /** Needs of one file each, of which only a run tells in which bucket it is: the pattern of all that it may be. */
  untold: readonly StepNeed[];
  /** Of the execution role: the code that steps hand to a service, which reads it under a role that is not told. */
  handed: readonly StepNeed[];
  /** By step, the places of unrelated steps, which the role must not change. */
  foreign: readonly ForeignOf[];
  /** What only a run tells, or AWS does not document, and so is asked of nobody. */
  open: readonly { kind: NeedKind; reason: string }[];
  /** The services that take the role over, and so must be trusted. */
  services: readonly string[];
  /** Whether the instances of an EMR cluster take it over, whose role the definition does not tell. */
  isForCluster: boolean;
};

/** What a pipeline asks of the account: all that is kept of it when its own audit is done. */
export type PipelineUse = {
  name: string;
  arn: string;
  roleArn: string;
  roles: readonly RoleUse[];
  imageInputs: readonly ImageInput[];
  /** What steps on EMR call roles and instance profiles, other than by ARNs of roles; missing where none does. */
  calls?: readonly string[];
};

type Pipeline = { name: string; arn: string; roleArn: string };

/**
 * What a pipeline asks of its execution role and of its steps' roles. What is asked for a step’s role that is not authorised
 * is asked of nobody: to allow it would mend nothing. The pipeline runs under its execution role, authorised or not, so
 * that all is asked of it. A job under a name that is not authorised needs its permissions all the same.
 */
export const pipelineUse = (
  pipeline: Pipeline,
  definition: Definition,
  place: Scope,
  config: Config,
  named?: NamedRoles,
): PipelineUse => {
  const scope = resolveScope(definition, pipeline.name);
  const { name, arn, roleArn } = pipeline;
  const steps = definition.steps.map((step) => ({
    step,
    asks: stepNeeds(step, scope, place, roleArn, named),
  }));
  const byRole = new Map<string, Map<Need, StepNeed>>();
  const needsOf = (role: string): Map<Need, StepNeed> => {
    const made = new Map<Need, StepNeed>();
    byRole.set(role, made);
    return made;
  };
  const ask: Ask = (role, kind, need, step, pointer) => {
    const needs = byRole.get(role) ?? needsOf(role);
    const known = needs.get(need);
    if (!known) {
      // Most have one asker, and a list that was made with it takes less than one that it was pushed to.
      needs.set(need, { kind, need, askers: [{ step, pointer }], count: 1 });
      return;
    }
    known.count++;
    if (known.askers.length < MAX_ASKERS) known.askers.push({ step, pointer });
  };
  const asked = steps.map(({ step, asks }) => askedByStep(step, asks, scope, pipeline, place, config, ask));
  const untoldByRole = groupBy(
    asked.flatMap((step) => step.untold),
    ({ role }) => role,
  );
  const openByRole = groupBy(
    asked.flatMap(({ open }) => open),
    ({ role }) => role,
  );
  const { foreign, unlisted } = foreignPlaces(scope, relatedSteps(scope), roleArn);
  const byName = groupBy(
    definition.steps.flatMap((step) =>
      rolesNamed(step, scope, place, named).map((role) => ({ role, step: step.name })),
    ),
    ({ role }) => role,
  );
  const passed = groupBy(
    definition.steps.flatMap((step) => handedOver(step, scope, place, named)),
    ({ role }) => role,
  );
  const roles = new Set([
    roleArn,
    ...byRole.keys(),
    ...byName.keys(),
    ...passed.keys(),
    ...untoldByRole.keys(),
  ]);
  const calls = definition.steps.flatMap((step) =>
    step.type === 'EMR' ? stepRoles(step).flatMap((located) => calledBy(located, scope) ?? []) : [],
  );
  return {
    name,
    arn,
    roleArn,
    ...(calls.length > 0 && { calls: [...new Set(calls)] }),
    roles: [...roles].map((role) => ({
      roleArn: role,
      isExecutionRole: role === roleArn,
      steps: [...new Set((byName.get(role) ?? []).map(({ step }) => step))],
      needs: [...(byRole.get(role)?.values() ?? [])],
      untold: (untoldByRole.get(role) ?? []).map(({ role: _, ...need }) => need),
      handed: role === roleArn ? asked.flatMap(({ handed }) => handed) : [],
      foreign: foreign.get(role) ?? [],
      open: [
        ...(openByRole.get(role) ?? []).map(({ kind, reason }) => ({ kind, reason })),
        ...(unlisted.has(role) ? [{ kind: 'isolation' as const, reason: tooManyPlaces(name) }] : []),
      ],
      services: [
        ...new Set([
          ...(role === roleArn ? [SAGEMAKER] : []),
          ...(passed.get(role) ?? []).flatMap(({ to }) => (to === 'instances of a cluster' ? [] : to)),
        ]),
      ],
      isForCluster: (passed.get(role) ?? []).some(({ to }) => to === 'instances of a cluster'),
    })),
    imageInputs: imageInputs(scope),
  };
};

const tooManyPlaces = (pipeline: string): string =>
  `the steps of pipeline ${pipeline} have too many places to tell all that this role must not change`;

/** Takes execution roles over. */
export const SAGEMAKER = 'sagemaker.amazonaws.com';

type StepAsks = ReturnType<typeof stepNeeds>;

/** Takes a need of a role down. Needs of several steps that are one object are taken down together. */
type Ask = (role: string, kind: NeedKind, need: Need, step: string, pointer: string) => void;

/** What is not asked, as it is not known, and of whom it would be. */
type UnknownRoleNeed = { role: string; kind: NeedKind; reason: string };

const askedByStep = (
  step: Step,
  { jobs, passes }: StepAsks,
  scope: ResolveScope,
  pipeline: Pipeline,
  place: Scope,
  config: Config,
  ask: Ask,
): { untold: (StepNeed & { role: string })[]; handed: StepNeed[]; open: UnknownRoleNeed[] } => {
  const { roleArn } = pipeline;
  const isRefused = (role: string): boolean =>
    role !== roleArn && isListed(config) && isAuthorisedRole(role, config, roleArn) === 'no';
  const pointer = stepPointer(step);
  const files = jsonGetNeeds(step, scope, place);
  const ofJob = jobRoleNeeds(step, scope, place, roleArn);
  const code = handedCodeNeeds(step, scope, place);
  const isAsked = oncePer((role) => !isRefused(role));
  const open = (role: string, kind: NeedKind, reasons: readonly { reason: string }[]): UnknownRoleNeed[] =>
    reasons.map(({ reason }) => ({ role, kind, reason }));
  for (const need of jobs.needs) {
    const runtimeRole = need.context?.['elasticmapreduce:ExecutionRoleArn'];
    if (runtimeRole === undefined || !isRefused(runtimeRole)) ask(roleArn, 'job', need, step.name, pointer);
  }
  for (const need of passes.needs)
    if (!isRefused(need.resource)) ask(roleArn, 'pass-role', need, step.name, pointer);
  for (const need of files.needs) ask(roleArn, 'json-get', need, step.name, pointer);
  for (const { of, kind, need, pointer: at } of ofJob.needs)
    if (of.role !== undefined && isAsked(of.role)) ask(of.role, kind, need, step.name, at);
  const asOne = (kind: NeedKind, need: Need, at: string): StepNeed => ({
    kind,
    need,
    askers: [{ step: step.name, pointer: at }],
    count: 1,
  });
  const untold = (role: string, kind: NeedKind, need: Need, at: string) => ({
    role,
    ...asOne(kind, need, at),
  });
  return {
    untold: [
      ...files.untold.map((need) => untold(roleArn, 'json-get', need, pointer)),
      ...passes.untold.map(({ need }) => untold(roleArn, 'pass-role', need, pointer)),
      ...ofJob.open.flatMap(({ of: { role }, kind, pointer: at, isCode }) =>
        role !== undefined && kind === 'data' && isCode ? untold(role, kind, anyObject(place), at) : [],
      ),
      ...code.open.map(({ pointer: at }) => untold(roleArn, 'data', anyObject(place), at)),
    ],
    handed: code.needs.map(({ need, pointer: at }) => asOne('data', need, at)),
    open: [
      ...open(roleArn, 'job', jobs.open),
      ...open(roleArn, 'pass-role', passes.open),
      ...open(roleArn, 'json-get', files.open),
      ...ofJob.open.flatMap(({ of: { role }, kind, reason }) =>
        role === undefined ? [] : { role, kind, reason },
      ),
    ],
  };
};

const isListed = ({ roles }: Config): boolean =>
  (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;

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
const rolesNamed = (step: Step, scope: ResolveScope, place: Scope, named: NamedRoles | undefined): string[] =>
  stepRoles(step).flatMap((located) => {
    const role = namedRole(located, scope, place, named);
    return typeof role === 'object' && 'arn' in role ? role.arn : [];
  });
