import { authorisedRoles } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Evidence, Severity } from '../domain/finding.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { type Context, contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { why } from '../iam/explain/why.ts';
import type { AdministratorExample, AnyAnswer, Doubt } from '../iam/sets/answers.ts';
import { roleLanguage } from '../iam/sets/language.ts';
import { valuesAllowed } from '../iam/sets/questions.ts';
import { allowedBeyond, allowedSomewhere } from '../iam/sets/reach.ts';
import {
  type Concern,
  concernsOf,
  doubtEvidence,
  type Open,
  openVerdict,
  sorted,
} from '../judging/concern.ts';
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
    const standing = principal.administrator;
    if (standing.answer === 'yes' && !principal.isGoverned)
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator gains nothing by passing roles' }];
    if (standing.answer === 'yes') return [administrator(principal, standing.example)];
    const creating = creation(principal);
    if (creating.answer === 'none')
      return [{ status: 'NOT_APPLICABLE', because: 'it can create neither pipelines nor jobs' }];
    const {
      shown: [first, ...others],
      open,
    } = sorted([...beyondAuthorised(principal, uses, config), ...toOtherServices(principal, uses)]);
    if (!first) {
      if (open) return [openVerdict(open, 'name the roles in the statement')];
      return standing.answer === 'unknown' && principal.isGoverned
        ? [openVerdict(mayBeAdministrator(standing.doubt), 'take the permission')]
        : [{ status: 'PASSED' }];
    }
    const strong = [...administrators].find(
      ([role, answer]) => answer === 'yes' && role !== arn && mayPass(principal, role),
    )?.[0];
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

const administrator = (principal: PrincipalFact, { action, explanation }: AdministratorExample) => {
  const { identity } = principal;
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
        ...why(explanation, action, 'any role'),
        expected: NO_ADMINISTRATOR,
      },
    ] as [Evidence],
    remediation: {
      text: `Take the administrator’s permissions from ${identity.principal.arn}, and give it what its pipelines need (pipewarden generate).`,
      ...(change && { patch: changeCommand(principal, change), change }),
    },
  };
};

const NO_ADMINISTRATOR = 'no administrator among the roles of pipelines';

const CREATING = [
  'sagemaker:CreatePipeline',
  'sagemaker:UpdatePipeline',
  ...Object.values(JOB_KINDS).map(({ noun }) => `sagemaker:Create${noun}`),
];

/** Whether it may create some pipeline or job. */
const creation = ({ policies, identity, scope }: PrincipalFact): AnyAnswer => {
  let open: AnyAnswer = { answer: 'none' };
  for (const action of CREATING) {
    const request = { principal: identity.principal, action, context: contextOf() };
    const found = allowedSomewhere(policies, request, sagemakerArn(scope, '*'));
    switch (found.answer) {
      case 'some':
        return found;
      case 'unknown':
        open = found;
        break;
      case 'none':
        break;
    }
  }
  return open;
};

const mayBeAdministrator = (doubt: Doubt): Open => ({
  is: 'open',
  evidence: {
    ...doubtEvidence(doubt, 'iam:PutRolePolicy', () => 'any role'),
    expected: NO_ADMINISTRATOR,
  },
  doubt,
});

/** Of what may be passed, the first that should not be: to the services that take roles over rightly. */
const beyondAuthorised = (principal: PrincipalFact, uses: RoleUses, config: Config): Concern[] => {
  const roles = authorisedRoles(config);
  const expected = `the authorised roles alone: ${roles.join(', ')}`;
  return firstOf(servicesOf(uses), (service) => passable(principal, service, roles, expected));
};

/** Whatever role it is: an authorised one is no more meant for another service than any other. */
const toOtherServices = (principal: PrincipalFact, uses: RoleUses): Concern[] => {
  const fine = servicesOf(uses);
  const expected = `${SERVICE_KEY} is ${fine.join(' or ')}`;
  const other = otherServices(principal, fine);
  const isTooMany = other.services.length > MAX_SERVICES;
  const asked = isTooMany ? [...other.services.slice(0, MAX_SERVICES - 1), null] : other.services;
  const found = firstOf(asked, (service) => passable(principal, service, [], expected));
  const doubt = isTooMany ? tooMany(other.services.length) : other.doubt;
  if (found.length > 0 || !doubt) return found;
  const evidence = { ...doubtEvidence(doubt, ACTION, () => 'roles to other services'), expected };
  return [{ is: 'open', evidence, doubt }];
};

/** The control asks for so many services, each of which is a search: the policies of a real role tell fewer apart. */
const MAX_SERVICES = 17;

const tooMany = (services: number): Doubt => ({
  kind: 'too-complex',
  reason: `the policies tell ${services} kinds of ${SERVICE_KEY} apart, of which ${MAX_SERVICES} were asked`,
});

/** The first concern that is shown, else the first that only may be: once one is shown, no further service is asked. */
const firstOf = <T>(services: readonly T[], ask: (service: T) => Concern[]): Concern[] => {
  let open: Concern | undefined;
  for (const service of services)
    for (const concern of ask(service)) {
      if (concern.is === 'shown') return [concern];
      open ??= concern;
    }
  return open ? [open] : [];
};

/** A service for each way in which conditions can come out that is none of those; null: a request that names none. */
const otherServices = (
  principal: PrincipalFact,
  fine: readonly string[],
): { services: (string | null)[]; doubt?: Doubt } => {
  const { policies, identity, scope } = principal;
  const request = {
    principal: identity.principal,
    action: ACTION,
    resource: `arn:${scope.partition}:iam::${scope.account}:role/any`,
    context: contextOf(),
  };
  const found = valuesAllowed(policies, request, SERVICE_KEY);
  const values = found.values.map(({ value }) => value);
  const services = [...values.filter((value) => !fine.includes(value)), null];
  switch (found.answer) {
    case 'known':
      return { services };
    case 'unknown':
      return { services, doubt: found.doubt };
  }
};

/** A role that none of the patterns means, and that may be passed to the service. */
const passable = (
  { policies, identity, scope }: PrincipalFact,
  service: string | null,
  within: readonly string[],
  expected: string,
): Concern[] => {
  const all = roleLanguage(scope);
  const request = { principal: identity.principal, action: ACTION, context: passedTo(service) };
  const to = service === null || !service.includes('.') ? 'any service' : service;
  const nameOf = (example?: string): string => {
    const role = example === undefined ? 'any role' : `a role such as ${example}`; // it need not exist
    return service === SAGEMAKER ? role : `${role} to ${to}`;
  };
  return concernsOf(allowedBeyond(policies, request, all, within), ACTION, nameOf, expected);
};

const passedTo = (service: string | null): Context => contextOf({ [SERVICE_KEY]: service });

/** To any service: an administrator’s role is one wherever it runs. */
const mayPass = (principal: PrincipalFact, resource: string): boolean =>
  [SAGEMAKER, ...otherServices(principal, [SAGEMAKER]).services].some(
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
