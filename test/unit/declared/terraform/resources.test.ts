import { describe, expect, test } from '@jest/globals';
import type { DeclaredResource } from '../../../../shared/declared/declared.ts';
import {
  type Change,
  type Declaration,
  declaredBy,
  declaredInBoth,
  jsonPlan,
  shownProblems,
  UNKNOWN,
} from '../../../support/plans/plans.ts';

const PROVIDER = `provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
`;
const ACCOUNT = '111122223333';

/** What changes declare with these sources, in both forms of a plan. */
const declared = async (
  changes: readonly Change[],
  main: string,
  more: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<Declaration> => declaredInBoth({ changes }, { '': { 'main.tf': PROVIDER + main }, ...more });

const plain = ({ resources }: Declaration, ...types: DeclaredResource['type'][]) =>
  resources.filter(({ type }) => types.includes(type)).map(({ origin: _, scope: __, ...each }) => each);

const role = (name: string, more: Change['after'] = {}): Change => ({
  address: `aws_iam_role.${name}`,
  after: { name, path: '/', arn: UNKNOWN, id: UNKNOWN, assume_role_policy: '{"Statement":[]}', ...more },
});

describe('roles', () => {
  test('have their inline and attached policies, boundary, tags and instance profiles', async () => {
    const result = await declared(
      [
        {
          address: 'aws_iam_role.run',
          after: {
            name: 'run',
            path: '/ml/',
            arn: UNKNOWN,
            assume_role_policy: '{"Statement":[]}',
            inline_policy: [{ name: 'one', policy: UNKNOWN }],
            managed_policy_arns: UNKNOWN,
            permissions_boundary: UNKNOWN,
            tags: { team: 'fraud' },
            tags_all: UNKNOWN,
          },
        },
        {
          address: 'aws_iam_policy.bound',
          after: { name: 'bound', path: '/', arn: UNKNOWN, policy: '{"Statement":[]}' },
        },
        {
          address: 'aws_iam_instance_profile.box',
          after: { name: 'box', path: '/', arn: UNKNOWN, role: UNKNOWN },
        },
      ],
      `resource "aws_iam_role" "run" {
  name                 = "run"
  path                 = "/ml/"
  assume_role_policy   = jsonencode({ Statement = [] })
  permissions_boundary = aws_iam_policy.bound.arn
  managed_policy_arns  = [aws_iam_policy.bound.arn, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
  tags                 = { team = "fraud" }
  inline_policy {
    name   = "one"
    policy = jsonencode({ Statement = [{ Resource = aws_iam_policy.bound.arn }] })
  }
}
resource "aws_iam_policy" "bound" {
  name   = "bound"
  policy = jsonencode({ Statement = [] })
}
resource "aws_iam_instance_profile" "box" {
  name = "box"
  role = aws_iam_role.run.name
}
`,
    );
    const bound = `arn:aws:iam::${ACCOUNT}:policy/bound`;
    expect(plain(result, 'role')).toEqual([
      {
        type: 'role',
        address: 'aws_iam_role.run',
        name: 'run',
        arn: `arn:aws:iam::${ACCOUNT}:role/ml/run`,
        entry: {
          RoleName: 'run',
          Arn: `arn:aws:iam::${ACCOUNT}:role/ml/run`,
          Path: '/ml/',
          AssumeRolePolicyDocument: { Statement: [] },
          RolePolicyList: [{ PolicyName: 'one', PolicyDocument: { Statement: [{ Resource: bound }] } }],
          AttachedManagedPolicies: [
            { PolicyName: 'bound', PolicyArn: bound },
            { PolicyName: 'ReadOnlyAccess', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
          ],
          InstanceProfileList: [
            { InstanceProfileName: 'box', Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/box` },
          ],
          PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: bound },
          Tags: [{ Key: 'team', Value: 'fraud' }],
        },
      },
    ]);
    expect(shownProblems(result)).toEqual([]);
  });

  test('of the state leave out inline policies that resources of their own write anew or that go', async () => {
    const old = {
      name: 'old',
      path: '/',
      arn: `arn:aws:iam::${ACCOUNT}:role/old`,
      assume_role_policy: '{"Statement":[]}',
      inline_policy: ['kept', 'written', 'gone'].map((name) => ({ name, policy: '{"Statement":[]}' })),
      managed_policy_arns: [],
    };
    const [written, gone] = ['written', 'gone'].map((name) => ({
      name,
      role: 'old',
      policy: '{"Statement":[]}',
    }));
    const result = await declared(
      [
        { address: 'aws_iam_role.old', action: 'no-op', before: old, after: old },
        {
          address: 'aws_iam_role_policy.written',
          action: 'update',
          before: written ?? {},
          after: { ...written, policy: '{}' },
        },
        { address: 'aws_iam_role_policy.gone', action: 'delete', before: gone ?? {} },
      ],
      'resource "aws_iam_role" "old" {\n  name = "old"\n}\nresource "aws_iam_role_policy" "written" {\n  name = "written"\n}\n',
    );
    expect(plain(result, 'role')).toMatchObject([{ entry: { RolePolicyList: [{ PolicyName: 'kept' }] } }]);
    expect(plain(result, 'attached-policy')).toMatchObject([{ policy: { name: 'written', document: {} } }]);
  });

  test('get the tags that their provider adds', async () => {
    const result = await declared(
      [role('a', { tags: { b: '2' }, tags_all: UNKNOWN }), role('b', { tags: null, tags_all: { c: '3' } })],
      `resource "aws_iam_role" "a" {
  tags = { b = "2" }
}
resource "aws_iam_role" "b" {}
provider "aws" {
  default_tags {
    tags = { a = "1", b = "0" }
  }
}
`,
    );
    expect(plain(result, 'role')).toMatchObject([
      {
        entry: {
          Tags: [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '2' },
          ],
        },
      },
      { entry: { Tags: [{ Key: 'c', Value: '3' }] } },
    ]);
  });
});

describe('users, groups and attachments', () => {
  test('are declared with what ties them', async () => {
    const result = await declared(
      [
        { address: 'aws_iam_user.ana', after: { name: 'ana', path: '/', arn: UNKNOWN, id: UNKNOWN } },
        { address: 'aws_iam_group.ml', after: { name: 'ml', path: '/', arn: UNKNOWN, id: UNKNOWN } },
        { address: 'aws_iam_group_membership.ml', after: { group: UNKNOWN, users: UNKNOWN } },
        { address: 'aws_iam_user_group_membership.ana', after: { user: UNKNOWN, groups: ['ops'] } },
        {
          address: 'aws_iam_user_policy.own',
          after: { name: 'own', user: UNKNOWN, policy: '{"Statement":[]}' },
        },
        {
          address: 'aws_iam_group_policy_attachment.read',
          after: { group: UNKNOWN, policy_arn: 'arn:aws:iam::aws:policy/Read' },
        },
        {
          address: 'aws_iam_policy_attachment.many',
          after: {
            name: 'many',
            policy_arn: 'arn:aws:iam::aws:policy/Many',
            roles: ['r'],
            users: UNKNOWN,
            groups: null,
          },
        },
        {
          address: 'aws_iam_role_policy_attachments_exclusive.all',
          after: { role_name: 'r', policy_arns: ['arn:aws:iam::aws:policy/All'] },
        },
      ],
      `resource "aws_iam_user" "ana" {
  name = "ana"
}
resource "aws_iam_group" "ml" {
  name = "ml"
}
resource "aws_iam_group_membership" "ml" {
  group = aws_iam_group.ml.name
  users = [aws_iam_user.ana.id]
}
resource "aws_iam_user_group_membership" "ana" {
  user   = aws_iam_user.ana.name
  groups = ["ops"]
}
resource "aws_iam_user_policy" "own" {
  name = "own"
  user = aws_iam_user.ana.name
}
resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.ml.id
  policy_arn = "arn:aws:iam::aws:policy/Read"
}
resource "aws_iam_policy_attachment" "many" {
  users = [for user in [aws_iam_user.ana] : user.name]
}
`,
    );
    expect(plain(result, 'user', 'group')).toMatchObject([
      { name: 'ana', arn: `arn:aws:iam::${ACCOUNT}:user/ana`, entry: { GroupList: [] } },
      { name: 'ml', arn: `arn:aws:iam::${ACCOUNT}:group/ml` },
    ]);
    expect(plain(result, 'membership')).toMatchObject([
      { user: 'ana', group: 'ml' },
      { user: 'ana', group: 'ops' },
    ]);
    expect(plain(result, 'attached-policy')).toMatchObject([
      { holder: { type: 'user', name: 'ana' }, policy: { name: 'own' } },
      { holder: { type: 'group', name: 'ml' }, policy: { arn: 'arn:aws:iam::aws:policy/Read' } },
      { holder: { type: 'role', name: 'r' }, policy: { arn: 'arn:aws:iam::aws:policy/Many' } },
      { holder: { type: 'user', name: 'ana' }, policy: { arn: 'arn:aws:iam::aws:policy/Many' } },
      { holder: { type: 'role', name: 'r' }, policy: { arn: 'arn:aws:iam::aws:policy/All' } },
    ]);
  });
});

describe('buckets and keys', () => {
  test('have their CORS rules, policies and names', async () => {
    const result = await declared(
      [
        {
          address: 'aws_s3_bucket.images',
          after: { bucket: 'images', arn: UNKNOWN, id: UNKNOWN, cors_rule: UNKNOWN, tags: null },
        },
        {
          address: 'aws_s3_bucket.old',
          after: {
            bucket: 'old',
            arn: UNKNOWN,
            cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'], max_age_seconds: 0 }],
          },
        },
        {
          address: 'aws_s3_bucket_cors_configuration.images',
          after: {
            bucket: UNKNOWN,
            cors_rule: [{ allowed_methods: ['GET'], allowed_origins: UNKNOWN, expose_headers: null }],
          },
        },
        { address: 'aws_s3_bucket_policy.images', after: { bucket: 'images', policy: UNKNOWN } },
        { address: 'aws_kms_key.data', after: { key_id: UNKNOWN, arn: UNKNOWN, policy: UNKNOWN } },
        {
          address: 'aws_kms_alias.data',
          after: { name: 'alias/data', arn: UNKNOWN, target_key_id: UNKNOWN },
        },
        {
          address: 'aws_kms_key.own',
          after: { key_id: UNKNOWN, id: UNKNOWN, arn: UNKNOWN, policy: UNKNOWN },
        },
        { address: 'aws_kms_key_policy.own', after: { key_id: UNKNOWN, policy: UNKNOWN } },
      ],
      `locals {
  origins = ["https://\${aws_s3_bucket.images.bucket}.example.com"]
}
resource "aws_s3_bucket" "images" {
  bucket = "images"
}
resource "aws_s3_bucket" "old" {
  bucket = "old"
}
resource "aws_s3_bucket_cors_configuration" "images" {
  bucket = aws_s3_bucket.images.id
  dynamic "cors_rule" {
    for_each = local.origins
    content {
      allowed_methods = ["GET"]
      allowed_origins = [cors_rule.value]
      expose_headers  = ["Access-Control-Allow-Origin"]
    }
  }
}
resource "aws_s3_bucket_policy" "images" {
  bucket = aws_s3_bucket.images.id
  policy = <<-EOT
    { "Statement": [{ "Effect": "Deny", "Resource": "\${aws_s3_bucket.images.arn}/*" }] }
  EOT
}
resource "aws_kms_key" "data" {}
resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}
resource "aws_kms_key" "own" {}
resource "aws_kms_key_policy" "own" {
  key_id = aws_kms_key.own.id
  policy = jsonencode({ Statement = [{ Resource = "*", Condition = { a = aws_kms_key.own.arn } }] })
}
`,
    );
    expect(plain(result, 'bucket', 'bucket-cors', 'bucket-policy')).toEqual([
      { type: 'bucket', address: 'aws_s3_bucket.images', name: 'images', cors: null, tags: { TagSet: [] } },
      {
        type: 'bucket',
        address: 'aws_s3_bucket.old',
        name: 'old',
        cors: { cors_rule: [{ allowed_methods: ['GET'], allowed_origins: ['*'], max_age_seconds: 0 }] },
        tags: { TagSet: [] },
      },
      {
        type: 'bucket-cors',
        address: 'aws_s3_bucket_cors_configuration.images',
        bucket: 'images',
        cors: {
          cors_rule: [
            {
              allowed_methods: ['GET'],
              allowed_origins: ['https://images.example.com'],
              expose_headers: ['Access-Control-Allow-Origin'],
            },
          ],
        },
      },
      {
        type: 'bucket-policy',
        address: 'aws_s3_bucket_policy.images',
        bucket: 'images',
        policy: { Statement: [{ Effect: 'Deny', Resource: 'arn:aws:s3:::images/*' }] },
      },
    ]);
    const id = '<aws_kms_key.data.key_id>';
    const own = '<aws_kms_key.own.key_id>';
    const arn = (name: string) => `arn:aws:kms:eu-west-1:${ACCOUNT}:${name}`;
    expect(plain(result, 'key')).toMatchObject([
      {
        names: [arn(`key/${id}`), id, 'alias/data', arn('alias/data')],
        policy: { Statement: [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*' }] },
      },
      {
        names: [arn(`key/${own}`), own],
        policy: { Statement: [{ Condition: { a: arn(`key/${own}`) } }] },
      },
    ]);
  });
});

describe('resources in a form that is not understood', () => {
  test.each(['awscc_iam_role', 'awscc_sagemaker_pipeline', 'aws_cloudformation_stack'])(
    'a resource of the type %s is told, not left away in silence',
    async (type) => {
      const result = await declared(
        [{ address: `${type}.x`, after: { arn: UNKNOWN } }],
        `resource "${type}" "x" {}\n`,
      );
      expect(result.resources).toEqual([]);
      expect(shownProblems(result)).toEqual([
        `infra/main.tf:5:1: what a resource of the type ${type} declares is not judged before it is deployed`,
      ]);
    },
  );
});

describe('pipelines and models', () => {
  test('a definition in S3 is known where the plan writes the object', async () => {
    const location = (bucket: string, object_key: string) => ({
      pipeline_definition: null,
      pipeline_definition_s3_location: [{ bucket, object_key }],
    });
    const result = await declared(
      [
        {
          address: 'aws_sagemaker_pipeline.here',
          after: { pipeline_name: 'here', role_arn: 'r', arn: UNKNOWN, ...location('b', 'k') },
        },
        {
          address: 'aws_sagemaker_pipeline.there',
          after: { pipeline_name: 'there', role_arn: 'r', arn: UNKNOWN, ...location('b', 'other') },
        },
        {
          address: 'aws_s3_object.k',
          after: { bucket: 'b', key: 'k', content: '{"Steps":[]}', source: null },
        },
        { address: 'aws_sagemaker_model.m', after: { name: UNKNOWN, arn: UNKNOWN, execution_role_arn: 'r' } },
      ],
      'resource "aws_sagemaker_model" "m" {\n  execution_role_arn = "r"\n}\n',
    );
    expect(plain(result, 'pipeline', 'job')).toMatchObject([
      { name: 'here', entry: { PipelineDefinition: { Steps: [] }, RoleArn: 'r' } },
      { name: 'there', why: expect.stringContaining('an object in S3 that the plan does not hold') },
      {
        kind: 'model',
        entry: { ModelName: 'terraform-<aws_sagemaker_model.m.name>', ExecutionRoleArn: 'r' },
      },
    ]);
  });
});

describe('instances', () => {
  test('of count, for_each and modules have values of their own', async () => {
    const change = (address: string): Change => ({
      address,
      after: { name: UNKNOWN, role: 'r', policy: UNKNOWN },
    });
    const result = await declared(
      [
        { address: 'aws_s3_bucket.b', after: { bucket: UNKNOWN, arn: UNKNOWN } },
        change('aws_iam_role_policy.many[0]'),
        change('aws_iam_role_policy.many[1]'),
        change('aws_iam_role_policy.each["read"]'),
        change('module.team["fraud"].aws_iam_role_policy.p'),
        change('module.team["fraud"].module.deep[0].aws_iam_role_policy.p'),
      ],
      `resource "aws_s3_bucket" "b" {}
resource "aws_iam_role_policy" "many" {
  count  = 2
  name   = "many-\${count.index}-\${aws_s3_bucket.b.bucket}"
  policy = jsonencode({ Statement = [{ Resource = "\${aws_s3_bucket.b.arn}/\${count.index}" }] })
}
resource "aws_iam_role_policy" "each" {
  for_each = { read = ["s3:GetObject"] }
  name     = each.key
  policy   = jsonencode({ Statement = [{ Action = each.value, Resource = aws_s3_bucket.b.arn }] })
}
module "team" {
  source   = "./team"
  for_each = { fraud = { folder = "f" } }
  bucket   = aws_s3_bucket.b.arn
  settings = each.value
  policies = aws_iam_role_policy.each
}
resource "aws_iam_role_policy" "unplanned" {
  count  = 0
  policy = module.team["fraud"].folder
}
`,
      {
        team: {
          'main.tf': `variable "bucket" {}
variable "settings" {
  type = object({ folder = string, action = optional(string, "s3:ListBucket") })
}
variable "policies" {}
output "folder" {
  value = var.settings.folder
}
resource "aws_iam_role_policy" "p" {
  name   = keys(var.policies)[0]
  policy = jsonencode({ Statement = [{ Action = var.settings.action, Resource = "\${var.bucket}/\${module.deep[0].name}" }] })
}
module "deep" {
  source = "./deep"
  count  = 1
  folder = var.settings.folder
  index  = count.index
}
`,
        },
        'team.deep': {
          'main.tf': `variable "folder" {}
variable "index" {}
output "name" {
  value = "\${var.folder}-\${var.index}"
}
resource "aws_iam_role_policy" "p" {
  name   = "deep"
  policy = jsonencode({ Statement = [{ Resource = var.folder }], Path = path.module })
}
`,
        },
      },
    );
    const bucket = 'arn:aws:s3:::terraform-<aws_s3_bucket.b.bucket>';
    expect(shownProblems(result)).toEqual([]);
    expect(plain(result, 'attached-policy').map((each) => ('policy' in each ? each.policy : null))).toEqual([
      {
        name: 'many-0-terraform-<aws_s3_bucket.b.bucket>',
        document: { Statement: [{ Resource: `${bucket}/0` }] },
      },
      {
        name: 'many-1-terraform-<aws_s3_bucket.b.bucket>',
        document: { Statement: [{ Resource: `${bucket}/1` }] },
      },
      { name: 'read', document: { Statement: [{ Action: ['s3:GetObject'], Resource: bucket }] } },
      { name: 'read', document: { Statement: [{ Action: 's3:ListBucket', Resource: `${bucket}/f-0` }] } },
      { name: 'deep', document: { Statement: [{ Resource: 'f' }], Path: 'team/deep' } },
    ]);
  });

  test('of a module that is not there stay unknown, which is told', async () => {
    const changes: Change[] = [
      { address: 'module.far.aws_iam_role_policy.p', after: { name: 'p', role: 'r', policy: UNKNOWN } },
      { address: 'aws_iam_role_policy.near', after: { name: 'n', role: 'r', policy: UNKNOWN } },
    ];
    const main = `module "far" {
  source = "example.com/far/aws"
}
resource "aws_iam_role_policy" "near" {
  policy = jsonencode({ Statement = [{ Resource = "\${module.far.arn}/*" }] })
}
`;
    const result = await declaredBy(jsonPlan({ changes }), { 'main.tf': main });
    expect(plain(result, 'attached-policy')).toMatchObject([
      { policy: { name: 'p', document: '' } },
      {
        policy: {
          name: 'n',
          document: { Statement: [{ Resource: '<aws_iam_role_policy.near at infra/main.tf:5:52>/*' }] },
        },
      },
    ]);
    expect(shownProblems(result)).toEqual([
      expect.stringMatching(/^infra\/main\.tf:1:1: the sources of this module are not there/),
      expect.stringContaining('this document is not told before the deployment'),
      'infra/main.tf:5:52: the sources of module.far are not there; what hangs on it is told once it is deployed',
    ]);
  });
});

describe('the policy of aws_iam_policy_document', () => {
  test('is the one that the provider makes', async () => {
    const result = await declared(
      [
        { address: 'aws_s3_bucket.b', after: { bucket: 'b', arn: UNKNOWN } },
        { address: 'data.aws_iam_policy_document.base', action: 'read', after: { json: UNKNOWN } },
        { address: 'data.aws_iam_policy_document.all', action: 'read', after: { json: UNKNOWN } },
        { address: 'aws_iam_policy.p', after: { name: 'p', path: '/', arn: UNKNOWN, policy: UNKNOWN } },
      ],
      `resource "aws_s3_bucket" "b" {
  bucket = "b"
}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = [aws_s3_bucket.b.arn]
  }
  statement {
    not_actions   = ["iam:*"]
    not_resources = ["*"]
  }
}
data "aws_iam_policy_document" "all" {
  source_policy_documents   = [data.aws_iam_policy_document.base.json]
  override_policy_documents = [jsonencode({ Statement = [{ Sid = "Read", Effect = "Deny", Action = "*", Resource = "*" }] })]
  policy_id                 = "id"
  statement {
    effect = "Deny"
    principals {
      type        = "AWS"
      identifiers = ["1", "2"]
    }
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
    actions   = ["a:B", "a:C"]
    resources = ["arn:aws:s3:::b/&{aws:username}"]
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/&{x}"
      values   = ["b", "a"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:userid"
      values   = ["u"]
    }
  }
  dynamic "statement" {
    for_each = toset(["x"])
    content {
      sid     = statement.key
      actions = [statement.value]
      not_principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = data.aws_iam_policy_document.all.json
}
`,
    );
    expect(plain(result, 'managed-policy')).toMatchObject([
      {
        entry: {
          PolicyVersionList: [
            {
              IsDefaultVersion: true,
              Document: {
                Version: '2012-10-17',
                Id: 'id',
                Statement: [
                  { Sid: 'Read', Effect: 'Deny', Action: '*', Resource: '*' },
                  { Effect: 'Allow', NotAction: 'iam:*', NotResource: '*' },
                  {
                    Effect: 'Deny',
                    Principal: { AWS: ['2', '1'], Service: 'sagemaker.amazonaws.com' },
                    Action: ['a:C', 'a:B'],
                    Resource: 'arn:aws:s3:::b/${aws:username}',
                    Condition: { StringLike: { 'aws:PrincipalTag/${x}': ['b', 'a'], 'aws:userid': 'u' } },
                  },
                  { Sid: 'x', Effect: 'Allow', Action: 'x', NotPrincipal: '*' },
                ],
              },
            },
          ],
        },
      },
    ]);
  });
});

describe('accounts and Regions', () => {
  const main = `variable "region" {}
provider "aws" {
  region = var.region
}
provider "aws" {
  alias  = "same"
  region = "us-east-1"
}
provider "aws" {
  alias  = "other"
  region = "us-west-2"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploy"
  }
}
provider "aws" {
  alias   = "unknown"
  region  = "cn-north-1"
  profile = "elsewhere"
}
`;
  test('are those of the configuration of the provider', async () => {
    const changes: Change[] = ['', '.same', '.other', '.unknown'].map((provider, index) => ({
      address: `aws_s3_bucket.b${index}`,
      provider,
      after: { bucket: `b${index}`, arn: UNKNOWN },
    }));
    const result = await declaredInBoth(
      {
        changes,
        variables: { region: 'eu-west-1' },
        read: { 'data.aws_caller_identity.me': { account_id: ACCOUNT } },
      },
      { '': { 'main.tf': main } },
    );
    expect(result.resources.map(({ scope }) => scope)).toEqual([
      { account: ACCOUNT, region: 'eu-west-1', partition: 'aws' },
      { account: ACCOUNT, region: 'us-east-1', partition: 'aws' },
      { account: '444455556666', region: 'us-west-2', partition: 'aws' },
      { account: '<AWS::AccountId>', region: 'cn-north-1', partition: 'aws-cn' },
    ]);
  });
});
