import type { Identity } from '../iam/decide/authorization-details.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { oncePer } from '../memo.ts';
import type { UnreadPipeline, UnreadUse } from '../needs/roster.ts';
import { TAKING_OVER } from '../needs/step-needs.ts';
import type { Identities } from './account-evidence.ts';

/** A person reads only the first few. */
const MAX_UNREAD = 20;
const MAX_NAMED = 3;

/** The first of some unreadable pipelines, each with the reason. */
export const namesOfUnread = (unread: readonly UnreadPipeline[]): string =>
  unread
    .slice(0, MAX_NAMED)
    .map(({ name, why }) => `${name} (${why})`)
    .join(', ');

/**
 * The unreadable pipelines that may use the role. As execution role: if the pipeline's role is this one or unknown.
 * As step role: if the pipeline's role may pass this role to a service that this role trusts. An execution role that
 * is not among the account's identities might be allowed anything.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const unreadUses = (
  { principal: { arn }, trust }: Identity,
  unread: readonly UnreadPipeline[],
  { byArn }: Identities,
  layers: Omit<Policies, 'identity' | 'boundary'>,
): UnreadUse[] => {
  const services = TAKING_OVER.filter((service) => !trust || mayAssume(service, arn, [trust]));
  const isPassedBy = oncePer((executionRoleArn) => {
    const executing = byArn.get(executionRoleArn);
    return services.some((service) => !executing || mayPass(executing, arn, service, layers));
  });
  const uses = unread.flatMap(({ name, why, described }): UnreadUse[] => {
    const executes = described ? described.roleArn === arn : services.length > 0;
    const runsSteps = described ? !executes && isPassedBy(described.roleArn) : services.length > 0;
    return [
      ...(executes ? [{ name, why, as: 'execution role' as const }] : []),
      ...(runsSteps ? [{ name, why, as: 'step role' as const }] : []),
    ];
  });
  return uses.slice(0, MAX_UNREAD);
};

const mayAssume = (service: string, arn: string, trust: Parameters<typeof indexPolicies>[0]): boolean =>
  !decide(
    { resource: indexPolicies(trust) },
    {
      principal: { kind: 'service', arn: service },
      action: 'sts:AssumeRole',
      resource: arn,
      context: contextOf(),
    },
  ).endsWith('Deny');

const mayPass = (
  { principal, policies }: Identity,
  arn: string,
  service: string,
  layers: Omit<Policies, 'identity' | 'boundary'>,
): boolean =>
  !decide(
    { ...policies, ...layers },
    {
      principal,
      action: 'iam:PassRole',
      resource: arn,
      context: contextOf({ 'iam:PassedToService': service }),
    },
  ).endsWith('Deny');
