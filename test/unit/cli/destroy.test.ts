import { describe, expect, test } from '@jest/globals';
import { destroyPlan, findDeployment, removeInOrder } from '../../../cli/destroy.ts';
import { stackNames } from '../../../shared/domain/deployment-names.ts';
import { partitionOfRegion } from '../../../shared/domain/regions.ts';
import {
  type FoundStack,
  forwardedRegions,
  forwardingDescription,
} from '../../../shared/events/forwarded-regions.ts';

const forwardsTo = (home: string) => {
  const [forwarded] = forwardedRegions(home);
  return { description: forwarded ? forwardingDescription(forwarded, home) : '' };
};
const SOME = { description: 'Pipewarden' };

/** The stacks of two deployments of an account, by Region and name. */
const DEPLOYED: Readonly<Record<string, FoundStack>> = {
  'eu-west-1 PipewardenState': SOME,
  'eu-west-1 Pipewarden': SOME,
  'eu-west-1 PipewardenMembers': SOME,
  'us-east-1 PipewardenIamEvents': forwardsTo('eu-west-1'),
  'eu-central-1 PipewardenEvents-eu-central-1': forwardsTo('eu-west-1'),
  'sa-east-1 PipewardenState': SOME,
  'sa-east-1 Pipewarden': SOME,
  'us-east-1 PipewardenIamEvents-to-sa-east-1': forwardsTo('sa-east-1'),
};

const findIn = (deployed: Readonly<Record<string, FoundStack>>) => {
  const asked: string[] = [];
  const find = async (region: string, stack: string): Promise<FoundStack> => {
    asked.push(`${region} ${stack}`);
    return deployed[`${region} ${stack}`];
  };
  return { asked, find };
};
const removed = async (home: string, deployed = DEPLOYED): Promise<string[]> => {
  const { stacks } = await findDeployment(home, findIn(deployed).find);
  return stacks.map(({ region, stack }) => `${region} ${stack}`);
};

describe('what is removed', () => {
  test('goes in an order in which nothing sends to what is gone: members, forwarders, functions', async () => {
    expect(await removed('eu-west-1')).toEqual([
      'eu-west-1 PipewardenMembers',
      'eu-central-1 PipewardenEvents-eu-central-1',
      'us-east-1 PipewardenIamEvents',
      'eu-west-1 Pipewarden',
    ]);
  });

  test('has the prefix of the deployment', async () => {
    const { asked, find } = findIn({
      'eu-west-1 acme-Pipewarden': SOME,
      'eu-west-1 acme-PipewardenState': SOME,
      'us-east-1 acme-PipewardenIamEvents': forwardsTo('eu-west-1'),
    });
    const deployment = await findDeployment('eu-west-1', find, {
      names: stackNames('acme-'),
      stackPrefix: 'acme-',
    });
    expect(deployment.stacks.map(({ stack }) => stack)).toEqual([
      'acme-PipewardenIamEvents',
      'acme-Pipewarden',
    ]);
    expect(asked.filter((each) => !/^\S+ acme-Pipewarden/.test(each))).toEqual([]);
    expect(destroyPlan(deployment, 'eu-west-1', stackNames('acme-')).at(-1)).toMatch(
      /^acme-PipewardenState \(eu-west-1\) stays/,
    );
  });

  test('is nothing of another deployment of the account', async () => {
    expect(await removed('sa-east-1')).toEqual([
      'us-east-1 PipewardenIamEvents-to-sa-east-1',
      'sa-east-1 Pipewarden',
    ]);
  });

  test('is also in a Region that the configuration does not name any more', async () => {
    const left = { 'ap-south-1 PipewardenEvents-ap-south-1': forwardsTo('eu-west-1') };
    expect(await removed('eu-west-1', left)).toEqual(['ap-south-1 PipewardenEvents-ap-south-1']);
  });

  test.each(['eu-west-1', 'cn-north-1', 'us-gov-west-1'])(
    'is looked for in the partition of %s alone',
    async (home) => {
      const { asked, find } = findIn({});
      await findDeployment(home, find);
      const regions = new Set(asked.map((each) => each.split(' ')[0] ?? ''));
      expect([...regions].map(partitionOfRegion)).toEqual([...regions].map(() => partitionOfRegion(home)));
      expect(regions.size).toBeGreaterThan(1);
    },
  );
});

describe('the plan', () => {
  const planOf = async (deployed: Readonly<Record<string, FoundStack>>) =>
    destroyPlan(await findDeployment('eu-west-1', findIn(deployed).find), 'eu-west-1');

  test('says what goes, in which order, and what stays', async () => {
    expect(await planOf(DEPLOYED)).toEqual([
      '1. PipewardenMembers (eu-west-1) is removed: the StackSets, and with them the roles and rules in all members',
      '2. PipewardenEvents-eu-central-1 (eu-central-1) is removed: rules that forward events here',
      '3. PipewardenIamEvents (us-east-1) is removed: rules that forward events here',
      '4. Pipewarden (eu-west-1) is removed: queues with what waits in them, rules, archives, functions, sweeps, alarms and dashboard; the logs stay',
      'stacks that were deployed with commands, such as those of the management account, stay: remove them there, as docs/operations.md says under Members',
      'PipewardenState (eu-west-1) stays, with the findings table, buckets, key, alert topic and bus',
    ]);
  });

  test('says that nothing is there', async () => {
    expect(await planOf({})).toEqual(['nothing to remove: no stack of a deployment in eu-west-1 was found']);
  });

  test('says what could not be asked', async () => {
    const unknown = { unknown: 'AccessDenied: no' };
    expect(
      await planOf({
        'eu-west-1 PipewardenMembers': unknown,
        'ap-east-1 PipewardenEvents-ap-east-1': unknown,
        'ap-east-1 PipewardenEvents-ap-east-1-to-eu-west-1': unknown,
      }),
    ).toEqual([
      'whether there is PipewardenMembers (eu-west-1) cannot be asked (AccessDenied: no)',
      'not asked for stacks that forward events: ap-east-1 (a Region that is off has none)',
      'nothing to remove: no stack of a deployment in eu-west-1 was found',
    ]);
  });
});

describe('removing', () => {
  const stacks = ['PipewardenMembers', 'PipewardenIamEvents', 'Pipewarden'].map((stack) => ({
    region: 'eu-west-1',
    stack,
  }));
  const run = async (failing: string | undefined) => {
    const told: string[] = [];
    const asked: string[] = [];
    const remove = async ({ stack }: { stack: string }): Promise<string | undefined> => {
      asked.push(stack);
      return stack === failing ? 'an instance failed' : undefined;
    };
    const error = await removeInOrder(stacks, remove, (message) => told.push(message)).then(
      () => undefined,
      (thrown: Error) => thrown.message,
    );
    return { told, asked, error };
  };

  test('takes one stack after the other, and says so', async () => {
    expect(await run(undefined)).toEqual({
      asked: ['PipewardenMembers', 'PipewardenIamEvents', 'Pipewarden'],
      told: [
        'removing PipewardenMembers (eu-west-1)',
        'removing PipewardenIamEvents (eu-west-1)',
        'removing Pipewarden (eu-west-1)',
      ],
      error: undefined,
    });
  });

  test('stops at a stack that stays, because those before use the others', async () => {
    expect(await run('PipewardenIamEvents')).toMatchObject({
      asked: ['PipewardenMembers', 'PipewardenIamEvents'],
      error:
        'PipewardenIamEvents (eu-west-1) cannot be removed: an instance failed; its events in CloudFormation say why; Pipewarden (eu-west-1) stays until it is gone: run pipewarden destroy again',
    });
  });
});
