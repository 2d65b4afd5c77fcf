import { describe, expect, test } from '@jest/globals';
import type { Declare, DeclaredResource, Hole, SourceFile } from '../../../shared/declared/declared.ts';
import { judgeDeclared } from '../../../shared/declared/judge.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { matchesGlob } from '../../../shared/iam/policy/glob.ts';
import type { Json } from '../../../shared/json/json.ts';
import { aFinding } from '../../support/builders/finding.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const file: SourceFile = {
  path: 'template.yaml',
  places: (pointers) =>
    new Map([...pointers].map((pointer) => [pointer, { line: pointer.length + 1, column: 1 }])),
};
const origin = { file, pointer: '/Resources/Role' };

const role = (name: string, entry: Json = {}): DeclaredResource => ({
  type: 'role',
  address: 'Role',
  scope,
  origin,
  name,
  arn: `arn:aws:iam::111122223333:role/${name}`,
  entry,
});

const declaring =
  (make: (fill: (hole: Hole) => string) => DeclaredResource[]): Declare =>
  (fill) => ({ resources: make(fill), problems: [], origins: new WeakMap() });

/** A control that fails roles whose name the configuration’s pattern matches. */
const failsWhere =
  (pattern: string) =>
  async ({ resources }: { resources: readonly DeclaredResource[] }): Promise<Finding[]> =>
    resources.flatMap((each) =>
      each.type === 'role'
        ? aFinding({
            id: each.arn,
            status: matchesGlob(pattern, each.name) ? 'FAILED' : 'PASSED',
            resource: { type: 'role', arn: each.arn },
            evidence: [{ at: each.arn, found: each.name, expected: 'another name' }],
          })
        : [],
    );

const NAME: Hole = { name: 'RoleName', by: 'given', tell: 'give --parameter RoleName=…' };
const run = (
  declare: Declare,
  judge: ReturnType<typeof failsWhere>,
  inPlay: readonly string[],
  given = new Map(),
) => judgeDeclared({ declare, given, inPlay, judge, isAlone: false });

describe('what a macro may change', () => {
  const statuses = async (name: string): Promise<unknown> => {
    const macro = { ...role(name), rewrittenBy: 'Mine' };
    const { findings } = await run(
      declaring(() => [macro]),
      failsWhere('admin'),
      [],
    );
    return findings.map(({ finding: { status, evidence } }) => [status, evidence[0]?.found]);
  };

  test('is not told not to apply either', async () => {
    const { findings } = await run(
      declaring(() => [{ ...role('train'), rewrittenBy: 'Mine' }]),
      async () => [
        aFinding({
          id: 'one',
          status: 'NOT_APPLICABLE',
          resource: { type: 'role', arn: 'arn:aws:iam::111122223333:role/train' },
          evidence: [],
        }),
      ],
      [],
    );
    expect(findings.map(({ finding: { status, evidence } }) => [status, evidence[0]?.found])).toEqual([
      ['NOT_AVAILABLE', 'NOT_APPLICABLE as it is written, but the macro Mine may change it'],
    ]);
  });

  test('does not pass, and a fault that is written is told', async () => {
    expect(await statuses('train')).toEqual([
      ['NOT_AVAILABLE', 'PASSED as it is written, but the macro Mine may change it'],
    ]);
    expect(await statuses('admin')).toEqual([['FAILED', 'admin']]);
  });

  test('keeps a role of another template from passing to which its template attaches a policy', async () => {
    const attached: DeclaredResource = {
      type: 'attached-policy',
      address: 'Policy',
      scope,
      origin,
      holder: { type: 'role', name: 'Train' },
      policy: { name: 'more', document: {} },
      rewrittenBy: 'Mine',
    };
    const { findings } = await run(
      declaring(() => [role('train'), { ...role('score'), address: 'Other' }, attached]),
      failsWhere('admin'),
      [],
    );
    expect(findings.map(({ finding: { status, resource } }) => [resource.arn, status])).toEqual([
      ['arn:aws:iam::111122223333:role/train', 'NOT_AVAILABLE'],
      ['arn:aws:iam::111122223333:role/score', 'PASSED'],
    ]);
  });
});

