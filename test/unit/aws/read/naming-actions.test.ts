import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, test } from '@jest/globals';
import { isAwsAccessError, refusingRegion } from '../../../../shared/aws/read/access-error.ts';
import { namingActions } from '../../../../shared/aws/read/naming-actions.ts';
import { makeIamClient, readRole } from '../../../../shared/aws/read/role-calls.ts';

const refusal = () => Object.assign(new Error('no'), { name: 'AccessDenied' });

const publishing = (options: { isOfCredentials: boolean }): Promise<unknown> => {
  const client = namingActions(
    'sns',
    new SNSClient({
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: () =>
        options.isOfCredentials
          ? Promise.reject(refusal())
          : Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }),
      requestHandler: { handle: () => Promise.reject(refusal()) },
    }),
  );
  return client
    .send(new PublishCommand({ TopicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts', Message: 'm' }))
    .catch((error: unknown) => error);
};

test('the error of a refused call names its action, and holds the Region for which it was signed', async () => {
  expect(await publishing({ isOfCredentials: false })).toMatchObject({
    message: 'no (needs sns:Publish)',
    signedFor: 'eu-west-1',
  });
});

test('the Region is the one in which the service answers: IAM has one of its own', async () => {
  const client = makeIamClient({
    region: 'eu-west-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: () => Promise.reject(Object.assign(new Error('no'), { name: 'InvalidClientTokenId' })),
    },
  });
  const thrown: unknown = await readRole(client, 'r').catch((error: unknown) => error);
  expect(isAwsAccessError(thrown) && refusingRegion(thrown)).toBe('us-east-1');
});

test('what the credentials were refused is not taken for the action of the call', async () => {
  expect(await publishing({ isOfCredentials: true })).toMatchObject({ message: 'no' });
});
