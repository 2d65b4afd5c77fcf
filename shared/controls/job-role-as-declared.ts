import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import type { Config } from '../config/schema.ts';
import { displayText, knownText, resolveText } from '../definition/expression.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepRoles } from '../definition/step-values.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Declaration, JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'job-role-as-declared',
  system: 'Step roles',
  title: 'Jobs run under the role that their definition declares',
  severity: 'HIGH',
  on: ['job'],
  requires: ['job', 'declaration'],
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
