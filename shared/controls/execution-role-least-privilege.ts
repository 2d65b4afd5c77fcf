import { JOB_KINDS } from '../definition/job-kinds.ts';
import { stepTypesOf } from '../definition/step-types.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedUnnamed } from '../iam/sets/questions.ts';
import { arnsOf, namedIn, rolesIn } from '../iam/sets/universe.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, policyName } from '../judging/role-change.ts';
import { unknownUse } from '../judging/unread-use-verdicts.ts';
import { groupedPolicy } from '../policies/least-policy.ts';

export const control = defineControl({
  id: 'execution-role-least-privilege',
  system: 'Execution roles',
  title: 'Execution roles can do little that their pipelines do not need',
  severity: 'MEDIUM',
  on: ['role'],
  requires: ['principal', 'uses'],
  hangsOn: ['execution role'],
  evaluate: ({ principal, uses }, { prefixes = [], roles }, shared) => {
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
      universe: namedIn(`arn:${partition}:sagemaker:${region}:${account}:${arnType}/*`),
      means: `create a ${arnType} under any name`,
    }));
    const canCreate = jobs.some(({ action }) => isCandidate(principal, action));
    const isScoped = canCreate && (roles?.steps?.length ?? 0) + (roles?.execution?.length ?? 0) > 0;
    const asked = [
      ...(isBound ? [] : jobs),
      {
        action: 's3:GetObject',
        universe: arnsOf(`arn:${partition}:s3:::?*/?*`),
        means: 'read any bucket',
      },
      ...(isScoped
        ? []
        : [{ action: 'iam:PassRole', universe: rolesIn(principal.scope), means: 'pass any role' }]),
    ];
    const context = contextOf({
      'iam:PassedToService': 'sagemaker.amazonaws.com',
      'aws:RequestedRegion': region,
    });
    const concerns = asked.flatMap(({ action, universe, means }) => {
      const request = { principal: principal.identity.principal, action, context };
      const within = uses.needs.flatMap(({ need }) => (need.action === action ? need.resource : []));
      const found = allowedUnnamed({ policies: principal.policies, request, universe, within }, shared);
      return concernsOf(found, action, () => ANY_NAME, 'what its pipelines need').map((concern) =>
        concern.is === 'shown'
          ? { ...concern, evidence: { ...concern.evidence, found: `it may ${means} (${action})` } }
          : concern,
      );
    });
    const {
      shown: [first, ...others],
      open,
    } = sorted(concerns);
    if (!first && open) return [openVerdict(open, 'allow it without that condition')];
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

/** What no statement names, and no need. */
const ANY_NAME = 'a resource that nobody names';

const JOBS = Object.values(JOB_KINDS).filter(({ id }) => stepTypesOf(id).length > 0);

const isCandidate = ({ policies }: PrincipalFact, action: string): boolean =>
  (policies.identity?.candidates(action.toLowerCase()).allows.length ?? 0) > 0;
