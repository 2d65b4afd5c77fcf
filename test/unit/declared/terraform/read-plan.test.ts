import { describe, expect, test } from '@jest/globals';
import { strToU8 } from 'fflate';
import type { Declared, DeclaredResource, Fill } from '../../../../shared/declared/declared.ts';
import { namesInPlace } from '../../../../shared/declared/shown.ts';
import { readPlan } from '../../../../shared/declared/terraform/read-plan.ts';
import { member } from '../../../../shared/json/json.ts';
import { grammar } from '../../../support/plans/grammar.ts';
import {
  binaryPlan,
  type Change,
  type Declaration,
  declaredBy,
  folderOf,
  jsonPlan,
  type PlanParts,
  shownProblems,
  UNKNOWN,
} from '../../../support/plans/plans.ts';

const MAIN = `provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_s3_bucket" "data" {
  bucket_prefix = "fraud-"
}

resource "aws_iam_role" "run" {
  name               = "fraud-run"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "sagemaker.amazonaws.com" } }]
  })
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["\${aws_s3_bucket.data.arn}/*"]
  }
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.run.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_sagemaker_pipeline" "train" {
  pipeline_name       = "fraud-train"
  role_arn            = aws_iam_role.run.arn
  pipeline_definition = jsonencode({
    Version = "2020-12-01"
    Steps   = [{ Name = "Train", Type = "Training", Arguments = { RoleArn = aws_iam_role.run.arn } }]
  })
}
`;

const TRUST =
  '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"}}],"Version":"2012-10-17"}';

const CHANGES: Change[] = [
  {
    address: 'aws_s3_bucket.data',
    after: { bucket: UNKNOWN, bucket_prefix: 'fraud-', arn: UNKNOWN, id: UNKNOWN, tags: null },
  },
  {
    address: 'aws_iam_role.run',
    after: {
      name: 'fraud-run',
      path: '/',
      arn: UNKNOWN,
      id: UNKNOWN,
      tags: null,
      assume_role_policy: TRUST,
      inline_policy: UNKNOWN,
      managed_policy_arns: UNKNOWN,
      permissions_boundary: null,
    },
  },
  {
    address: 'data.aws_iam_policy_document.read',
    action: 'read',
    after: {
      json: UNKNOWN,
      statement: [{ sid: 'Read', actions: ['s3:GetObject', 's3:PutObject'], resources: UNKNOWN }],
    },
  },
  { address: 'aws_iam_role_policy.read', after: { name: 'read', role: UNKNOWN, policy: UNKNOWN } },
  {
    address: 'aws_sagemaker_pipeline.train',
    after: {
      pipeline_name: 'fraud-train',
      role_arn: UNKNOWN,
      pipeline_definition: UNKNOWN,
      pipeline_definition_s3_location: [],
      arn: UNKNOWN,
    },
  },
];

const BUCKET = 'fraud-<aws_s3_bucket.data.bucket>';

const inBoth = async (
  parts: PlanParts,
  main = MAIN,
): Promise<[fromJson: Declaration, fromFile: Declaration]> => [
  await declaredBy(jsonPlan(parts), { 'main.tf': main }),
  await declaredBy(binaryPlan(parts, { '': { folder: '.', files: { 'main.tf': main } } })),
];

const ofType = <T extends DeclaredResource['type']>({ resources }: Declaration, type: T) =>
  resources.filter((each): each is DeclaredResource & { type: T } => each.type === type);

const shape = ({ resources, problems }: Declared) => [
  resources.map(({ origin: _, ...each }) => each),
  problems.map(({ pointer, message }) => [pointer, message]),
];

/** What is declared, without the places. */
const plain = ({ resources }: Declaration) => resources.map(({ origin: _, ...each }) => each);

