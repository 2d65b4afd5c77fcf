import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { isTrusted } from '../authorised/trusted.ts';
import { assumedForOthers, isAssumedForOwn, isService, strangersIn } from '../concerns/assuming.ts';
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
    if (uses.services.size === 0 && !matchesAny(listed, roleArn))
      return doesNotApply('no pipeline uses the role, and the configuration does not name it');
    const isRefused = listed.length > 0 && isAuthorisedRole(roleArn, config, undefined) === 'no';
    if (uses.executes.length === 0 && isRefused)
      return doesNotApply('step-role-authorised tells that no step may name it');
    if (!identity?.trust) return [absent(roleArn, uses)];
    return [judge(trust, identity, identity.trust, uses, config, shared)];
  },
});

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
  const services = uses.services.size > 0 ? [...uses.services] : [SAGEMAKER];
  const answers = services.map((service) => ({
    service,
    own: isAssumedForOwn(service, { ...trust, policy }, uses, shared),
    others: assumedForOthers(service, { ...trust, policy }, shared),
  }));
  // The services stay as they are trusted if that is right, and so does whoever else is trusted.
  const isServiceFine = answers.every(({ own, others }) => own === 'yes' && others.length === 0);
  const mended = trustOf(
    policy,
    (principal, statement) =>
      isService(principal.value, services) ? isServiceFine : isTrusted(principal, statement, config),
    isServiceFine ? [] : [forAccount(services, scope.account)],
  );
  const remedy = (text: string) => remedyBy({ identity }, { type: 'trust', document: mended }, text);

  const refused = answers.flatMap(({ service, own }) =>
    own === 'no'
      ? { at, found: `${service} may not assume the role`, expected: `${service} may assume the role` }
      : [],
  );
  const [first, ...others] = [...refused, ...strangersIn(policy, services, config)];
  if (first)
    return {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: remedy(
        `Let ${services.join(' and ')} alone assume ${roleArn}, and whoever roles.trusted names.`,
      ),
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
  const loose = answers.filter((answer) => answer.others.some(isShown)).map(({ service }) => service);
  return verdictOn(
    answers.flatMap((answer) => answer.others),
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
