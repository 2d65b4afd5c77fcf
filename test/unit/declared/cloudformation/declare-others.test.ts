import { describe, expect, test } from '@jest/globals';
import { corsRules } from '../../../../shared/reader/answers/cors.ts';
import { tagsOf } from '../../../../shared/reader/answers/tags.ts';
import { fromTemplate, fromTemplates, STACK } from '../../../support/builders/declared-template.ts';

const MACRO = { 'Fn::Transform': { Name: 'Mine' } };
const declared = (type: string, properties: object, input = {}) =>
  fromTemplate({ Resources: { It: { Type: type, Properties: properties } } }, {}, input);

describe('pipelines are answers of DescribePipeline', () => {
  const pipeline = (definition: unknown, more: object = {}, input = {}) => {
    const { resources, problems } = declared(
      'AWS::SageMaker::Pipeline',
      {
        PipelineName: 'p',
        RoleArn: 'arn:aws:iam::111122223333:role/r',
        PipelineDefinition: definition,
        ...more,
      },
      input,
    );
    return { ...(resources[0] as { entry: Record<string, unknown>; why?: string }), problems };
  };

  test('with a definition as an object', () => {
    expect(
      pipeline(
        { PipelineDefinitionBody: { Steps: [] } },
        { ParallelismConfiguration: { MaxParallelExecutionSteps: 2 } },
      ),
    ).toMatchObject({
      type: 'pipeline',
      name: 'p',
      problems: [],
      entry: {
        PipelineName: 'p',
        PipelineArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p',
        RoleArn: 'arn:aws:iam::111122223333:role/r',
        PipelineDefinition: { Steps: [] },
        ParallelismConfiguration: { MaxParallelExecutionSteps: 2 },
      },
    });
  });

  test('with a definition in S3 that lies beside the template', () => {
    const assets = new Map([['abc.json', { path: 'asset.abc.json', text: '{"Steps": []}' }]]);
    const definition = {
      PipelineDefinitionS3Location: { Bucket: { Ref: 'AWS::StackName' }, Key: 'abc.json' },
    };
    const { entry } = pipeline(definition, {}, { assets });
    expect(entry.PipelineDefinition).toEqual({ Steps: [] });
  });

  test.each<[string, unknown, string]>([
    [
      'in S3 only',
      { PipelineDefinitionS3Location: { Bucket: 'b', Key: 'k.json' } },
      'its definition is an object in S3, which is not among the files beside the template',
    ],
    [
      'partly unknown',
      { PipelineDefinitionBody: { Steps: [MACRO] } },
      'its PipelineDefinitionBody holds what only the deployment tells',
    ],
    [
      'nowhere',
      {},
      'its PipelineDefinition is neither a PipelineDefinitionBody nor a PipelineDefinitionS3Location',
    ],
    ['unknown', MACRO, 'its PipelineDefinitionBody holds what only the deployment tells'],
  ])('with a definition %s: it is missing, and why', (_, definition, why) => {
    const { entry, why: told } = pipeline(definition);
    expect(told).toBe(why);
    expect(entry).not.toHaveProperty('PipelineDefinition');
  });

  test('without a role that is known', () => {
    const { entry, problems } = pipeline({ PipelineDefinitionBody: {} }, { RoleArn: MACRO });
    expect(entry).not.toHaveProperty('RoleArn');
    expect(problems).toContainEqual(expect.stringContaining('the role of the pipeline p is unknown'));
  });
});

describe('jobs are answers of their Describe calls', () => {
  test.each([
    [
      'AWS::SageMaker::Model',
      'model',
      { ModelName: 'm', ExecutionRoleArn: 'r' },
      { ModelArn: 'arn:aws:sagemaker:eu-west-1:111122223333:model/m' },
    ],
    [
      'AWS::SageMaker::ModelPackage',
      'model-package',
      { ModelPackageName: 'm', ValidationSpecification: { ValidationRole: 'v' } },
      {},
    ],
    ['AWS::SageMaker::ProcessingJob', 'processing-job', { ProcessingJobName: 'm', RoleArn: 'r' }, {}],
  ])('%s', (type, kind, properties, more) => {
    const { resources } = declared(type, properties);
    expect(resources).toMatchObject([{ type: 'job', kind, name: 'm', entry: { ...properties, ...more } }]);
  });

  test('a role that is unknown is a hole, not no role', () => {
    const { resources } = declared('AWS::SageMaker::Model', { ExecutionRoleArn: MACRO, Tags: [MACRO] });
    expect(resources).toMatchObject([{ entry: { ExecutionRoleArn: '<It.ExecutionRoleArn>' } }]);
  });
});

