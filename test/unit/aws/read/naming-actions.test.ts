import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, test } from '@jest/globals';
import { namingActions } from '../../../../shared/aws/read/naming-actions.ts';

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

test('the error of a refused call names its action', async () => {
  expect(await publishing({ isOfCredentials: false })).toMatchObject({ message: 'no (needs sns:Publish)' });
});

test('what the credentials were refused is not taken for the action of the call', async () => {
  expect(await publishing({ isOfCredentials: true })).toMatchObject({ message: 'no' });
});
