import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { byCause, stackOfTags, withCauses } from '../../../../shared/outputs/formats/causes.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

const passing = (name: string, at: string, change: Partial<Finding> = {}): Finding =>
  aFinding({
    id: `pipewarden/pass-role-scoped/${name}`,
    control: 'pass-role-scoped',
    resource: { type: 'role', arn: arnOf(name) },
    evidence: [{ at, found: `${arnOf(name)} may pass role/x`, expected: 'authorised roles' }],
    remediation: { text: `Narrow ${arnOf(name)}.`, patch: `aws iam put-role-policy --role-name ${name}` },
    ...change,
  });
const onPipeline = (name: string, at: string): Finding =>
  aFinding({
    id: `pipewarden/pipeline-shared/${name}`,
    control: 'pipeline-shared',
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` },
    evidence: [
      { at, found: '444455556666 may start it', expected: 'one of those whom sharedWith names' },
      {
        at: 'further evidence',
        found: '400 more like these',
        expected: 'one of those whom sharedWith names',
      },
    ],
    remediation: { text: 'Name 444455556666 in sharedWith.' },
  });
const SHARED = 'arn:aws:iam::aws:policy/AmazonSageMakerFullAccess/Statement/30';
const own = (name: string, statement = 0) => `${arnOf(name)} p/Statement/${statement}`;

const causesOf = (findings: Finding[], stacks: Record<string, string> = {}) =>
  byCause(withCauses(findings, (arn) => stacks[arn])).map((group) =>
    group.map(({ resource }) => resource.arn.split('/').at(-1)),
  );

describe('withCauses', () => {
  test.each<[string, Finding[], Record<string, string>, string[][]]>([
    [
      'a policy that several roles have',
      [passing('alpha', SHARED), passing('beta', SHARED)],
      {},
      [['alpha', 'beta']],
    ],
    [
      'a share that holds several pipelines',
      ['fraud', 'churn'].map((name) =>
        onPipeline(name, 'arn:aws:ram:eu-west-1:111122223333:resource-share/1'),
      ),
      {},
      [['fraud', 'churn']],
    ],
    [
      'places of the same name in several definitions, which are not one',
      ['fraud', 'churn'].map((name) => onPipeline(name, '/Steps/0')),
      {},
      [['fraud'], ['churn']],
    ],
    [
      'the same document, written into each role',
      [passing('alpha', own('alpha')), passing('beta', own('beta'))],
      {},
      [['alpha', 'beta']],
    ],
    [
      'statements in other places, in roles of one stack',
      [passing('alpha', own('alpha', 1)), passing('beta', own('beta', 7))],
      { [arnOf('alpha')]: 's', [arnOf('beta')]: 's' },
      [['alpha', 'beta']],
    ],
    [
      'a role of a stack, one with the same document, and one of the stack with another',
      [passing('alpha', own('alpha')), passing('beta', own('beta')), passing('gamma', own('gamma', 3))],
      { [arnOf('alpha')]: 's', [arnOf('gamma')]: 's' },
      [['alpha', 'beta', 'gamma']],
    ],
    [
      'another example of what one statement allows',
      ['alpha', 'beta'].map((name, index) =>
        passing(name, SHARED, {
          evidence: [{ at: SHARED, found: `may pass a role such as role/${index}`, expected: 'fewer' }],
        }),
      ),
      {},
      [['alpha', 'beta']],
    ],
    [
      'a statement of roles of one stack that names one of them',
      ['alpha', 'beta'].map((name) =>
        passing(name, own(name), {
          evidence: [{ at: own(name), found: `may pass ${arnOf('alpha')}`, expected: 'to SageMaker alone' }],
        }),
      ),
      { [arnOf('alpha')]: 's', [arnOf('beta')]: 's' },
      [['alpha', 'beta']],
    ],
    [
      'statements in other places, in roles of two stacks',
      [passing('alpha', own('alpha', 1)), passing('beta', own('beta', 7))],
      { [arnOf('alpha')]: 's', [arnOf('beta')]: 't' },
      [['alpha'], ['beta']],
    ],
    [
      'another severity',
      [passing('alpha', SHARED), passing('beta', SHARED, { severity: 'LOW' })],
      {},
      [['alpha'], ['beta']],
    ],
    [
      'another role that can be passed',
      [
        passing('alpha', SHARED),
        passing('beta', SHARED, { evidence: [{ at: SHARED, found: 'may pass role/y', expected: 'z' }] }),
      ],
      {},
      [['alpha'], ['beta']],
    ],
    [
      'what is accepted on one of them',
      [
        passing('alpha', SHARED),
        passing('beta', SHARED, { suppression: { reason: 'known', expires: '2099-01-01' } }),
      ],
      {},
      [['alpha'], ['beta']],
    ],
    [
      'what could not be read, which has no cause yet',
      ['alpha', 'beta'].map((name) => passing(name, SHARED, { status: 'NOT_AVAILABLE' })),
      {},
      [['alpha'], ['beta']],
    ],
  ])('%s', (_, findings, stacks, expected) => {
    expect(causesOf(findings, stacks)).toEqual(expected);
  });

  test('leaves each finding as it is but for the cause, which does not depend on the order', () => {
    const findings = [passing('alpha', SHARED), passing('beta', SHARED), passing('gamma', own('gamma'))];
    const told = withCauses(findings);
    expect(told.map(({ cause: _, ...finding }) => finding)).toEqual(findings);
    expect(told[2]).not.toHaveProperty('cause');
    expect(told[0]?.cause).toMatch(/^[\w-]{16}$/);
    expect(withCauses(findings.toReversed()).toReversed()).toEqual(told);
  });
});

describe('stackOfTags', () => {
  const tags = (pairs: Record<string, string>) => stackOfTags(new Map(Object.entries(pairs)));
  test('tells the stack of CloudFormation, whatever other tags there are', () => {
    const stack = { 'aws:cloudformation:stack-id': 'arn:aws:cloudformation:::stack/a' };
    expect(tags({ ...stack, team: 'a' })).toBe(tags({ ...stack, team: 'b', env: 'dev' }));
    expect(tags(stack)).not.toBe(tags({ 'aws:cloudformation:stack-id': 'arn:aws:cloudformation:::stack/b' }));
  });

  test('takes the same tags for one module, but for the name', () => {
    expect(tags({ project: 'mlp', module: 'studio', name: 'a' })).toBe(
      tags({ module: 'studio', project: 'mlp', name: 'b' }),
    );
    expect(tags({ project: 'mlp', module: 'studio' })).not.toBe(tags({ project: 'mlp', module: 'shell' }));
  });

  test.each([{}, { env: 'dev' }, { env: 'dev', name: 'a' }])('%j tell nothing', (pairs) => {
    expect(tags(pairs)).toBeUndefined();
  });
});
