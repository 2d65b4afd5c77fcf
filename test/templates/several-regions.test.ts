import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { EVENT_PATTERNS } from '../../infra/event-patterns.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const watching = (regions: readonly string[], region = 'eu-west-1') =>
  deployment(settingsFor(files, { regions }), { region });
const one = watching([]);
const two = watching(['eu-central-1']);
const three = watching(['us-east-1', 'eu-central-1', 'eu-west-1']);

type Made = ReturnType<typeof watching>;
type Resource = { Type: string; Properties?: Record<string, unknown> };
const resourcesIn = ({ forwarding }: Made, region: string): Record<string, Resource> => {
  const stack = forwarding.get(region);
  return stack ? (Template.fromStack(stack).toJSON().Resources as Record<string, Resource>) : {};
};
const ofType = (resources: Record<string, Resource>, type: string) =>
  Object.entries(resources).flatMap(([id, { Type, Properties = {} }]) =>
    Type === type ? [{ id, name: id.replace(/[0-9A-F]{8}$/, ''), Properties }] : [],
  );
const ruleNames = (made: Made, region: string): string[] =>
  ofType(resourcesIn(made, region), 'AWS::Events::Rule').map(({ name }) => name);

const ALL = EVENT_PATTERNS.map(({ id }) => id);
const OF_ONE_REGION = ['IamOperations', 'OrganizationOperations'];
const OF_EACH_REGION = ALL.filter((id) => !OF_ONE_REGION.includes(id));

describe('the stacks that forward events', () => {
  test('are in every watched Region but the home Region, and in us-east-1', () => {
    const stacksOf = ({ forwarding }: Made) =>
      [...forwarding].map(([region, { stackName, region: of }]) => [region, of, stackName]);
    const inCentral = ['eu-central-1', 'eu-central-1', 'PipewardenEvents-eu-central-1'];
    const inVirginia = ['us-east-1', 'us-east-1', 'PipewardenIamEvents'];
    expect(stacksOf(one)).toEqual([inVirginia]);
    expect(stacksOf(two)).toEqual([inCentral, inVirginia]);
    expect(stacksOf(three)).toEqual([inVirginia, inCentral]);
  });

  test('have rules for the events that arrive in their Region, and in us-east-1 for those that are wanted from there', () => {
    expect(OF_EACH_REGION).toContain('SageMakerOperations');
    expect(ruleNames(two, 'eu-central-1')).toEqual(OF_EACH_REGION);
    expect(ruleNames(two, 'us-east-1').toSorted()).toEqual(OF_ONE_REGION);
    expect(ruleNames(three, 'us-east-1')).toEqual(ALL);
  });

  test('forward from all Regions to us-east-1, if that is the home Region', () => {
    const made = watching(['eu-west-1'], 'us-east-1');
    expect([...made.forwarding.keys()]).toEqual(['eu-west-1']);
    expect(ruleNames(made, 'eu-west-1')).toEqual(OF_EACH_REGION);
    expect(JSON.stringify(resourcesIn(made, 'eu-west-1'))).toContain(':events:us-east-1:');
  });

  test.each([
    [two, 'eu-central-1'],
    [three, 'us-east-1'],
    [three, 'eu-central-1'],
  ])(
    'send every event to the home bus, and what cannot be sent to a queue with an alarm (%#)',
    (made, region) => {
      const resources = resourcesIn(made, region);
      const [queue] = ofType(resources, 'AWS::SQS::Queue');
      const [alarm] = ofType(resources, 'AWS::CloudWatch::Alarm');
      const [policy] = ofType(resources, 'AWS::SQS::QueuePolicy');
      const rules = ofType(resources, 'AWS::Events::Rule');
      const partition = { Ref: 'AWS::Partition' };
      const account = { Ref: 'AWS::AccountId' };
      const homeBus = {
        'Fn::Join': ['', ['arn:', partition, ':events:eu-west-1:', account, ':event-bus/default']],
      };
      for (const { Properties } of rules)
        expect(Properties.Targets).toEqual([
          expect.objectContaining({
            Arn: homeBus,
            RoleArn: expect.anything(),
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': [queue?.id, 'Arn'] } },
          }),
        ]);
      expect(JSON.stringify(policy?.Properties)).toContain(
        JSON.stringify({ 'aws:SourceArn': rules.map(({ id }) => ({ 'Fn::GetAtt': [id, 'Arn'] })) }),
      );
      expect(alarm?.Properties).toMatchObject({
        AlarmName: `${made.forwarding.get(region)?.stackName}-DeadLetters`,
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue?.id, 'QueueName'] } }],
      });
    },
  );

  test('are deployed after the auditor that knows their Regions', () => {
    for (const stack of three.forwarding.values()) expect(stack.dependencies).toEqual([three.pipewarden]);
  });

  test('match the same events as the rules of the home Region, whose account they are of', () => {
    const patterns = (resources: Record<string, Resource>) =>
      Object.fromEntries(
        ofType(resources, 'AWS::Events::Rule').map(({ name, Properties }) => [name, Properties.EventPattern]),
      );
    const home = Template.fromStack(three.pipewarden).toJSON().Resources as Record<string, Resource>;
    // Queues are of the home Region.
    const { QueuePurges, ...ofEvents } = patterns(home);
    expect(QueuePurges).toBeDefined();
    expect(patterns(resourcesIn(three, 'us-east-1'))).toEqual(ofEvents);
  });
});

