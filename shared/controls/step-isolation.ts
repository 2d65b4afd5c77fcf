import type { Evidence, Verdict } from '../domain/finding.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { IsolationFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { AnyAnswer, UnnamedAnswer } from '../iam/sets/answers.ts';
import { nearPatterns } from '../iam/sets/near-patterns.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { allowedBeyond, allowedUnnamed, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy } from '../iam/sets/universe.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, type OpenConcern, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';

export const control = defineControl({
  id: 'step-isolation',
  system: 'Step roles',
  title: 'Steps with roles of their own cannot change what unrelated steps use',
  severity: 'MEDIUM',
  on: ['pipeline', 'role'],
  requires: ['isolation'],
  hangsOn: ['step role'],
  evaluate: ({ isolation }, { roles }, shared) =>
    isolation.of === 'role'
      ? judgeRole(isolation, shared)
      : judgeSharing(isolation, roles?.isolation === 'required'),
});

type Of<T extends IsolationFact['of']> = Extract<IsolationFact, { of: T }>;

const CHANGING = ['s3:PutObject', 's3:DeleteObject'];
const MAX_EVIDENCE = 20;

const judgeRole = ({ principal, uses, resourcePolicies }: Of<'role'>, shared: SharedWork): Verdict[] => {
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
  const nearWrites = nearPatterns(writes);
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
      if (!shared.work.spend(1)) {
        open ??= openFor(TOO_MANY, 'the places of all other steps');
        break;
      }
      const within = nearWrites(resource);
      for (const action of CHANGING) {
        const request = { principal: principal.identity.principal, action, context };
        const policies = policiesFor({ action, resource });
        const question = { policies, request, universe: meantBy(resource, action), within };
        const found = reachInto(key, question, shared);
        const expected = `denied: step ${owner} (${pointer}) of pipeline ${pipeline.name} uses it, and step ${step} is not related to it`;
        const concerns = sorted(
          concernsOf(found, action, (example) => example?.resource ?? resource, expected),
        );
        open ??= concerns.open;
        if (concerns.shown.length === 0) continue;
        denied.add(`arn:${partition}:s3:::${bucket}/${key.slice(0, key.lastIndexOf('/') + 1)}*`);
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

const TOO_MANY = 'the places of other steps, under so many patterns of policies, are too many to compare';

const openFor = (reason: string, expected: string): OpenConcern => {
  const doubt = { kind: 'too-complex', at: 'definition', reason } as const;
  return { is: 'open', evidence: { at: 'definition', found: reason, expected }, doubt };
};

/**
 * Whether the role may change an object in a place of another step beside its own outputs. Of a place that only a run
 * tells, and of a bucket as a whole, in which jobs make a folder each, it must be one that no statement names: somebody
 * else's folder is not theirs.
 */
const reachInto = (key: string, question: Question, shared: SharedWork): AnyAnswer | UnnamedAnswer =>
  isOpen(key) ? allowedUnnamed(question, shared) : allowedBeyond(question, shared);

/** Whether a star stands for more than the objects in a folder. */
const isOpen = (key: string): boolean => {
  const pattern = key.replaceAll(/\$\{[*?$]\}/g, '');
  return pattern === '*' || /\*(?!$)/.test(pattern) || /[^/]\*$/.test(pattern);
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
