import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { displayText, knownText, resolveText } from '../definition/expression.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Declaration, JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { rolePolicyFix } from '../judging/fix.ts';

export const control = defineControl({
  id: 'job-role-as-declared',
  on: ['job'],
  requires: ['job', 'declaration'],
  meta: {
    system: 'Step roles',
    title: 'Jobs run under the role that their definition declares',
    severity: 'HIGH',
    description:
      'A job that a pipeline started must run under the role that its step names, or under the execution role where it ' +
      'names none. A job that was started otherwise must run under an authorised role.',
    risk:
      'A job under another role than the one that was reviewed has other permissions: somebody chose the role when the ' +
      'pipeline was started, changed the definition since, or posed as the pipeline.',
    remediation:
      'Find out who passed the role (the principal of this finding), stop the job if it should not run, and take the ' +
      'permission to pass that role away. Declare the role in the step if it is the right one.',
    decision: [
      'A session named `sagemaker-pipeline-<execution>-<step>` ties a job to its execution; the definition is the one that this execution runs.',
      'The step is found by the first 20 characters of its name and by the kind of the job; every step that fits may declare the role.',
      'The declared role is resolved with the values that the execution was started with; where those are not known and the role hangs on them, another role than the default is NOT_AVAILABLE.',
      'A job that no pipeline started is held against roles.steps and roles.execution.',
      'Transform jobs name no role: they run under the model’s.',
    ],
    example: {
      fails: 'CreateTrainingJob with role/admin in an execution whose step declares role/steps/fraud-train',
      passes: 'CreateTrainingJob with role/steps/fraud-train in that execution',
    },
    references: [
      'https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions',
    ],
    fix: rolePolicyFix({
      role: 'data-scientist',
      name: 'pass-authorised-roles-only',
      statement: {
        Effect: 'Deny',
        Action: 'iam:PassRole',
        NotResource: ['arn:aws:iam::111122223333:role/pipelines/*', 'arn:aws:iam::111122223333:role/steps/*'],
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    }),
    requirements: [
      'ISO 27001:2022 A.5.18',
      'ISO 27001:2022 A.8.2',
      'NIST 800-53 AC-3',
      'NIST 800-53 AC-6',
      'SOC 2 CC6.3',
    ],
  },
  evaluate: ({ job, declaration }, config) => {
    if (job.roleArns.length === 0) return [{ status: 'NOT_APPLICABLE', because: 'the job names no role' }];
    return [declaration ? asDeclared(job, declaration) : asAuthorised(job, config)];
  },
});

const remediation = {
  text: 'Stop the job if it should not run, and take iam:PassRole on this role from the principal; declare the role in the step if it is the right one.',
};

const asAuthorised = (job: JobFact, config: Config): Verdict => {
  const authorised = authorisedRoles(config);
  if (authorised.length === 0) return { status: 'NOT_APPLICABLE', because: 'no roles are configured' };
  const wrong = job.roleArns.filter((role) => isAuthorisedRole(role, config, undefined) !== 'yes');
  const expected = `one of the authorised roles: ${authorised.join(', ')}`;
  const [first, ...others] = wrong.map((role) => evidenceOf(job, role, expected));
  return first ? { status: 'FAILED', evidence: [first, ...others], remediation } : { status: 'PASSED' };
};

const asDeclared = (job: JobFact, declaration: Declaration): Verdict => {
  const declared = declaration.steps.flatMap((step) => declaredRoles(step, declaration, job.principalArn));
  if (declared.length === 0) {
    const found = `no step of pipeline ${declaration.pipelineName} that can have started it`;
    const expected = 'a step of the execution’s definition';
    return { status: 'NOT_AVAILABLE', evidence: [{ at: '/Steps', found, expected }], remediation };
  }
  const wrong = job.roleArns.filter((role) => !declared.some(({ known }) => known === role));
  const hangs = declared.some(({ isSettled }) => !isSettled);
  const expected = declared.map(({ shown, pointer }) => `${shown} (declared at ${pointer})`).join(' or ');
  const [first, ...others] = wrong.map((role) => evidenceOf(job, role, expected));
  if (!first) return { status: 'PASSED' };
  return { status: hangs ? 'NOT_AVAILABLE' : 'FAILED', evidence: [first, ...others], remediation };
};

type DeclaredRole = { known: string | undefined; shown: string; pointer: string; isSettled: boolean };

const declaredRoles = (
  step: Step,
  declaration: Declaration,
  principalArn: string | undefined,
): DeclaredRole[] => {
  const { definition, pipelineName, executionId, parameters } = declaration;
  const named = stepRoles(step).map(({ value, pointer }): DeclaredRole => {
    const role = resolveText(value, { definition, pipelineName, executionId, parameters: parameters ?? {} });
    const known = knownText(role);
    const isSettled = known !== undefined && (parameters !== undefined || role.parameters.length === 0);
    return { known, shown: displayText(role), pointer, isSettled };
  });
  const own = principalArn ?? declaration.pipelineRoleArn;
  if (named.length > 0) return named;
  return [
    {
      known: own,
      shown: own ?? 'the execution role',
      pointer: stepPointer(step),
      isSettled: own !== undefined,
    },
  ];
};

const evidenceOf = (job: JobFact, role: string, expected: string): Evidence => ({
  at: jobKind(job.kind).roleFields.join(', '),
  found: role,
  expected,
});
