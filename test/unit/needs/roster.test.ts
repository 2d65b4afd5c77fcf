import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PipelineUse } from '../../../shared/needs/pipeline-use.ts';
import {
  noUses,
  rosterBuilder,
  rosterOf,
  type UnreadPipeline,
  usedRoles,
} from '../../../shared/needs/roster.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';

const TRAIN = { step: 'Train', pointer: '/Steps/0' };

const useBy = (name: string): PipelineUse => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
  roleArn: ROLE,
  roles: [
    {
      roleArn: ROLE,
      isExecutionRole: true,
      steps: [],
      needs: [
        {
          kind: 'job',
          need: { action: 'sagemaker:CreateTrainingJob', resource: '*' },
          askers: [TRAIN],
          count: 1,
        },
      ],
      untold: [],
      handed: [],
      foreign: [],
      open: [],
      services: ['sagemaker.amazonaws.com'],
      isForCluster: false,
    },
  ],
  imageInputs: [],
});

const unread = (name: string, described?: { arn: string; roleArn: string }): UnreadPipeline => ({
  name,
  why: 'PipelineDefinition, line 1, column 1: Unreadable: no JSON',
  ...(described && { described }),
});

test('the order in which pipelines were read does not show', () => {
  const uses = Array.from({ length: 30 }, (_, index) => useBy(`p${index}`));
  const roster = rosterOf([...uses, unread('y'), unread('x')]);
  expect(roster).toEqual(rosterOf([unread('x'), unread('y'), ...uses.toReversed()]));
  const role = roster.roles.get(ROLE);
  expect(role?.executes.slice(0, 3).map(({ name }) => name)).toEqual(['p0', 'p1', 'p10']);
  expect(role?.needs).toHaveLength(1);
  expect(role?.needs[0]).toMatchObject({ count: 30 });
});

describe('a roster that is made of the one before', () => {
  const [use] = useBy('any').roles;
  if (!use) throw new Error('no role');
  const roleArn = fc.constantFrom('a', 'b', 'c').map((name) => `${ROLE}-${name}`);
  const asked = fc.oneof(
    { weight: 4, arbitrary: fc.subarray(['a', 'b', 'c']) },
    { weight: 1, arbitrary: fc.option(roleArn, { nil: undefined }) },
  );
  const account = fc.array(fc.tuple(fc.constantFrom('p', 'q', 'r', 's'), asked), { maxLength: 6 });
  type Account = typeof account extends fc.Arbitrary<infer T> ? T : never;
  const pipelinesOf = (told: Account) =>
    [...new Map(told)].map(([name, roles]): PipelineUse | UnreadPipeline => {
      const { arn } = useBy(name);
      if (!Array.isArray(roles))
        return unread(name, roles === undefined ? undefined : { arn, roleArn: roles });
      const uses = roles.map((role) => ({ ...use, roleArn: `${ROLE}-${role}` }));
      return {
        ...useBy(name),
        roles: uses,
        imageInputs: [{ bucket: roles.join('-'), step: 'Train', pointer: '/Steps/0' }],
      };
    });

  test('tells the same in the same order as one that is made from nothing', () => {
    fc.assert(
      fc.property(account, account, fc.nat(7), (one, other, kept) => {
        const before = pipelinesOf(one);
        // Some pipelines stay what they are, and stand in the place of what is told of them.
        const stay = before.filter((_, index) => (kept >> index) % 2 === 1);
        const others = pipelinesOf(other).filter(({ name }) => stay.every((each) => each.name !== name));
        const now = [...others, ...stay];
        const made = rosterOf(now, rosterOf(before));
        const anew = rosterOf(now);
        expect(made).toEqual(anew);
        expect([...made.roles]).toEqual([...anew.roles]);
        expect([...made.rolesWithoutPath.keys()]).toEqual([...anew.rolesWithoutPath.keys()]);
      }),
    );
  });

  test('keeps what is asked of roles whose pipelines did not change', () => {
    const [one, two] = [useBy('one'), { ...useBy('two'), roles: [{ ...use, roleArn: `${ROLE}-b` }] }];
    const before = rosterOf([one, two]);
    const made = rosterOf(
      [one, { ...two, imageInputs: [{ bucket: 'b', step: 'Train', pointer: '/Steps/0' }] }],
      before,
    );
    expect(made.roles.get(ROLE)).toBe(before.roles.get(ROLE));
    expect(made.roles.get(`${ROLE}-b`)).not.toBe(before.roles.get(`${ROLE}-b`));
  });
});

