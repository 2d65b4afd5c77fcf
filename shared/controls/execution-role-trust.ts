import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { isTrusted } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { RoleChange } from '../domain/role-change.ts';
import type { TrustFact } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { isRuledOut } from '../iam/sets/answers.ts';
import { sourcesBeyond, sourcesOf, sourcesUnder } from '../iam/sets/key-axis.ts';
import { allowedBeyond, allowedForAll, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { onlyOne } from '../iam/sets/universe.ts';
import type { Json } from '../json/json.ts';
import { concernsOf, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand } from '../judging/role-change.ts';
import type { RoleUses } from '../needs/roster.ts';
import { trustOf } from '../policies/trust-document.ts';

const SAGEMAKER = 'sagemaker.amazonaws.com';

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
    const isListed = matchesAny(
      [...(config.roles?.execution ?? []), ...(config.roles?.steps ?? [])],
      roleArn,
    );
    if (uses.services.size === 0 && !isListed)
      return [
        {
          status: 'NOT_APPLICABLE',
          because: 'no pipeline uses the role, and the configuration does not name it',
        },
      ];
    const isRefused =
      uses.executes.length === 0 &&
      authorisedRoles(config).length > 0 &&
      isAuthorisedRole(roleArn, config, undefined) === 'no';
    if (isRefused)
      return [{ status: 'NOT_APPLICABLE', because: 'step-role-authorised tells that no step may name it' }];
    if (!identity?.trust) return [absent(roleArn, uses)];
    const services = uses.services.size > 0 ? [...uses.services] : [SAGEMAKER];
    return [judge(trust, identity.trust, services, uses, config, shared)];
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
  policy: Policy,
  services: string[],
  uses: RoleUses,
  config: Config,
  shared: SharedWork,
): Verdict => {
  const at = policy.name;
  const { scope } = trust;
  const answers = services.map((service) => ({
    service,
    own: ownAnswer(trust, policy, service, uses, shared),
    others: allowedBeyond(
      { ...assuming(trust, policy, service), keys: [sourcesBeyond(codeOf(service), trust.scope)] },
      shared,
    ),
  }));
  const refused = answers
    .filter(({ own }) => own === 'no')
    .map(({ service }) => ({
      at,
      found: `${service} may not assume the role`,
      expected: `${service} may assume the role`,
    }));
  const isServiceFine = answers.every(({ own, others }) => own === 'yes' && isRuledOut(others));
  const change: RoleChange = {
    type: 'trust',
    document: mendedTrust(policy, services, isServiceFine, trust, config),
  };
  const remediation = (text: string) =>
    trust.identity ? { text, patch: changeCommand({ identity: trust.identity }, change), change } : { text };
  const [first, ...others] = [...refused, ...strangers(policy, services, config)];
  if (first)
    return {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: remediation(
        `Let ${services.join(' and ')} alone assume ${trust.roleArn}, and whoever roles.trusted names.`,
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
        text: `See to it that the trust policy of ${trust.roleArn} can be understood, and allows ${unknown.service}.`,
      },
    };
  const expected = `a condition on aws:SourceAccount (${scope.account}) or aws:SourceArn`;
  const concerns = answers.flatMap(({ service, others }) =>
    concernsOf(others, 'sts:AssumeRole', () => `${trust.roleArn} on behalf of another account`, expected).map(
      (concern) => ({ service, concern }),
    ),
  );
  const loose = concerns.filter(({ concern }) => concern.is === 'shown');
  const { open } = sorted(concerns.map(({ concern }) => concern));
  if (loose.length === 0)
    return open ? openVerdict(open, 'name the account in aws:SourceAccount') : { status: 'PASSED' };
  return {
    status: 'WARNING',
    severity: 'LOW',
    evidence: [
      {
        at,
        found: `${loose.map(({ service }) => service).join(', ')} may assume the role on behalf of another account`,
        expected,
      },
    ],
    remediation: remediation(`Add aws:SourceAccount to the trust policy of ${trust.roleArn}.`),
  };
};

type Own = 'yes' | 'no' | 'unknown';

