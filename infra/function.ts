import { join } from 'node:path';
import { Aws, type Duration, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type CfnFunction,
  CfnResourcePolicy,
  Code,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { FunctionName, Settings } from './settings.ts';

/** Why nothing is traced. */
export const UNTRACED = 'The Region has no tracing for it, or the deployment has switched it off';

/** The log group of a function or state machine: encrypted, and kept as long as the settings say. */
export const logGroupFor = (stack: Stack, name: string, keyArn: string, settings: Settings): LogGroup =>
  new LogGroup(stack, `${name}Log`, {
    encryptionKey: Key.fromKeyArn(stack, `${name}LogKey`, keyArn),
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });

/** A bundled function. `own` is what differs between functions. */
export const functionFor = (
  stack: Stack,
  name: FunctionName,
  settings: Settings,
  own: {
    description: string;
    memorySize: number;
    timeout: Duration;
    role: IRole;
    logGroup: LogGroup;
    /** The largest number that runs at the same time, where the account has concurrency to spare. */
    reserved: number;
    /** Where failed events go, as the reason for not having a dead-letter queue. */
    failures: string;
    environment: Readonly<Record<string, string>>;
    /** The part of the memory that its heap may take, where it needs more than the half that Node takes by itself. */
    heap?: number;
  },
): LambdaFunction => {
  const { reserved, environment, failures, heap, ...rest } = own;
  const memorySize = settings.memory[name] ?? rest.memorySize;
  const made = new LambdaFunction(stack, `${name}Function`, {
    ...rest,
    memorySize,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(join(settings.functionsFolder, name.toLowerCase()), {
      exclude: ['*.map', 'meta.json'],
    }),
    handler: 'index.handler',
    tracing: settings.isTraced ? Tracing.ACTIVE : Tracing.DISABLED,
    ...(settings.reservedConcurrency === null ? {} : { reservedConcurrentExecutions: reserved }),
    environment: {
      ...environment,
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      // A bundled dependency still calls url.parse(), and each cold start would log a warning.
      NODE_OPTIONS: `--disable-warning=DEP0169${heap === undefined ? '' : ` --max-old-space-size=${Math.floor(memorySize * heap)}`}`,
      ...settings.environment,
    },
  });
  const { subnets, securityGroups } = settings;
  // The construct of the CDK would look the VPC up, and grant the role more.
  if (subnets && securityGroups)
    (made.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: [...subnets],
      securityGroupIds: [...securityGroups],
    };
  Validations.of(made).acknowledge(
    { id: 'Serverless-LambdaDLQ', reason: failures },
    ...(settings.isTraced ? [] : [{ id: 'Serverless-LambdaTracing', reason: UNTRACED }]),
  );
  return made;
};

/**
 * Refuses a function to all principals of the account but the callers, whatever their own policies allow. Lambda itself, which hands it what
 * comes from a queue or stream, is no principal of the account; should it call with the function’s own role, that one is let in.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
export const calledOnlyBy = (
  name: FunctionName,
  called: LambdaFunction,
  { hasFunctionPolicies }: Pick<Settings, 'hasFunctionPolicies'>,
  callers: readonly IRole[] = [],
): void => {
  if (!hasFunctionPolicies) return;
  const roles = [...(called.role ? [called.role] : []), ...callers].map(({ roleArn }) => roleArn);
  new CfnResourcePolicy(called.stack, `${name}FunctionPolicy`, {
    resourceArn: called.functionArn,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OnItsOwnPathAlone',
          Effect: 'Deny',
          Principal: { AWS: `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root` },
          Action: 'lambda:InvokeFunction',
          Resource: called.functionArn,
          Condition: {
            // Without the key, a negated operator holds for everybody.
            Null: { 'aws:PrincipalArn': 'false' },
            ArnNotEquals: { 'aws:PrincipalArn': roles },
          },
        },
      ],
    },
  });
};