describe('a fresh deployment, whose plan leaves the policies open', () => {
  test('declares what the sources say, with names that AWS makes up as holes', async () => {
    const [fromJson] = await inBoth({ changes: CHANGES });
    expect(ofType(fromJson, 'attached-policy')).toMatchObject([
      {
        holder: { type: 'role', name: 'fraud-run' },
        policy: {
          name: 'read',
          document: {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'Read',
                Effect: 'Allow',
                Action: ['s3:PutObject', 's3:GetObject'],
                Resource: `arn:aws:s3:::${BUCKET}/*`,
              },
            ],
          },
        },
      },
    ]);
    expect(ofType(fromJson, 'pipeline')).toMatchObject([
      {
        name: 'fraud-train',
        scope: { account: '111122223333', region: 'eu-west-1', partition: 'aws' },
        entry: {
          PipelineArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-train',
          RoleArn: 'arn:aws:iam::111122223333:role/fraud-run',
          PipelineDefinition: {
            Steps: [{ Arguments: { RoleArn: 'arn:aws:iam::111122223333:role/fraud-run' } }],
          },
        },
      },
    ]);
    expect(ofType(fromJson, 'bucket')).toMatchObject([{ name: BUCKET, cors: null, tags: { TagSet: [] } }]);
    expect([...fromJson.holes.values()]).toMatchObject([
      { name: 'aws_s3_bucket.data.bucket', like: 'fraud-*', by: 'generated' },
    ]);
    expect(shownProblems(fromJson)).toEqual([]);
  });

  test('is declared alike by both forms of the plan', async () => {
    const [fromJson, fromFile] = await inBoth({ changes: CHANGES });
    expect(plain(fromFile)).toEqual(plain(fromJson));
    expect(fromFile.holes).toEqual(fromJson.holes);
    expect(shownProblems(fromFile)).toEqual([]);
  });

  test('has places in the sources, down into documents', async () => {
    const [declared] = await inBoth({ changes: CHANGES });
    const place = (value: unknown, below = '') => {
      const origin = declared.origins.get(value as object);
      const pointer = `${origin?.pointer}${below}`;
      return [origin?.file.path, origin?.file.places([pointer]).get(pointer)];
    };
    const [role] = ofType(declared, 'role');
    expect(role?.origin).toMatchObject({
      pointer: '/resource/aws_iam_role/run',
      file: { path: 'infra/main.tf' },
    });
    // The plan tells this document, and the sources where it is written.
    const trust = member(role?.entry, 'AssumeRolePolicyDocument');
    expect(place(trust, '/Statement/0/Action')).toEqual(['infra/main.tf', { line: 14, column: 38 }]);
    const [policy] = ofType(declared, 'attached-policy');
    const document = policy && 'document' in policy.policy ? policy.policy.document : null;
    expect(place(member(document, 'Statement') && (member(document, 'Statement') as object[])[0])).toEqual([
      'infra/main.tf',
      { line: 19, column: 3 },
    ]);
    const definition = member(ofType(declared, 'pipeline')[0]?.entry, 'PipelineDefinition');
    expect(place(definition, '/Steps/0/Type')).toEqual(['infra/main.tf', { line: 37, column: 34 }]);
  });

  test('is declared for each way to fill its holes as if there were no other', async () => {
    const bytes = strToU8(jsonPlan({ changes: CHANGES }));
    const folder = folderOf({ 'main.tf': MAIN.replace('allowed_account_ids = ["111122223333"]', '') });
    const read = async () => {
      const plan = await readPlan({ path: 'infra/plan', bytes, grammar, folder });
      if (!plan.ok) throw new Error(plan.message);
      return plan.value;
    };
    const ways: Fill[] = ['1', '2', '1', '3'].map(
      (way) => (hole) =>
        `${hole.name === 'AWS::AccountId' && way === '3' ? 'x' : ''}${hole.name}${way === '3' ? '' : way}`,
    );
    const declare = await read();
    for (const fill of ways) expect(shape(declare(fill))).toEqual(shape((await read())(fill)));
  });

  test('without sources leaves the policies unread, and says what would tell them', async () => {
    const declared = await declaredBy(jsonPlan({ changes: CHANGES }));
    expect(ofType(declared, 'attached-policy')).toMatchObject([
      { holder: { name: '<aws_iam_role_policy.read.role>' }, policy: { name: 'read', document: '' } },
    ]);
    const [pipeline] = ofType(declared, 'pipeline');
    expect(pipeline).toMatchObject({ why: 'its definition cannot be told before the deployment' });
    expect(pipeline?.entry).not.toHaveProperty('PipelineDefinition');
    expect(ofType(declared, 'role')).toMatchObject([
      { entry: { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow' }] } } },
    ]);
    expect(shownProblems(declared)[0]).toBe(
      'infra/plan:1:1: policies that name what is yet to be created are in no plan as JSON; put it beside its .tf files, or give the file of `terraform plan -out`, which holds them',
    );
  });
});

