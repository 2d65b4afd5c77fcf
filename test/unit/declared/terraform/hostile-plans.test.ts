import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { readPlan } from '../../../../shared/declared/terraform/read-plan.ts';
import { grammar } from '../../../support/plans/grammar.ts';
import {
  binaryPlan,
  type Change,
  declaredBy,
  folderOf,
  jsonPlan,
  shownProblems,
  UNKNOWN,
} from '../../../support/plans/plans.ts';

const read = async (bytes: Uint8Array, files?: Record<string, string>) => {
  const folder = files && folderOf(files);
  const plan = await readPlan({ path: 'plan', bytes, grammar, ...(folder && { folder }) });
  return plan.ok ? plan.value(({ name }) => `<${name}>`) : plan.message;
};

const TYPES = [
  'aws_iam_role',
  'aws_iam_policy',
  'aws_iam_role_policy',
  'aws_iam_policy_attachment',
  'aws_iam_user',
  'aws_iam_group_membership',
  'aws_s3_bucket',
  'aws_s3_bucket_cors_configuration',
  'aws_s3_bucket_policy',
  'aws_kms_key',
  'aws_kms_alias',
  'aws_sagemaker_pipeline',
  'aws_sagemaker_model',
  'data.aws_iam_policy_document',
];
const NAMES = [
  'name',
  'name_prefix',
  'role',
  'policy',
  'arn',
  'id',
  'tags',
  'tags_all',
  'bucket',
  'key_id',
  'roles',
  'users',
  'inline_policy',
  'managed_policy_arns',
  'assume_role_policy',
  'pipeline_definition',
  'statement',
  'json',
  'cors_rule',
  'constructor',
];
/** The library that decodes plan files refuses this name. */
const REFUSED = '__proto__';

const changeWith = (names: readonly string[]): fc.Arbitrary<Change> => {
  const inner = [...names, 'effect', 'actions', 'principals', 'values'];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, 0, -1, '', 'a', '{"Statement":[]}', '{', UNKNOWN),
      fc.string({ maxLength: 8 }),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...inner), tie('any'), { maxKeys: 4 }),
    ),
  })).any as fc.Arbitrary<never>;
  return fc.record({
    address: fc
      .tuple(
        fc.constantFrom('', 'module.a.', 'module.a["x"].module.b[0].'),
        fc.constantFrom(...TYPES),
        fc.constantFrom('.x', '.y[0]', '.z["k"]'),
      )
      .map((parts) => parts.join('')),
    action: fc.constantFrom('create', 'update', 'no-op', 'read', 'delete'),
    before: fc.constant({}),
    after: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }),
  });
};

/** Changes, each of a resource of its own. */
const changesWith = (names: readonly string[], maxLength: number) =>
  fc.uniqueArray(changeWith(names), { maxLength, selector: ({ address }) => address });

const references = fc
  .array(
    fc.tuple(
      fc.constantFrom(...TYPES.map((type) => type.replace('data.', ''))),
      fc.constantFrom(...NAMES),
      fc.constantFrom(
        'var.a',
        'local.a',
        'aws_iam_role.x.arn',
        'aws_kms_key.y[0].arn',
        'module.a["x"].arn',
        'data.aws_iam_policy_document.x.json',
        'jsonencode({ Statement = [aws_s3_bucket.x.arn] })',
        '[for each in local.a : each]',
        'each.value',
        'count.index',
        'null',
        '"${self.name}"',
      ),
    ),
    { maxLength: 8 },
  )
  .map((rows) =>
    [
      'locals {\n  a = local.b\n  b = local.a\n}\nmodule "a" {\n  source = "./a"\n  for_each = aws_iam_role.x\n}\n',
      ...rows.map(([type, name, of]) => `resource "${type}" "x" {\n  ${name} = ${of}\n}\n`),
    ].join(''),
  );

