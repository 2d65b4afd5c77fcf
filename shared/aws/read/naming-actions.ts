import { isNativeError } from 'node:util/types';
import type { S3Client } from '@aws-sdk/client-s3';
import { withAction } from '../../domain/refusal.ts';

/** The prefixes of the IAM actions of the services that are called. */
type Service =
  | 'cloudformation'
  | 'cloudtrail'
  | 'dynamodb'
  | 'ec2'
  | 'events'
  | 'glue'
  | 'iam'
  | 'kms'
  | 'lambda'
  | 'organizations'
  | 'ram'
  | 's3'
  | 'sagemaker'
  | 'secretsmanager'
  | 'securityhub'
  | 'sns'
  | 'sqs'
  | 'ssm'
  | 'sts';

/** The clients of all services take the same middleware, but their types say so each for its own inputs and outputs. */
type Stack = S3Client['middlewareStack'];

/**
 * The client, whose errors name the IAM action to allow wherever AWS refuses a call. Whoever quotes such an error, anywhere,
 * so tells what to do. They also hold the Region for which the request was signed (`signedFor`). Every client of the SDK is made through
 * this function.
 */
export const namingActions = <Client extends { middlewareStack: object }>(
  service: Service,
  client: Client,
): Client => {
  (client.middlewareStack as Stack).add(
    (next, { commandName }) =>
      async (args) => {
        try {
          return await next(args);
        } catch (error) {
          if (isNativeError(error)) {
            const { name: code, message } = error;
            error.message = withAction(
              { code, message },
              service,
              String(commandName).replace(/Command$/, ''),
            );
            const signedFor = signedRegion(args.request);
            if (signedFor !== undefined) Object.assign(error, { signedFor });
          }
          throw error;
        }
      },
    // Within the signing, so that what its credentials were refused is not taken for this call's.
    { step: 'deserialize', priority: 'high', name: 'namingActions' },
  );
  return client;
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html#authentication */
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//;

/** The client’s Region may be another one: IAM has one of its own, and S3 is asked in the Region of a bucket. */
const signedRegion = (request: unknown): string | undefined => {
  const { authorization } = (request as { headers?: Record<string, unknown> } | undefined)?.headers ?? {};
  return typeof authorization === 'string' ? SCOPE.exec(authorization)?.[1] : undefined;
};
