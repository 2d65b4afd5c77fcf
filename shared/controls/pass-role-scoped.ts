import { authorisedRoles } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { JOB_KINDS } from '../definition/job-kinds.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Evidence, Severity } from '../domain/finding.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { type AdministratorAnswer, type Doubt, type Example, isRuledOut } from '../iam/sets/answers.ts';
import { passedToService } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { amongRoles, namedIn, rolesIn } from '../iam/sets/universe.ts';
import {
  type Concern,
  concernsOf,
  doubtEvidence,
  type OpenConcern,
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
  evaluate: ({ principal, uses, administrators }, config, shared) => {
    const { identity } = principal;
    const { arn } = identity.principal;
    const standing = principal.administrator;
    if (standing.answer === 'yes' && !principal.isGoverned)
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator gains nothing by passing roles' }];
    if (standing.answer === 'yes') return [administrator(principal, standing)];
    if (!canCreate(principal, shared))
      return [{ status: 'NOT_APPLICABLE', because: 'it can create neither pipelines nor jobs' }];
    const {
      shown: [first, ...others],
      open,
    } = sorted([
      ...beyondAuthorised(principal, uses, config, shared),
      ...toOtherServices(principal, uses, shared),
    ]);
    if (!first) {
      if (open) return [openVerdict(open, 'name the roles in the statement')];
      return standing.answer === 'unknown' && principal.isGoverned
        ? [openVerdict(mayBeAdministrator(standing.doubt), 'take the permission')]
        : [{ status: 'PASSED' }];
    }
    const strong = passableAmong(
      [...administrators].flatMap(([role, answer]) => (answer === 'yes' && role !== arn ? role : [])),
      principal,
      shared,
    );
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

const administrator = (
  principal: PrincipalFact,
  { action, example: { explanation } }: Extract<AdministratorAnswer, { answer: 'yes' }>,
) => {
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

/** Whether it may create some pipeline or job, or it is not known that it may not. */
const canCreate = ({ policies, identity, scope }: PrincipalFact, shared: SharedWork): boolean => {
  const universe = namedIn(sagemakerArn(scope, '*'));
  return CREATING.some((action) => {
    const request = { principal: identity.principal, action, context: contextOf() };
    return !isRuledOut(allowedBeyond({ policies, request, universe }, shared));
  });
};

const mayBeAdministrator = (doubt: Doubt): OpenConcern => ({
  is: 'open',
  evidence: {
    ...doubtEvidence(doubt, 'iam:PutRolePolicy', () => 'any role'),
    expected: NO_ADMINISTRATOR,
  },
  doubt,
});

/** Of what may be passed, the first that should not be: to the services that take roles over rightly. */
const beyondAuthorised = (
  principal: PrincipalFact,
  uses: RoleUses,
  config: Config,
  shared: SharedWork,
): Concern[] => {
  const within = authorisedRoles(config);
  const expected = `the authorised roles alone: ${within.join(', ')}`;
  const found = servicesOf(uses).flatMap((service) =>
    concernsOf(
      allowedBeyond({ ...passing(principal, service), within }, shared),
      ACTION,
      (example) => (service === SAGEMAKER ? roleIn(example) : `${roleIn(example)} to ${service}`),
      expected,
    ),
  );
  return firstOf(found);
};

/** Whatever role it is: an authorised one is no more meant for another service than any other. */
const toOtherServices = (principal: PrincipalFact, uses: RoleUses, shared: SharedWork): Concern[] => {
  const fine = servicesOf(uses);
  const expected = `${SERVICE_KEY} is ${fine.join(' or ')}`;
  const anyService = concernsOf(
    allowedBeyond(passing(principal, null), shared),
    ACTION,
    (example) => `${roleIn(example)} to any service`,
    expected,
  );
  if (anyService.some(({ is }) => is === 'shown')) return anyService;
  const another = concernsOf(
    allowedBeyond({ ...passing(principal), keys: [passedToService(fine)] }, shared),
    ACTION,
    (example) => `${roleIn(example)} to ${example?.values[SERVICE_KEY] ?? 'another service'}`,
    expected,
  );
  return firstOf([...another, ...anyService]);
};

/** What is shown comes before what only may be. */
const firstOf = (found: readonly Concern[]): Concern[] => {
  const first = found.find(({ is }) => is === 'shown') ?? found[0];
  return first ? [first] : [];
};

/** It need not exist. */
const roleIn = (example: Example | undefined): string =>
  example ? `a role such as ${example.resource}` : 'any role';

/** The question which roles may be passed: to a service, in a request that names none (null), or to one that is left open. */
const passing = ({ policies, identity, scope }: PrincipalFact, service?: string | null): Question => ({
  policies,
  request: {
    principal: identity.principal,
    action: ACTION,
    context: contextOf(service === undefined ? {} : { [SERVICE_KEY]: service }),
  },
  universe: rolesIn(scope),
});

/** The first of some roles that may be passed to any service: an administrator’s role is one wherever it runs. */
const passableAmong = (
  roles: readonly string[],
  principal: PrincipalFact,
  shared: SharedWork,
): string | undefined => {
  if (roles.length === 0) return undefined;
  const universe = amongRoles(roles, principal.scope);
  const answers = [
    allowedBeyond({ ...passing(principal), universe, keys: [passedToService([])] }, shared),
    allowedBeyond({ ...passing(principal, null), universe }, shared),
  ];
  // It tells how bad a breach is, which stays one where nobody knows.
  return answers.find((found) => found.answer === 'some')?.example.resource;
};

/** SageMaker, and the services that the principal's own pipelines hand roles to. */
const servicesOf = ({ needs }: RoleUses): string[] => [
  ...new Set([
    SAGEMAKER,
    ...needs.flatMap(({ need }) =>
      [need, ...(need.or ?? [])].flatMap(({ context }) => context?.[SERVICE_KEY] ?? []),
    ),
  ]),
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