describe('a hostile plan', () => {
  test('in JSON, with any values and sources, is declared or refused, and nothing is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(changesWith([...NAMES, REFUSED], 6), references, async (changes, main) => {
        const declared = await read(strToU8(jsonPlan({ changes })), {
          'main.tf': main,
          'a/main.tf': main,
        });
        expect(declared).toHaveProperty('resources');
      }),
      { numRuns: 100 },
    );
  });

  test('as a file, declares the same as in JSON', async () => {
    await fc.assert(
      fc.asyncProperty(changesWith(NAMES, 4), references, async (changes, main) => {
        const files = { '': { folder: '.', files: { 'main.tf': main } } };
        const [fromJson, fromFile] = [
          await declaredBy(jsonPlan({ changes }), { 'main.tf': main }),
          await declaredBy(binaryPlan({ changes }, files)),
        ];
        const plainOf = ({ resources }: typeof fromJson) => resources.map(({ origin: _, ...each }) => each);
        expect(plainOf(fromFile)).toEqual(plainOf(fromJson));
      }),
      { numRuns: 100 },
    );
  });

  test('that is any JSON is refused or declares nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        expect(typeof (await read(strToU8(text)))).toBe('string');
      }),
      { numRuns: 100 },
    );
  });

  test('whose bytes were changed is read or refused', async () => {
    const bytes = binaryPlan(
      { changes: [{ address: 'aws_iam_role.x', after: { name: 'x', arn: UNKNOWN } }], variables: { a: 'b' } },
      { '': { folder: '.', files: { 'main.tf': 'locals {}' } } },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        async (edits) => {
          const changed = bytes.slice();
          for (const [at, byte] of edits) changed[at] = byte;
          const result = await read(changed);
          expect(typeof result === 'string' || 'resources' in result).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('whose message was changed is read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (tfplan) => {
        const result = await read(zipSync({ tfplan }));
        expect(typeof result === 'string' || 'resources' in result).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['a loop of locals', 'a = local.b\n  b = local.a', 'refers to itself'],
    [
      'texts that double',
      Array.from({ length: 60 }, (_, at) => `a${at || ''} = "\${local.a${at + 1}}\${local.a${at + 1}}"`)
        .join('\n  ')
        .concat('\n  a60 = "xxxx"'),
      'more than',
    ],
    [
      'a chain that is too long',
      Array.from({ length: 2000 }, (_, at) => `a${at || ''} = local.a${at + 1}`).join('\n  '),
      'nested too deeply',
    ],
    [
      'lists that multiply',
      `a = jsonencode(setproduct(${Array.from({ length: 9 }, () => 'range(99)').join(', ')}))`,
      'more than 100000 elements',
    ],
  ])('%s leaves its document unread', async (_, locals, message) => {
    const main = `locals {\n  ${locals}\n}\nresource "aws_iam_role_policy" "x" {\n  policy = local.a\n}\n`;
    const changes: Change[] = [
      { address: 'aws_iam_role_policy.x', after: { name: 'x', role: 'r', policy: UNKNOWN } },
    ];
    const declared = await declaredBy(jsonPlan({ changes }), { 'main.tf': main });
    expect(declared.resources).toMatchObject([{ policy: { name: 'x', document: '' } }]);
    expect(shownProblems(declared).join('\n')).toContain(message);
  });

  test('that unpacks to more than plans do is refused before it is unpacked', async () => {
    const zeros = new Uint8Array(120_000_000);
    expect(await read(zipSync({ tfplan: zeros }, { level: 9 }))).toContain('larger than plans are');
  });
});

describe('what is secret', () => {
  test('is judged, and stands in no name and no problem', async () => {
    const main = `variable "secret" {
  sensitive = true
}
resource "aws_iam_role" "x" {
  name_prefix        = var.secret
  assume_role_policy = jsonencode({ Statement = [{ Sid = "\${sha1(var.secret)}", Resource = { hush = 1 }[var.secret] }] })
}
resource "aws_iam_role_policy" "x" {
  role   = aws_iam_role.x.name
  policy = jsonencode({ a = lookup({}, var.secret, aws_iam_role.x.arn)[var.secret] })
}
`;
    const changes: Change[] = [
      {
        address: 'aws_iam_role.x',
        after: { name: UNKNOWN, name_prefix: 'hush', assume_role_policy: UNKNOWN },
        sensitive: ['name_prefix'],
      },
      { address: 'aws_iam_role_policy.x', after: { name: UNKNOWN, role: UNKNOWN, policy: UNKNOWN } },
    ];
    const declared = await declaredBy(jsonPlan({ changes, variables: { secret: 'hush' } }), {
      'main.tf': main,
    });
    expect(declared.resources.length).toBe(2);
    const shown = JSON.stringify([[...declared.holes.values()], shownProblems(declared)]);
    expect(shown).not.toContain('hush');
  });
});
