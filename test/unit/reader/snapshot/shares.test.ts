import { afterEach, describe, expect, test } from '@jest/globals';
import { found } from '../../../../shared/reader/read-result.ts';
import { SHARE_ARN as ARN, aShare } from '../../../support/builders/share.ts';
import { removeFolders, snapshotOf, unreadOf } from '../../../support/builders/snapshot-folder.ts';

afterEach(removeFolders);

const FILE = 'ram/resource-shares.json';
const FRAUD = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const SUBNET = 'arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0a1b';
const UNIT = 'arn:aws:organizations::999988887777:ou/o-acme/ou-1abc-data';

const association = (associatedEntity: string, more: object = {}) => ({
  resourceShareArn: ARN,
  associatedEntity,
  status: 'ASSOCIATED',
  external: false,
  ...more,
});
const AWS_PERMISSION = 'arn:aws:ram::aws:permission';
const OWN_PERMISSION = 'arn:aws:ram:eu-west-1:111122223333:permission';
const permission = (arn: string, more: object = {}) => ({
  arn,
  version: '2',
  resourceType: 'sagemaker:Pipeline',
  ...more,
});

const SHARE = {
  resourceShareArn: ARN,
  name: 'fraud-pipelines',
  owningAccountId: '111122223333',
  allowExternalPrincipals: true,
  status: 'ACTIVE',
};
const entry = {
  ResourceShare: SHARE,
  Resources: [association(FRAUD), association(SUBNET)],
  Principals: [association('444455556666', { external: true })],
  Permissions: [permission(`${AWS_PERMISSION}/AWSRAMPermissionSageMakerPipelineAllowExecution`)],
};

const sharesOf = async (content: unknown) => (await snapshotOf({ [FILE]: content })).readShares();
const shareOf = async (more: object) => {
  const read = await sharesOf([{ ...entry, ...more }]);
  if (!read.ok || !read.value[0]) throw new Error('no share');
  return read.value[0];
};
const actionsOf = async (listed: object) => {
  const { permissions } = await shareOf({ Permissions: [listed] });
  const [first] = permissions.ok ? permissions.value : [];
  if (!first) throw new Error('no permission');
  return first;
};

describe('a share in a snapshot', () => {
  test('is made of the outputs of RAM', async () => {
    expect(await sharesOf([entry])).toEqual(
      found([
        {
          ...aShare({ pipelineArns: [FRAUD] }),
          permissions: found([
            {
              name: `${AWS_PERMISSION}/AWSRAMPermissionSageMakerPipelineAllowExecution version 2`,
              actions: found(expect.arrayContaining(['sagemaker:RetryPipelineExecution'])),
            },
          ]),
        },
      ]),
    );
  });

  test.each<[string, string[]]>([
    ['FAILED', []],
    ['DELETING', []],
    ['DELETED', []],
    ['PENDING', [FRAUD]],
    ['ACTIVE', [FRAUD]],
    ['SOMETHING_NEW', [FRAUD]],
  ])('of the status %s holds %j', async (status, pipelineArns) => {
    const share = await shareOf({ ResourceShare: { ...SHARE, status } });
    expect(share).toMatchObject({ pipelineArns, formerPipelineArns: pipelineArns.length > 0 ? [] : [FRAUD] });
  });

  test.each<[string, boolean]>([
    ['ASSOCIATED', true],
    ['ASSOCIATING', true],
    ['SUSPENDED', true],
    ['RESTORING', true],
    ['SOMETHING_NEW', true],
    ['FAILED', false],
    ['DISASSOCIATING', false],
    ['DISASSOCIATED', false],
  ])('has what has the association status %s: %s', async (status, isHeld) => {
    const { pipelineArns, formerPipelineArns } = await shareOf({
      Resources: [association(FRAUD, { status })],
    });
    expect([pipelineArns, formerPipelineArns]).toEqual(isHeld ? [[FRAUD], []] : [[], [FRAUD]]);
    const { principals } = await shareOf({ Principals: [association('444455556666', { status })] });
    expect(principals).toHaveLength(isHeld ? 1 : 0);
  });

  test.each<[string, object, object, boolean]>([
    ['an account that RAM calls external', {}, association('444455556666', { external: true }), true],
    ['an account that RAM calls a member', {}, association('444455556666'), false],
    ['an account of which RAM tells nothing', {}, association('444455556666', { external: null }), true],
    ['an organizational unit', {}, association(UNIT, { external: null }), false],
    [
      'any account, where only members are admitted',
      { allowExternalPrincipals: false },
      association('444455556666', { external: null }),
      false,
    ],
  ])('knows whether it is outside of the organization: %s', async (_, share, principal, isExternal) => {
    const { principals } = await shareOf({ ResourceShare: { ...SHARE, ...share }, Principals: [principal] });
    expect(principals[0]?.isExternal).toBe(isExternal);
  });

  test('of another account is left out, as it is not for us to judge', async () => {
    const theirs = { ...entry, ResourceShare: { ...SHARE, owningAccountId: '444455556666' } };
    expect(await sharesOf([theirs])).toEqual(found([]));
  });

  test('has permissions for pipelines only', async () => {
    const { permissions } = await shareOf({
      Permissions: [
        permission(`${AWS_PERMISSION}/AWSRAMDefaultPermissionSubnet`, { resourceType: 'ec2:Subnet' }),
        permission(`${AWS_PERMISSION}/AWSRAMDefaultPermissionSageMakerPipeline`, {
          resourceType: 'SageMaker:pipeline',
        }),
      ],
    });
    expect(permissions).toMatchObject({
      value: [{ name: expect.stringContaining('DefaultPermissionSageMakerPipeline'), actions: { ok: true } }],
    });
    const { permissions: none } = await shareOf({ Permissions: [] });
    expect(unreadOf(none).message).toContain('no permission for pipelines');
  });

  test('without permissions has a gap that names the command for them', async () => {
    const { Permissions: _, ...without } = entry;
    const read = await sharesOf([without]);
    expect(read.ok && read.value[0] && unreadOf(read.value[0].permissions).message).toContain(
      '`aws ram list-resource-share-permissions` tells it',
    );
  });
});