describe('a verdict on what is declared', () => {
  test('is told where no hole matters', async () => {
    const { findings, ways } = await run(
      declaring(() => [role('train')]),
      failsWhere('train'),
      [],
    );
    expect(findings.map(({ finding }) => finding.status)).toEqual(['FAILED']);
    expect(ways).toBe(1);
  });

  test('is not told where a pattern of the configuration may match the hole’s value', async () => {
    const { findings } = await run(
      declaring((fill) => [role(fill(NAME))]),
      failsWhere('admin-*'),
      ['admin-*'],
    );
    expect(findings.map(({ finding }) => finding)).toMatchObject([
      {
        status: 'NOT_AVAILABLE',
        resource: { arn: 'arn:aws:iam::111122223333:role/${RoleName}' },
        evidence: [
          { at: '${RoleName}', found: expect.stringContaining('FAILED where ${RoleName} is “admin-') },
          {},
        ],
        remediation: { text: expect.stringContaining('give --parameter RoleName=…') },
      },
    ]);
  });

  test.each([
    ['admin-x', 'FAILED'],
    ['train', 'PASSED'],
  ])('is told once the value is given: %s', async (value, status) => {
    const given = new Map([['RoleName', value]]);
    const { findings } = await run(
      declaring((fill) => [role(fill(NAME))]),
      failsWhere('admin-*'),
      ['admin-*'],
      given,
    );
    expect(findings.map(({ finding }) => [finding.status, finding.resource.arn])).toEqual([
      [status, `arn:aws:iam::111122223333:role/${value}`],
    ]);
  });

  test('is told of a generated name that no pattern can match', async () => {
    const generated: Hole = { name: 'Role', by: 'generated', like: 'prod-Role-*', tell: 'give it a name' };
    const declare = declaring((fill) => [role(fill(generated))]);
    const { findings } = await run(declare, failsWhere('admin-*'), ['admin-*']);
    expect(findings.map(({ finding }) => finding.status)).toEqual(['PASSED']);
    const may = await run(declare, failsWhere('prod-*'), ['prod-*']);
    expect(may.findings.map(({ finding }) => finding.status)).toEqual(['FAILED']);
  });

  const SIZE: Hole = {
    name: 'Stage',
    by: 'given',
    values: ['dev', 'prod'],
    byDefault: 'dev',
    tell: 'give --parameter Stage=…',
  };

  test.each([
    ['is a fault where the value by default makes one', 'dev', 'FAILED'],
    ['is not told where only another allowed value makes a fault', 'prod', 'NOT_AVAILABLE'],
    ['is passed where no allowed value makes a fault', 'test', 'PASSED'],
  ])('%s', async (_, pattern, status) => {
    const { findings } = await run(
      declaring((fill) => [role(fill(SIZE))]),
      failsWhere(pattern),
      [],
    );
    expect(findings.map(({ finding }) => finding.status)).toEqual([status]);
  });

  test('hangs on two holes together where each alone makes no fault', async () => {
    const [one, other] = ['One', 'Other'].map(
      (name): Hole => ({ name, by: 'given', values: ['a', 'b'], tell: `give ${name}` }),
    );
    if (!one || !other) throw new Error('two holes were expected');
    const { findings } = await run(
      declaring((fill) => [role(`${fill(one)}${fill(other)}`)]),
      failsWhere('bb'),
      [],
    );
    expect(findings.map(({ finding }) => finding.status)).toEqual(['NOT_AVAILABLE']);
  });

  test('has the place of its evidence in the source', async () => {
    const document: Json = { Statement: [{ Effect: 'Allow' }] };
    const origins = new WeakMap<object, { file: SourceFile; pointer: string }>([
      [document, { file, pointer: '/Resources/Role/Properties/Policies/0/PolicyDocument' }],
    ]);
    const own = role('train', { RolePolicyList: [{ PolicyName: 'own', PolicyDocument: document }] });
    const at = 'arn:aws:iam::111122223333:role/train own/Statement/0/Action';
    const { findings } = await judgeDeclared({
      declare: () => ({ resources: [own], problems: [], origins }),
      given: new Map(),
      inPlay: [],
      isAlone: false,
      judge: async () => [
        aFinding({
          resource: { type: 'role', arn: 'arn:aws:iam::111122223333:role/train' },
          evidence: [{ at, found: '', expected: '' }],
        }),
      ],
    });
    const pointer = '/Resources/Role/Properties/Policies/0/PolicyDocument/Statement/0/Action';
    expect(findings.map(({ place }) => place)).toEqual([
      { path: 'template.yaml', regions: [{ line: pointer.length + 1, column: 1, at }] },
    ]);
  });
});

describe('a declared role that the account has already', () => {
  const judged = (hasRole: boolean, status: 'FAILED' | 'PASSED') =>
    judgeDeclared({
      declare: declaring(() => [role('train')]),
      given: new Map(),
      inPlay: [],
      isAlone: false,
      alreadyThere: async (resources) => (hasRole ? resources : []),
      // What the account gives the role stays where the source is said to have declared the role before.
      judge: async ({ earlier }) => [
        aFinding({
          status: earlier ? 'FAILED' : status,
          resource: { type: 'role', arn: 'arn:aws:iam::111122223333:role/train' },
        }),
      ],
    });

  test('passes only if it also passes with what the account gives it besides', async () => {
    const { findings } = await judged(true, 'PASSED');
    expect(findings.map(({ finding: { status, evidence } }) => [status, evidence[0]?.at])).toEqual([
      ['NOT_AVAILABLE', 'what the account gives it besides'],
    ]);
  });

  test('has its faults', async () => {
    const { findings } = await judged(true, 'FAILED');
    expect(findings.map(({ finding }) => finding.status)).toEqual(['FAILED']);
  });

  test('is judged as it is declared, where the account has none of its name', async () => {
    const { findings, ways } = await judged(false, 'PASSED');
    expect(findings.map(({ finding }) => finding.status)).toEqual(['PASSED']);
    expect(ways).toBe(1);
  });
});

test('a policy for whom only the deployment tells is told, beside an account', async () => {
  const attached = (name: string): DeclaredResource => ({
    type: 'attached-policy',
    address: 'Policy',
    scope,
    origin,
    holder: { type: 'role', name },
    policy: { name: 'p', document: {} },
  });
  const problemsWith = async (given: ReadonlyMap<string, string>) => {
    const { problems } = await run(
      declaring((fill) => [attached(fill(NAME))]),
      failsWhere('train'),
      [],
      given as Map<string, string>,
    );
    return problems.map(({ message }) => message);
  };
  expect(await problemsWith(new Map())).toEqual([
    'it changes what a role of the account may do, whose name is ${RoleName}; give --parameter RoleName=…',
  ]);
  expect(await problemsWith(new Map([['RoleName', 'train']]))).toEqual([]);
});
