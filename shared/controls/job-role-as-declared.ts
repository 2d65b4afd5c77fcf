import { authorisedRoles, isAuthorisedRole } from '../authorised/roles.ts';
import { declaredRoles } from '../concerns/declared-roles.ts';
import type { Config } from '../config/schema.ts';
import { jobKind } from '../definition/job-kinds.ts';
import { roleAdvice } from '../definition/sdk-advice.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import type { Unread } from '../domain/gap.ts';
import type { Declaration, JobFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { jobRoles } from '../judging/satisfying-steps.ts';
import { unreadRemedy } from '../judging/unread-remedy.ts';
import { doesNotApply } from '../judging/verdicts.ts';

export const control = defineControl({
  id: 'job-role-as-declared',
  system: 'Step roles',
  title: 'Jobs run under the role that their definition declares',
  severity: 'HIGH',
  on: ['job'],
  requires: ['job', 'declaration'],
  satisfiedBy: jobRoles,
  evaluate: ({ job, declaration }, config) => {
    const { origin } = job;
    if (origin.startedBy === 'caller' && origin.falseClaim !== undefined)
      return [posing(job, origin.falseClaim, config)];
    if (job.roleArns.length === 0) return doesNotApply('the job names no role');
    if (declaration) return [asDeclared(job, declaration)];
    return [origin.startedBy === 'unknown' ? byWhom(job, origin.unread) : asAuthorised(job, config)];
  },
});

const remediation = {
  text: 'Stop the job if it should not run, and take iam:PassRole on this role from the principal; declare the role in the step if it is the right one.',
};

/**
 * The job falsely claims that a pipeline started it. This is FAILED whatever its role, because its creator hides
 * behind the claim.
 */
const posing = (job: JobFact, falseClaim: string, config: Config): Verdict => {
  const own = asAuthorised(job, config);
  return {
    status: 'FAILED',
    evidence: [
      {
        at: 'userIdentity',
        found: falseClaim,
        expected: 'what a pipeline started is what SageMaker says it started',
      },
      ...('evidence' in own ? own.evidence : []),
    ],
    remediation: {
      text: `Find out what ${job.principalArn ?? 'its creator'} wants with it, stop the job if it should not run, and take the permission to create such jobs away.`,
    },
  };
};

const byWhom = (job: JobFact, unread: Unread): Verdict => {
  if (job.hasRecord)
    return { status: 'NOT_APPLICABLE', because: 'the CloudTrail record of the job tells who started it' };
  const { call, code, message } = unread;
  const expected = 'the role that its step declares, or an authorised one if no pipeline started it';
  const [first, ...others] = job.roleArns.map((role) => evidenceOf(job, role, expected));
  const why = { at: call, found: `${code}: ${message}`, expected: 'who started the job' };
  return {
    status: 'NOT_AVAILABLE',
    evidence: first ? [why, first, ...others] : [why],
    remediation: { text: unreadRemedy(unread) },
  };
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
  const expected = declared
    .map(({ step, field, shown, pointer }) =>
      field === undefined
        ? `${shown}, as step ${step.name} declares no role (${pointer})`
        : `step ${step.name} declares ${shown} (${pointer})`,
    )
    .join(' or ');
  const advice = declared.flatMap(({ step, field }) =>
    field === undefined ? [] : [` In step ${step.name}: ${roleAdvice(step, field)}`],
  )[0];
  const inCode = { text: `${remediation.text}${advice ?? ''}` };
  const [first, ...others] = wrong.map((role) => evidenceOf(job, role, expected));
  if (!first) return { status: 'PASSED' };
  return { status: hangs ? 'NOT_AVAILABLE' : 'FAILED', evidence: [first, ...others], remediation: inCode };
};

const evidenceOf = (job: JobFact, role: string, expected: string): Evidence => ({
  at: jobKind(job.kind).roleFields.join(', '),
  found: role,
  expected,
});
