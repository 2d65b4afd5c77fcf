import { openIssuer } from '../authorised/oidc-subject.ts';
import { isTrusted } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import type { AccountScope } from '../domain/scope.ts';
import type { TrustFact } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy, Statement } from '../iam/policy/policy.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { sourcesBeyond, sourcesOf, sourcesUnder } from '../iam/sets/key-axis.ts';
import { allowedBeyond, allowedForAll, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { onlyOne } from '../iam/sets/universe.ts';
import { type Concern, concernsOf } from '../judging/concern.ts';
import { keeping, remembered } from '../memo.ts';
import type { RoleUses } from '../needs/roster.ts';
import { canonicalName, tellsSource } from '../needs/services.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';

/** A role with its trust policy. */
export type TrustingRole = TrustFact & { policy: Policy };

/**
 * The concern that a service may assume the role on behalf of another account. There is none about a service that does not
 * say for whom it assumes roles: a condition on it would keep the service out.
 */
export const assumedForOthers = (service: string, role: TrustingRole, shared: SharedWork): Concern[] => {
  if (!tellsSource(service)) return [];
  const ask = (): AnyAnswer =>
    allowedBeyond({ ...assuming(role, service), keys: [sourcesBeyond(codeOf(service), role.scope)] }, shared);
  const text = textOfTrust(role);
  if (text !== undefined && ruledOutIn(role.scope)(`${service} ${text}`, () => isRuledOut(ask()))) return [];
  return concernsOf(
    ask(),
    'sts:AssumeRole',
    () => `${role.roleArn} on behalf of another account`,
    `a condition on aws:SourceAccount (${role.scope.account}) or aws:SourceArn`,
  );
};

/** Whether nothing lets a service assume a role for others, by the service and the text of the trust policy. */
const ruledOutIn = remembered((_scope: AccountScope) => keeping<boolean>(MOST_TEXTS));

/** Thousands of roles have a few dozen trust policies. */
const MOST_TEXTS = 1000;

/**
 * A text that is the same for roles of an account that trust alike; undefined where that cannot be told. A statement without
 * Resource cannot tell one role of an account from another: of the resource, condition keys tell the account alone.
 */
const textOfTrust = ({ roleArn, policy }: Pick<TrustingRole, 'roleArn' | 'policy'>): string | undefined => {
  const { partition, account } = parseArn(roleArn) ?? {};
  const text = textOf(policy);
  return text === undefined ? undefined : `${partition} ${account} ${text}`;
};

const textOf = ({ version, statements, isReadable }: Policy): string | undefined => {
  const text = textOfStatements(statements);
  return text && `${version} ${isReadable} ${text}`;
};

/** Roles with the same text of their trust share its statements. */
const textOfStatements = remembered((statements: readonly Statement[]): string | undefined =>
  statements.some(isOfResources) ? undefined : JSON.stringify(statements),
);

const isOfResources = ({ resources }: Statement): boolean => resources !== undefined;

/** Whether a trust policy may say something else of one role than of another one in its account. */
export const tellsRolesApart = ({ statements }: Policy): boolean => statements.some(isOfResources);

export type Answer = 'yes' | 'no' | 'unknown';

/**
 * Whether a service may assume the role for its own account. For SageMaker this must hold for each pipeline under the
 * role: AWS documents as source the pipeline's ARN and the ARNs below it.
 */
export const isAssumedForOwn = (
  service: string,
  role: TrustingRole,
  { executes }: RoleUses,
  shared: SharedWork,
): Answer => {
  const question = assuming(role, service);
  if (service === SAGEMAKER && executes.length > 0)
    return worst(executes.map(({ arn }) => ofPipeline(arn, role, question, shared)));
  const keys = canonicalName(service) === EC2 ? [] : [sourcesOf(codeOf(service), role.scope)];
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

/**
 * It hands the role of an instance profile, which is of its own account, to instances. No page tells that it says for whom, so
 * that a condition on aws:SourceAccount leaves open whether it may.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role-for-ec2.html
 */
const EC2 = 'ec2.amazonaws.com';

const worst = (answers: readonly Answer[]): Answer => {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
};

const ofPipeline = (
  arn: string,
  { scope, roleArn }: TrustFact,
  question: Question,
  shared: SharedWork,
): Answer => {
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

/** Services never authenticate with a second factor or an external id. */
const SERVICE_CALL = {
  'aws:SecureTransport': 'true',
  'aws:MultiFactorAuthPresent': null,
  'aws:MultiFactorAuthAge': null,
  'sts:ExternalId': null,
};

/** Asks whether a service may assume the role; on whose behalf is open. */
const assuming = ({ roleArn, policy }: TrustingRole, service: string): Question => ({
  policies: { resource: indexPolicies([policy]) },
  request: {
    principal: { kind: 'service', arn: service },
    action: 'sts:AssumeRole',
    context: contextOf(SERVICE_CALL),
  },
  universe: onlyOne(roleArn),
});

/** The service's name in ARNs. */
export const codeOf = (service: string): string => service.split('.')[0] ?? service;

const ASSUMING = ['sts:assumerole', 'sts:assumerolewithsaml', 'sts:assumerolewithwebidentity'];

/** The role that assumes the runtime role of a step on an EMR cluster; the definition does not name it. */
export const CLUSTER_ROLE = 'the role of the cluster’s instances';

/** Whether a principal of a trust policy is a role of the same account as the role that trusts it. */
export const isRoleOfAccount = (value: string, { scope }: TrustFact): boolean => {
  const arn = parseArn(value);
  return arn?.service === 'iam' && arn.account === scope.account && arn.resource.startsWith('role/');
};

/** Whether a statement of a trust policy that can be read allows an action to principals that may be roles. */
export const isAllowedToRoles = (policy: Policy, action: string): boolean =>
  !policy.isReadable ||
  indexPolicies([policy])
    .candidates(action.toLowerCase())
    .allows.some(
      ({ statement: { principals } }) =>
        principals !== undefined &&
        (principals.isNot || principals.principals.some(({ type }) => type === 'AWS')),
    );

/**
 * Evidence of principals that may assume the role, and are neither one of the services nor trusted by the
 * configuration; only of principals for which `isMeant` is true.
 */
export const strangersIn = (
  policy: Policy,
  services: readonly string[],
  config: Config,
  isMeant: (value: string) => boolean = () => true,
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
        .filter(
          (each) =>
            isMeant(each.value) && !isService(each.value, services) && !isTrusted(each, statement, config),
        )
        .map((principal): Evidence => {
          const { value, pointer } = principal;
          const key = openIssuer(principal, statement);
          return {
            at: `${policy.name}${pointer}`,
            found:
              key === undefined
                ? `${whom(value, statement)} may assume the role`
                : `whoever has a token of ${value} may assume the role: no condition on ${key} says whose tokens`,
            expected:
              key !== undefined && matchesAny(trusted, value)
                ? `a condition on ${key} that says whose tokens are meant, such as those of one repository`
                : `${[...(services.length > 0 ? services : [CLUSTER_ROLE]), ...trusted].join(', ')} alone`,
          };
        });
    });
};

/** The condition keys that are missing where `roles.trusted` names a provider, and its tokens are not limited. */
export const missingSubjects = ({ statements }: Policy, config: Config): string[] => [
  ...new Set(
    statements.flatMap((statement) =>
      statement.effect === 'Allow'
        ? (statement.principals?.principals ?? []).flatMap((principal) =>
            matchesAny(config.roles?.trusted ?? [], principal.value)
              ? (openIssuer(principal, statement) ?? [])
              : [],
          )
        : [],
    ),
  ),
];

const whom = (value: string, { conditions }: Statement): string => {
  if (value !== '*') return value;
  return conditions.length > 0 ? 'anyone whom the conditions let in' : 'anyone';
};

/** Whether a principal is one of the services. SageMaker always is, whatever runs under the role. */
export const isService = (value: string, services: readonly string[]): boolean =>
  value === SAGEMAKER || services.includes(value);
