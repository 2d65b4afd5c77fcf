import { type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

/** A message that SNS puts into a queue. */
export type Notification = {
  Subject: string;
  Message: string;
  MessageAttributes: Record<string, { Type: string; Value: string }>;
};

type Subscriber = {
  /** Makes a queue that receives what the topic publishes, and returns its URL. */
  subscribe(topicArn: string, name: string, attributes?: Record<string, string>): Promise<string>;
  receive(queueUrl: string): Promise<Notification[]>;
};

/**
 * Queues in moto, over the JSON protocol of SQS. moto takes service and Region from the signature without verifying
 * it.
 */
export const subscriber = (endpoint: string, region: string, sns: SNSClient): Subscriber => {
  const sqs = async <T>(action: string, input: object): Promise<T> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20261124/${region}/sqs/aws4_request`,
      },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    subscribe: async (topicArn, name, attributes = {}) => {
      const { QueueUrl } = await sqs<{ QueueUrl: string }>('CreateQueue', { QueueName: name });
      const account = topicArn.split(':')[4];
      await sns.send(
        new SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: `arn:aws:sqs:${region}:${account}:${name}`,
          Attributes: attributes,
        }),
      );
      return QueueUrl;
    },
    receive: async (queueUrl) => {
      const input = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 };
      const { Messages = [] } = await sqs<{ Messages?: { Body: string }[] }>('ReceiveMessage', input);
      return Messages.map(({ Body }) => JSON.parse(Body) as Notification);
    },
  };
};
