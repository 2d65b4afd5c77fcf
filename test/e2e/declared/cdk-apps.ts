import {
  App,
  custom_resources as custom,
  type Environment,
  aws_iam as iam,
  aws_lambda as lambda,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_sagemaker as sagemaker,
} from 'aws-cdk-lib';

/** Synthesises an app of one stack into a folder, as `cdk synth` does. */
export const synthesise = (outdir: string, build: (stack: Stack) => void, env?: Environment): void => {
  const app = new App({ outdir, analyticsReporting: false });
  build(new Stack(app, 'Ml', env && { env }));
  app.synth();
};

const definition = (...steps: readonly object[]) => ({ Version: '2020-12-01', Steps: steps });

const pipeline = (stack: Stack, name: string, role: iam.Role, body: string) =>
  new sagemaker.CfnPipeline(stack, 'Pipeline', {
    pipelineName: name,
    roleArn: role.roleArn,
    pipelineDefinition: { PipelineDefinitionBody: body },
  });

/** A role of SageMaker with what training jobs with default names need. */
const trainingRole = (stack: Stack): iam.Role => {
  const role = new iam.Role(stack, 'Worker', {
    assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  });
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags'],
      resources: [
        stack.formatArn({ service: 'sagemaker', resource: 'training-job', resourceName: 'pipelines-*' }),
      ],
    }),
  );
  return role;
};

/** The definition is joined around the names of buckets that delete their objects; the role may not pass itself. */
export const joined = (stack: Stack): void => {
  const emptied = { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true };
  const [source, output] = [new s3.Bucket(stack, 'Source', emptied), new s3.Bucket(stack, 'Output', emptied)];
  const role = trainingRole(stack);
  source.grantRead(role);
  output.grantReadWrite(role);
  pipeline(
    stack,
    'joined',
    role,
    JSON.stringify(
      definition({
        Name: 'Train',
        Type: 'Training',
        Arguments: {
          InputDataConfig: [
            {
              ChannelName: 'train',
              DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: source.s3UrlForObject() } },
            },
          ],
          OutputDataConfig: { S3OutputPath: output.s3UrlForObject() },
        },
      }),
    ),
  );
};

/** The definition is a text in a text: an object whose only key is PipelineDefinitionBody. */
export const nestedText = (stack: Stack): void => {
  const body = JSON.stringify(definition({ Name: 'Train', Type: 'Training', Arguments: {} }));
  pipeline(stack, 'nested-text', trainingRole(stack), JSON.stringify({ PipelineDefinitionBody: body }));
};

/** The role may pass every role to SageMaker, itself included; a step waits for one that does not exist. */
export const passesEveryRole = (stack: Stack): void => {
  const bucket = new s3.Bucket(stack, 'Features', { bucketName: 'acme-features', enforceSSL: true });
  const role = new iam.Role(stack, 'Worker', {
    roleName: 'worker',
    assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com'),
    inlinePolicies: {
      Pass: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            actions: ['iam:PassRole'],
            resources: ['*'],
            conditions: { StringEquals: { 'iam:PassedToService': ['sagemaker.amazonaws.com'] } },
          }),
          new iam.PolicyStatement({ actions: ['sagemaker:*'], resources: ['*'] }),
        ],
      }),
    },
  });
  bucket.grantReadWrite(role);
  pipeline(
    stack,
    'stock',
    role,
    JSON.stringify(
      definition(
        {
          Name: 'Prepare',
          Type: 'Processing',
          Arguments: { ProcessingJobName: 'Prepare', RoleArn: role.roleArn },
        },
        {
          Name: 'Train',
          Type: 'Training',
          DependsOn: ['PrepareTraining'],
          Arguments: {
            TrainingJobName: 'Train',
            RoleArn: role.roleArn,
            OutputDataConfig: { S3OutputPath: `s3://${bucket.bucketName}/models` },
          },
        },
      ),
    ),
  );
};

/** The code of a step lies in a bucket of the stack; the body is made by toJsonString. */
export const ownCode = (stack: Stack): void => {
  const bucket = new s3.Bucket(stack, 'Work', {
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  });
  const role = trainingRole(stack);
  bucket.grantReadWrite(role);
  // A policy of its own: a role’s own policy that names the role would be a circle.
  role.attachInlinePolicy(
    new iam.Policy(stack, 'PassItself', {
      statements: [
        new iam.PolicyStatement({
          actions: ['iam:PassRole'],
          resources: [role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        }),
      ],
    }),
  );
  const at = (path: string) => `s3://${bucket.bucketName}/${path}`;
  pipeline(
    stack,
    'own-code',
    role,
    stack.toJsonString(
      definition({
        Name: 'Train',
        Type: 'Training',
        Arguments: {
          RoleArn: role.roleArn,
          HyperParameters: {
            sagemaker_program: 'train.py',
            sagemaker_submit_directory: at('code/source.tar.gz'),
          },
          OutputDataConfig: { S3OutputPath: at('models') },
        },
      }),
    ),
  );
};

/** A custom resource writes the definition into a bucket at the deployment. */
export const writtenAtDeployment = (stack: Stack): void => {
  const bucket = new s3.Bucket(stack, 'Definitions');
  const role = trainingRole(stack);
  const put = {
    service: 'S3',
    action: 'putObject',
    parameters: {
      Bucket: bucket.bucketName,
      Key: 'definition.json',
      Body: JSON.stringify(
        definition({ Name: 'Train', Type: 'Training', Arguments: { RoleArn: role.roleArn } }),
      ),
    },
    physicalResourceId: custom.PhysicalResourceId.of('definition'),
  };
  const written = new custom.AwsCustomResource(stack, 'Write', {
    onCreate: put,
    onUpdate: put,
    policy: custom.AwsCustomResourcePolicy.fromSdkCalls({ resources: [bucket.arnForObjects('*')] }),
  });
  const made = new sagemaker.CfnPipeline(stack, 'Pipeline', {
    pipelineName: 'written',
    roleArn: role.roleArn,
    pipelineDefinition: {
      PipelineDefinitionS3Location: { Bucket: bucket.bucketName, Key: 'definition.json' },
    },
  });
  made.node.addDependency(written);
};

/** A function starts the pipeline, whose only step is a callback with a field that steps do not have. */
export const approval = (stack: Stack): void => {
  const role = trainingRole(stack);
  pipeline(
    stack,
    'approval',
    role,
    JSON.stringify(
      definition({
        Name: 'Approve',
        Type: 'Callback',
        SqsQueueUrl: `https://sqs.${stack.region}.amazonaws.com/${stack.account}/approvals`,
        CallbackConfig: { OutputPath: 's3://acme/approved' },
        Arguments: {},
      }),
    ),
  );
  const starter = new lambda.Function(stack, 'Starter', {
    runtime: lambda.Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: lambda.Code.fromInline('def handler(event, context): pass'),
  });
  starter.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['sagemaker:StartPipelineExecution'],
      resources: [stack.formatArn({ service: 'sagemaker', resource: 'pipeline', resourceName: 'approval' })],
    }),
  );
};
