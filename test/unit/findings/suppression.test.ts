import { describe, expect, test } from '@jest/globals';
import type { Suppression } from '../../../shared/config/schema.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { applySuppressions } from '../../../shared/findings/suppression.ts';

const finding: Finding = {
  id: 'pipewarden/step-isolation/0',
  control: 'step-isolation',
  status: 'FAILED',
  severity: 'MEDIUM',
  title: 'Steps are isolated',
  resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/legacy-a' },
  evidence: [{ at: '/Steps/0', found: 'shared role', expected: 'own role' }],
  remediation: { text: 'Give each step its own role.', patch: '{}' },
  firstObservedAt: '2026-11-24T09:00:00.000Z',
  lastObservedAt: '2026-11-24T09:00:00.000Z',
};
const suppression: Suppression = {
  control: 'step-isolation',
  resource: 'arn:aws:sagemaker:*:*:pipeline/legacy-*',
  reason: 'replaced in January',
  expires: '2027-01-31',
};
const NOW = new Date('2026-11-24T09:00:00Z');
const suppressed: Finding = {
  ...finding,
  suppression: { reason: 'replaced in January', expires: '2027-01-31' },
};
const expired: Finding = {
  ...finding,
  remediation: {
    text: 'The suppression of 2027-01-31 (replaced in January) has expired. Give each step its own role.',
    patch: '{}',
  },
};
const over = (change: Partial<Suppression>): Suppression[] => [{ ...suppression, ...change }];

describe('applySuppressions', () => {
  test.each<[string, Suppression[] | undefined, Date, Finding]>([
    ['nothing configured', undefined, NOW, finding],
    ['control and resource fit', [suppression], NOW, suppressed],
    [
      'an ARN compares without case',
      over({ resource: 'arn:aws:sagemaker:*:*:pipeline/LEGACY-*' }),
      NOW,
      suppressed,
    ],
    ['another control', over({ control: 'job-prefix-length' }), NOW, finding],
    ['another resource', over({ resource: 'arn:aws:sagemaker:*:*:pipeline/new-*' }), NOW, finding],
    [
      'the beginning of the ARN only',
      over({ resource: 'arn:aws:sagemaker:*:*:pipeline/legacy' }),
      NOW,
      finding,
    ],
    ['the last moment of its last day', [suppression], new Date('2027-01-31T23:59:59.999Z'), suppressed],
    ['the first moment after it', [suppression], new Date('2027-02-01T00:00:00Z'), expired],
    [
      'one expired, one in force',
      [...over({ expires: '2026-01-01', reason: 'old' }), suppression],
      NOW,
      suppressed,
    ],
    [
      'two expired: the later one is named',
      [...over({ expires: '2026-01-01', reason: 'old' }), suppression],
      new Date('2027-03-01T00:00:00Z'),
      expired,
    ],
  ])('%s', (_, suppressions, now, expected) => {
    expect(applySuppressions(finding, suppressions, now)).toStrictEqual(expected);
  });

  test('a mark from an earlier look does not outlive its suppression', () => {
    expect(applySuppressions(suppressed, [], NOW)).toStrictEqual(finding);
  });

  test('a pass is never marked', () => {
    const passed: Finding = { ...finding, status: 'PASSED' };
    expect(applySuppressions(passed, [suppression], NOW)).toStrictEqual(passed);
  });
});

describe('a suppression of a step', () => {
  const until = (expires: string, step?: string) => ({
    control: finding.control,
    resource: 'pipelines/*.json',
    reason: `until ${expires}`,
    expires,
    ...(step !== undefined && { step }),
  });
  const STEPS: Readonly<Record<string, string>> = { '/Steps/0': 'Train', '/Steps/1': 'Score' };
  const file = (...own: Parameters<typeof until>[]) => ({
    paths: ['pipelines/a.json'],
    own: own.map((each) => {
      const { resource: _, ...rest } = until(...each);
      return rest;
    }),
    stepAt: (pointer: string) => STEPS[pointer],
  });
  const about = (subject: string | undefined, ...places: string[]): Finding => {
    const { subject: _, ...rest } = finding;
    const evidence = places.map((at) => ({ at, found: 'x', expected: 'y' }));
    return { ...rest, evidence, ...(subject !== undefined && { subject }) };
  };
  const [FAR, NEAR, PAST] = ['2999-12-31', '2999-01-01', '2000-01-01'];

  test.each<[string, Finding, Parameters<typeof until>[], string | undefined]>([
    ['covers its step', about('Train', '/Steps/0'), [[FAR, 'Train']], FAR],
    ['covers steps by a pattern', about('Train', '/Steps/0'), [[FAR, 'Tr*']], FAR],
    ['covers no other step', about('Score', '/Steps/1'), [[FAR, 'Train']], undefined],
    [
      'covers no finding that is about another step as well',
      about(undefined, '/Steps/0', '/Steps/1'),
      [[FAR, 'Train']],
      undefined,
    ],
    [
      'covers a finding about several steps with those of the others, up to the first end',
      about(undefined, '/Steps/0', '/Steps/1'),
      [
        [FAR, 'Train'],
        [NEAR, 'Score'],
      ],
      NEAR,
    ],
    ['covers nothing that is about no step', about(undefined, '/Parameters/0'), [[FAR, 'Train']], undefined],
    [
      'beside one for everything covers no less',
      about(undefined, '/Parameters/0'),
      [[NEAR, 'Train'], [FAR]],
      FAR,
    ],
    [
      'that has expired covers nothing',
      about(undefined, '/Steps/0', '/Steps/1'),
      [
        [FAR, 'Train'],
        [PAST, 'Score'],
      ],
      undefined,
    ],
  ])('%s', (_, judged, suppressions, expires) => {
    const own = applySuppressions(judged, [], NOW, file(...suppressions));
    const configured = applySuppressions(
      judged,
      suppressions.map((each) => until(...each)),
      NOW,
      file(),
    );
    expect([own.suppression?.expires, configured.suppression?.expires]).toEqual([expires, expires]);
  });

  test('in another file covers nothing', () => {
    const other = { ...file(), paths: ['other/a.json'] };
    expect(
      applySuppressions(about('Train', '/Steps/0'), [until(FAR, 'Train')], NOW, other).suppression,
    ).toBeUndefined();
  });
});
