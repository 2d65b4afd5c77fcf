import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { isTrusted } from '../authorised/trusted.ts';
import {
  assumedForOthers,
  CLUSTER_ROLE,
  isAssumedForOwn,
  isRoleOfAccount,
  isService,
  strangersIn,
} from '../concerns/assuming.ts';
import type { Config } from '../config/schema.ts';
import type { Verdict } from '../domain/finding.ts';
import type { TrustFact } from '../facts/facts.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy } from '../iam/policy/policy.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { remedyBy } from '../judging/role-change.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { RoleUses } from '../needs/roster.ts';
import { namesOfService } from '../needs/services.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { forAccount, trustOf } from '../policies/trust-document.ts';

export const control = defineControl({
  id: 'execution-role-trust',
  system: 'Execution roles',
  title: 'Execution and step roles trust SageMaker, and nobody who is not authorised',
  severity: 'HIGH',
  on: ['role'],
  requires: ['trust', 'uses'],
  hangsOn: ['execution role', 'step role'],
  evaluate: ({ trust, uses }, config, shared) => {
    const { roleArn, identity } = trust;
    const listed = authorisedRoles(config);
    if (uses.services.size === 0 && !uses.isForCluster && !matchesAny(listed, roleArn))
      return doesNotApply('no pipeline uses the role, and the configuration does not name it');
    const isRefused = listed.length > 0 && isAuthorisedRole(roleArn, config, undefined) === 'no';
    if (uses.executes.length === 0 && isRefused)
      return doesNotApply('step-role-authorised tells that no step may name it');
    if (!identity?.trust) return [absent(roleArn, uses)];
    return [judge(trust, identity, identity.trust, uses, config, shared)];
  },
});

/** The services that the mended trust policy names: SageMaker stays where it is trusted, because it always may be. */
const trustedAfter = (services: readonly string[], policy: Policy): string[] => {
  const named = policy.statements.flatMap(({ principals }) => principals?.principals ?? []);
  const isNamed = named.some(({ value }) => value === SAGEMAKER);
  return [...new Set([...services, ...(isNamed ? [SAGEMAKER] : [])])];
};

const absent = (roleArn: string, { executes, runsSteps }: RoleUses): Verdict => {
  const names = [...executes, ...runsSteps].slice(0, 5).map(({ name }) => name);
  return {
    status: 'FAILED',
    evidence: [
      {
        at: 'GetAccountAuthorizationDetails',
        found: `there is no role ${roleArn}`,
        expected: `a role that SageMaker can assume, for ${names.join(', ')}`,
      },
    ],
    remediation: { text: `Create ${roleArn}, or name another role in ${names.join(', ')}.` },
  };
};

const judge = (
  trust: TrustFact,
  identity: Identity,
  policy: Policy,
  uses: RoleUses,
  config: Config,
  shared: SharedWork,
): Verdict => {
  const { roleArn, scope } = trust;
  const at = policy.name;
  const isUsed = uses.services.size > 0 || uses.isForCluster;
  const tried = (isUsed ? [...uses.services] : [SAGEMAKER]).map((canonical) =>
    namesOfService(canonical, scope.partition).map((service) => ({
      service,
      own: isAssumedForOwn(service, { ...trust, policy }, uses, shared),
      others: assumedForOthers(service, { ...trust, policy }, shared),
    })),
  );
  const named = tried.flat();
  const names = named.map(({ service }) => service);
  // A service that is trusted by one of its names can assume the role.
  const answers = tried.flatMap(
    (each) =>
      each.find(({ own }) => own === 'yes') ?? each.find(({ own }) => own === 'unknown') ?? each[0] ?? [],
  );
  const services = answers.map(({ service }) => service);
  // The services stay as they are trusted if that is right, and so does whoever else is trusted.
  const isServiceFine =
    answers.every(({ own }) => own === 'yes') && named.every((each) => each.others.length === 0);
  const isPerhapsCluster = (value: string): boolean => uses.isForCluster && isRoleOfAccount(value, trust);
  const mended = trustOf(
    policy,
    (principal, statement) =>
      isService(principal.value, names)
        ? isServiceFine
        : isPerhapsCluster(principal.value) || isTrusted(principal, statement, config),
    isServiceFine ? [] : [forAccount(trustedAfter(services, policy), scope.account)],
  );
  const remedy = (text: string) => remedyBy({ identity }, { type: 'trust', document: mended }, text);

  const refused = answers.flatMap(({ service, own }) =>
    own === 'no'
      ? { at, found: `${service} may not assume the role`, expected: `${service} may assume the role` }
      : [],
  );
  const [first, ...others] = [
    ...refused,
    ...strangersIn(policy, names, config, (value) => !isPerhapsCluster(value)),
  ];
  if (first)
    return {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: remedy(
        `Let ${[...services, ...(uses.isForCluster ? [CLUSTER_ROLE] : [])].join(' and ')} alone assume ${roleArn}, and whoever roles.trusted names.`,
      ),
    };
  const [perhaps, ...more] = strangersIn(policy, names, config, isPerhapsCluster);
  if (perhaps)
    return {
      status: 'NOT_AVAILABLE',
      evidence: [perhaps, ...more],
      remediation: {
        text: `See whether it is ${CLUSTER_ROLE}, which assumes ${roleArn} for a step of EMR, and name it in roles.trusted then.`,
      },
    };
  const unknown = answers.find(({ own }) => own === 'unknown');
  if (unknown)
    return {
      status: 'NOT_AVAILABLE',
      evidence: [
        {
          at,
          found: `whether ${unknown.service} may assume the role hangs on what is not known`,
          expected: 'it may',
        },
      ],
      remediation: {
        text: `See to it that the trust policy of ${roleArn} can be understood, and allows ${unknown.service}.`,
      },
    };
  const loose = named.filter((answer) => answer.others.some(isShown)).map(({ service }) => service);
  return verdictOn(
    named.flatMap((answer) => answer.others),
    {
      otherwise: 'name the account in aws:SourceAccount',
      breach: ([{ expected }]) => ({
        status: 'WARNING',
        severity: 'LOW',
        evidence: [
          { at, found: `${loose.join(', ')} may assume the role on behalf of another account`, expected },
        ],
        remediation: remedy(`Add aws:SourceAccount to the trust policy of ${roleArn}.`),
      }),
    },
  );
};
