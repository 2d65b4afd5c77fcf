import { type CreatorsEntry, creatorsIn } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { type Decision, decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { oncePer, remembered } from '../memo.ts';
import { namesPipeline } from './pipeline-names.ts';
import type { Answer } from './prefixes.ts';

/** A principal that the configuration names as one who makes pipelines, with all policies that apply to it. */
export type Creator = { identity: Identity; policies: Policies; scope: { region: string } };

type Pipeline = { name: string; arn: string };

/** The pipelines that a creator must be able to make, and those of which nobody can tell whether it must. */
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
 * Which of the pipelines that run under one role are this creator's to make, so that it must be able to pass the role.
 * An entry of the configuration that names pipelines decides for these. Any other pipeline is this creator's if the
 * creator may create or update it, while no other creator may do so and pass the role.
 */
export const dutiesOf = <P extends Pipeline>(
  creator: Creator,
  { roleArn, pipelines }: { roleArn: string; pipelines: readonly P[] },
  creators: readonly Creator[],
  config: Pick<Config, 'roles'>,
): Duties<P> => {
  const { arn } = creator.identity.principal;
  const own = entriesOf(arn, config);
  const duties: Duties<P> = { must: pipelines.filter(({ name }) => isTied(name, own)), unknown: [] };
  if (own.every((entry) => entry.pipelines !== undefined)) return duties;
  const all = creatorsIn(config);
  const others = passersOf(creators)(roleArn).filter(({ by }) => by.identity.principal.arn !== arn);
  for (const pipeline of pipelines.filter(({ name }) => !isTied(name, all))) {
    const makes = makingOf(creator, pipeline);
    if (makes === 'no') continue;
    const taken = others.map(({ by, passes }) => both(passes, makingOf(by, pipeline)));
    if (taken.includes('yes')) continue;
    duties[makes === 'unknown' || taken.includes('unknown') ? 'unknown' : 'must'].push(pipeline);
  }
  return duties;
};

/** Whether one of the entries names the pipeline as its creators'. */
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
const makingOf = ({ identity, policies, scope }: Creator, { arn }: Pipeline): Answer => {
  const context = creatorContext(scope.region);
  const answers = ['sagemaker:UpdatePipeline', 'sagemaker:CreatePipeline'].map(
    (action) => ANSWER[decide(policies, { principal: identity.principal, action, resource: arn, context })],
  );
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
};

/** The creators that may pass a role to SageMaker, or possibly may. */
const passersOf = remembered((creators: readonly Creator[]) =>
  oncePer((roleArn: string) =>
    creators.flatMap((by) => {
      const { identity, policies, scope } = by;
      const passes =
        ANSWER[
          decide(policies, {
            principal: identity.principal,
            action: 'iam:PassRole',
            resource: roleArn,
            context: creatorContext(scope.region, 'sagemaker.amazonaws.com'),
          })
        ];
      return passes === 'no' ? [] : [{ by, passes }];
    }),
  ),
);