describe('what pipelines ask of an account', () => {
  const job = (action: string, more: object = {}) => ({
    kind: 'job' as const,
    need: { action, resource: '*', ...more },
    askers: [TRAIN],
    count: 1,
  });
  const [first] = useBy('any').roles;
  if (!first) throw new Error('no role');
  const withRole = (name: string, changes: Partial<typeof first>): PipelineUse => ({
    ...useBy(name),
    roles: [{ ...first, ...changes }],
  });
  const needsOf = (...uses: PipelineUse[]) =>
    rosterOf(uses)
      .roles.get(ROLE)
      ?.needs.map(({ need: { action }, count, askers }) => [
        action,
        count,
        askers.map(({ pipeline }) => pipeline.name),
      ]);

  test('is one need for all that have the same, and one for each that differs', () => {
    const alike = job('a:B', { context: { 'x:y': 'z' } });
    expect(
      needsOf(
        withRole('p', { needs: [alike, job('a:B')] }),
        withRole('q', {
          needs: [
            { ...alike, askers: [{ step: 'Other', pointer: '/Steps/1' }] },
            job('a:B', { or: [{ action: 'a:C', resource: '*' }] }),
          ],
        }),
        withRole('r', { needs: [{ ...alike, kind: 'data' }, job('a:D')] }),
      ),
    ).toEqual([
      ['a:B', 2, ['p', 'q']],
      ['a:B', 1, ['p']],
      ['a:B', 1, ['q']],
      ['a:B', 1, ['r']],
      ['a:D', 1, ['r']],
    ]);
  });

  test('names the first of those who ask, and counts all', () => {
    const uses = Array.from({ length: 150 }, (_, index) => useBy(`p${String(index).padStart(3, '0')}`));
    const [need] = rosterOf(uses).roles.get(ROLE)?.needs ?? [];
    expect([need?.count, need?.askers.length, need?.askers.at(-1)?.pipeline.name]).toEqual([150, 20, 'p019']);
  });

  test('tells who runs under a role from whose steps name it', () => {
    const role = rosterOf([
      withRole('own', { isExecutionRole: true, steps: [] }),
      withRole('step', { isExecutionRole: false, steps: ['Train'], services: ['ec2.amazonaws.com'] }),
      withRole('both', { isExecutionRole: true, steps: ['Train'] }),
    ]).roles.get(ROLE);
    expect(role?.executes.map(({ name }) => name)).toEqual(['both', 'own']);
    expect(role?.runsSteps.map(({ name }) => name)).toEqual(['both', 'step']);
    expect([...(role?.services ?? [])]).toEqual(['sagemaker.amazonaws.com', 'ec2.amazonaws.com']);
  });

  test('keeps by pipeline what must stay untouched', () => {
    const places = [{ bucket: 'b', key: 'k', owner: 'Other', pointer: '/Steps/1' }];
    const uses = ['p', 'q'].map((name) => withRole(name, { foreign: [{ step: 'Train', places }] }));
    expect(rosterOf(uses).roles.get(ROLE)?.foreign).toEqual(
      ['p', 'q'].map((name) => ({
        pipeline: { name, arn: expect.stringContaining(`pipeline/${name}`) },
        step: 'Train',
        places,
      })),
    );
  });

  test('knows a bucket by the steps that read images from it, the first of them', () => {
    const input = (step: string, bucket = 'acme-images') => ({ bucket, step, pointer: '/Steps/0' });
    const { add, roster } = rosterBuilder();
    add({ ...useBy('p'), imageInputs: [input('A'), input('B'), input('A', 'other')] });
    for (let index = 0; index < 30; index++) add({ ...useBy(`q${index}`), imageInputs: [input('C')] });
    const readers = roster.imageInputs.get('acme-images') ?? [];
    expect(readers.slice(0, 3)).toEqual([
      { pipelineName: 'p', step: 'A' },
      { pipelineName: 'p', step: 'B' },
      { pipelineName: 'q0', step: 'C' },
    ]);
    expect([readers.length, roster.imageInputs.get('other')]).toEqual([
      20,
      [{ pipelineName: 'p', step: 'A' }],
    ]);
  });

  test('keeps a step that reads images from a bucket behind many that read manifests in it', () => {
    const input = (step: string) => ({ bucket: 'acme-images', step, pointer: '/Steps/0' });
    const { add, roster } = rosterBuilder();
    for (let index = 0; index < 30; index++)
      add({ ...useBy(`q${index}`), imageInputs: [{ ...input('A'), manifest: 'read' }] });
    add({ ...useBy('r'), imageInputs: [input('B'), input('B')] });
    const readers = roster.imageInputs.get('acme-images') ?? [];
    expect([readers.length, readers.at(-1)]).toEqual([21, { pipelineName: 'r', step: 'B' }]);
  });

  test('keeps a pipeline that cannot be read, and its execution role where that is known', () => {
    const hidden = 'arn:aws:iam::111122223333:role/hidden';
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/q';
    const roster = rosterOf([useBy('p'), unread('q', { arn, roleArn: hidden }), unread('r')]);
    expect(roster.unread.map(({ name }) => name)).toEqual(['q', 'r']);
    expect(usedRoles(roster)).toEqual([ROLE, hidden]);
    const uses = roster.roles.get(hidden);
    expect(uses).toMatchObject({ executes: [{ name: 'q', arn }], needs: [], runsSteps: [] });
    expect([...(uses?.services ?? [])]).toEqual(['sagemaker.amazonaws.com']);
  });

  test('keeps the first of what is open of each kind, whatever is open of another', () => {
    const open = (kind: 'data' | 'json-get', count: number) =>
      Array.from({ length: count }, (_, index) => ({ kind, reason: `${kind} ${index}` }));
    const roster = rosterOf([
      withRole('p', { open: open('data', 100) }),
      withRole('q', { open: open('json-get', 1) }),
    ]);
    const kept = roster.roles.get(ROLE)?.open ?? [];
    expect(kept).toHaveLength(21);
    expect(kept.at(-1)).toEqual({ kind: 'json-get', reason: 'json-get 0' });
  });

  test('counts needs that differ in the alias of a key alone', () => {
    const keys = (alias: string) => ({
      kind: 'data' as const,
      need: { action: 'kms:GenerateDataKey', resource: 'arn:aws:kms:eu-west-1:111122223333:key/*', alias },
      askers: [TRAIN],
      count: 1,
    });
    const aliases = ['alias/a', 'alias/b', 'alias/a'];
    const roster = rosterOf([withRole('p', { needs: aliases.map(keys) })]);
    expect(roster.roles.get(ROLE)?.needs.map(({ need, count }) => [need.alias, count])).toEqual([
      ['alias/a', 2],
      ['alias/b', 1],
    ]);
  });

  test('names the roles that are used, and nothing of any other', () => {
    const roster = rosterOf([useBy('p'), unread('gone')]);
    expect([usedRoles(roster), roster.unread]).toEqual([[ROLE], [unread('gone')]]);
    expect(noUses('arn:x')).toMatchObject({ roleArn: 'arn:x', executes: [], runsSteps: [], needs: [] });
  });
});
