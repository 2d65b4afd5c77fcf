import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Fact, FactName } from 'aws-cdk-lib/region-info';
import { featuresOf } from '../../infra/settings.ts';
import { REGIONS } from '../../shared/domain/regions.ts';
import { actionNames } from '../../shared/iam/lint/service-reference.ts';
import type { Json } from '../../shared/json/json.ts';
import { createdBy, plannedCalls } from '../../shared/preflight/planned-calls.ts';
import { isTracedIn, plannedStacks, reservedIn } from '../../shared/preflight/planned-stacks.ts';
import { ARM64_REGIONS } from '../../shared/preflight/preflight-rows.ts';
import { scpRows } from '../../shared/preflight/scp-rows.ts';
import { found } from '../../shared/reader/read-result.ts';
import { UNIT_MEMBERS } from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

/** The stacks of a deployment as the check reads them from the output of the CDK. */
const plannedOf = (over: Parameters<typeof settingsFor>[1]) => {
  const assembly = deployment(settingsFor(files, over)).app.synth();
  const templates = new Map(
    assembly.stacks.map(({ templateFile, template }) => [templateFile, template as Json]),
  );
  return plannedStacks(assembly.manifest as unknown as Json, templates, {
    account: ACCOUNT,
    partition: 'aws',
  });
};

const alone = plannedOf({});
const hub = plannedOf({ regions: ['eu-central-1'], members: UNIT_MEMBERS });

describe('a check of a deployment', () => {
  test('reads its stacks, with the bootstrap and the roles that deploy them', () => {
    expect(hub.map(({ name, region }) => `${name} ${region}`)).toEqual([
      'PipewardenState eu-west-1',
      'Pipewarden eu-west-1',
      'PipewardenEvents-eu-central-1 eu-central-1',
      'PipewardenIamEvents us-east-1',
      'PipewardenMembers eu-west-1',
    ]);
    for (const { region, bootstrap, deployRoleArn, executionRoleArn } of hub)
      expect({ bootstrap, deployRoleArn, executionRoleArn }).toEqual({
        bootstrap: { parameter: '/cdk-bootstrap/hnb659fds/version', version: expect.any(Number) },
        deployRoleArn: `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-${region}`,
        executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`,
      });
  });

  test('adds up what the functions reserve', () => {
    const reserved = (over: Parameters<typeof settingsFor>[1]) =>
      plannedOf(over).reduce((sum, { resources }) => sum + reservedIn(resources), 0);
    const own = (stacks: typeof alone) =>
      stacks.reduce((sum, { resources }) => sum + reservedIn(resources), 0);
    expect(own(alone)).toBeGreaterThan(10);
    expect(own(hub)).toBeGreaterThan(own(alone));
    expect(reserved({ reservedConcurrency: 20 })).toBe(own(alone) + 10);
    expect(reserved({ reservedConcurrency: null })).toBe(0);
  });

  test('knows by which call CloudFormation begins to make each resource, and each call is one of AWS', () => {
    const types = new Set(hub.concat(alone).flatMap(({ resources }) => resources.map(({ type }) => type)));
    for (const type of types) {
      const call = createdBy(type);
      const [service = '', action = ''] = call?.split(':') ?? [];
      expect([type, call, actionNames(service)?.has(action.toLowerCase())]).toEqual([
        type,
        expect.any(String),
        true,
      ]);
    }
  });

  test('asks for each action that a role is allowed, on a resource that is told', () => {
    const allowed = new Set(
      alone.flatMap(({ resources }) =>
        resources
          .filter(({ type }) => type === 'AWS::IAM::Role')
          .flatMap(({ properties }) => JSON.stringify(properties).match(/"[a-z0-9-]+:[A-Z]\w+"/g) ?? []),
      ),
    );
    const asked = new Set(
      plannedCalls(alone)
        .filter(({ by }) => by === 'role')
        .map(({ request }) => JSON.stringify(request.action)),
    );
    expect(
      [...allowed].filter((action) => !asked.has(action) && !/"(?:aws|kms):(?:Source|Via)/.test(action)),
    ).toEqual(['"sts:AssumeRole"']);
    for (const { request } of plannedCalls(hub)) expect(request.resource).toMatch(/^(?:\*|arn:[^*?$]+)$/);
  });

  test('sees whether functions are traced, and whether there are archives', () => {
    const featuresIn = (region: string) => {
      const over = featuresOf(region, {
        archives: undefined,
        tracing: undefined,
        functionPolicies: undefined,
        iamEvents: undefined,
      });
      const main = plannedOf(over).flatMap(({ resources }) => resources);
      return {
        isTraced: isTracedIn(main),
        hasArchives: main.some(({ type }) => type === 'AWS::Events::Archive'),
        isMachineTraced: JSON.stringify(main).includes('"TracingConfiguration":{"Enabled":true}'),
        mayTrace: JSON.stringify(main).includes('xray:'),
      };
    };
    const all = { isTraced: true, hasArchives: true, isMachineTraced: true, mayTrace: true };
    expect(featuresIn('eu-west-1')).toEqual(all);
    expect(featuresIn('ap-east-2')).toEqual({ ...all, hasArchives: false });
    expect(featuresIn('cn-northwest-1')).toEqual({
      isTraced: false,
      hasArchives: true,
      isMachineTraced: false,
      mayTrace: false,
    });
  });

  test('has no doubt of a call where the SCPs deny nothing of it', () => {
    const document: Json = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: ['cloudtrail:StopLogging', 'organizations:LeaveOrganization'],
          Resource: '*',
        },
      ],
    };
    const scps = [{ target: 'r-ab12', policies: [{ name: 'guard', document }] }];
    expect(scpRows(hub, found({ scps, rcps: [] }), ACCOUNT)).toMatchObject([{ status: 'OK' }]);
  });

  test('has no row for CloudWatch Logs: no template makes a resource policy, of which an account may have ten', () => {
    for (const { resources } of [...alone, ...hub])
      expect(resources.map(({ type }) => type)).not.toContain('AWS::Logs::ResourcePolicy');
  });

  test('knows the Regions with arm64 that aws-cdk-lib knows', () => {
    const fact = FactName.cloudwatchLambdaInsightsVersion('1.0.317.0', 'arm64');
    expect([...ARM64_REGIONS]).toEqual(Fact.regions.filter((region) => Fact.find(region, fact)).toSorted());
  });

  test('needs no row for the runtime: all Regions that are known have it', () => {
    const { pipewarden } = deployment(settingsFor(files));
    const runtimes = new Set(
      Object.values(Template.fromStack(pipewarden).findResources('AWS::Lambda::Function')).map(
        ({ Properties }) => Properties.Runtime,
      ),
    );
    const latest = new Set(REGIONS.map((region) => Fact.find(region, FactName.LATEST_NODE_RUNTIME)));
    expect(runtimes).toEqual(latest);
  });
});
