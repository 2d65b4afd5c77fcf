import { afterAll, describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DEAD_LETTER_QUEUES } from '../../shared/domain/dead-letter-queues.ts';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);
const made = deployment(
  settingsFor(files, { regions: ['eu-central-1'], members: UNIT_MEMBERS, history: 'on' }),
);

type Made = {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  Outputs?: Record<string, { Value: unknown }>;
};
const templateOf = (stack: Stack): Made => Template.fromStack(stack).toJSON() as Made;
const all = [
  made.state.stack,
  made.pipewarden,
  ...made.forwarding.values(),
  ...(made.members ? [made.members] : []),
];

/** The queues of a template to which something puts what failed: a redrive policy, a rule, or an event source. */
const deadLettersIn = ({ Resources }: Made): string[] => {
  const texts = Object.values(Resources).map(({ Properties = {} }) => JSON.stringify(Properties));
  const named = [
    ...texts
      .join('')
      .matchAll(/"(?:deadLetterTargetArn|Arn|Destination)":\{"Fn::GetAtt":\["(\w+)","Arn"\]\}/g),
  ].map(([, id = '']) => id);
  const isSource = (id: string) =>
    texts.some(
      (text) =>
        text.includes('"EventSourceArn"') && text.includes(`"${id}"`) && !text.includes('"OnFailure"'),
    );
  return [...new Set(named)]
    .filter((id) => Resources[id]?.Type === 'AWS::SQS::Queue' && !isSource(id))
    .toSorted();
};
const idOf = (value: unknown): string => (value as { Ref?: string }).Ref ?? '';

describe('dead letters', () => {
  test.each(all.map((stack) => [stack.stackName, stack] as const))(
    'of %s are all served by dlq',
    (_, stack) => {
      const template = templateOf(stack);
      const outputs = template.Outputs ?? {};
      const served = Object.values(DEAD_LETTER_QUEUES).flatMap(({ output }) => {
        const told = outputs[output];
        return told ? [idOf(told.Value)] : [];
      });
      expect(served.toSorted()).toEqual(deadLettersIn(template));
    },
  );

  test('go back to the queue whose redrive policy names them', () => {
    const { Resources, Outputs = {} } = templateOf(made.pipewarden);
    for (const { output, source } of Object.values(DEAD_LETTER_QUEUES)) {
      const policy = Resources[idOf(Outputs[source]?.Value)]?.Properties?.RedrivePolicy;
      expect(JSON.stringify(policy)).toContain(`"${idOf(Outputs[output]?.Value)}"`);
    }
  });

  test('are those of the queues that each alarm on dead letters watches', () => {
    for (const stack of all) {
      const template = templateOf(stack);
      const watched = Object.values(template.Resources)
        .filter(
          ({ Type, Properties }) =>
            Type === 'AWS::CloudWatch::Alarm' &&
            Properties?.MetricName === 'ApproximateNumberOfMessagesVisible',
        )
        .map(
          ({ Properties }) => /"Fn::GetAtt":\["(\w+)","QueueName"\]/.exec(JSON.stringify(Properties))?.[1],
        );
      expect(watched.toSorted()).toEqual(deadLettersIn(template));
    }
  });
});

/** What an alarm says while it has no data, as in its first days. */
describe('on the first day', () => {
  /** No sweep has ended yet, which is what it says; and what is not told again stays as it was. */
  const NOT_QUIET: Readonly<Record<string, string>> = {
    SweepOverdue: 'breaching',
    TrailNotLogging: 'ignore',
    TrailUnread: 'ignore',
    SweepGaps: 'ignore',
    EventsNotArriving: 'ignore',
    HeartbeatMissing: 'ignore',
  };
  test.each(all.map((stack) => [stack.stackName, stack] as const))(
    'no alarm of %s cries without data',
    (_, stack) => {
      const alarms = Object.values(templateOf(stack).Resources).filter(
        ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
      );
      for (const { Properties = {} } of alarms) {
        const name = String(Properties.AlarmName).split('-').at(-1) ?? '';
        expect([name, Properties.TreatMissingData]).toEqual([name, NOT_QUIET[name] ?? 'notBreaching']);
        expect(Properties.InsufficientDataActions).toBeUndefined();
        // An expression that makes data of none must make no fault of it.
        if (Properties.Metrics !== undefined && name !== 'SweepOverdue')
          expect(JSON.stringify(Properties.Metrics)).not.toMatch(/FILL\(\w+, (?!0\))/);
      }
    },
  );
});