describe('a second deployment of the account', () => {
  const second = deployment(settingsFor(files, { regions: [], ownForwarders: ['us-east-1'] }), {
    region: 'eu-central-1',
  });

  test('has a stack of its own in us-east-1, with the same rules, whose events go to its home Region', () => {
    expect(second.forwarding.get('us-east-1')?.stackName).toBe('PipewardenIamEvents-to-eu-central-1');
    expect(ruleNames(second, 'us-east-1')).toEqual(ruleNames(one, 'us-east-1'));
    const text = JSON.stringify(resourcesIn(second, 'us-east-1'));
    expect(text).toContain(':events:eu-central-1:');
    expect(text).not.toContain(':events:eu-west-1:');
  });

  test('shares no name with the first one: an alarm, a topic, a queue, a role or a rule', () => {
    const namesIn = (made: Made) =>
      Object.values(resourcesIn(made, 'us-east-1')).flatMap(({ Properties = {} }) =>
        ['AlarmName', 'Name', 'RoleName', 'QueueName', 'TopicName'].flatMap((name) =>
          typeof Properties[name] === 'string' ? [Properties[name]] : [],
        ),
      );
    expect(namesIn(second)).toEqual(['PipewardenIamEvents-to-eu-central-1-DeadLetters']);
    expect(namesIn(one)).toEqual(['PipewardenIamEvents-DeadLetters']);
  });
});

describe('a deployment that comes to watch us-east-1', () => {
  const before = resourcesIn(one, 'us-east-1');
  const after = resourcesIn(three, 'us-east-1');

  test('changes its stack there in place: whatever forwards the events of IAM stays as it is', () => {
    const stays = (resources: Record<string, Resource>) =>
      Object.keys(before).map((id) => {
        const { Type, Properties = {} } = resources[id] ?? {};
        // The policy of the queue names the new rules, too; and the text of the alarm is of all events.
        if (Type === 'AWS::SQS::QueuePolicy') return [id, Type, Properties.Queues];
        const { AlarmDescription, ...rest } = Properties;
        return [id, Type, rest];
      });
    expect(Object.keys(before).length).toBeGreaterThan(5);
    expect(stays(after)).toEqual(stays(before));
  });

  test('adds nothing but rules', () => {
    const added = Object.keys(after).filter((id) => !(id in before));
    expect(added.map((id) => after[id]?.Type)).toEqual(OF_EACH_REGION.map(() => 'AWS::Events::Rule'));
  });

  test('keeps the rules of IAM in the policy of the queue', () => {
    const sourcesIn = (resources: Record<string, Resource>) =>
      ofType(resources, 'AWS::SQS::QueuePolicy').flatMap(({ Properties }) =>
        JSON.stringify(Properties).match(/(Iam|Organization)Operations[0-9A-F]{8}/g),
      );
    expect(sourcesIn(before)).toHaveLength(2);
    expect(sourcesIn(after)).toEqual(sourcesIn(before));
  });
});

describe('the home Region', () => {
  const mainOf = ({ pipewarden }: Made) => JSON.stringify(Template.fromStack(pipewarden).toJSON());

  test('may be named, which changes nothing', () => {
    expect(mainOf(watching(['eu-west-1']))).toBe(mainOf(one));
  });

  test('has the same resources if more Regions are watched: only roles that read change', () => {
    const changed = Object.entries(Template.fromStack(three.pipewarden).toJSON().Resources).filter(
      ([id, resource]) =>
        JSON.stringify(resource) !==
        JSON.stringify(Template.fromStack(one.pipewarden).toJSON().Resources[id]),
    );
    expect(changed.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'AuditRole',
      'SweepRole',
      'InventoryRole',
    ]);
    const state = ({ state: { stack } }: Made) => Template.fromStack(stack).toJSON();
    expect(state(three)).toEqual(state(one));
  });
});

test('a Region of another partition stops the synthesis', () => {
  expect(() => watching(['cn-north-1'])).toThrow(/cn-north-1 is in the partition aws-cn/);
});

test.each([two, three])('cdk-nag has no complaint about several Regions (%#)', ({ app }) => {
  expect(() => app.synth()).not.toThrow();
});