describe('what a plan changes', () => {
  test('what it deletes is not there, and what it leaves alone or forgets is', async () => {
    const values = {
      name: 'old',
      arn: 'arn:aws:iam::111122223333:role/old',
      assume_role_policy: TRUST,
      id: 'old',
    };
    const parts: PlanParts = {
      changes: [
        { address: 'aws_iam_role.kept', action: 'no-op', before: values, after: values },
        { address: 'aws_iam_role.gone', action: 'delete', before: values },
        { address: 'aws_iam_role.forgotten', action: 'forget', before: values },
      ],
      read: { 'aws_iam_role.gone': values },
    };
    for (const declared of await inBoth(parts))
      expect(ofType(declared, 'role').map(({ address }) => address)).toEqual([
        'aws_iam_role.kept',
        'aws_iam_role.forgotten',
      ]);
  });

  test('what the state before does not tell is told as a problem, and once', async () => {
    const policy = { policy_arn: 'arn:aws:iam::aws:policy/Write' };
    const kept = { ...policy, role: [{}] };
    for (const declared of await inBoth({
      changes: [
        { address: 'aws_iam_role_policy_attachment.gone', action: 'delete', before: { ...policy, role: {} } },
        { address: 'aws_iam_role_policy_attachment.kept', action: 'no-op', before: kept, after: kept },
      ],
    }))
      expect(shownProblems(declared).filter((each) => each.includes('what hangs on it'))).toEqual([
        expect.stringMatching(/: (?!before the plan)/),
        expect.stringMatching(/: before the plan: .*; what hangs on it is told once it is deployed$/),
      ]);
  });

  test('an attachment that goes is no longer listed by the state of its role', async () => {
    const [read, write] = ['arn:aws:iam::aws:policy/Read', 'arn:aws:iam::aws:policy/Write'];
    const role = {
      name: 'old',
      arn: 'arn:aws:iam::111122223333:role/old',
      assume_role_policy: TRUST,
      managed_policy_arns: [read, write],
    };
    const [declared] = await inBoth({
      changes: [
        { address: 'aws_iam_role.old', action: 'no-op', before: role, after: role },
        {
          address: 'aws_iam_role_policy_attachment.gone',
          action: 'delete',
          before: { role: 'old', policy_arn: write },
        },
      ],
    });
    expect(ofType(declared, 'role')).toMatchObject([
      { entry: { AttachedManagedPolicies: [{ PolicyName: 'Read', PolicyArn: read }] } },
    ]);
  });

  test('a policy of another name in place of one is not listed under the former name by the state of its role', async () => {
    const role = {
      name: 'old',
      arn: 'arn:aws:iam::111122223333:role/old',
      assume_role_policy: TRUST,
      inline_policy: ['kept', 'deny'].map((name) => ({ name, policy: '{"Statement":[]}' })),
    };
    const policy = { role: 'old', policy: '{"Statement":[]}' };
    for (const declared of await inBoth({
      changes: [
        { address: 'aws_iam_role.old', action: 'no-op', before: role, after: role },
        {
          address: 'aws_iam_role_policy.p',
          action: 'replace',
          before: { ...policy, name: 'deny' },
          after: { ...policy, name: 'allow' },
        },
      ],
    })) {
      expect(ofType(declared, 'role')).toMatchObject([
        { entry: { RolePolicyList: [{ PolicyName: 'kept' }] } },
      ]);
      expect(ofType(declared, 'attached-policy')).toMatchObject([{ policy: { name: 'allow' } }]);
      expect(declared.earlier).toMatchObject([
        { type: 'role', name: 'old' },
        { type: 'attached-policy', holder: { type: 'role', name: 'old' }, policy: { name: 'deny' } },
      ]);
    }
  });

  test('what changes permissions from outside of IAM is told as not judged, and not where it stays as it is', async () => {
    const [address, values] = ['aws_organizations_policy.scp', { name: 'scp', content: '{}' }];
    const told = async (action: 'create' | 'no-op') =>
      (
        await inBoth({
          changes: [{ address, action, after: values, ...(action === 'no-op' && { before: values }) }],
        })
      ).map((declared) => shownProblems(declared));
    for (const problems of await told('create'))
      expect(problems).toEqual([
        expect.stringContaining('of the type aws_organizations_policy declares is not judged'),
      ]);
    for (const problems of await told('no-op')) expect(problems).toEqual([]);
  });

  test('what goes is told as not judged where its type is not, once for each place', async () => {
    const gone = (address: string) => ({ address, action: 'delete', before: { name: 'x' } }) as const;
    const [json, binary] = await inBoth({
      changes: [
        gone('aws_organizations_policy_attachment.scp["a"]'),
        gone('aws_organizations_policy_attachment.scp["b"]'),
        gone('awscc_iam_role_policy.deny'),
        gone('aws_sqs_queue.other'),
      ],
    });
    const told = (type: string) => expect.stringContaining(`of the type ${type} takes away as it goes`);
    const [attachment, policy] = ['aws_organizations_policy_attachment', 'awscc_iam_role_policy'].map(told);
    expect(json && shownProblems(json)).toEqual([attachment, attachment, policy]);
    expect(binary && shownProblems(binary)).toEqual([attachment, policy]);
  });

  test('what it makes anew keeps nothing that was there under its name', async () => {
    const values = { name: 'old', arn: 'arn:aws:iam::111122223333:role/old', assume_role_policy: TRUST };
    for (const declared of await inBoth({
      changes: [{ address: 'aws_iam_role.old', action: 'replace', before: values, after: values }],
    }))
      expect([declared.resources.length, declared.earlier]).toEqual([1, []]);
  });

  test('CORS rules that go are no longer listed by the state of their bucket', async () => {
    const cors_rule = [{ allowed_methods: ['PUT'], allowed_origins: ['*'] }];
    const bucket = { bucket: 'data', arn: 'arn:aws:s3:::data', cors_rule };
    const kept = { address: 'aws_s3_bucket.data', action: 'no-op', before: bucket, after: bucket } as const;
    const gone = {
      address: 'aws_s3_bucket_cors_configuration.data',
      action: 'delete',
      before: { bucket: 'data', cors_rule },
    } as const;
    for (const declared of await inBoth({ changes: [kept, gone] }))
      expect(ofType(declared, 'bucket')).toMatchObject([{ cors: null }]);
    for (const declared of await inBoth({ changes: [kept] }))
      expect(ofType(declared, 'bucket')).toMatchObject([{ cors: { cors_rule } }]);
  });

  test.each([
    [{ errored: true }, 'Terraform ended this plan with an error'],
    [{ complete: false }, 'this plan leaves something for a later plan'],
  ])('%j is told', async (more, message) => {
    for (const declared of await inBoth({ changes: [], ...more }))
      expect(shownProblems(declared)).toEqual([expect.stringContaining(message)]);
  });
});

