import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { isTrusted } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { RoleChange } from '../domain/role-change.ts';
import type { TrustFact } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy, PrincipalElement, Statement } from '../iam/policy/policy.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { sourcesBeyond, sourcesOf, sourcesUnder } from '../iam/sets/key-axis.ts';
import { allowedBeyond, allowedForAll, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { onlyOne } from '../iam/sets/universe.ts';
import type { Json } from '../json/json.ts';
import { concernsOf, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand } from '../judging/role-change.ts';
import type { RoleUses } from '../needs/roster.ts';
import { namesOfService } from '../needs/services.ts';
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
    const isUsed = uses.services.size > 0 || uses.isForCluster;
    if (!isUsed && !isListed)
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
    const services = isUsed ? [...uses.services] : [SAGEMAKER];
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
  const answerOf = (service: string): Answer => ({
    service,
    own: ownAnswer(trust, policy, service, uses, shared),
    others: allowedBeyond(
      { ...assuming(trust, policy, service), keys: [sourcesBeyond(codeOf(service), trust.scope)] },
      shared,
    ),
  });
  const tried = services.map((canonical) => {
    const [usual, ...others] = namesOfService(canonical, scope.partition);
    return [answerOf(usual), ...others.map(answerOf)] as const;
  });
  const names = tried.flatMap((each) => each.map(({ service }) => service));
  const everyAnswer = tried.flat();
  // One name of a service is enough.
  const answers = tried.map((each) => best(each, 'yes') ?? best(each, 'unknown') ?? each[0]);
  const isMeant = (principal: PrincipalEntry, statement: Statement): boolean =>
    isTrusted(principal, statement, config) || (uses.isForCluster && isRoleOf(principal, trust));
  const refused = answers
    .filter(({ own }) => own === 'no')
    .map(({ service }) => ({
      at,
      found: `${service} may not assume the role`,
      expected: `${service} may assume the role`,
    }));
  const isServiceFine =
    answers.every(({ own }) => own === 'yes') && everyAnswer.every(({ others }) => isRuledOut(others));
  const change: RoleChange = {
    type: 'trust',
    document: mendedTrust(
      policy,
      { all: names, chosen: answers.map(({ service }) => service) },
      isServiceFine,
      trust,
      isMeant,
    ),
  };
  const remediation = (text: string) =>
    trust.identity ? { text, patch: changeCommand({ identity: trust.identity }, change), change } : { text };
  const [first, ...others] = [...refused, ...strangers(policy, names, config, isMeant)];
  if (first)
    return {
      status: 'FAILED',
      evidence: [first, ...others],
      remediation: remediation(
        `Let ${[...services, ...(uses.isForCluster ? [CLUSTER] : [])].join(' and ')} alone assume ${trust.roleArn}, and whoever roles.trusted names.`,
      ),
    };
  const instances = uses.isForCluster ? untrustedRoles(policy, trust, config) : [];
  if (instances[0])
    return {
      status: 'NOT_AVAILABLE',
      evidence: [instances[0], ...instances.slice(1)],
      remediation: {
        text: `See whether it is ${CLUSTER}, which takes ${trust.roleArn} over for a step of EMR, and name it in roles.trusted then.`,
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
        text: `See to it that the trust policy of ${trust.roleArn} can be understood, and allows ${unknown.service}.`,
      },
    };
  const expected = `a condition on aws:SourceAccount (${scope.account}) or aws:SourceArn`;
  const concerns = everyAnswer.flatMap(({ service, others }) =>
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

/** Whether a service may assume the role for its own account, and on behalf of others. */
type Answer = { service: string; own: Own; others: AnyAnswer };

const best = (answers: readonly Answer[], wanted: Own): Answer | undefined =>
  answers.find(({ own }) => own === wanted);

/** Who takes over the runtime role of a step on an EMR cluster; the definition does not tell who that is. */
const CLUSTER = 'the role of the cluster’s instances';

/** Roles of the account that nobody has named as trusted: one of them may be that of a cluster's instances. */
const untrustedRoles = (policy: Policy, trust: TrustFact, config: Config): Evidence[] =>
  policy.statements.flatMap((statement) =>
    statement.effect === 'Allow' && statement.principals && !statement.principals.isNot
      ? statement.principals.principals
          .filter((each) => isRoleOf(each, trust) && !isTrusted(each, statement, config))
          .map(({ value, pointer }) => ({
            at: `${policy.name}${pointer}`,
            found: `${value} may assume the role`,
            expected: `${CLUSTER}, named in roles.trusted`,
          }))
      : [],
  );

const isRoleOf = ({ value }: PrincipalEntry, { scope }: TrustFact): boolean => {
  const arn = parseArn(value);
  return arn?.service === 'iam' && arn.account === scope.account && arn.resource.startsWith('role/');
};

type PrincipalEntry = PrincipalElement['principals'][number];

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

const strangers = (
  policy: Policy,
  services: readonly string[],
  config: Config,
  isMeant: (principal: PrincipalEntry, statement: Statement) => boolean,
): Evidence[] => {
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
        .filter((each) => !isService(each.value, services) && !isMeant(each, statement))
        .map(({ value, pointer }) => ({
          at: `${policy.name}${pointer}`,
          found: value === '*' ? 'anyone may assume the role' : `${value} may assume the role`,
          expected: `${[...(services.length > 0 ? services : [CLUSTER]), ...trusted].join(', ')} alone`,
        }));
    });
};

const isService = (value: string, services: readonly string[]): boolean =>
  value === SAGEMAKER || services.includes(value);

/** The services as they are trusted if that is right, else for this account; whoever is trusted besides as now. */
const mendedTrust = (
  policy: Policy,
  services: { all: readonly string[]; chosen: readonly string[] },
  isServiceFine: boolean,
  { scope }: TrustFact,
  isMeant: (principal: PrincipalEntry, statement: Statement) => boolean,
): Json => {
  const forAccount = {
    Effect: 'Allow',
    Principal: { Service: [...services.chosen] },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': scope.account } },
  };
  return trustOf(
    policy,
    (principal, statement) =>
      isService(principal.value, services.all) ? isServiceFine : isMeant(principal, statement),
    isServiceFine ? [] : [forAccount],
  );
};
