import type { Config } from '../config/schema.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { versionsBelow } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy, namedIn } from '../iam/sets/universe.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, type OpenConcern, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';

const KEY = 'sagemaker:PipelineVersionId';
const ACTIONS = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];

/**
 * What makes a version, or runs one again, and that the key does not reach, by the resource below the pipeline. That a
 * retry runs the version of its execution is not documented.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const OUTSIDE_KEY = [
  { action: 'sagemaker:UpdatePipeline', below: '' },
  { action: 'sagemaker:RetryPipelineExecution', below: '/execution/*' },
] as const;

export const control = defineControl({
  id: 'version-floor-enforced',
  system: 'Pipeline versions',
  title: 'Nobody may start or change a pipeline version below its floor',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal'],
  needs: ['versionFloors'],
  evaluate: ({ principal }, { versionFloors = [] }, shared) => {
    const { arn } = principal.identity.principal;
    if (isExempt(principal))
      return [
        {
          status: 'NOT_APPLICABLE',
          because: principal.isGoverned
            ? 'pass-role-scoped tells that it is an administrator'
            : 'an administrator can give itself whatever it lacks',
        },
      ];
    const floors = versionFloors.filter(({ except = [] }) => !matchesAny(except, arn));
    if (floors.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'the floors except it' }];
    const judged = floors.map((floor) => ({ floor, ...judgeFloor(floor, principal, shared) }));
    const broken = judged.filter(({ below }) => below.length > 0);
    const outside = [
      ...groupBy(
        judged.flatMap((each) => each.outside),
        ({ action }) => action,
      ),
    ];
    const listed = outside.map(([, calls]) => listOf(calls)).join(', ');
    const [first, ...others] = broken.flatMap(({ below }) => below);
    if (!first) {
      const open = judged.find((each) => each.open)?.open;
      if (open) return [openVerdict(open, 'allow it without that condition')];
      return [
        { status: 'PASSED', ...(listed && { because: `outside the key’s reach, it may call ${listed}` }) },
      ];
    }
    const change = putPolicy(
      'version-floor-enforced',
      floorPolicy(
        broken.map(({ floor }) => floor),
        principal,
      ),
    );
    return [
      {
        status: 'FAILED',
        evidence: [
          first,
          ...others,
          ...outside.map(([action, calls]) => ({
            at: action,
            found: `it may call ${listOf(calls)}`,
            expected: `known: ${KEY} does not reach it`,
          })),
        ],
        remediation: {
          text: `Keep ${arn} to the versions from the floor on, also in requests that name no version.`,
          patch: changeCommand(principal, change),
          change,
        },
      },
    ];
  },
});

/** A call that the key does not reach, and where it is allowed. */
type OutsideCall = { action: string; resource: string };

const listOf = (calls: readonly OutsideCall[]): string =>
  [...new Set(calls.map(({ action, resource }) => `${action} on ${resource}`))].join(', ');

type Floor = NonNullable<Config['versionFloors']>[number];

/** What becomes of one floor: the first request below it that each action is allowed, and the calls outside the key. */
const judgeFloor = (
  { pipeline, minimum }: Floor,
  principal: PrincipalFact,
  shared: SharedWork,
): { below: Evidence[]; open: OpenConcern | undefined; outside: OutsideCall[] } => {
  const { policies, scope, identity } = principal;
  const pattern = sagemakerArn(scope, `pipeline/${pipeline}`);
  const questionFor = (action: string, resource = pattern): Question => ({
    policies,
    universe: resource === pattern ? namedIn(pattern) : meantBy(resource, action),
    request: {
      principal: identity.principal,
      action,
      context: contextOf({ 'aws:RequestedRegion': scope.region }),
    },
  });
  const expected = `denied below version ${minimum} of ${pipeline}, and without a version`;
  const concerns = ACTIONS.map((action) => {
    const question = questionFor(action);
    return [
      { ...question, request: withoutVersion(question.request) },
      { ...question, keys: [versionsBelow(minimum)] },
    ].flatMap((asked) => {
      const found = allowedBeyond(asked, shared);
      const named = asked.keys ? `of version ${versionIn(found) ?? `below ${minimum}`}` : 'without a version';
      return concernsOf(found, `${action} ${named}`, (example) => example?.resource ?? pattern, expected);
    });
  });
  const { open } = sorted(concerns.flat());
  const below = concerns.flatMap((ofAction) => sorted(ofAction).shown.slice(0, 1));
  const outside = OUTSIDE_KEY.map((call) => ({ action: call.action, resource: `${pattern}${call.below}` }));
  const isAllowed = ({ action, resource }: OutsideCall): boolean => {
    const question = questionFor(action, resource);
    return !isRuledOut(allowedBeyond({ ...question, request: withoutVersion(question.request) }, shared));
  };
  return { below, open, outside: outside.filter(isAllowed) };
};

const withoutVersion = (request: Question['request']): Question['request'] => ({
  ...request,
  context: assume(request.context, { [KEY]: null }),
});

/** The version of the example that an answer rests on. */
const versionIn = (found: AnyAnswer): ContextValue | undefined => {
  switch (found.answer) {
    case 'some':
      return found.example.values[KEY];
    case 'none':
      return undefined;
    case 'unknown':
      return found.doubt.kind === 'hangs' ? found.doubt.example.values[KEY] : undefined;
  }
};

const floorPolicy = (floors: readonly Floor[], { scope: { partition, account } }: PrincipalFact) => ({
  Version: '2012-10-17' as const,
  Statement: floors.flatMap(({ pipeline, minimum }) => {
    const base = {
      Effect: 'Deny' as const,
      Action: ACTIONS,
      Resource: [`arn:${partition}:sagemaker:*:${account}:pipeline/${pipeline}`],
    };
    return [
      { ...base, Condition: { NumericLessThan: { [KEY]: String(minimum) } } },
      { ...base, Condition: { Null: { [KEY]: 'true' } } },
    ];
  }),
});
