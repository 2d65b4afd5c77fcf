import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { IsolationFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { ANY, anyMatcher, literalGlob } from '../iam/policy/glob.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { type AnyAnswer, exampleOf } from '../iam/sets/answers.ts';
import { globLanguage } from '../iam/sets/language.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import type { AnyResource } from '../iam/sets/questions.ts';
import { allowedBeyond, grantsOf } from '../iam/sets/reach.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, type Open, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { isAffordable, spend, TOO_MUCH_WORK } from '../judging/work.ts';
import { ANY_OBJECT } from '../needs/data-needs.ts';

export const control = defineControl({
  id: 'step-isolation',
  system: 'Step roles',
  title: 'Steps with roles of their own cannot change what unrelated steps use',
  severity: 'MEDIUM',
  on: ['pipeline', 'role'],
  requires: ['isolation'],
  hangsOn: ['step role'],
  evaluate: ({ isolation }, { roles }) =>
    isolation.of === 'role' ? judgeRole(isolation) : judgeSharing(isolation, roles?.isolation === 'required'),
});

type Of<T extends IsolationFact['of']> = Extract<IsolationFact, { of: T }>;

const CHANGING = ['s3:PutObject', 's3:DeleteObject'];
const MAX_EVIDENCE = 20;

const judgeRole = ({ principal, uses, resourcePolicies }: Of<'role'>): Verdict[] => {
  const unlisted = uses.open.filter(({ kind }) => kind === 'isolation');
  if (uses.foreign.length === 0 && unlisted.length === 0)
    return [
      { status: 'NOT_APPLICABLE', because: 'no step has it as a role of its own beside unrelated steps' },
    ];
  if (isExempt(principal))
    return [{ status: 'NOT_APPLICABLE', because: 'pass-role-scoped tells that it is an administrator' }];
  const { partition } = principal.scope;
  const policiesFor = policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies);
  const writes = uses.needs
    .filter(({ need }) => need.action === 's3:PutObject')
    .map(({ need }) => need.resource);
  const isOwn = anyMatcher(writes);
  const context = serviceContext(principal);
  const sure: Evidence[] = [];
  const denied = new Set<string>();
  const decided = new Set<string>();
  let open = unlisted.map(({ reason }) => openFor(reason, 'the places of all other steps')).at(0);
  for (const { pipeline, step, places } of uses.foreign)
    for (const { bucket, key, owner, pointer } of places) {
      const resource = `arn:${partition}:s3:::${bucket}/${key}`;
      if (decided.has(resource)) continue;
      decided.add(resource);
      if (!spend(principal, writes.length)) {
        open ??= openFor(TOO_MUCH_WORK.reason, 'the places of all other steps');
        break;
      }
      if (isOwn(resource)) continue;
      for (const action of CHANGING) {
        const request = { principal: principal.identity.principal, action, context };
        const policies = policiesFor({ action, resource });
        const found: AnyAnswer = isAffordable(principal, policies, action)
          ? reachInto(resource, request, policies, writes)
          : { answer: 'unknown', doubt: TOO_MUCH_WORK };
        const expected = `denied: step ${owner} (${pointer}) of pipeline ${pipeline.name} uses it, and step ${step} is not related to it`;
        const concerns = sorted(concernsOf(found, action, (example = resource) => example, expected));
        open ??= concerns.open;
        if (concerns.shown.length === 0) continue;
        denied.add(`arn:${partition}:s3:::${bucket}/${literalText(key.slice(0, key.lastIndexOf('/') + 1))}*`);
        if (sure.length < MAX_EVIDENCE) sure.push(...concerns.shown);
        break;
      }
    }
  const [first, ...others] = sure;
  if (first) {
    const document: PolicyText = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OtherStepsData',
          Effect: 'Deny',
          Action: CHANGING,
          ...(writes.length > 0 ? { NotResource: [...new Set(writes)] } : { Resource: [...denied] }),
        },
      ],
    };
    const change = putPolicy('step-isolation', document);
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Let ${principal.identity.principal.arn} write the outputs of its own steps alone, in its policies or by this Deny.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  }
  if (!open) return [{ status: 'PASSED' }];
  return [openVerdict(open, 'narrow the statement to the step’s own outputs')];
};

const openFor = (reason: string, expected: string): Open => {
  const doubt = { kind: 'too-complex', reason } as const;
  return { is: 'open', evidence: { at: 'definition', found: reason, expected }, doubt };
};

/** An object in a place of another step that the role may change: the one that stands for the place, else any there. */
const reachInto = (
  resource: string,
  request: AnyResource,
  policies: Policies,
  writes: readonly string[],
): AnyAnswer => {
  const example = exampleOf(policies, { ...request, resource });
  if (example.decision === 'Allow') return { answer: 'some', example };
  if (example.decision === 'Unknown') return { answer: 'unknown', doubt: { kind: 'hangs', example } };
  if (!resource.endsWith(`/${ANY_OBJECT}`) || IN_ROOT.test(resource)) return { answer: 'none' };
  const folder = resource.slice(0, -ANY_OBJECT.length);
  if (!isAllowedNear(folder, request, policies)) return { answer: 'none' };
  const inside = globLanguage([...literalGlob(folder), ANY]);
  const near = writes.filter((pattern) => isNear(pattern, folder));
  return allowedBeyond(policies, request, inside, near);
};

/** Jobs that write to a bucket as a whole each make a folder there: another's folder is not theirs. */
const IN_ROOT = /^arn:[^/]*\/[^/]*$/;

/** Whether a statement that allows the action can be about anything in the folder: few are. */
const isAllowedNear = (folder: string, request: AnyResource, policies: Policies): boolean =>
  grantsOf(policies, request).some(({ statement: { resources } }) => {
    if (!resources || resources.isNot) return true;
    return resources.texts.some((text) => isNear(text, folder));
  });

/** Whether a pattern can hold anything of the folder. */
const isNear = (pattern: string, folder: string): boolean => {
  const [beginning = ''] = pattern.split(/[*?$]/, 1);
  return beginning.startsWith(folder) || folder.startsWith(beginning);
};

/** Steps that share a role can change each other's data, whatever the role's policies say. */
const judgeSharing = ({ steps, executionRoleArn }: Of<'pipeline'>, isRequired: boolean): Verdict[] => {
  if (!isRequired) return [{ status: 'NOT_APPLICABLE', because: 'roles.isolation is not required' }];
  const shared = [...groupBy(steps, ({ roleArn }) => roleArn)]
    .map(([roleArn, users]) => [roleArn, users.filter(isAnother)] as const)
    .filter(([, users]) => users.length > 1);
  const [first, ...others] = shared.map(
    ([roleArn, users]): Evidence => ({
      at: users.find(({ pointer }) => pointer !== '')?.pointer ?? '/Steps',
      found: `${roleArn === executionRoleArn ? 'the execution role' : roleArn} runs the steps ${users.map(({ step }) => step).join(', ')}`,
      expected: 'a role of its own for each step (roles.isolation: required)',
    }),
  );
  if (!first) return [{ status: 'PASSED' }];
  return [
    {
      status: 'WARNING',
      evidence: [first, ...others],
      remediation: {
        text: 'Give each step a role of its own (RoleArn of its arguments), and update the pipeline.',
      },
    },
  ];
};

type User = Of<'pipeline'>['steps'][number];

/** A step may name a role twice, and a transform runs where its model's step says: neither is another user of it. */
const isAnother = ({ step, pointer }: User, index: number, users: readonly User[]): boolean =>
  users.findIndex((other) => other.step === step || (pointer !== '' && other.pointer === pointer)) === index;
