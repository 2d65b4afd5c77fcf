import { accountRootArn } from '../../domain/arn.ts';
import { asText, isObject, type Json } from '../../json/json.ts';
import {
  baseOf,
  type Declaring,
  entryOf,
  propertyOrigin,
  type TellingAround,
  tagsProperty,
  textProperty,
} from './declared-parts.ts';
import { jsonProperty } from './embedded-text.ts';
import { NO_VALUE, part } from './evaluation.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html */
export const declareBucket: Declaring = (resource, scene) => {
  const { name } = scene.named(resource);
  return [
    {
      type: 'bucket',
      ...baseOf(resource, scene),
      name,
      cors: corsOf(resource, scene),
      tags: tagsOf(resource, scene),
    },
  ];
};

/** What is unknown has none of the forms of tags, so that nobody takes it for none. */
const tagsOf = (resource: Resource, scene: StackScene): Json => {
  const value = scene.property(resource, 'Tags');
  const origin = propertyOrigin(resource, 'Tags');
  if (value !== NO_VALUE && scene.known(value) === undefined) return entryOf({}, origin, scene);
  return entryOf({ TagSet: tagsProperty(resource, scene) ?? [] }, origin, scene);
};

/** The names of the template beside those of the API. */
const RULE_FIELDS = [
  ['Id', 'ID'],
  ['AllowedHeaders', 'AllowedHeaders'],
  ['AllowedMethods', 'AllowedMethods'],
  ['AllowedOrigins', 'AllowedOrigins'],
  ['ExposedHeaders', 'ExposeHeaders'],
  ['MaxAge', 'MaxAgeSeconds'],
] as const;

/**
 * The CORS rules as `get-bucket-cors` gives them. What is unknown has none of its forms.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-corsrule.html
 */
const corsOf = (resource: Resource, scene: StackScene): Json | null => {
  const value = scene.property(resource, 'CorsConfiguration');
  if (value === NO_VALUE) return null;
  const origin = propertyOrigin(resource, 'CorsConfiguration');
  const rules = scene.known(part(value, 'CorsRules'));
  if (!Array.isArray(rules)) return entryOf({}, origin, scene);
  const made = rules.map((rule, index): Json => {
    const members = RULE_FIELDS.map(([from, to]) => [to, scene.known(part(rule, from))]);
    return isObject(rule)
      ? entryOf(
          Object.fromEntries(members),
          propertyOrigin(resource, 'CorsConfiguration', 'CorsRules', index),
          scene,
        )
      : rule;
  });
  return entryOf({ CORSRules: made }, origin, scene);
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html */
export const declareBucketPolicy: Declaring = (resource, scene) => {
  const bucket = textProperty(resource, 'Bucket', scene);
  if (bucket === undefined) {
    scene.report(
      propertyOrigin(resource, 'Bucket'),
      'it is unknown to which bucket the policy belongs; it is judged without it',
    );
    return [];
  }
  const policy = scene.known(jsonProperty(resource, scene, 'PolicyDocument')) ?? null;
  return [{ type: 'bucket-policy', ...baseOf(resource, scene), bucket, policy }];
};

/**
 * A key without a policy gets the one that KMS gives to keys made by program.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export const declareKey: Declaring = (resource, scene, around) => {
  const { name, arn } = scene.named(resource);
  const own = jsonProperty(resource, scene, 'KeyPolicy');
  const policy = own === NO_VALUE ? defaultPolicy(resource, scene) : (scene.known(own) ?? null);
  return [
    {
      type: 'key',
      ...baseOf(resource, scene),
      names: [
        arn,
        name,
        ...[name, arn].flatMap((key) => around(keyKey(scene, key)).flatMap((alias) => asText(alias) ?? [])),
      ],
      policy,
    },
  ];
};

const defaultPolicy = (resource: Resource, scene: StackScene): Json =>
  entryOf(
    {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: accountRootArn(scene.scope) },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    resource.properties,
    scene,
  );

/** What an alias says of its key, which it names by id or ARN. */
export const aroundAlias: TellingAround = (resource, scene) => {
  const key = asText(scene.known(scene.property(resource, 'TargetKeyId')));
  if (key === undefined) return [];
  const { name, arn } = scene.named(resource);
  return [name, arn].map((told) => ({ of: keyKey(scene, key), told }));
};

const keyKey = ({ scope }: StackScene, key: string): string => `key ${scope.account} ${scope.region} ${key}`;
