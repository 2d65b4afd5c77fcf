import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import {
  CLUSTER_ROLE,
  isAllowedToRoles,
  missingSubjects,
  strangersIn,
  type TrustingRole,
} from '../concerns/assuming.ts';
import { isPerhapsCluster, mendedTrust, type TakingOver, takingOver } from '../concerns/taking-over.ts';
import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { TriedRemediation, Verdict } from '../domain/finding.ts';
import type { TrustFact } from '../facts/facts.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { isShown, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { remedyBy } from '../judging/role-change.ts';
import { trustStatements } from '../judging/satisfying-statements.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { RoleUses } from '../needs/roster.ts';
import { tellsSource } from '../needs/services.ts';
import { listed } from '../text/listed.ts';

export const control = defineControl({
  id: 'execution-role-trust',
  system: 'Execution roles',
  title: 'Execution and step roles trust SageMaker, and nobody who is not authorised',
  severity: 'HIGH',
  on: ['role'],
  requires: ['trust', 'uses'],
  hangsOn: ['execution role', 'step role'],
  satisfiedBy: ({ trust }) => (trust ? trustStatements(trust) : []),
  evaluate: ({ trust, uses }, config, shared) => {
    const { roleArn, identity } = trust;
    const listed = authorisedRoles(config);
    if (uses.services.size === 0 && !uses.isForCluster && !matchesAny(listed, roleArn))
      return doesNotApply('no pipeline uses the role, and the configuration does not name it');
    const isRefused = listed.length > 0 && isAuthorisedRole(roleArn, config, undefined) === 'no';
    if (uses.executes.length === 0 && isRefused)
      return doesNotApply('step-role-authorised tells that no step may name it');
    if (!identity?.trust) return [absent(trust, uses)];
    const role = { ...trust, policy: identity.trust };
    const asked: Asked = { role, uses, config, services: takingOver(role, uses, shared) };
    const remedy = (text: string): TriedRemediation =>
      remedyBy(
        { identity },
        { type: 'trust', document: mendedTrust(role, uses, asked.services, config) },
        text,
      );
    return [
      refused(asked, remedy) ??
        noCluster(asked) ??
        perhapsCluster(asked) ??
        notUnderstood(asked) ??
        forOthers(asked, remedy),
    ];
  },
});

