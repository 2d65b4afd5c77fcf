import { Aws, type Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';

/** The topic that people subscribe to. Only alarms with these names may use it; `*` at the end stands for any text. */
export const alertTopic = (stack: Stack, alarmNames: string, masterKey?: IKey): Topic => {
  const topic = new Topic(stack, 'Alerts', { enforceSSL: true, ...(masterKey && { masterKey }) });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisSystem',
      actions: ['sns:Publish'],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${alarmNames}`,
        },
      },
    }),
  );
  return topic;
};
