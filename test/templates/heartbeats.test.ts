import { describe, expect, test } from '@jest/globals';
import { EVENT_PATTERNS } from '../../infra/event-patterns.ts';
import { resourcesOf, templates } from '../support/templates/templates.ts';

const { pipewarden } = templates();
const of = (type: string) => resourcesOf([pipewarden], type);
const withId = (type: string, start: string) => {
  const found = of(type).filter(({ id }) => id.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0] ?? { id: '', properties: {} };
};
// The rule for purged queues sends to the dead letters alone.
const rules = of('AWS::Events::Rule').filter(({ id }) => !id.startsWith('QueuePurges'));
const { id: queueId } = withId('AWS::SQS::Queue', 'Heartbeats');

describe('heartbeats', () => {
  test('are sent by every rule on the default bus, to where it sends its events, at one time', () => {
    expect(rules).toHaveLength(EVENT_PATTERNS.length);
    for (const { properties } of rules) {
      expect(properties).toMatchObject({ State: 'ENABLED', ScheduleExpression: 'cron(17 * * * ? *)' });
      expect(properties.EventPattern).toBeDefined();
      expect(properties.Targets).toHaveLength(1);
    }
  });

  test('are answered only if every one of these rules has sent one', () => {
    const { properties } = withId('AWS::Lambda::Function', 'DeliverFunction');
    const { Variables } = properties.Environment as { Variables: Record<string, unknown> };
    const named = [...JSON.stringify(Variables.HEARTBEAT_RULES).matchAll(/"Fn::GetAtt":\["(\w+)","Arn"\]/g)];
    expect(named.map(([, id]) => id).toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
    expect(Variables.HEARTBEATS_URL).toEqual({ Ref: queueId });
  });

  test('nobody but the deliverer can answer, whatever his own policies allow', () => {
    const { properties } = withId('AWS::SQS::QueuePolicy', 'HeartbeatsPolicy');
    const { id: roleId } = withId('AWS::IAM::Role', 'DeliverRole');
    expect((properties.PolicyDocument as { Statement: object[] }).Statement).toContainEqual({
      Sid: 'TheDelivererAlone',
      Effect: 'Deny',
      Action: 'sqs:SendMessage',
      Principal: { AWS: '*' },
      Resource: { 'Fn::GetAtt': [queueId, 'Arn'] },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [roleId, 'Arn'] } } },
    });
    expect(
      of('AWS::Lambda::EventSourceMapping').map(({ properties: each }) => each.EventSourceArn),
    ).not.toContainEqual({
      'Fn::GetAtt': [queueId, 'Arn'],
    });
  });

  test('that are missing for three hours are told by a metric of AWS, which has zeros, and not on the first day', () => {
    const { properties } = withId('AWS::CloudWatch::Alarm', 'HeartbeatMissing');
    expect(properties).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'NumberOfMessagesSent',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 3,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'ignore',
    });
    expect(properties.AlarmActions).toHaveLength(1);
  });

  test('are in no archive: a replay would repeat them', () => {
    for (const { properties } of of('AWS::Events::Archive'))
      expect(JSON.stringify(properties.EventPattern)).not.toContain('aws.events');
  });
});
