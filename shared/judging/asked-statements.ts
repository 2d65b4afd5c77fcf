import type { Evidence } from '../domain/finding.ts';
import type { CompiledStatement, PolicyIndex } from '../iam/decide/policy-index.ts';
import { cut } from '../text/cut.ts';
import { listed } from '../text/listed.ts';

const CREATE = ['Processing', 'Training', 'Transform', 'HyperParameterTuning', 'AutoML'].map(
  (kind) => `sagemaker:Create${kind}Job`,
);

/** The calls about which a control asks a principal’s policies: a pass rests on the statements that are about them. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  'execution-role-administrator': [
    'iam:PutRolePolicy',
    'iam:AttachRolePolicy',
    'iam:CreatePolicyVersion',
    'iam:UpdateAssumeRolePolicy',
    'iam:PassRole',
  ],
  'execution-role-job-permissions': CREATE,
  'execution-role-least-privilege': ['s3:PutObject', 's3:GetObject', ...CREATE],
  'execution-role-passes-step-roles': ['iam:PassRole'],
  'json-get-access': ['s3:GetObject'],
  'pass-role-allowed': ['iam:PassRole'],
  'pass-role-scoped': ['iam:PassRole', 'sagemaker:CreatePipeline', ...CREATE],
  'pipeline-access-scoped': [
    'sagemaker:UpdatePipeline',
    'sagemaker:StartPipelineExecution',
    'sagemaker:DeletePipeline',
  ],
  'prefix-policy-enforced': CREATE,
  'scp-exception-protected': ['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole'],
  'step-role-data-access': ['s3:GetObject', 's3:PutObject', 'kms:Decrypt'],
  'version-floor-enforced': ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipeline'],
};

const MOST = 5;
const LONGEST = 300;

/** The statements of a principal that are about what a control asks, or that there is none. */
export const askedStatements = (
  control: string,
  arn: string,
  index: PolicyIndex | undefined,
): Pick<Evidence, 'at' | 'found'>[] => {
  const actions = Object.hasOwn(ASKED, control) ? (ASKED[control] ?? []) : [];
  if (actions.length === 0) return [];
  const about = new Map<CompiledStatement, string[]>();
  for (const action of actions) {
    const { allows, denies } = index?.candidates(action.toLowerCase()) ?? { allows: [], denies: [] };
    for (const each of [...denies, ...allows]) about.set(each, [...(about.get(each) ?? []), action]);
  }
  const told = [...about].slice(0, MOST).map(([{ policy, statement }, of]) => ({
    at: `${policy.name}${statement.pointer}`,
    found: cut(
      `it ${statement.effect === 'Allow' ? 'allows' : 'denies'} ${listed(of, MOST)}${limitsOf(statement)}`,
      LONGEST,
    ),
  }));
  return told.length > 0
    ? told
    : [{ at: `policies of ${arn}`, found: `no statement is about ${listed(actions, MOST)}` }];
};

const limitsOf = ({ resources, conditions }: CompiledStatement['statement']): string => {
  const on = resources ? ` on ${resources.isNot ? 'all but ' : ''}${listed(resources.texts, MOST)}` : '';
  const keys = [...new Set(conditions.map(({ key }) => key))];
  return `${on}${keys.length > 0 ? `, if ${listed(keys, MOST)} fits` : ''}`;
};
