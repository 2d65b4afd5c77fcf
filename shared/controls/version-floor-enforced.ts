import type { Config } from '../config/schema.ts';
import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import { contextValues } from '../iam/decide/context-values.ts';
import { decide } from '../iam/decide/decide.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Request } from '../iam/decide/request.ts';
import { literalGlob, matchesAny, parseGlob } from '../iam/policy/glob.ts';
import { type AnyAnswer, type Doubt, exampleOf } from '../iam/sets/answers.ts';
import { everyOf, globLanguage, jobLanguage, type Language } from '../iam/sets/language.ts';
import { tooComplex } from '../iam/sets/questions.ts';
import { resourceCells, statementsAbout } from '../iam/sets/resource-cells.ts';
import { type Comparand, comparandsOf, valueCells } from '../iam/sets/value-cells.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, doubtEvidence, type Open, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { keeping } from '../memo.ts';

const KEY = 'sagemaker:PipelineVersionId';
const ACTIONS = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];

export const control = defineControl({
  id: 'version-floor-enforced',
  system: 'Pipeline versions',
  title: 'Nobody may start or change a pipeline version below its floor',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal'],
  needs: ['versionFloors'],
  evaluate: ({ principal }, { versionFloors = [] }) => {
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
    const judged = floors.map((floor) => ({ floor, ...judgeFloor(floor, principal) }));
    const broken = judged.filter(({ below }) => below.length > 0);
    const updates = [...new Set(judged.flatMap(({ updates: may }) => may))];
    const listed = updates.map((pipeline) => `sagemaker:UpdatePipeline on ${pipeline}`).join(', ');
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
          ...(listed
            ? [
                {
                  at: 'sagemaker:UpdatePipeline',
                  found: `it may call ${listed}`,
                  expected: `known: ${KEY} does not reach it`,
                },
              ]
            : []),
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

type Floor = NonNullable<Config['versionFloors']>[number];

/** Where policies compare the version with what only a request tells, so many versions below the floor are tried. */
const MAX_TRIED = 200;

/** What becomes of one floor: the first request below it that each action is allowed, and the updates that are. */
const judgeFloor = (
  { pipeline, minimum }: Floor,
  principal: PrincipalFact,
): { below: Evidence[]; open?: Open; updates: string[] } => {
  const { policies, scope } = principal;
  const pattern = `arn:${scope.partition}:sagemaker:${scope.region}:${scope.account}:pipeline/${pipeline}`;
  const below: Evidence[] = [];
  let open: Open | undefined;
  for (const action of ACTIONS) {
    const expected = `denied below version ${minimum} of ${pipeline}, and without a version`;
    const { requests, doubt } = requestsFor(action, pattern, principal);
    const tried = requests
      .flatMap((request) =>
        versionsBelow(minimum, policies, request).map((version) => withVersion(request, version)),
      )
      .map((request) => ({ request, decision: decide(policies, request) }))
      .filter(({ decision }) => !decision.endsWith('Deny'));
    const worst = tried.find(({ decision }) => decision === 'Allow') ?? tried[0];
    if (!worst) {
      if (doubt)
        open ??= {
          is: 'open',
          doubt,
          evidence: { ...doubtEvidence(doubt, action, () => pattern), expected },
        };
      continue;
    }
    const version = contextValues(worst.request, KEY.toLowerCase())?.[0];
    const named = version === undefined ? 'without a version' : `of version ${version}`;
    const example = exampleOf(policies, worst.request, worst.decision);
    const found: AnyAnswer =
      worst.decision === 'Allow'
        ? { answer: 'some', example }
        : { answer: 'unknown', doubt: { kind: 'hangs', example } };
    const concerns = sorted(concernsOf(found, `${action} ${named}`, () => example.resource, expected));
    below.push(...concerns.shown);
    open ??= concerns.open;
  }
  const mayUpdate = requestsFor('sagemaker:UpdatePipeline', pattern, principal).requests.some(
    (request) => !decide(policies, request).endsWith('Deny'),
  );
  return { below, updates: mayUpdate ? [pattern] : [], ...(open && { open }) };
};

/**
 * One request for each way in which the pipelines of a floor can be decided; none where nothing allows the action. A
 * pipeline's name is of the same form as a job's.
 */
const requestsFor = (
  action: string,
  pattern: string,
  { policies, identity, scope }: PrincipalFact,
): { requests: Request[]; doubt?: Doubt } => {
  const name = action.toLowerCase();
  if (policies.identity?.unreadable.length === 0 && policies.identity.candidates(name).allows.length === 0)
    return { requests: [] };
  const context = contextOf({ 'aws:RequestedRegion': scope.region });
  const request = { principal: identity.principal, action, context, resource: '*' };
  const { cells, proof } = resourceCells(pipelinesOf(pattern), statementsAbout(policies, name), request);
  const requests = cells.map(({ witness }) => ({ ...request, resource: witness }));
  return proof ? { requests } : { requests, doubt: tooComplex(action) };
};

/** An automaton remembers its steps, so that it is made once for all roles. */
const kept = keeping<Language>(100);

const pipelinesOf = (pattern: string): Language =>
  kept(pattern, () =>
    everyOf([globLanguage(parseGlob(pattern)), jobLanguage(pattern.slice(0, pattern.indexOf('/') + 1))]),
  );

/** A version below the floor for each way in which the conditions can come out, and none (null). */
const versionsBelow = (minimum: number, policies: Policies, request: Request): (string | null)[] => {
  const keyName = KEY.toLowerCase();
  const statements = statementsAbout(policies, request.action.toLowerCase());
  const comparands = comparandsOf(statements, keyName, request);
  const text = String(minimum);
  const floor: Comparand = { test: 'numeric-less', glob: literalGlob(text), text };
  const { values, isComplete } = valueCells([...(comparands ?? []), floor], keyName);
  const lowest = Math.max(1, minimum - MAX_TRIED);
  const tried =
    comparands && isComplete
      ? []
      : Array.from({ length: minimum - lowest }, (_, index) => String(lowest + index));
  return [null, ...new Set([...values.filter((value) => Number(value) < minimum), ...tried])];
};

const withVersion = (request: Request, version: string | null): Request => ({
  ...request,
  context: assume(request.context, { [KEY]: version }),
});

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