describe('what Terraform hides', () => {
  const NAMES = `variable "who" {
  type      = string
  sensitive = true
}
variable "open" {
  type = string
}
`;
  const parts: PlanParts = {
    variables: { who: '210987654321', open: 'eu-west-1' },
    changes: [
      {
        address: 'aws_iam_role.r',
        after: {
          name: 'run',
          path: '/ml/',
          assume_role_policy:
            '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::210987654321:root","Service":"sagemaker.amazonaws.com"}}]}',
          description: 'hunter2secret',
        },
        sensitive: ['assume_role_policy', 'description'],
      },
    ],
  };

  test('are values of sensitive variables, and texts of sensitive attributes that name somebody', async () => {
    for (const declared of [
      await declaredBy(jsonPlan(parts), { 'main.tf': NAMES }),
      await declaredBy(binaryPlan(parts, { '': { folder: '.', files: { 'main.tf': NAMES } } })),
    ])
      expect(declared.secrets).toEqual([
        { name: 'var.who', value: '210987654321' },
        { name: 'aws_iam_role.r.assume_role_policy', value: 'arn:aws:iam::210987654321:root' },
        { name: 'aws_iam_role.r.description', value: 'hunter2secret' },
      ]);
  });

  test('is shown by its name in place of its value', () => {
    const shown = namesInPlace(new Map(), [
      { name: 'var.who', value: '210987654321' },
      { name: 'aws_iam_role.r.assume_role_policy', value: 'arn:aws:iam::210987654321:root' },
    ]);
    expect(shown('arn:aws:iam::210987654321:root may, and 210987654321 too')).toBe(
      '${aws_iam_role.r.assume_role_policy} may, and ${var.who} too',
    );
  });
});

