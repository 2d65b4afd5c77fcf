import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { isTrusted } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { RoleChange } from '../domain/role-change.ts';
import type { TrustFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { type Decision, decide } from '../iam/decide/decide.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy } from '../iam/policy/policy.ts';
import type { Unknown } from '../iam/sets/answers.ts';
import { valuesAllowed } from '../iam/sets/questions.ts';
import type { Json } from '../json/json.ts';
import { doubtEvidence, openVerdict } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand } from '../judging/role-change.ts';
import type { RoleUses } from '../needs/roster.ts';
import { trustOf } from '../policies/trust-document.ts';

const SAGEMAKER = 'sagemaker.amazonaws.com';
const OTHER_ACCOUNT = '999999999999';

export const control = defineControl({
  id: 'execution-role-trust',
  system: 'Execution roles',
  title: 'Execution and step roles trust SageMaker, and nobody who is not authorised',
  severity: 'HIGH',
  on: ['role'],
  requires: ['trust', 'uses'],
  hangsOn: ['execution role', 'step role'],
  evaluate: ({ trust, uses }, config) => {
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
    return [judge(trust, identity.trust, services, uses, config)];
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
): Verdict => {
  const at = policy.name;
  const { scope } = trust;
  const answers = services.map((service) => ({
    service,
    own: ownAnswer(trust, policy, service, uses),
    openness: openness(trust, policy, service),
  }));
  const refused = answers
    .filter(({ own }) => own.endsWith('Deny'))
    .map(({ service }) => ({
      at,
      found: `${service} may not assume the role`,
      expected: `${service} may assume the role`,
    }));
  const isServiceFine = answers.every(({ own, openness: { answer } }) => own === 'Allow' && answer === 'no');
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
  const unknown = answers.find(({ own }) => own === 'Unknown');
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
  const loose = answers.filter(({ openness: { answer } }) => answer === 'yes');
  if (loose.length === 0) {
    const open = answers.flatMap((each) => (each.openness.answer === 'unknown' ? each.openness : []))[0];
    if (!open) return { status: 'PASSED' };
    const expected = `a condition on aws:SourceAccount (${scope.account}) or aws:SourceArn`;
    const evidence = {
      ...doubtEvidence(open.doubt, 'sts:AssumeRole', () => 'behalf of another account'),
      expected,
    };
    return openVerdict({ is: 'open', evidence, doubt: open.doubt }, 'name aws:SourceAccount alone');
  }
  return {
    status: 'WARNING',
    severity: 'LOW',
    evidence: [
      {
        at,
        found: `${loose.map(({ service }) => service).join(', ')} may assume the role on behalf of another account`,
        expected: `a condition on aws:SourceAccount (${scope.account}) or aws:SourceArn`,
      },
    ],
    remediation: remediation(`Add aws:SourceAccount to the trust policy of ${trust.roleArn}.`),
  };
};

/** For each pipeline that runs under the role: AWS documents the ARN of the pipeline, and what lies below it. */
const ownAnswer = (trust: TrustFact, policy: Policy, service: string, { executes }: RoleUses): Decision => {
  const { account } = trust.scope;
  const best = (sources: readonly string[]): Decision =>
    worstLast(sources.map((source) => mayAssume(trust, policy, service, { account, source })))[0] ??
    'Unknown';
  if (service === SAGEMAKER && executes.length > 0)
    return worstLast(executes.map(({ arn }) => best([arn, `${arn}/execution/any`]))).at(-1) ?? 'Unknown';
  const own = sourcesTold(trust, policy, service).filter((source) => accountIn(source) === account);
  return best([anySource(trust, service, account), ...own]);
};

const ORDER: readonly Decision[] = ['Allow', 'Unknown', 'ImplicitDeny', 'ExplicitDeny'];

const worstLast = (decisions: readonly Decision[]): Decision[] =>
  decisions.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));

/** Whether a service may assume the role on behalf of another account. */
type Openness = { answer: 'yes' } | { answer: 'no' } | Unknown;

/** Some account that nobody names is tried, and those that the policy itself does. */
const openness = (trust: TrustFact, policy: Policy, service: string): Openness => {
  const [sourceArns, sourceAccounts] = ['aws:SourceArn', 'aws:SourceAccount'].map((key) =>
    valuesAllowed({ resource: indexPolicies([policy]) }, requestBy(service, trust.roleArn, {}), key),
  );
  const told = sourcesTold(trust, policy, service).map((source) => ({ account: accountIn(source), source }));
  const accounts = valuesTold(trust, policy, service, 'aws:SourceAccount');
  const sources = [
    ...[OTHER_ACCOUNT, ...accounts].map((account) => ({
      account,
      source: anySource(trust, service, account),
    })),
    ...told,
  ];
  const isOpen = sources.some(
    (on) =>
      /^\d{12}$/.test(on.account) &&
      on.account !== trust.scope.account &&
      mayAssume(trust, policy, service, on) === 'Allow',
  );
  if (isOpen) return { answer: 'yes' };
  for (const found of [sourceArns, sourceAccounts]) if (found?.answer === 'unknown') return found;
  return { answer: 'no' };
};

const anySource = ({ scope }: TrustFact, service: string, account: string): string =>
  `arn:${scope.partition}:${service.split('.')[0]}:${scope.region}:${account}:pipeline/any`;

/** Also of a text that is the least that a pattern takes, without Region or resource. */
const accountIn = (source: string): string => source.split(':')[4] ?? '';

const sourcesTold = (trust: TrustFact, policy: Policy, service: string): string[] =>
  valuesTold(trust, policy, service, 'aws:SourceArn');

/** A value for each way in which the policy’s conditions on a key can come out. */
const valuesTold = ({ roleArn }: TrustFact, policy: Policy, service: string, key: string): string[] =>
  valuesAllowed({ resource: indexPolicies([policy]) }, requestBy(service, roleArn, {}), key).values.map(
    ({ value }) => value,
  );

/** No service proves who it is by a second factor or by an external id. */
const SERVICE_CALL = {
  'aws:SecureTransport': 'true',
  'aws:MultiFactorAuthPresent': null,
  'aws:MultiFactorAuthAge': null,
  'sts:ExternalId': null,
};

const requestBy = (service: string, roleArn: string, keys: Record<string, string>) => ({
  principal: { kind: 'service' as const, arn: service },
  action: 'sts:AssumeRole',
  resource: roleArn,
  context: contextOf({ ...SERVICE_CALL, ...keys }),
});

/** By what a service says of whom it acts for: the account, and a resource of it. */
const mayAssume = (
  { roleArn }: TrustFact,
  policy: Policy,
  service: string,
  { account, source }: { account: string; source: string },
): Decision =>
  decide(
    { resource: indexPolicies([policy]) },
    requestBy(service, roleArn, { 'aws:SourceAccount': account, 'aws:SourceArn': source }),
  );

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