describe('buckets', () => {
  test('with CORS rules in the form of the API, and tags', () => {
    const { resources } = declared('AWS::S3::Bucket', {
      BucketName: 'b',
      CorsConfiguration: {
        CorsRules: [
          {
            Id: 'x',
            AllowedHeaders: ['*'],
            AllowedMethods: ['GET'],
            AllowedOrigins: ['*'],
            ExposedHeaders: ['ETag'],
            MaxAge: 30,
          },
        ],
      },
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    const [bucket] = resources as readonly unknown[] as [{ cors: unknown; tags: unknown; name: string }];
    expect(bucket.name).toBe('b');
    expect(corsRules(bucket.cors)).toEqual([
      {
        allowedHeaders: ['*'],
        allowedMethods: ['GET'],
        allowedOrigins: ['*'],
        exposeHeaders: ['ETag'],
        maxAgeSeconds: 30,
      },
    ]);
    expect(tagsOf(bucket.tags)).toEqual(new Map([['k', 'v']]));
  });

  test('without CORS and tags', () => {
    const { resources, holes } = declared('AWS::S3::Bucket', {});
    expect(resources).toMatchObject([{ cors: null, tags: { TagSet: [] } }]);
    expect(holes.get('It')).toMatchObject({ by: 'generated', like: 'train-it-*' });
  });

  test('with a prefix of its own, whose names have another form', () => {
    const { holes } = declared('AWS::S3::Bucket', {
      BucketNamePrefix: 'data',
      BucketNamespace: 'account-regional',
    });
    expect(holes.get('It')).not.toHaveProperty('like');
  });

  test('with what is unknown: neither none nor known', () => {
    const { resources } = declared('AWS::S3::Bucket', {
      CorsConfiguration: { CorsRules: [MACRO] },
      Tags: MACRO,
    });
    const [bucket] = resources as readonly unknown[] as [{ cors: unknown; tags: unknown }];
    expect([corsRules(bucket.cors), tagsOf(bucket.tags)]).toEqual([undefined, undefined]);
  });

  test('a policy of a bucket', () => {
    const policy = { Statement: [] };
    expect(
      declared('AWS::S3::BucketPolicy', { Bucket: 'b', PolicyDocument: policy }).resources,
    ).toMatchObject([{ type: 'bucket-policy', bucket: 'b', policy }]);
    expect(declared('AWS::S3::BucketPolicy', { Bucket: 'b', PolicyDocument: MACRO }).resources).toMatchObject(
      [{ policy: null }],
    );
    expect(declared('AWS::S3::BucketPolicy', { Bucket: MACRO, PolicyDocument: policy })).toMatchObject({
      resources: [],
      problems: [
        expect.any(String),
        expect.stringContaining('it is unknown to which bucket the policy belongs'),
      ],
    });
  });
});

describe('keys', () => {
  test('with their aliases', () => {
    const { resources } = fromTemplate({
      Resources: {
        K: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: [] } } },
        A: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/one', TargetKeyId: { Ref: 'K' } } },
        B: {
          Type: 'AWS::KMS::Alias',
          Properties: { AliasName: 'alias/two', TargetKeyId: { 'Fn::GetAtt': 'K.Arn' } },
        },
      },
    });
    expect(resources).toMatchObject([
      {
        type: 'key',
        names: [
          'arn:aws:kms:eu-west-1:111122223333:key/<K>',
          '<K>',
          'alias/one',
          'arn:aws:kms:eu-west-1:111122223333:alias/one',
          'alias/two',
          'arn:aws:kms:eu-west-1:111122223333:alias/two',
        ],
        policy: { Statement: [] },
      },
    ]);
  });

  test('without a policy: the one that KMS gives, which leaves all to the policies of the account', () => {
    expect(declared('AWS::KMS::Key', {}).resources).toMatchObject([
      {
        policy: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::111122223333:root' },
              Action: 'kms:*',
              Resource: '*',
            },
          ],
        },
      },
    ]);
  });
});

