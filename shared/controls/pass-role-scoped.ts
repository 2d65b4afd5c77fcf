import { authorisedRoles } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Evidence, Severity } from '../domain/finding.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { type Context, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { explain } from '../iam/explain/explain.ts';
import { why } from '../iam/explain/why.ts';
import { roleLanguage } from '../iam/sets/language.ts';
import { valuesAllowed } from '../iam/sets/questions.ts';
import { allowedBeyond, isAllowedSomewhere } from '../iam/sets/reach.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import type { RoleUses } from '../needs/roster.ts';

const ACTION = 'iam:PassRole';
const SERVICE_KEY = 'iam:PassedToService';
const SAGEMAKER = 'sagemaker.amazonaws.com';

export const control = defineControl({
  id: 'pass-role-scoped',
  system: 'Execution roles',
  title: 'Who can create pipelines or jobs passes authorised roles alone, to SageMaker alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'administrators'],
  needs: ['roles.steps'],
  evaluate: ({ principal, uses, administrators }, config) => {
    const { identity } = principal;
    const { arn } = identity.principal;
    if (principal.isAdministrator && !principal.isGoverned)
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator gains nothing by passing roles' }];
    if (principal.isAdministrator) return [administrator(principal)];
    if (!canCreate(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'it can create neither pipelines nor jobs' }];
    const found = [...beyondAuthorised(principal, uses, config), ...toOtherServices(principal, uses)];
    const [first, ...others] = found.filter(({ isSure }) => isSure).map(({ evidence }) => evidence);
    if (!first) {
      const [unknown] = found;
      if (!unknown) return [{ status: 'PASSED' }];
      return [
        {
          status: 'NOT_AVAILABLE',
          evidence: [unknown.evidence],
          remediation: {
            text: 'Try it with pipewarden simulate and --context, or name the roles in the statement.',
          },
        },
      ];
    }
    const strong = [...administrators].find((role) => role !== arn && mayPass(principal, role));
    const severity: Severity = strong ? 'CRITICAL' : 'HIGH';
    const change = putPolicy('pass-role-scoped', guardrail(config, servicesOf(uses)));
    return [
      {
        status: 'FAILED',
        ...(strong && { severity }),
        evidence: [
          first,
          ...others,
          ...(strong
            ? [
                {
                  at: strong,
                  found: 'a role that may write any role’s policies can be passed',
                  expected: 'no such role',
                },
              ]
            : []),
        ],
        remediation: {
          text: `Let ${arn} pass the authorised roles alone: name them in the statement, or put this Deny beside it.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  },
});

const administrator = (principal: PrincipalFact) => {
  const { identity, policies, scope } = principal;
  const resource = `arn:${scope.partition}:iam::${scope.account}:role/pipewarden-any-role`;
  const explanation = explain(policies, {
    principal: identity.principal,
    action: 'iam:PutRolePolicy',
    resource,
    context: contextOf(),
  });
  const policyArn = explanation.decidedBy.find(
    ({ policy }) => policy.startsWith('arn:') && !policy.includes(' '),
  )?.policy;
  // Of a user with groups, the policy may be a group's, which others have as well.
  const isOwn = policyArn !== undefined && identity.groups.length === 0;
  const change = isOwn ? ({ type: 'detach-policy', policyArn } as const) : undefined;
  return {
    status: 'FAILED' as const,
    severity: 'CRITICAL' as const,
    evidence: [
      {
        ...why(explanation, 'iam:PutRolePolicy', 'any role'),
        expected: 'no administrator among the roles of pipelines',
      },
    ] as [Evidence],
    remediation: {
      text: `Take the administrator’s permissions from ${identity.principal.arn}, and give it what its pipelines need (pipewarden generate).`,
      ...(change && { patch: changeCommand(principal, change), change }),
    },
  };
};

const CREATING = [
  'sagemaker:CreatePipeline',
  'sagemaker:UpdatePipeline',
  ...Object.values(JOB_KINDS).map(({ noun }) => `sagemaker:Create${noun}`),
];

/** By any statement: whether for some pipeline or job. */
const canCreate = ({ policies, identity, scope }: PrincipalFact): boolean =>
  CREATING.some((action) => {
    if (policies.identity?.candidates(action.toLowerCase()).allows.length === 0) return false;
    const request = { principal: identity.principal, action, context: contextOf() };
    return isAllowedSomewhere(policies, request, sagemakerArn(scope, '*'));
  });

type Found = { evidence: Evidence; isSure: boolean };

/** Of what may be passed, the first that should not be: to the services that take roles over rightly. */
const beyondAuthorised = (principal: PrincipalFact, uses: RoleUses, config: Config): Found[] => {
  const roles = authorisedRoles(config);
  const found = servicesOf(uses).flatMap((service) =>
    passable(principal, service, roles, `the authorised roles alone: ${roles.join(', ')}`),
  );
  return firstOf(found);
};

/** Whatever role it is: an authorised one is no more meant for another service than any other. */
const toOtherServices = (principal: PrincipalFact, uses: RoleUses): Found[] => {
  const fine = servicesOf(uses);
  const expected = `${SERVICE_KEY} is ${fine.join(' or ')}`;
  return firstOf(
    otherServices(principal, fine).flatMap((service) => passable(principal, service, [], expected)),
  );
};

/** What is shown comes before what only may be. */
const firstOf = (found: readonly Found[]): Found[] => {
  const first = found.find(({ isSure }) => isSure) ?? found[0];
  return first ? [first] : [];
};

/** A service for each way in which conditions can come out that is none of those; null: a request that names none. */
const otherServices = (principal: PrincipalFact, fine: readonly string[]): (string | null)[] => {
  const { policies, identity, scope } = principal;
  const request = {
    principal: identity.principal,
    action: ACTION,
    resource: `arn:${scope.partition}:iam::${scope.account}:role/any`,
    context: contextOf(),
  };
  const values = valuesAllowed(policies, request, SERVICE_KEY).values.map(({ value }) => value);
  return [...values.filter((value) => !fine.includes(value)), null];
};

/** A role that none of the patterns means, and that may be passed to the service. */
const passable = (
  { policies, identity, scope }: PrincipalFact,
  service: string | null,
  within: readonly string[],
  expected: string,
): Found[] => {
  const all = roleLanguage(scope);
  const request = { principal: identity.principal, action: ACTION, context: passedTo(service) };
  const { answer, example } = allowedBeyond(policies, request, all, within);
  if (answer === 'none' || !example) return [];
  const to = service === null || !service.includes('.') ? 'any service' : service;
  const role = `a role such as ${example.resource}`; // it need not exist
  const what = service === SAGEMAKER ? role : `${role} to ${to}`;
  return [
    { evidence: { ...why(example.explanation, ACTION, what), expected }, isSure: answer !== 'unknown' },
  ];
};

const passedTo = (service: string | null): Context => contextOf({ [SERVICE_KEY]: service });

/** To any service: an administrator’s role is one wherever it runs. */
const mayPass = (principal: PrincipalFact, resource: string): boolean =>
  [SAGEMAKER, ...otherServices(principal, [SAGEMAKER])].some(
    (service) =>
      decide(principal.policies, {
        principal: principal.identity.principal,
        action: ACTION,
        resource,
        context: passedTo(service),
      }) === 'Allow',
  );

/** SageMaker, and the services that the principal's own pipelines hand roles to. */
const servicesOf = ({ needs }: RoleUses): string[] => [
  ...new Set([SAGEMAKER, ...needs.flatMap(({ need }) => need.context?.[SERVICE_KEY] ?? [])]),
];

const guardrail = (config: Config, services: string[]): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'AuthorisedRolesAlone', Effect: 'Deny', Action: [ACTION], NotResource: authorisedRoles(config) },
    {
      Sid: 'ToTheseServicesAlone',
      Effect: 'Deny',
      Action: [ACTION],
      Resource: ['*'],
      Condition: { StringNotEquals: { [SERVICE_KEY]: services } },
    },
  ],
});