const absent = ({ roleArn, scope }: TrustFact, { executes, runsSteps }: RoleUses): Verdict => {
  const names = [...executes, ...runsSteps].slice(0, 5).map(({ name }) => name);
  const owner = parseArn(roleArn)?.account;
  if (owner !== undefined && owner !== scope.account)
    return {
      status: 'FAILED',
      evidence: [
        {
          at: 'the definition',
          found: `${roleArn} is of account ${owner}, and nobody can pass roles of other accounts`,
          expected: `a role of account ${scope.account}, for ${names.join(', ')}`,
        },
      ],
      remediation: { text: `Name a role of account ${scope.account} in ${names.join(', ')}.` },
    };
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

/** A role, what uses it, and how the services that take it over may assume it. */
type Asked = { role: TrustingRole; uses: RoleUses; config: Config; services: TakingOver };

type Remedy = (text: string) => TriedRemediation;

/** The verdict if a service may not assume the role, or somebody may whom nobody authorised. */
const refused = (
  { role, uses, config, services: { services, named } }: Asked,
  remedy: Remedy,
): Verdict | undefined => {
  const { policy, roleArn } = role;
  const names = named.map(({ service }) => service);
  const [first, ...others] = [
    ...services.flatMap(({ service, own }) =>
      own === 'no'
        ? {
            at: policy.name,
            found: `${service} may not assume the role`,
            expected: `${service} may assume the role`,
          }
        : [],
    ),
    ...strangersIn(policy, names, config, (value) => !isPerhapsCluster(value, role, uses)),
  ];
  const wanted = [...services.map(({ service }) => service), ...(uses.isForCluster ? [CLUSTER_ROLE] : [])];
  if (!first) return undefined;
  const subjects = missingSubjects(policy, config);
  const advice = `Let ${wanted.join(' and ')} alone assume ${roleArn}, and whoever roles.trusted names.`;
  return {
    status: 'FAILED',
    evidence: [first, ...others],
    remediation:
      subjects.length > 0
        ? {
            text: `${advice} Say whose tokens are meant in a condition on ${listed(subjects)}, under StringEquals or StringLike, such as those of one repository or service account. No command is given, because the trust policy does not tell whose.`,
          }
        : remedy(advice),
  };
};

/**
 * The verdict if no role may assume the runtime role of steps on EMR, or none may tag its session, which AWS asks for too.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-steps-runtime-roles.html
 */
const noCluster = ({ role: { policy, roleArn }, uses }: Asked): Verdict | undefined => {
  if (!uses.isForCluster) return undefined;
  const [untrusted] = ['sts:AssumeRole', 'sts:TagSession'].filter(
    (action) => !isAllowedToRoles(policy, action),
  );
  if (untrusted === undefined) return undefined;
  return {
    status: untrusted === 'sts:AssumeRole' ? 'FAILED' : 'NOT_AVAILABLE',
    evidence: [
      {
        at: policy.name,
        found: `no role is allowed ${untrusted}`,
        expected: `${CLUSTER_ROLE} may assume the role and tag the session`,
      },
    ],
    remediation: {
      text: `Allow ${CLUSTER_ROLE} sts:AssumeRole and sts:TagSession in the trust policy of ${roleArn}, and name that role in roles.trusted. The definition does not tell which role it is.`,
    },
  };
};

/** The verdict if a role of the account may assume this one that may be the role of an EMR cluster’s instances. */
const perhapsCluster = ({ role, uses, config, services: { named } }: Asked): Verdict | undefined => {
  const names = named.map(({ service }) => service);
  const [first, ...others] = strangersIn(role.policy, names, config, (value) =>
    isPerhapsCluster(value, role, uses),
  );
  return (
    first && {
      status: 'NOT_AVAILABLE',
      evidence: [first, ...others],
      remediation: {
        text: `See whether it is ${CLUSTER_ROLE}, which assumes ${role.roleArn} for a step of EMR, and name it in roles.trusted then.`,
      },
    }
  );
};

/** The verdict if it hangs on what nobody knows whether a service may assume the role. */
const notUnderstood = ({ role, services: { services } }: Asked): Verdict | undefined => {
  const unknown = services.find(({ own }) => own === 'unknown');
  return (
    unknown && {
      status: 'NOT_AVAILABLE',
      evidence: [
        {
          at: role.policy.name,
          found: `whether ${unknown.service} may assume the role hangs on what is not known`,
          expected: 'it may',
        },
      ],
      remediation: {
        text: `See to it that the trust policy of ${role.roleArn} can be understood, and allows ${unknown.service}.${tellsSource(unknown.service) ? '' : ` AWS does not document that this service sends aws:SourceAccount or aws:SourceArn; allow it without a condition on them.`}`,
      },
    }
  );
};

/** The verdict on services that may assume the role on behalf of other accounts. */
const forOthers = ({ role, services: { named } }: Asked, remedy: Remedy): Verdict => {
  const loose = named.filter(({ others }) => others.some(isShown)).map(({ service }) => service);
  return verdictOn(
    named.flatMap(({ others }) => others),
    {
      otherwise: 'name the account in aws:SourceAccount',
      breach: ([{ expected }]) => ({
        status: 'WARNING',
        severity: 'LOW',
        evidence: [
          {
            at: role.policy.name,
            found: `${loose.join(', ')} may assume the role on behalf of another account`,
            expected,
          },
        ],
        remediation: remedy(`Add aws:SourceAccount to the trust policy of ${role.roleArn}.`),
      }),
    },
  );
};
