import { type CreatorsEntry, creatorsIn } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { assume, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type Decision, decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { oncePer, remembered } from '../memo.ts';
import { namesPipeline } from './pipeline-names.ts';
import type { Answer } from './prefixes.ts';

/** A principal that the configuration names as one who makes pipelines, with all policies that apply to it. */
export type Creator = { identity: Identity; policies: Policies };

type Pipeline = { name: string; arn: string };

/** The pipelines that a creator must be able to make, and those for which this is unknown. */
export type Duties<P extends Pipeline> = { must: P[]; unknown: P[] };

/** The context keys of a creator's request as far as they are known. */
export const creatorContext = (region: string, service?: string) =>
  contextOf({
    ...(service && { 'iam:PassedToService': service }),
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': region,
  });

/** The configuration's entries that name the principal. */
export const entriesOf = (arn: string, config: Pick<Config, 'roles'>): CreatorsEntry[] =>
  creatorsIn(config).filter(({ roles }) => matchesAny(roles, arn));

/**
 * Decides which of the pipelines under one role this creator must be able to make, and so pass the role. A
 * configuration entry that names pipelines decides for these, except for those that the creator only runs: to start, retry
 * or stop a pipeline passes no role. Any other pipeline is this creator's if the creator may create or update it, while no
 * other creator may do so and pass the role.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const dutiesOf = <P extends Pipeline>(
  creator: Creator,
  { roleArn, pipelines }: { roleArn: string; pipelines: readonly P[] },
  creators: readonly Creator[],
  config: Pick<Config, 'roles'>,
): Duties<P> => {
  const { arn } = creator.identity.principal;
  const own = entriesOf(arn, config);
  const duties: Duties<P> = { must: [], unknown: [] };
  for (const pipeline of pipelines.filter(({ name }) => isTied(name, own))) {
    const makes = makingOf(creator, pipeline);
    if (makes !== 'yes' && runningOf(creator, pipeline) === 'yes') {
      if (makes === 'unknown') duties.unknown.push(pipeline);
    } else duties.must.push(pipeline);
  }
  if (own.every((entry) => entry.pipelines !== undefined)) return duties;
  const all = creatorsIn(config);
  const passers = passersOf(creators);
  for (const pipeline of pipelines.filter(({ name }) => !isTied(name, all))) {
    const makes = makingOf(creator, pipeline);
    if (makes === 'no') continue;
    const others = passers(roleArn, regionOf(pipeline)).filter(({ by }) => by.identity.principal.arn !== arn);
    const taken = others.map(({ by, passes }) => both(passes, makingOf(by, pipeline)));
    if (taken.includes('yes')) continue;
    duties[makes === 'unknown' || taken.includes('unknown') ? 'unknown' : 'must'].push(pipeline);
  }
  return duties;
};

/** Whether one of the entries names the pipeline. */
const isTied = (name: string, entries: readonly CreatorsEntry[]): boolean =>
  entries.some(({ pipelines }) => pipelines !== undefined && namesPipeline(pipelines, name));

const ANSWER: Record<Decision, Answer> = {
  Allow: 'yes',
  ImplicitDeny: 'no',
  ExplicitDeny: 'no',
  Unknown: 'unknown',
};

const both = (one: Answer, other: Answer): Answer =>
  one === 'no' || other === 'no' ? 'no' : one === 'yes' && other === 'yes' ? 'yes' : 'unknown';

/** Whether the creator may create or update the pipeline. */
const makingOf = (creator: Creator, { arn }: Pipeline): Answer =>
  anyOf(creator, arn, [
    ['sagemaker:UpdatePipeline', arn],
    ['sagemaker:CreatePipeline', arn],
  ]);

/** A version as high as any floor. */
const ANY_VERSION = '999999999';

/** Whether the creator may start the pipeline, or retry or stop its executions. */
const runningOf = (creator: Creator, { arn }: Pipeline): Answer =>
  anyOf(
    creator,
    arn,
    [
      ['sagemaker:StartPipelineExecution', arn],
      ['sagemaker:RetryPipelineExecution', `${arn}/execution/any`],
      ['sagemaker:StopPipelineExecution', `${arn}/execution/any`],
    ],
    { 'sagemaker:PipelineVersionId': ANY_VERSION },
  );

const anyOf = (
  { identity, policies }: Creator,
  pipelineArn: string,
  calls: readonly (readonly [action: string, resource: string])[],
  keys: Readonly<Record<string, ContextValue>> = {},
): Answer => {
  const context = assume(creatorContext(regionOf({ arn: pipelineArn })), keys);
  const answers = calls.map(
    ([action, resource]) =>
      ANSWER[decide(policies, { principal: identity.principal, action, resource, context })],
  );
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
};

/** A call for a pipeline is made in the pipeline’s Region. */
const regionOf = ({ arn }: Pick<Pipeline, 'arn'>): string => parseArn(arn)?.region ?? '';

/** The creators that may pass a role to SageMaker in a Region, or possibly may. */
const passersOf = remembered((creators: readonly Creator[]) => {
  const inRegion = oncePer((region: string) => passersIn(creators, region));
  return (roleArn: string, region: string) => inRegion(region)(roleArn);
});

const passersIn = (creators: readonly Creator[], region: string) =>
  oncePer((roleArn: string) =>
    creators.flatMap((by) => {
      const { identity, policies } = by;
      const passes =
        ANSWER[
          decide(policies, {
            principal: identity.principal,
            action: 'iam:PassRole',
            resource: roleArn,
            context: creatorContext(region, 'sagemaker.amazonaws.com'),
          })
        ];
      return passes === 'no' ? [] : [{ by, passes }];
    }),
  );

/**
 * The pipelines of other creators, where the configuration tells no pipelines of theirs: their execution role may be
 * passed by another creator who may make them, and not surely by this one, although it may pass that of a pipeline of its
 * own.
 */
export const othersPipelines = <P extends Pipeline>(
  arn: string,
  creators: readonly Creator[],
  { pipelines, roles }: { pipelines: readonly P[]; roles: ReadonlyMap<string, RoleWithPipelines> },
): P[] => {
  const creator = creators.find(({ identity }) => identity.principal.arn === arn);
  if (!creator || creators.length < 2) return [];
  const passers = passersOf(creators);
  const executing = [...roles.values()].filter(({ executes }) => executes.length > 0);
  const under = executing.flatMap(({ roleArn, executes }) =>
    executes.map((pipeline) => ({ pipeline, passing: passers(roleArn, regionOf(pipeline)) })),
  );
  const isOwn = ({ passing }: (typeof under)[number]): boolean =>
    passing.some(({ by, passes }) => by === creator && passes === 'yes');
  if (!under.some(isOwn)) return [];
  const others = new Set(
    under.flatMap((each) =>
      !isOwn(each) &&
      each.passing.some(({ by, passes }) => passes === 'yes' && makingOf(by, each.pipeline) === 'yes')
        ? each.pipeline.arn
        : [],
    ),
  );
  return pipelines.filter((pipeline) => others.has(pipeline.arn));
};

type RoleWithPipelines = { roleArn: string; executes: readonly Pipeline[] };
