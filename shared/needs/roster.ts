import type { ManifestUse } from '../definition/image-inputs.ts';
import { arnName, parseArn } from '../domain/arn.ts';
import { remembered } from '../memo.ts';
import type { ForeignPlace } from './data-needs.ts';
import type { Need, NeedKind } from './need.ts';
import { needInterning } from './need-interning.ts';
import { MAX_ASKERS, type PipelineUse, SAGEMAKER, type StepNeed } from './pipeline-use.ts';

/** A pipeline by name and ARN. */
export type PipelineRef = { name: string; arn: string };

/** Who asks something of a role: a step of a pipeline, by JSON pointer. */
export type Asker = { pipeline: PipelineRef; step: string; pointer: string };

/** A need of a role in one Region, with those who have it: the first of them, and how many there are. */
export type RoleNeed = { kind: NeedKind; need: Need; region: string; askers: Asker[]; count: number };

/**
 * A pipeline of which it is not known what it asks, and why. `described` is told where SageMaker describes it, although
 * its definition cannot be read.
 */
export type UnreadPipeline = { name: string; why: string; described?: { arn: string; roleArn: string } };

/** A pipeline that cannot be read, and as what it uses the role, or may use it. */
export type UnreadUse = Pick<UnreadPipeline, 'name' | 'why'> & { as: 'execution role' | 'step role' };

/** All that the pipelines of an account ask of one role. */
export type RoleUses = {
  roleArn: string;
  /** The pipelines that run under it. */
  executes: PipelineRef[];
  /** The pipelines of which a step names it. */
  runsSteps: PipelineRef[];
  needs: RoleNeed[];
  /** Needs of one file each, of which only a run tells in which bucket it is: the pattern of all that it may be. */
  untold: RoleNeed[];
  /** The code that pipelines under it hand to a service, which reads it under a role that is not told. */
  handed: RoleNeed[];
  foreign: { pipeline: PipelineRef; step: string; places: readonly ForeignPlace[] }[];
  /** What is not asked of it, as only a run tells: the first reasons of each kind. */
  open: { kind: NeedKind; reason: string }[];
  /** The services that take it over. */
  services: Set<string>;
  /** Whether the instances of an EMR cluster take it over. */
  isForCluster: boolean;
  /** Pipelines that cannot be read and may use it, so that all the rest is only what is known. */
  unread: readonly UnreadUse[];
};

/** A step that reads images from a bucket or, with `manifest`, a manifest whose images may lie elsewhere. */
export type ImageReader = { pipelineName: string; step: string; manifest?: ManifestUse };

/** What all pipelines ask of the account. */
export type Roster = {
  pipelines: PipelineRef[];
  roles: ReadonlyMap<string, RoleUses>;
  /** By ARN without path: the first of them, as a record tells a role's name and not its path. */
  rolesWithoutPath: ReadonlyMap<string, RoleUses>;
  /** By bucket, the steps that read images from it, or a manifest of images. */
  imageInputs: ReadonlyMap<string, ImageReader[]>;
  /** By what steps on EMR call a role or an instance profile, the pipelines that do. */
  callers: ReadonlyMap<string, PipelineRef[]>;
  unread: UnreadPipeline[];
};

type Asked = PipelineUse | UnreadPipeline;

/** The same object for the same pipeline in each roster that it is added to. */
const refOf = remembered(({ name, arn }: PipelineUse): PipelineRef => ({ name, arn }));

/**
 * A roster to which pipelines are added one by one, so that their definitions need not be kept. `known`: all that is asked of some roles,
 * to which nothing is added.
 */
