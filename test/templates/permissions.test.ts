import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import type { Permission, RoleName } from '../../infra/permission.ts';
import { permissions } from '../../infra/permissions.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import { SERVICES } from '../../shared/iam/lint/service-reference.ts';
import { roleIn } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import { type Catalog, isWithin, type WithinAnswer } from '../../shared/iam/sets/policies-within.ts';
import type { Json } from '../../shared/json/json.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';
import { type TemplateJson, templateValue } from '../support/templates/template-values.ts';

const files = deployables();
afterAll(files.remove);

const settings = settingsFor(files, {
  slackSecretArn: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:slack-AbCdEf`,
  secretArns: [
    `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:slack-AbCdEf`,
    `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/pipewarden/slack-team`,
  ],
  topicArns: [`arn:aws:sns:${REGION}:${ACCOUNT}:team-alerts`],
  resolvesWorkflow: true,
});
const { state, pipewarden, iamEvents } = deployment(settings);
const json = (stack: Parameters<typeof Template.fromStack>[0]) =>
  Template.fromStack(stack).toJSON() as TemplateJson;
const stateTemplate = json(state.stack);
const mainTemplate = json(pipewarden);
if (!iamEvents) throw new Error('there is no stack for us-east-1');
const iamTemplate = json(iamEvents);

const TABLE = permissions(settings);
const ROLES: Record<RoleName, { construct: string; template: TemplateJson }> = {
  audit: { construct: 'AuditRole', template: mainTemplate },
  deliver: { construct: 'DeliverRole', template: mainTemplate },
  sweep: { construct: 'SweepRole', template: mainTemplate },
  report: { construct: 'ReportRole', template: mainTemplate },
  sweepMachine: { construct: 'SweepMachineRole', template: mainTemplate },
  sweepSchedule: { construct: 'SweepScheduleRole', template: mainTemplate },
  reportSchedule: { construct: 'ReportScheduleRole', template: mainTemplate },
  forwardEvents: { construct: 'ForwardEventsRole', template: iamTemplate },
};
const names = Object.keys(ROLES) as RoleName[];

type Statement = { Effect: string; Action: string | string[]; Resource: unknown; Condition?: unknown };

const logicalId = ({ Resources }: TemplateJson, type: string, construct: string): string => {
  const ids = Object.entries(Resources)
    .filter(([id, { Type }]) => Type === type && new RegExp(`^${construct}[0-9A-F]{8}$`).test(id))
    .map(([id]) => id);
  if (ids.length !== 1) throw new Error(`${ids.length} of ${type} are called ${construct}`);
  return ids[0] ?? '';
};

/** The statements of a role of the template, with ARNs in place of references. */
const deployedStatements = (name: RoleName): Statement[] => {
  const { construct, template } = ROLES[name];
  const role = template.Resources[logicalId(template, 'AWS::IAM::Role', construct)];
  const policies = (role?.Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[];
  const resolve = (value: unknown) => templateValue(value, template, [stateTemplate]);
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Effect, Action, Resource, Condition }) => ({
      Effect,
      Action: [Action].flat(),
      Resource: [Resource].flat().map(resolve),
      ...(Condition !== undefined && {
        Condition: Object.fromEntries(
          Object.entries(Condition as object).map(([operator, keys]) => [
            operator,
            Object.fromEntries(Object.entries(keys as object).map(([key, value]) => [key, resolve(value)])),
          ]),
        ),
      }),
    }));
};

const inMain = (type: string, construct: string, attribute = 'Arn') =>
  templateValue({ 'Fn::GetAtt': [logicalId(mainTemplate, type, construct), attribute] }, mainTemplate);
const inState = (name: string) =>
  templateValue({ 'Fn::ImportValue': `PipewardenState-${name}` }, mainTemplate, [stateTemplate]);

/** Where each name of the table is, found in the templates without the code that wrote them. */
const PLACES: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::URLSuffix': 'amazonaws.com',
  FindingsTable: inState('FindingsTableArn'),
  FindingsStream: inState('FindingsStreamArn'),
  DataKey: inState('DataKeyArn'),
  AlertTopic: inState('AlertTopicArn'),
  EventBus: inState('EventBusArn'),
  SweepBucket: inState('SweepBucketArn'),
  ReportBucket: inState('ReportBucketArn'),
  HomeBus: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
  RequestsQueue: inMain('AWS::SQS::Queue', 'Requests'),
  DeadLetters: inMain('AWS::SQS::Queue', 'DeadLetters'),
  DeliveryRetries: inMain('AWS::SQS::Queue', 'DeliveryRetries'),
  DeliveryDeadLetters: inMain('AWS::SQS::Queue', 'DeliveryDeadLetters'),
  AuditLog: inMain('AWS::Logs::LogGroup', 'AuditLog'),
  DeliverLog: inMain('AWS::Logs::LogGroup', 'DeliverLog'),
  SweepLog: inMain('AWS::Logs::LogGroup', 'SweepLog'),
  ReportLog: inMain('AWS::Logs::LogGroup', 'ReportLog'),
  SweepFunction: inMain('AWS::Lambda::Function', 'SweepFunction'),
  ReportFunction: inMain('AWS::Lambda::Function', 'ReportFunction'),
  SweepMachine: `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Pipewarden-Sweep`,
  SweepMachineRuns: `arn:aws:states:${REGION}:${ACCOUNT}:execution:Pipewarden-Sweep`,
};

const configObject = (): string => {
  const audit = mainTemplate.Resources[logicalId(mainTemplate, 'AWS::Lambda::Function', 'AuditFunction')];
  const environment = audit?.Properties.Environment as { Variables: Record<string, unknown> } | undefined;
  const [bucket, key] = ['CONFIG_BUCKET', 'CONFIG_KEY'].map((name) =>
    templateValue(environment?.Variables[name], mainTemplate),
  );
  return `arn:aws:s3:::${bucket}/${key}`;
};

const place = (text: string): string =>
  text.replaceAll(/\$\{([\w:]+)\}/g, (_, name: string) => {
    const found = name === 'ConfigObject' ? configObject() : PLACES[name];
    if (found === undefined) throw new Error(`the table names ${name}, which is nowhere`);
    return found;
  });

/** What the table says of a role, as a policy. */
const tableStatements = (name: RoleName, table: readonly Permission[] = TABLE): Statement[] =>
  table
    .filter(({ role }) => role === name)
    .map(({ actions, on, where }) => ({
      Effect: 'Allow',
      Action: [...actions],
      Resource: on.map(place),
      ...(where && {
        Condition: {
          StringEquals: Object.fromEntries(Object.entries(where).map(([key, value]) => [key, place(value)])),
        },
      }),
    }));

/** Every action of the services that are known, and of those that the table names. */
const CATALOG: Catalog = {
  actions: [
    ...new Set([
      ...[...SERVICES].flatMap(([prefix, service]) =>
        [...service().actions.values()].map(({ name }) => `${prefix}:${name}`),
      ),
      ...TABLE.flatMap(({ actions }) => actions),
    ]),
  ],
  resourcesOf: () => undefined,
};

/** Whether `outer` allows everything that `inner` allows. */
const within = (inner: Statement[], outer: Statement[], catalog = CATALOG): WithinAnswer => {
  const policies = (Statement: Statement[]) => {
    const document = { Version: '2012-10-17', Statement: Statement as Json[] };
    const read = Statement.length === 0 ? [] : [readPolicy(document, { name: 'role', kind: 'identity' })];
    return { identity: indexPolicies(read) };
  };
  const principal = roleIn({ partition: 'aws', account: ACCOUNT });
  return isWithin(policies(inner), policies(outer), { principal, context: contextOf() }, catalog);
};

describe.each(names)('the role %s', (name) => {
  test('allows what the table says, and nothing else', () => {
    const [deployed, table] = [deployedStatements(name), tableStatements(name)];
    expect(table).not.toEqual([]);
    expect(within(deployed, table)).toEqual({ answer: 'yes' });
    expect(within(table, deployed)).toEqual({ answer: 'yes' });
  });

  test('allows more than the table without any one of its lines', () => {
    const own = TABLE.filter(({ role }) => role === name);
    for (const left of own) {
      const rest = tableStatements(
        name,
        TABLE.filter((each) => each !== left),
      );
      const line = tableStatements(name, [left]);
      const ofLine = { ...CATALOG, actions: left.actions };
      expect({ left, ...within(line, rest, ofLine) }).toMatchObject({ answer: 'no' });
    }
  });

  test('fits into the 10,240 characters of policies that a role may have', () => {
    expect(JSON.stringify(deployedStatements(name)).length).toBeLessThan(10_240);
  });

  test('has no policy but its own', () => {
    const { construct, template } = ROLES[name];
    const role = template.Resources[logicalId(template, 'AWS::IAM::Role', construct)];
    expect(role?.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(role?.Properties.Policies).toHaveLength(1);
    expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain('AWS::IAM::Policy');
  });
});

describe('the table', () => {
  test('has a reason for each permission, and for each star', () => {
    for (const { reason, wildcard, on, actions } of TABLE) {
      expect(reason).toMatch(/\w/);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      expect({ on, hasReason: wildcard !== undefined }).toEqual({
        on,
        hasReason: on.some((text) => text.includes('*')),
      });
    }
  });

  test('allows an action on everything only where the action takes no resource, or with a reason', () => {
    const onAll = TABLE.filter(({ on, wildcard }) => on.includes('*') && wildcard?.includes('no resource'));
    for (const action of onAll.flatMap(({ actions }) => actions)) {
      const [prefix = '', operation = ''] = action.split(':');
      const known = SERVICES.get(prefix)?.().actions.get(operation.toLowerCase());
      expect({ action, types: known?.types ?? [] }).toEqual({ action, types: [] });
    }
  });

  test('writes nothing but tables, queues, topics, findings, events and reports of the system itself', () => {
    const writing = TABLE.filter(({ role }) => role === 'audit')
      .flatMap(({ actions }) => actions)
      .filter((action) => !/:(Get|List|Describe|Receive|PutTrace|PutTelemetry)/.test(action));
    expect(new Set(writing.map((action) => action.split(':')[0]))).toEqual(
      new Set(['dynamodb', 'kms', 'logs', 'sqs']),
    );
  });

  test('gives rights over secrets, other topics and workflows only where the configuration asks', () => {
    const without = permissions({ secretArns: [], topicArns: [], resolvesWorkflow: false });
    const actions = without.flatMap((each) => each.actions);
    expect(actions).not.toContain('secretsmanager:GetSecretValue');
    expect(actions).not.toContain('securityhub:BatchUpdateFindings');
    expect(without.find(({ actions }) => actions.includes('sns:Publish'))?.on).toEqual(['${AlertTopic}']);
  });
});
