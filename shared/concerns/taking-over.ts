import { isTrusted } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import type { Json } from '../json/json.ts';
import type { Concern } from '../judging/concern.ts';
import type { RoleUses } from '../needs/roster.ts';
import { namesOfService, tellsSource } from '../needs/services.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { forAccount, forServices, trustOf } from '../policies/trust-document.ts';
import {
  type Answer,
  assumedForOthers,
  isAssumedForOwn,
  isRoleOfAccount,
  isService,
  type TrustingRole,
} from './assuming.ts';

/** Whether a service may assume a role for the role’s own account, and what speaks for others’ accounts. */
type ServiceAnswer = { service: string; own: Answer; others: readonly Concern[] };

/** The services that take a role over: each by the name that decides, and all by all their names. */
export type TakingOver = { services: readonly ServiceAnswer[]; named: readonly ServiceAnswer[] };

/** How the services that take a role over may assume it; SageMaker where nothing uses the role yet. */
export const takingOver = (role: TrustingRole, uses: RoleUses, shared: SharedWork): TakingOver => {
  const isUsed = uses.services.size > 0 || uses.isForCluster;
  const tried = (isUsed ? [...uses.services] : [SAGEMAKER]).map((canonical) =>
    namesOfService(canonical, role.scope.partition).map((service) => ({
      service,
      own: isAssumedForOwn(service, role, uses, shared),
      others: assumedForOthers(service, role, shared),
    })),
  );
  return {
    // A service that is trusted by one of its names can assume the role.
    services: tried.flatMap(
      (each) =>
        each.find(({ own }) => own === 'yes') ?? each.find(({ own }) => own === 'unknown') ?? each[0] ?? [],
    ),
    named: tried.flat(),
  };
};

/** Whether a principal may be the role of an EMR cluster’s instances, which no definition names. */
export const isPerhapsCluster = (value: string, role: TrustingRole, { isForCluster }: RoleUses): boolean =>
  isForCluster && isRoleOfAccount(value, role);

/**
 * The trust policy that lets the services alone assume the role, for the role’s own account. The services stay as they are
 * trusted if that is right, and so does whoever else is trusted.
 */
export const mendedTrust = (
  role: TrustingRole,
  uses: RoleUses,
  { services, named }: TakingOver,
  config: Config,
): Json => {
  const { policy, scope } = role;
  const names = named.map(({ service }) => service);
  const isFine =
    services.every(({ own }) => own === 'yes') && named.every(({ others }) => others.length === 0);
  // SageMaker stays where it is trusted, because it always may be.
  const isNamed = policy.statements.some(({ principals }) =>
    principals?.principals.some(({ value }) => value === SAGEMAKER),
  );
  const trusted = [...new Set([...services.map(({ service }) => service), ...(isNamed ? [SAGEMAKER] : [])])];
  const telling = trusted.filter(tellsSource);
  const others = trusted.filter((service) => !tellsSource(service));
  return trustOf(
    policy,
    (principal, statement) =>
      isService(principal.value, names)
        ? isFine
        : isPerhapsCluster(principal.value, role, uses) || isTrusted(principal, statement, config),
    isFine
      ? []
      : [
          ...(telling.length > 0 ? [forAccount(telling, scope.account, otherCalls(policy, telling))] : []),
          ...(others.length > 0 ? [forServices(others, otherCalls(policy, others))] : []),
        ],
  );
};

/**
 * What the trust policy lets the services do besides assuming the role: set the context of a user or tag the session.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/trustedidentitypropagation-setup.html
 */
const otherCalls = ({ statements }: TrustingRole['policy'], services: readonly string[]): string[] => [
  ...new Set(
    statements
      .filter(
        ({ effect, actions, principals }) =>
          effect === 'Allow' &&
          !actions.isNot &&
          principals?.principals.some(({ value }) => services.includes(value)),
      )
      .flatMap(({ actions }) => actions.texts)
      .filter((action) => action.toLowerCase() !== 'sts:assumerole'),
  ),
];
