import { Aws, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';

/**
 * The key that signs evidence packs. `signer`: what the ARN of the one role that may sign has after `role`. The account administers the key
 * and reads its public part, and gives nobody else the right to sign, neither by a policy of IAM nor by a grant.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export const signingKey = (stack: Stack, signer: string): Key =>
  new Key(stack, 'SigningKey', {
    description: 'Pipewarden: signs evidence packs',
    keySpec: KeySpec.ECC_NIST_P256,
    keyUsage: KeyUsage.SIGN_VERIFY,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    policy: new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'AdministeredByTheAccount',
          principals: [new AccountRootPrincipal()],
          actions: ADMINISTRATION.map((operation) => `kms:${operation}`),
          resources: ['*'],
        }),
        new PolicyStatement({
          sid: 'PacksAreSignedByTheFunction',
          principals: [new AccountRootPrincipal()],
          actions: ['kms:Sign'],
          resources: ['*'],
          conditions: {
            ArnLike: { 'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role${signer}` },
            StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' },
          },
        }),
      ],
    }),
  });

/** What the account may allow its principals to do with the key: neither to sign nor to make grants. */
const ADMINISTRATION = [
  ...['DescribeKey', 'GetKeyPolicy', 'GetKeyRotationStatus', 'GetPublicKey', 'ListGrants', 'ListKeyPolicies'],
  ...['ListResourceTags', 'Verify', 'PutKeyPolicy', 'EnableKey', 'DisableKey', 'UpdateKeyDescription'],
  ...['TagResource', 'UntagResource', 'RevokeGrant', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
];
