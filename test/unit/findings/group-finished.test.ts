import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { Resource } from '../../../shared/domain/resource.ts';
import type { Scope } from '../../../shared/domain/scope.ts';
import { groupedFindings, groupFinished } from '../../../shared/findings/group-finished.ts';
import { reconcile } from '../../../shared/findings/reconcile.ts';
import type { Observation } from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { anObservation } from '../../support/builders/observation.ts';

const SCOPE: Scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const AT = '2026-11-24T09:00:00.000Z';
const job = (name: string): Resource => ({
  type: 'job',
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:training-job/${name}`,
});
const JOB = job('one');

const look = (resource: Resource, findings: Partial<Finding>[]): Observation =>
  anObservation({
    resourceArn: resource.arn,
    observedAt: AT,
    findings: findings.map((changes, index) => aFinding({ id: String(index), resource, ...changes })),
  });

const gather = (
  resource: Resource,
  findings: Partial<Finding>[],
  pipelineArn: string | undefined = PIPELINE,
  config: Parameters<typeof groupFinished>[3]['config'] = {},
) => groupFinished(look(resource, findings), resource, pipelineArn, { scope: SCOPE, config });

describe('an observation of a job', () => {
  test('is split into the job’s own verdicts and the findings of its group', () => {
    const [own, gathered, ...more] = gather(JOB, [
      { control: 'a', status: 'FAILED', remediation: { text: 'Set it.', patch: '{}' } },
      { control: 'b', status: 'PASSED' },
      { control: 'c', status: 'NOT_APPLICABLE' },
    ]);
    expect(more).toEqual([]);
    expect(own).toMatchObject({ resourceArn: JOB.arn, expireDays: 30, movedTo: PIPELINE });
    expect(own?.findings.map(({ control }) => control)).toEqual(['b', 'c']);
    expect(gathered).toMatchObject({ resourceArn: `${PIPELINE}/jobs`, expireDays: 30, finishedArn: JOB.arn });
    expect(gathered?.findings.map(({ control, status, evidence }) => [control, status, evidence])).toEqual([
      ['a', 'FAILED', [{ at: `${JOB.arn} /Steps/0`, found: 'a shared role', expected: 'its own role' }]],
      ['b', 'PASSED', []],
      ['c', 'NOT_APPLICABLE', []],
    ]);
    expect(gathered?.findings[0]).toMatchObject({
      id: expect.stringMatching(/^pipewarden\/a\/[0-9a-f]{64}$/),
      resource: { type: 'pipeline', arn: PIPELINE },
      subject: 'jobs',
      remediation: {
        text: 'Set it. Nobody can change what has run: this finding closes as expired 30 days after the last of them was seen.',
      },
    });
    expect(gathered?.findings[0]?.remediation).not.toHaveProperty('patch');
  });

  test('stays whole without a pipeline, and says when it expires', () => {
    const gathered = groupFinished(look(JOB, [{ status: 'FAILED' }, { status: 'PASSED' }]), JOB, undefined, {
      scope: SCOPE,
      config: { finished: { expireDays: 1 } },
    });
    expect(gathered).toHaveLength(1);
    expect(gathered[0]).toMatchObject({ resourceArn: JOB.arn, expireDays: 1 });
    expect(gathered[0]).not.toHaveProperty('movedTo');
    expect(gathered[0]?.findings.map(({ remediation }) => remediation.text)).toEqual([
      'Give each step a role. Nobody can change what has run: this finding closes as expired 1 day after it was seen.',
      'Give each step a role.',
    ]);
  });

  test('has the same finding id as other jobs of the pipeline, and another one than its steps and executions', () => {
    const ids = [JOB, job('two'), { type: 'execution', arn: `${PIPELINE}/execution/x` } as const].map(
      (resource) => gather(resource, [{ status: 'FAILED' }])[1]?.findings[0]?.id,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(2);
  });

  test('becomes one piece of evidence, the worst finding first, within bounds', () => {
    const evidence = Array.from({ length: 9 }, (_, index) => ({
      at: `/Steps/${index}`,
      found: 'x'.repeat(index === 0 ? 5000 : index),
      expected: 'y',
    }));
    const [, gathered] = gather({ type: 'execution', arn: `${PIPELINE}/execution/x` }, [
      { status: 'WARNING', severity: 'HIGH', evidence: [{ at: 'later', found: 'f', expected: 'y' }] },
      { status: 'FAILED', severity: 'LOW', evidence },
    ]);
    expect(gathered?.findings).toMatchObject([{ status: 'FAILED', severity: 'LOW', subject: 'executions' }]);
    const [piece] = gathered?.findings[0]?.evidence ?? [];
    expect(piece?.at).toBe(
      `${PIPELINE}/execution/x /Steps/0; /Steps/1; /Steps/2; /Steps/3; /Steps/4; and 5 more`,
    );
    expect(piece?.found).toHaveLength(1000);
    expect(piece?.expected).toBe('y');
  });

  test('keeps findings that a suppression of the job’s ARN covers, and takes them out of the group', () => {
    const suppression = { reason: 'known', expires: '2027-01-31' };
    const [own, gathered] = gather(JOB, [{ status: 'FAILED', suppression }]);
    expect(own?.findings).toMatchObject([{ status: 'FAILED', suppression }]);
    expect(gathered?.findings).toEqual([]);
    expect(gathered?.accepted).toEqual([gather(JOB, [{ status: 'FAILED' }])[1]?.findings[0]?.id]);
  });

  test('is suppressed by a suppression of its pipeline', () => {
    const suppressions = [
      { control: 'step-isolation', resource: PIPELINE, reason: 'known', expires: '2027-01-31' },
    ];
    const [, gathered] = gather(JOB, [{ status: 'FAILED' }], PIPELINE, { suppressions });
    expect(gathered?.findings).toMatchObject([{ suppression: { reason: 'known' } }]);
  });
});

test.each(['pipeline', 'bucket', 'role', 'event'] as const)(
  'an observation of a %s stays as it is',
  (type) => {
    const resource = { type, arn: PIPELINE };
    const observation = look(resource, [{ status: 'FAILED' }]);
    expect(groupFinished(observation, resource, PIPELINE, { scope: SCOPE, config: {} })).toEqual([
      observation,
    ]);
  },
);

describe('findings without a store', () => {
  const observations = [
    ...gather(JOB, [{ status: 'NOT_AVAILABLE' }]),
    ...gather(job('two'), [{ status: 'FAILED', severity: 'LOW' }]),
    ...gather(job('three'), [{ status: 'PASSED' }]),
    look({ type: 'bucket', arn: 'arn:aws:s3:::b' }, [{ status: 'FAILED', control: 'image-bucket-cors' }]),
  ];

  test('on jobs are grouped once for all jobs', () => {
    const findings = groupedFindings(observations);
    expect(findings).toMatchObject([
      {
        status: 'FAILED',
        resource: { type: 'pipeline', arn: PIPELINE },
        severity: 'MEDIUM',
        subject: 'jobs',
      },
    ]);
    expect(findings[0]?.evidence).toHaveLength(2);
  });

  test('are what a store has after the same observations', () => {
    const [first, second] = observations.filter(({ finishedArn }) => finishedArn !== undefined);
    if (!first || !second) throw new Error('nothing is gathered');
    const { state } = reconcile(reconcile(undefined, first).state, second);
    const [gathered] = groupedFindings([first, second]);
    expect(Object.values(state.open)).toEqual([gathered]);
  });

  test('of many jobs show the newest hundred and count the others', () => {
    const many = Array.from({ length: 500 }, (_, index) => gather(job(`j${index}`), [{ status: 'FAILED' }]));
    const [finding] = groupedFindings(many.flat());
    expect(finding?.evidence).toHaveLength(101);
    expect(finding?.evidence.at(-1)).toEqual({
      at: 'further jobs',
      found: '400 more like these',
      expected: 'its own role',
    });
  });
});
