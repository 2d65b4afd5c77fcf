import { expect, test } from '@jest/globals';
import { keptIndex } from '../../../shared/account-index/kept-index.ts';
import { memoryIndex } from '../../../shared/account-index/store.ts';
import type { ChangeOf } from '../../../shared/domain/change.ts';
import { accountEvidence, readAskedOf } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import { indexedEvidence } from '../../../shared/facts/indexed-evidence.ts';
import { takeInventory } from '../../../shared/facts/inventory.ts';
import type { Json, JsonObject } from '../../../shared/json/json.ts';
import type { RoleUses } from '../../../shared/needs/roster.ts';
import { ABSENT, found, notRead } from '../../../shared/reader/read-result.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const ACCOUNT = '111122223333';
const CONFIG = { version: 1 } as const;
const PIPELINE = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/curate`;
const roleArn = (path: string): string => `arn:aws:iam::${ACCOUNT}:role/${path}`;
const TRIGGER = { eventId: 'e-1', eventName: 'CreateRole', eventTime: '2026-11-24T10:00:01Z' };

const role = (path: string, ...profiles: string[]): JsonObject => ({
  RoleName: path.split('/').at(-1) ?? '',
  Arn: roleArn(path),
  InstanceProfileList: profiles.map((name) => ({
    InstanceProfileName: name,
    Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`,
  })),
});

const withRoles = (...roles: JsonObject[]): Account => ({
  identities: { RoleDetailList: [role('run'), ...roles] },
  listing: ['curate'],
  pipelines: {
    curate: {
      name: 'curate',
      arn: PIPELINE,
      roleArn: roleArn('run'),
      definitionText: JSON.stringify({
        Version: '2020-12-01',
        Steps: [
          {
            Name: 'Curate',
            Type: 'EMR',
            Arguments: {
              StepConfig: { HadoopJarStep: { Jar: 'command-runner.jar' } },
              ClusterConfig: { JobFlowRole: 'nodes', ServiceRole: 'emr' },
            },
          },
        ],
      }),
    },
  },
});

/** What a look at a role gathers with the index of the account as it `was`, and without an index. */
const looksAt = async (path: string, change: ChangeOf<'role'>, was: Account, is: Account) => {
  const time = { now: Date.parse('2026-11-24T10:00:00Z') };
  const now = () => new Date(time.now);
  const store = memoryIndex();
  const before = memoryReader(was).reader;
  await takeInventory({
    store,
    readPage: async () => found({ details: was.identities as Json }),
    readers: [before],
    config: CONFIG,
    configuration: '',
    now,
  });
  time.now += 2_000;
  const { reader } = memoryReader(is);
  const base = accountEvidence(reader, CONFIG);
  const detail = (is.identities as { RoleDetailList: JsonObject[] }).RoleDetailList.find(
    ({ Arn }) => Arn === roleArn(path),
  );
  const evidence = indexedEvidence(base, {
    index: keptIndex({ store, now, configuration: '', regions: ['eu-west-1'], maxAgeSeconds: 60 }),
    config: CONFIG,
    readDetails: async () =>
      detail ? found({ RoleDetailList: [detail] }) : notRead('GetRole', ABSENT, 'there is none'),
    readAsked: (pipeline, named) => readAskedOf([reader], CONFIG, pipeline, named),
    now,
    onBearing: () => {},
    onMissing: async () => {
      throw new Error('there is no index');
    },
  });
  const request: AuditRequest = {
    type: 'role',
    // A record tells no path.
    resource: { type: 'role', arn: roleArn(path.split('/').at(-1) ?? '') },
    name: path.split('/').at(-1) ?? '',
    changed: [change],
    trigger: TRIGGER,
    deleted: false,
  };
  const looks = await Promise.all(
    [evidence, base].map(async (each) => {
      const { facts, follow } = await gather(request, {
        reader,
        config: CONFIG,
        recallExecution: async () => undefined,
        evidence: each,
        now,
      });
      const uses = 'uses' in facts && facts.uses.ok ? (facts.uses.value as RoleUses) : undefined;
      return {
        steps: uses?.runsSteps.map(({ arn }) => arn) ?? [],
        services: [...(uses?.services ?? [])],
        pipelines: follow?.filter(({ type }) => type === 'pipeline'),
      };
    }),
  );
  return { indexed: looks[0], listed: looks[1] };
};

const LOOK_AT_PIPELINE = {
  type: 'pipeline',
  resource: { type: 'pipeline', arn: PIPELINE },
  name: 'curate',
  changed: [],
  executions: [],
  deleted: false,
  trigger: TRIGGER,
};

const NODES = role('steps/nodes-of-curate');
const HELD = role('steps/nodes-of-curate', 'nodes');

test.each<[string, string, ChangeOf<'role'>, JsonObject[], JsonObject[], string[]]>([
  ['a role that was named before it was made', 'steps/emr', 'existence', [], [role('steps/emr')], [PIPELINE]],
  ['a role that came into the profile', 'steps/nodes-of-curate', 'profiles', [NODES], [HELD], [PIPELINE]],
  ['a role that was taken out of the profile', 'steps/nodes-of-curate', 'profiles', [HELD], [NODES], []],
  [
    'a role with another path than before',
    'new/emr',
    'existence',
    [role('old/emr')],
    [role('new/emr')],
    [PIPELINE],
  ],
])(
  '%s is judged by what its pipeline asks, and the pipeline is looked at',
  async (_, path, change, was, is, steps) => {
    const { indexed, listed } = await looksAt(path, change, withRoles(...was), withRoles(...is));
    expect(indexed).toEqual({ ...indexed, steps, pipelines: [LOOK_AT_PIPELINE] });
    // Without an index nothing tells what the pipeline asked before.
    expect({ ...listed, pipelines: [] }).toEqual({ ...indexed, pipelines: [] });
  },
);

test('a change of its policies, and of a role that no step calls by a name, leads to no pipeline', async () => {
  const emr = withRoles(role('steps/emr'));
  expect((await looksAt('steps/emr', 'policy', emr, emr)).indexed?.pipelines).toEqual([]);
  expect((await looksAt('other', 'existence', emr, withRoles(role('other')))).indexed?.pipelines).toEqual([]);
});