export const rosterBuilder = (
  known: ReadonlyMap<string, RoleUses> = new Map(),
): {
  add: (asked: Asked) => void;
  roster: Roster;
} => {
  const roles = new Map<string, RoleUses>();
  // By Region and role, beside the roster, which outlives its making.
  const byRole = new Map<string, Map<string, RoleNeed>>();
  const kept = needInterning();
  const imageInputs = new Map<string, ImageReader[]>();
  const rolesWithoutPath = new Map<string, RoleUses>();
  const callers = new Map<string, PipelineRef[]>();
  const roster: Roster = { pipelines: [], roles, rolesWithoutPath, imageInputs, callers, unread: [] };
  const addNeed = (
    to: RoleNeed[],
    byIdentity: Map<string, RoleNeed>,
    { kind, need, askers, count }: StepNeed,
    pipeline: PipelineRef,
    region: string,
    list = '',
  ): void => {
    const key = `${list}${kind} ${kept.identity(need)}`;
    const before = byIdentity.get(key);
    const asking = (most: number): Asker[] =>
      askers.slice(0, most).map(({ step, pointer }) => ({
        pipeline,
        step: kept.text(step),
        pointer: kept.text(pointer),
      }));
    if (before) {
      before.count += count;
      if (before.askers.length < MAX_ASKERS) before.askers.push(...asking(MAX_ASKERS - before.askers.length));
      return;
    }
    // Most have one asker, and a list that was made with it takes a sixth of one that it was pushed to.
    const entry = {
      kind: kept.text(kind) as NeedKind,
      need: kept.need(need),
      region,
      askers: asking(MAX_ASKERS),
      count,
    };
    byIdentity.set(key, entry);
    to.push(entry);
  };
  const usesOf = (roleArn: string): RoleUses => {
    const added = roles.get(roleArn);
    if (added) return added;
    const made = known.get(roleArn) ?? noUses(roleArn);
    roles.set(roleArn, made);
    const short = withoutPath(roleArn);
    if (!rolesWithoutPath.has(short)) rolesWithoutPath.set(short, made);
    return made;
  };
  const addUnread = (pipeline: UnreadPipeline): void => {
    roster.unread.push(pipeline);
    const { name, described } = pipeline;
    if (!described) return;
    const uses = usesOf(described.roleArn);
    if (known.has(described.roleArn)) return;
    uses.executes.push({ name, arn: described.arn });
    uses.services.add(SAGEMAKER);
  };
  return {
    roster,
    add: (asked) => {
      if ('why' in asked) return addUnread(asked);
      const { name, arn, roles: used, imageInputs: inputs } = asked;
      const pipeline = refOf(asked);
      const region = kept.text(parseArn(arn)?.region ?? '');
      roster.pipelines.push(pipeline);
      for (const called of asked.calls ?? []) callers.set(called, [...(callers.get(called) ?? []), pipeline]);
      for (const { bucket, step, manifest } of inputs) {
        const readers = imageInputs.get(bucket) ?? [];
        imageInputs.set(bucket, readers);
        const alike = readers.filter((each) => each.manifest === manifest);
        const isTold = alike.some((each) => each.pipelineName === name && each.step === step);
        if (alike.length < MAX_ASKERS && !isTold)
          readers.push({ pipelineName: name, step, ...(manifest && { manifest }) });
      }
      for (const use of used) {
        const { roleArn, isExecutionRole, steps, foreign, open, services, isForCluster } = use;
        const uses = usesOf(roleArn);
        if (known.has(roleArn)) continue;
        if (isExecutionRole) uses.executes.push(pipeline);
        if (steps.length > 0) uses.runsSteps.push(pipeline);
        addOpen(uses.open, open);
        for (const service of services) uses.services.add(service);
        uses.isForCluster ||= isForCluster;
        for (const { step, places } of foreign) uses.foreign.push({ pipeline, step, places });
        const inRegion = `${region} ${roleArn}`;
        const byIdentity = byRole.get(inRegion) ?? new Map<string, RoleNeed>();
        byRole.set(inRegion, byIdentity);
        for (const need of use.needs) addNeed(uses.needs, byIdentity, need, pipeline, region);
        for (const need of use.untold) addNeed(uses.untold, byIdentity, need, pipeline, region);
        for (const need of use.handed) addNeed(uses.handed, byIdentity, need, pipeline, region, 'handed ');
      }
    },
  };
};

/** Of each kind the first are kept: that there is something open of a kind is never lost behind others. */
const addOpen = (kept: RoleUses['open'], open: readonly RoleUses['open'][number][]): void => {
  for (const each of open)
    if (kept.filter(({ kind }) => kind === each.kind).length < MAX_ASKERS) kept.push(each);
};

/**
 * The roster of these pipelines, by name and ARN: the order in which they were read must not show in any finding. Of a roster from
 * `before` all stays that is asked of roles by the same pipelines with the same needs, as an account has hundreds of roles and one
 * pipeline changes at a time.
 */
export const rosterOf = (asked: readonly Asked[], before?: Roster): Roster => {
  const sorted = asked.toSorted(
    (one, other) => byText(one.name, other.name) || byText(arnOf(one), arnOf(other)),
  );
  const askers = askersByRole(sorted);
  const { add, roster } = rosterBuilder(before && usesBySame(before, askers));
  for (const each of sorted) add(each);
  askersOf.set(roster, askers);
  return roster;
};

/** By role, who asks something of it. */
type Askers = ReadonlyMap<string, readonly Asked[]>;
const askersOf = new WeakMap<Roster, Askers>();

const askersByRole = (asked: readonly Asked[]): Askers => {
  const found = new Map<string, Asked[]>();
  for (const each of asked)
    for (const roleArn of rolesAsked(each)) {
      const known = found.get(roleArn);
      if (!known) found.set(roleArn, [each]);
      else if (known.at(-1) !== each) known.push(each);
    }
  return found;
};

/** The roles of which something is asked. */
export const rolesAsked = (asked: Asked): readonly string[] => {
  if (!('why' in asked)) return asked.roles.map(({ roleArn }) => roleArn);
  return asked.described ? [asked.described.roleArn] : [];
};

const usesBySame = (before: Roster, askers: Askers): ReadonlyMap<string, RoleUses> => {
  const known = askersOf.get(before);
  return new Map(
    [...before.roles].filter(([roleArn]) => {
      const [then, now] = [known?.get(roleArn), askers.get(roleArn)];
      return then && then.length === now?.length && then.every((each, index) => each === now[index]);
    }),
  );
};

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const arnOf = (asked: Asked): string => ('why' in asked ? (asked.described?.arn ?? '') : asked.arn);

/** Names are unique among the roles of an account. */
export const withoutPath = (roleArn: string): string => {
  const start = roleArn.indexOf(ROLE) + ROLE.length;
  return roleArn.includes(ROLE) ? roleArn.slice(0, start) + arnName(roleArn.slice(start)) : roleArn;
};

const ROLE = ':role/';

/** The uses of a role that no pipeline has. */
export const noUses = (roleArn: string): RoleUses => ({
  roleArn,
  executes: [],
  runsSteps: [],
  needs: [],
  untold: [],
  handed: [],
  foreign: [],
  open: [],
  services: new Set(),
  isForCluster: false,
  unread: [],
});

/** The files that a role must read for JsonGet, also those of which only a run tells which they are. */
export const jsonGetReads = ({ needs, untold }: Pick<RoleUses, 'needs' | 'untold'>): RoleNeed[] =>
  [...needs, ...untold].filter(({ kind, need }) => kind === 'json-get' && need.action === 's3:GetObject');

/** The roles that pipelines run under, or that their steps name. */
export const usedRoles = (roster: Roster): string[] => [...roster.roles.keys()];