describe('what is no plan that can be read', () => {
  test.each<[what: string, plan: string | Uint8Array, message: string]>([
    ['no JSON', '{', 'infra/plan:1:2: this plan is not JSON'],
    ['another file', '{"a":1}', 'infra/plan: this is no plan; give the file of `terraform plan -out FILE`'],
    [
      'a later format',
      jsonPlan({ changes: [], version: '2.0' }),
      'this plan has format_version "2.0", and only 1.x is understood',
    ],
    [
      'a later file',
      binaryPlan({ changes: [], version: '4' }, {}),
      'this plan is of version 4, and only 3 is understood',
    ],
    ['a broken zip', new Uint8Array([0x50, 0x4b, 3, 4, 0]), 'this plan cannot be unpacked'],
  ])('%s', async (_, plan, message) => {
    await expect(declaredBy(plan)).rejects.toThrow(message);
  });
});

test('files that a template names are read beside the file of a plan, which holds its sources alone', async () => {
  const main = `resource "aws_sagemaker_pipeline" "train" {
  pipeline_definition = templatefile("\${path.module}/definition.json", { role = aws_iam_role.run.arn })
}
resource "aws_iam_role" "run" {}
`;
  const changes: Change[] = [
    { address: 'aws_sagemaker_pipeline.train', after: { pipeline_name: 'p', pipeline_definition: UNKNOWN } },
    { address: 'aws_iam_role.run', after: { name: 'run', arn: UNKNOWN } },
  ];
  const plan = binaryPlan({ changes }, { '': { folder: '.', files: { 'main.tf': main } } });
  const definitionOf = async (files?: Record<string, string>) => {
    const [pipeline] = ofType(await declaredBy(plan, files), 'pipeline');
    return member(pipeline?.entry ?? null, 'PipelineDefinition');
  };
  expect(await definitionOf({ 'definition.json': '{"Steps": [{"Role": "${role}"}]}' })).toEqual({
    Steps: [{ Role: expect.stringContaining('role/run') }],
  });
  expect(await definitionOf()).toBeUndefined();
});