/**
 * Whether a service may assume the role for its own account. For SageMaker, on behalf of each pipeline that runs under the
 * role: AWS documents the ARN of the pipeline, and what lies below it.
 */
const ownAnswer = (
  trust: TrustFact,
  policy: Policy,
  service: string,
  { executes }: RoleUses,
  shared: SharedWork,
): Own => {
  const question = assuming(trust, policy, service);
  if (service === SAGEMAKER && executes.length > 0)
    return worst(executes.map(({ arn }) => ofPipeline(arn, trust, question, shared)));
  const keys = [sourcesOf(codeOf(service), trust.scope)];
  const found = allowedBeyond({ ...question, keys }, shared);
  switch (found.answer) {
    case 'some':
      return 'yes';
    case 'none':
      return 'no';
    case 'unknown':
      return 'unknown';
  }
};

const worst = (answers: readonly Own[]): Own => {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
};

const ofPipeline = (
  arn: string,
  { scope, roleArn }: TrustFact,
  question: Question,
  shared: SharedWork,
): Own => {
  const { policies, request } = question;
  const context = assume(request.context, { 'aws:SourceArn': arn, 'aws:SourceAccount': scope.account });
  const decision = decide(policies, { ...request, context, resource: roleArn });
  if (decision === 'Allow') return 'yes';
  const executions = allowedForAll({ ...question, keys: [sourcesUnder(arn)] }, shared);
  switch (executions.answer) {
    case 'all':
      return 'yes';
    case 'none':
      return decision === 'Unknown' ? 'unknown' : 'no';
    case 'some':
    case 'unknown':
      return 'unknown';
  }
};

/** No service proves who it is by a second factor or by an external id. */
const SERVICE_CALL = {
  'aws:SecureTransport': 'true',
  'aws:MultiFactorAuthPresent': null,
  'aws:MultiFactorAuthAge': null,
  'sts:ExternalId': null,
};

/** The question whether a service may assume the role; by whom it acts for is left open. */
const assuming = ({ roleArn }: TrustFact, policy: Policy, service: string): Question => ({
  policies: { resource: indexPolicies([policy]) },
  request: {
    principal: { kind: 'service', arn: service },
    action: 'sts:AssumeRole',
    context: contextOf(SERVICE_CALL),
  },
  universe: onlyOne(roleArn),
});

/** The service as it is written in ARNs. */
const codeOf = (service: string): string => service.split('.')[0] ?? service;

const ASSUMING = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity'];

const strangers = (policy: Policy, services: readonly string[], config: Config): Evidence[] => {
  const trusted = config.roles?.trusted ?? [];
  const index = indexPolicies([policy]);
  const assuming = new Set(
    ASSUMING.flatMap((action) => index.candidates(action).allows.map(({ statement }) => statement)),
  );
  return policy.statements
    .filter((each) => assuming.has(each))
    .flatMap((statement) => {
      const { principals } = statement;
      if (!principals || principals.isNot)
        return [{ at: policy.name, found: 'an Allow with NotPrincipal', expected: 'the principals by name' }];
      return principals.principals
        .filter((each) => !isService(each.value, services) && !isTrusted(each, statement, config))
        .map(({ value, pointer }) => ({
          at: `${policy.name}${pointer}`,
          found: value === '*' ? 'anyone may assume the role' : `${value} may assume the role`,
          expected: `${services.join(', ')}${trusted.length > 0 ? `, ${trusted.join(', ')}` : ''} alone`,
        }));
    });
};

const isService = (value: string, services: readonly string[]): boolean =>
  value === SAGEMAKER || services.includes(value);

/** The services as they are trusted if that is right, else for this account; whoever is trusted besides as now. */
const mendedTrust = (
  policy: Policy,
  services: readonly string[],
  isServiceFine: boolean,
  { scope }: TrustFact,
  config: Config,
): Json => {
  const forAccount = {
    Effect: 'Allow',
    Principal: { Service: [...services] },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': scope.account } },
  };
  return trustOf(
    policy,
    (principal, statement) =>
      isService(principal.value, services) ? isServiceFine : isTrusted(principal, statement, config),
    isServiceFine ? [] : [forAccount],
  );
};
