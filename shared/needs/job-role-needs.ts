import { type DataRole, dataRole, modelStep } from '../definition/data-role.ts';
import type { ResolveScope } from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import type { Scope } from '../domain/scope.ts';
import { outsideNetworks } from '../iam/sets/network-limits.ts';
import { remembered } from '../memo.ts';
import { untoldPlaces } from './container-needs.ts';
import { type DataNeed, dataNeeds } from './data-needs.ts';
import type { Need, NeedKind, UnknownNeed } from './need.ts';
import { isOutsideVpcs, type KnownRequest } from './request-keys.ts';
import { networkNeeds, runtimeNeeds } from './runtime-needs.ts';
import { passedByJob } from './step-needs.ts';

/** A need of the role that a step's job runs under, and that role. */
export type JobRoleNeed = { of: DataRole; kind: NeedKind; need: Need; pointer: string };

/** What of such needs only a run tells. */
export type UnknownJobRoleNeed = UnknownNeed & { of: DataRole; kind: NeedKind };

/**
 * What the roles of a step's job need: a tuning job may have several, a step that runs no job of SageMaker's has none.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export const jobRoleNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
  executionRoleArn: string | undefined,
): { needs: JobRoleNeed[]; open: UnknownJobRoleNeed[] } => {
  const roles = dataRole(step, scope, executionRoleArn);
  const roleAt = holderOf(roles);
  const data = dataNeeds(step, scope, place);
  const runtime = runtimeNeeds(step, roles, scope, place);
  const ofKind = (kind: NeedKind, needs: readonly DataNeed[]): JobRoleNeed[] =>
    needs.flatMap(({ need, pointer }) => {
      const of = roleAt(pointer);
      return of ? { of, kind, need, pointer } : [];
    });
  const inNetwork = fromNetwork(step, scope);
  const inContainer = untoldPlaces(step, scope, data.needs);
  return {
    needs: [
      ...ofKind('data', [
        ...data.needs.map(({ need, pointer }) => ({ need: inNetwork(need), pointer })),
        ...networkNeeds(step, scope, place),
      ]),
      ...ofKind('runtime', runtime.needs),
      ...roles.flatMap((of) =>
        passedByJob(step, of).map((need) => ({ of, kind: 'pass-role' as const, need, pointer: of.pointer })),
      ),
    ],
    open: roles.flatMap((of) => [
      ...data.open.map((each) => ({ of, kind: 'data' as const, ...each })),
      ...(of === roles[0] ? inContainer : []).map((each) => ({ of, kind: 'data' as const, ...each })),
      ...runtime.open.map((each) => ({ of, kind: 'runtime' as const, ...each })),
    ]),
  };
};

/**
 * A request for data of a job that runs in no VPC of the account comes from outside them, as those of SageMaker for
 * JsonGet do. A transform job runs in the network of its model. AWS does not say from where an endpoint writes.
 */
const fromNetwork = (step: Step, scope: ResolveScope): ((need: Need) => Need) => {
  const { dataRole: of } = stepType(step.type);
  const running = of === 'role of its model' ? modelStep(step, scope) : step;
  const isOutside = of !== 'role of its endpoint' && running !== undefined && isOutsideVpcs(running);
  return (need) =>
    isOutside && need.action.startsWith('s3:')
      ? { ...need, request: outside(need.request ?? NOTHING) }
      : need;
};

const OUTSIDE: KnownRequest = Object.fromEntries(
  Object.entries(outsideNetworks()).map(([key, value]) => [key, [value]]),
);

/** Made once for needs that share what is known of their requests. */
const outside = remembered((request: KnownRequest): KnownRequest => ({ ...OUTSIDE, ...request }));

const NOTHING: KnownRequest = {};

/** Whose role a place of the step is for: that of the object which holds the place and names a role. */
const holderOf = (roles: readonly DataRole[]): ((pointer: string) => DataRole | undefined) => {
  const [only, ...others] = roles;
  if (others.length === 0) return () => only;
  const byHolder = new Map(roles.map((of) => [of.pointer.replace(/\/RoleArn$/, ''), of]));
  return (pointer) => {
    let holder = pointer;
    while (holder !== '' && !byHolder.has(holder)) holder = holder.slice(0, holder.lastIndexOf('/'));
    return byHolder.get(holder);
  };
};