describe('stacks', () => {
  test('a resource is declared only if its condition holds', () => {
    const template = {
      Parameters: { Stage: { Type: 'String' } },
      Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] } },
      Resources: { B: { Type: 'AWS::S3::Bucket', Condition: 'IsProd' } },
    };
    expect(fromTemplate(template, { Stage: 'prod' }).resources).toHaveLength(1);
    expect(fromTemplate(template, { Stage: 'dev' }).resources).toHaveLength(0);
  });

  test.each([
    ['cn-north-1', 'arn:aws-cn:s3:::x'],
    ['us-gov-west-1', 'arn:aws-us-gov:s3:::x'],
    ['eu-central-1', 'arn:aws:s3:::x'],
  ])('the partition follows from the Region %s', (region, arn) => {
    const { resources } = fromTemplate(
      {
        Resources: {
          B: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'x' } },
          P: {
            Type: 'AWS::S3::BucketPolicy',
            Properties: { Bucket: { 'Fn::GetAtt': 'B.Arn' }, PolicyDocument: {} },
          },
        },
      },
      {},
      { stack: { ...STACK, region } },
    );
    expect(resources).toMatchObject([{}, { bucket: arn }]);
  });

  test('a stack of which nothing is known asks for account, Region and name', () => {
    const { holes, resources } = fromTemplate(
      { Resources: { R: { Type: 'AWS::IAM::Role' } } },
      {},
      { stack: {} },
    );
    expect([...holes.keys()].toSorted()).toEqual(['AWS::AccountId', 'AWS::Region', 'R']);
    expect(holes.get('R')?.like).toBe('*-R-*');
    expect(resources).toMatchObject([{ scope: { account: '<AWS::AccountId>', region: '<AWS::Region>' } }]);
  });

  test.each<[string, object, string]>([
    [
      'a nested stack that is not at hand',
      { Type: 'AWS::CloudFormation::Stack' },
      'the template of X is not at hand',
    ],
    ['a module', { Type: 'Acme::Team::Role::MODULE' }, 'the template of X is not at hand'],
    ['no type', {}, 'X is no resource: it has no Type'],
  ])('%s is told', (_, X, message) => {
    expect(fromTemplate({ Resources: { X } }).problems).toEqual([expect.stringContaining(message)]);
  });

  test.each<[string, unknown, string | undefined]>([
    ['a macro', 'Mine', 'Mine'],
    ['a macro among others', ['AWS::Serverless-2016-10-31', { Name: 'AWS::Include' }], 'AWS::Include'],
    ['a macro without a name', [{}], 'without a name'],
    ['what is done here', 'AWS::LanguageExtensions', undefined],
    ['what only adds resources of its own', 'AWS::SecretsManager-2024-09-16', undefined],
  ])(
    'the resources of a template, and of those nested in it, know what may change them: %s',
    (_, Transform, by) => {
      const Bucket = { Type: 'AWS::S3::Bucket' };
      const inner = { path: 'inner.yaml', text: JSON.stringify({ Resources: { Bucket } }) };
      const beside = { path: 'beside.yaml', text: JSON.stringify({ Resources: { Bucket } }) };
      const outer = { Transform, Resources: { Bucket, Inner: { Type: 'AWS::CloudFormation::Stack' } } };
      const { resources } = fromTemplates([
        { path: 'outer.yaml', text: JSON.stringify(outer), nested: new Map([['Inner', inner]]) },
        beside,
      ]);
      expect(resources.map(({ address, rewrittenBy }) => [address, rewrittenBy])).toEqual([
        ['outer.Bucket', by],
        ['outer.Inner.Bucket', by],
        ['beside.Bucket', undefined],
      ]);
    },
  );

  test.each<[string, object, string[]]>([
    [
      'a call that writes a policy',
      { Create: '{"service":"IAM","action":"putRolePolicy","parameters":{}}' },
      ['X calls putRolePolicy of IAM; what that changes is not judged'],
    ],
    [
      'a call whose parameters only the deployment tells',
      {
        Update: {
          'Fn::Join': [
            '',
            [
              '{"service":"@aws-sdk/client-s3","action":"PutBucketCors","parameters":{"Bucket":"',
              { Ref: 'AWS::StackName' },
              '"}}',
            ],
          ],
        },
      },
      ['X calls PutBucketCors of s3; what that changes is not judged'],
    ],
    ['calls that read', { Create: '{"service":"S3","action":"getBucketLocation"}' }, []],
    ['calls of a service that nobody judges', { Delete: '{"service":"SSM","action":"putParameter"}' }, []],
    [
      'a text that names no call',
      { Create: 'none' },
      ['what X calls is not known; what that changes is not judged'],
    ],
  ])('a custom resource of the CDK tells which calls it makes: %s', (_, Properties, told) => {
    const { problems } = fromTemplate({ Resources: { X: { Type: 'Custom::AWS', Properties } } });
    expect(problems).toEqual(told.map((text) => expect.stringContaining(text)));
  });

  test('a macro of the whole template, and a file that is no template, are told', () => {
    expect(fromTemplate({ Transform: ['AWS::LanguageExtensions', 'Mine'], Resources: {} }).problems).toEqual([
      expect.stringContaining('the macro Mine changes the template at the deployment'),
    ]);
    expect(fromTemplate('a: 1').problems).toEqual([
      '1:1: the file is no template of CloudFormation: it has no Resources',
    ]);
  });
});
