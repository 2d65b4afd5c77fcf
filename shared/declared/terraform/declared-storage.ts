import { accountRootArn } from '../../domain/arn.ts';
import type { Json, JsonObject } from '../../json/json.ts';
import { isList, jsonOf, listOf, textOf, Untold, type Value } from '../hcl/values.ts';
import type { Declares } from './declared-iam.ts';
import type { PlannedResource } from './plan.ts';
import { scopeOf } from './provider-scope.ts';
import { documentOf, tagList } from './resource-values.ts';
import type { Part, World } from './world.ts';

const common = (resource: PlannedResource, world: World) => ({
  address: resource.address,
  scope: scopeOf(resource, world),
  origin: world.originOf(resource),
});

/** The CORS rules of blocks, as Terraform has them; what cannot be told has no rules at all, which is reported. */
const corsOf = (resource: PlannedResource, world: World): Json | undefined => {
  try {
    const rules = world
      .part(resource)
      .blocks('cors_rule')
      .map((block) => ruleOf(block, world));
    const cors = { cors_rule: rules };
    // The state of a bucket lists rules that another resource declares.
    if (resource.isOld && resource.type === 'aws_s3_bucket' && world.isSet(resource, 'cors_rule') !== true)
      world.model.ofState.add(cors);
    return cors;
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    world.report({
      ...world.originOf(resource),
      message: `${error.message}; its CORS rules are told once it is deployed`,
    });
    return undefined;
  }
};

const LISTS = ['allowed_headers', 'allowed_methods', 'allowed_origins', 'expose_headers'];

const ruleOf = (block: Part, world: World): JsonObject => {
  const rule: JsonObject = {};
  for (const name of LISTS) {
    const value = block.attribute(name) ?? null;
    if (value !== null) rule[name] = jsonOf(listOf(value).map(textOf));
  }
  const age = block.attribute('max_age_seconds') ?? null;
  if (age !== null) rule.max_age_seconds = jsonOf(age);
  world.origins.set(rule, block.origin);
  return rule;
};

/** A configuration that nothing can be read of, so that the bucket does not look like one without rules. */
const UNREAD: Json = '';

const bucket: Declares = (resource, world) => {
  const cors = corsOf(resource, world) ?? UNREAD;
  const hasRules = cors === UNREAD || (isRules(cors) && cors.cors_rule.length > 0);
  return [
    {
      type: 'bucket',
      ...common(resource, world),
      name: world.text(resource, 'bucket') ?? '',
      cors: hasRules ? cors : null,
      tags: { TagSet: tagList(resource, world) },
    },
    ...policiesOf(resource, world),
  ];
};

const isRules = (cors: Json): cors is { cors_rule: Json[] } =>
  typeof cors === 'object' && cors !== null && 'cors_rule' in cors && isList(cors.cors_rule as Value);

/** The former attribute `policy` of a bucket. */
const policiesOf = (resource: PlannedResource, world: World): ReturnType<Declares> =>
  world.isSet(resource, 'policy')
    ? [
        {
          type: 'bucket-policy',
          ...common(resource, world),
          address: `${resource.address}.policy`,
          bucket: world.text(resource, 'bucket') ?? '',
          policy: policyFrom(documentOf(resource, 'policy', world)),
        },
      ]
    : [];

/** The output of get-bucket-policy or get-key-policy, or the policy itself. */
const policyFrom = (document: Json | undefined): Json =>
  typeof document === 'string' ? { Policy: document } : (document ?? UNREAD);

const bucketCors: Declares = (resource, world) => [
  {
    type: 'bucket-cors',
    ...common(resource, world),
    bucket: world.text(resource, 'bucket') ?? '',
    cors: corsOf(resource, world) ?? UNREAD,
  },
];

const bucketPolicy: Declares = (resource, world) => [
  {
    type: 'bucket-policy',
    ...common(resource, world),
    bucket: world.text(resource, 'bucket') ?? '',
    policy: policyFrom(documentOf(resource, 'policy', world)),
  },
];

const managedOfType = (world: World, type: string): readonly PlannedResource[] =>
  world.model.byType.get(type) ?? [];

const key: Declares = (resource, world) => {
  const [id, arn] = ['key_id', 'arn'].map((name) => world.text(resource, name) ?? '');
  const aliases = managedOfType(world, 'aws_kms_alias').filter((each) => {
    const target = world.text(each, 'target_key_id');
    return target === id || target === arn;
  });
  const names = [
    arn,
    id,
    ...aliases.flatMap((each) => [world.text(each, 'name'), world.text(each, 'arn')]),
  ].flatMap((name) => name ?? []);
  return [{ type: 'key', ...common(resource, world), names, policy: keyPolicy(resource, [id, arn], world) }];
};

const keyPolicy = (resource: PlannedResource, names: readonly (string | undefined)[], world: World): Json => {
  const apart = managedOfType(world, 'aws_kms_key_policy').find((each) =>
    names.includes(world.text(each, 'key_id')),
  );
  if (apart) return policyFrom(documentOf(apart, 'policy', world));
  if (world.isSet(resource, 'policy') !== false || resource.isOld)
    return policyFrom(documentOf(resource, 'policy', world));
  return byDefault(accountRootArn(scopeOf(resource, world)));
};

/** The policy of a key for which none is given. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
const byDefault = (rootArn: string): Json => ({
  Version: '2012-10-17',
  Id: 'key-default-1',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: rootArn },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** What each type of resources of S3 and KMS declares. */
export const STORAGE: Readonly<Record<string, Declares>> = {
  aws_s3_bucket: bucket,
  aws_s3_bucket_cors_configuration: bucketCors,
  aws_s3_bucket_policy: bucketPolicy,
  aws_kms_key: key,
};