describe('the actions of a permission', () => {
  const START = 'sagemaker:StartPipelineExecution';
  const own = (content: unknown) => permission(`${OWN_PERMISSION}/own`, { permission: content });

  test.each<[string, unknown, string[]]>([
    ['a text', JSON.stringify({ Effect: 'Allow', Action: [START] }), [START]],
    ['a document', { Effect: 'Allow', Action: START }, [START]],
    [
      'statements',
      {
        Statement: [
          { Effect: 'Allow', Action: START },
          { Effect: 'Deny', Action: '*' },
        ],
      },
      [START],
    ],
    ['a list', JSON.stringify([{ Effect: 'Allow', Action: ['sagemaker:*'] }]), ['sagemaker:*']],
  ])('are told by its content, which is %s', async (_, content, actions) => {
    expect(await actionsOf(own(content))).toEqual({
      name: `${OWN_PERMISSION}/own version 2`,
      actions: found(actions),
    });
  });

  test('are told with their condition', async () => {
    const content = {
      Effect: 'Allow',
      Action: START,
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    };
    expect(await actionsOf(own(content))).toMatchObject({ isConditional: true, actions: found([START]) });
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no statement', '[]'],
    ['nothing', '{}'],
    ['a number', 7],
    ['no action', { Effect: 'Allow' }],
    ['all actions but some', { Effect: 'Allow', NotAction: START }],
    ['an empty list of actions beside NotAction', { Effect: 'Allow', Action: [], NotAction: START }],
    ['a parameter in place of an action', { Effect: 'Allow', Action: 'sagemaker:@{operation}' }],
    ['an action that is no text', { Effect: 'Allow', Action: [START, 7] }],
    [
      'an effect that is unknown',
      [
        { Effect: 'Allow', Action: START },
        { Effect: 'Grant', Action: '*' },
      ],
    ],
    ['a denial alone', { Effect: 'Deny', Action: START }],
    ['a depth that no content has', '['.repeat(100_000)],
  ])('are not known where the content is %s', async (_, content) => {
    expect((await actionsOf(own(content))).actions.ok).toBe(false);
  });

  test('are not taken from a customer’s permission that has the name of one of AWS', async () => {
    const named = permission(`${OWN_PERMISSION}/AWSRAMDefaultPermissionSageMakerPipeline`);
    expect(unreadOf((await actionsOf(named)).actions).message).toContain('`aws ram get-permission` tells it');
    const lured = permission('arn:aws:ram::aws:permission/__proto__');
    expect((await actionsOf(lured)).actions.ok).toBe(false);
  });
});

describe('the shares of a snapshot', () => {
  test('may be none', async () => {
    expect(await sharesOf([])).toEqual(found([]));
    expect(await sharesOf({ absent: true })).toEqual(found([]));
  });

  test.each<[string, unknown, string]>([
    ['an object', {}, 'it is not [{"ResourceShare": {…}'],
    ['an entry that is none', [null], 'it is not [{"ResourceShare": {…}'],
    ['a share without an ARN', [{ ...entry, ResourceShare: {} }], 'it is not'],
    ['a share without its resources', [{ ...entry, Resources: undefined }], 'it is not'],
    ['a share without its principals', [{ ...entry, Principals: {} }], 'it is not'],
    ['an association of nothing', [{ ...entry, Principals: [{ status: 'ASSOCIATED' }] }], 'it is not'],
    ['no JSON', '{', 'ram/resource-shares.json:1:'],
  ])('are malformed where the file has %s', async (_, content, message) => {
    expect(unreadOf(await sharesOf(content))).toMatchObject({
      code: 'Malformed',
      message: expect.stringContaining(message),
    });
  });

  test('that the snapshot lacks are a gap', async () => {
    expect(unreadOf(await (await snapshotOf({})).readShares())).toMatchObject({
      code: 'NotInSnapshot',
      message: expect.stringContaining('`pipewarden snapshot` makes it'),
    });
  });
});
