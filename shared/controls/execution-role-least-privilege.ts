import { JOB_KINDS } from '../definition/job-kinds.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { matchesAny, matchesGlob } from '../iam/policy/glob.ts';
import { exampleOf } from '../iam/sets/answers.ts';
import { isExempt } from '../judging/administrators.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, policyName } from '../judging/role-change.ts';
import { unknownUse } from '../judging/unread-uses.ts';
import { groupedPolicy } from '../policies/least-policy.ts';

export const control = defineControl({
  id: 'execution-role-least-privilege',
  system: 'Execution roles',
  title: 'Execution roles can do little that their pipelines do not need',
  severity: 'MEDIUM',
  on: ['role'],
  requires: ['principal', 'uses'],
  hangsOn: ['execution role'],
  evaluate: ({ principal, uses }, { prefixes = [], roles }) => {
    const unknown = unknownUse(uses.unread, ['execution role']);
    if (unknown) return [unknown];
    if (uses.executes.length === 0)
      return [{ status: 'NOT_APPLICABLE', because: 'no pipeline runs under it' }];
    if (isExempt(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'pass-role-scoped tells that it is an administrator' }];
    const { arn } = principal.identity.principal;
    const isBound = prefixes.some((entry) => matchesAny(entry.roles ?? [], arn));
    const { partition, region, account } = principal.scope;
    const jobs = JOBS.map(({ noun, arnType }) => ({
      action: `sagemaker:Create${noun}`,
      resource: `arn:${partition}:sagemaker:${region}:${account}:${arnType}/x7q2-any-name`,
      means: `create a ${arnType} under any name`,
    }));
    const canCreate = jobs.some(({ action }) => isCandidate(principal, action));
    const isScoped = canCreate && (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
    const probes = [
      ...(isBound ? [] : jobs),
      {
        action: 's3:GetObject',
        resource: `arn:${partition}:s3:::x7q2-any-bucket/any-object`,
        means: 'read any bucket',
      },
      ...(isScoped
        ? []
        : [
            {
              action: 'iam:PassRole',
              resource: `arn:${partition}:iam::${account}:role/x7q2-any-role`,
              means: 'pass any role',
            },
          ]),
    ];
    const isNeeded = (action: string, resource: string): boolean =>
      uses.needs.some(({ need }) => need.action === action && matchesGlob(need.resource, resource));
    const [first, ...others] = probes.flatMap(({ action, resource, means }): Evidence[] => {
      if (isNeeded(action, resource)) return [];
      const request = {
        principal: principal.identity.principal,
        action,
        resource,
        context: contextOf({
          'iam:PassedToService': 'sagemaker.amazonaws.com',
          'aws:RequestedRegion': region,
        }),
      };
      const example = exampleOf(principal.policies, request);
      if (example.decision !== 'Allow') return [];
      const { at } = why(example.explanation, action, resource);
      return [{ at, found: `it may ${means} (${action})`, expected: 'what its pipelines need' }];
    });
    if (!first) return [{ status: 'PASSED' }];
    const document = groupedPolicy(uses.needs.map(({ need }) => need));
    const change = {
      type: 'replace-policies',
      name: policyName('least-privilege', document),
      document,
    } as const;
    return [
      {
        status: 'WARNING',
        evidence: [first, ...others],
        remediation: {
          text: `Give ${arn} what its ${uses.executes.length} pipeline(s) need, instead of what it has; check beforehand what else uses the role.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  },
});

const JOBS = Object.values(JOB_KINDS).filter(({ id }) => stepTypesOf(id).length > 0);

const isCandidate = ({ policies }: PrincipalFact, action: string): boolean =>
  (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0;
