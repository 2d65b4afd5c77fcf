import type { Config } from '../config/schema.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import type { Evidence } from '../findings/finding.ts';
import { contextOf } from '../iam/context.ts';
import { decide } from '../iam/decide.ts';
import { explain } from '../iam/explain.ts';
import { matchesAny, parseGlob } from '../iam/glob.ts';
import { globLanguage } from '../iam/language.ts';
import { resourceCells, statementsAbout } from '../iam/resource-cells.ts';
import { why } from '../iam/why.ts';
import { changeCommand, putPolicy } from '../least-privilege/role-change.ts';
import { defineControl } from './control.ts';
import { rolePolicyFix } from './fix.ts';

const KEY = 'sagemaker:PipelineVersionId';
const ACTIONS = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];

export const control = defineControl({
  id: 'version-floor-enforced',
  on: ['role', 'user'],
  requires: ['principal'],
  needs: ['versionFloors'],
  meta: {
    title: 'Nobody may start or change a pipeline version below its floor',
    severity: 'HIGH',
    description:
      'The condition key sagemaker:PipelineVersionId keeps who may start a pipeline, or change a version, to the versions ' +
      'from some number on. One more statement without the condition, an IfExists, a Deny alone or an operator for texts ' +
      'undoes it.',
    risk: 'An old version, with the data, the role or the flaw that the newer ones have left behind, can be run again.',
    remediation:
      'Put the condition into every statement that allows the two actions; the two Denies of the remediation hold whatever ' +
      'other statements allow, also for a request that names no version.',
    decision: [
      'For each floor of versionFloors, both actions are decided for every user and role on all pipelines that it is for, under each version below the floor and without a version.',
      'Whom the floor’s except names is left out, and so are administrators whom neither the configuration nor a pipeline names.',
      'A request without a version must be denied too: what SageMaker puts in for it is not documented.',
      'UpdatePipeline, which makes a new version, is outside the key’s reach: who may call it is listed, with --all also where the control passes.',
    ],
    example: {
      fails:
        '{"Effect": "Allow", "Action": "sagemaker:StartPipelineExecution", "Resource": "*", "Condition": {"NumericGreaterThanEqualsIfExists": {"sagemaker:PipelineVersionId": 6}}}',
      passes:
        '{"Effect": "Allow", "Action": "sagemaker:StartPipelineExecution", "Resource": "*", "Condition": {"NumericGreaterThanEquals": {"sagemaker:PipelineVersionId": 6}}}',
    },
    fix: rolePolicyFix({
      role: 'data-scientist',
      name: 'version-floor',
      statement: {
        Effect: 'Deny',
        Action: ACTIONS,
        Resource: ['arn:aws:sagemaker:*:111122223333:pipeline/fraud-*'],
        Condition: { NumericLessThan: { [KEY]: '6' } },
      },
    }),
    requirements: ['ISO 27001:2022 A.8.32', 'NIST 800-53 AC-3', 'NIST 800-53 CM-3', 'SOC 2 CC8.1'],
    references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html'],
  },
  evaluate: ({ principal }, { versionFloors = [] }) => {
    const { arn } = principal.identity.principal;
    if (principal.isAdministrator)
      return [
        {
          status: 'NOT_APPLICABLE',
          because: principal.isGoverned
            ? 'pass-role-scoped tells that it is an administrator'
            : 'an administrator can give itself whatever it lacks',
        },
      ];
    const floors = versionFloors.filter(({ except = [] }) => !matchesAny(except, arn));
    const judged = floors.map((floor) => ({ floor, ...judgeFloor(floor, principal) }));
    const broken = judged.filter(({ below }) => below);
    const updates = [...new Set(judged.flatMap(({ updates: may }) => may))];
    const listed = updates.map((pipeline) => `sagemaker:UpdatePipeline on ${pipeline}`).join(', ');
    const [first, ...others] = broken.flatMap(({ below }) => (below ? [below] : []));
    if (!first) {
      const open = judged.find(({ unknown }) => unknown);
      if (open?.unknown)
        return [
          {
            status: 'NOT_AVAILABLE',
            evidence: [open.unknown],
            remediation: {
              text: 'Try it with pipewarden simulate and --context, or allow it without that condition.',
            },
          },
        ];
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

/** Below a floor, so many versions are tried one by one; further down, policies that tell them apart are not met. */
const MAX_TRIED = 200;

const judgeFloor = (
  { pipeline, minimum }: Floor,
  { policies, identity, scope }: PrincipalFact,
): { below?: Evidence; unknown?: Evidence; updates: string[] } => {
  const pattern = `arn:${scope.partition}:sagemaker:${scope.region}:${scope.account}:pipeline/${pipeline}`;
  const lowest = Math.max(1, minimum - MAX_TRIED);
  const versions = [null, ...Array.from({ length: minimum - lowest }, (_, index) => String(lowest + index))];
  let unknown: Evidence | undefined;
  const updates: string[] = [];
  for (const action of [...ACTIONS, 'sagemaker:UpdatePipeline']) {
    const statements = statementsAbout(policies, action.toLowerCase());
    if (policies.identity?.candidates(action.toLowerCase()).allows.length === 0) continue;
    const base = { principal: identity.principal, action };
    const cells = resourceCells(globLanguage(parseGlob(pattern)), statements, {
      ...base,
      resource: '*',
      context: contextOf(),
    }).cells;
    for (const { witness: resource } of cells) {
      if (action === 'sagemaker:UpdatePipeline') {
        const decision = decide(policies, { ...base, resource, context: contextOf() });
        if (decision === 'Allow') updates.push(pattern);
        continue;
      }
      for (const version of versions) {
        const request = {
          ...base,
          resource,
          context: contextOf({ [KEY]: version, 'aws:RequestedRegion': scope.region }),
        };
        const decision = decide(policies, request);
        if (decision.endsWith('Deny')) continue;
        const named = version === null ? 'without a version' : `of version ${version}`;
        const evidence = {
          ...why(explain(policies, request), `${action} ${named}`, resource),
          expected: `denied below version ${minimum} of ${pipeline}, and without a version`,
        };
        if (decision === 'Allow') return { below: evidence, updates };
        unknown ??= evidence;
      }
    }
  }
  return { updates: [...new Set(updates)], ...(unknown && { unknown }) };
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
