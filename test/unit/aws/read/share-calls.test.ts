import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { makeRamClient, readShares } from '../../../../shared/aws/read/share-calls.ts';
import type { Json, JsonObject } from '../../../../shared/json/json.ts';
import { found } from '../../../../shared/reader/read-result.ts';
import { aShare, SHARE_ARN as SHARE } from '../../../support/builders/share.ts';
import { unreadOf } from '../../../support/builders/snapshot-folder.ts';

const OTHER = 'arn:aws:ram:eu-west-1:111122223333:resource-share/4e5f6a7b';
const FRAUD = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const SUBNET = 'arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0a1b';
const OWN = 'arn:aws:ram:eu-west-1:111122223333:permission/own';
const AWS_OWN = 'arn:aws:ram::aws:permission/AWSRAMPermissionSageMakerPipelineAllowExecution';

/** What RAM answers to an operation (in lower case) and its request; a text is the code of an error. */
type Answers = (operation: string, request: JsonObject) => Json;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** RAM as a server that answers as the test says: no emulator knows shares that hold pipelines. */
const ramOf = async (answers: Answers) => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = (request.url ?? '').slice(1);
    asked.push(operation);
    const answer = answers(operation, JSON.parse(Buffer.concat(chunks).toString() || '{}') as JsonObject);
    const isError = typeof answer === 'string';
    response.writeHead(isError ? 403 : 200, {
      'content-type': 'application/json',
      ...(isError && { 'x-amzn-errortype': answer }),
    });
    response.end(JSON.stringify(isError ? { message: 'no' } : answer));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const client = makeRamClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxAttempts: 1,
  });
  closers.push(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { client, asked };
};

const association = (
  associatedEntity: string,
  resourceShareArn = SHARE,
  more: JsonObject = {},
): JsonObject => ({
  resourceShareArn,
  associatedEntity,
  status: 'ASSOCIATED',
  external: true,
  creationTime: 1_700_000_000.5,
  ...more,
});

/** Two shares, the second of a subnet, in pages that may be empty, as RAM’s are. */
const twoShares =
  (over: Record<string, Json> = {}): Answers =>
  (operation, { associationType, nextToken, permissionVersion }) => {
    if (Object.hasOwn(over, operation)) return over[operation] ?? null;
    switch (operation) {
      case 'getresourceshareassociations':
        if (nextToken === undefined) return { resourceShareAssociations: [], nextToken: 'more' };
        return {
          resourceShareAssociations:
            associationType === 'RESOURCE'
              ? [association(SUBNET, OTHER), association(FRAUD)]
              : [association('444455556666'), association('777788889999', OTHER)],
        };
      case 'getresourceshares':
        return {
          resourceShares: [SHARE, OTHER].map((resourceShareArn) => ({
            resourceShareArn,
            name: 'fraud-pipelines',
            status: 'ACTIVE',
            allowExternalPrincipals: true,
          })),
        };
      case 'listresourcesharepermissions':
        return {
          permissions: [
            { arn: AWS_OWN, version: '1', resourceType: 'sagemaker:Pipeline' },
            { arn: OWN, version: '7', resourceType: 'sagemaker:Pipeline' },
          ],
        };
      case 'getpermission':
        return {
          permission: {
            arn: OWN,
            permission: JSON.stringify({
              Effect: 'Allow',
              Action: [`sagemaker:Version${permissionVersion}`],
            }),
          },
        };
      default:
        return 'UnknownOperationException';
    }
  };

describe('the shares of an account', () => {
  test('are read with all pages, for shares of pipelines only', async () => {
    const { client, asked } = await ramOf(twoShares());
    expect(await readShares(client)).toEqual(
      found([
        {
          ...aShare({ pipelineArns: [FRAUD] }),
          permissions: found([
            {
              name: `${AWS_OWN} version 1`,
              actions: found(expect.arrayContaining(['sagemaker:StopPipelineExecution'])),
            },
            { name: `${OWN} version 7`, actions: found(['sagemaker:Version7']) },
          ]),
        },
      ]),
    );
    expect(asked).toEqual([
      ...['getresourceshareassociations', 'getresourceshareassociations'],
      ...['getresourceshareassociations', 'getresourceshareassociations'],
      'getresourceshares',
      'listresourcesharepermissions',
      'getpermission',
    ]);
  });

  test('cost one call where none holds a pipeline', async () => {
    const none = { resourceShareAssociations: [association(SUBNET)] };
    const { client, asked } = await ramOf(twoShares({ getresourceshareassociations: none }));
    expect([await readShares(client), asked]).toEqual([found([]), ['getresourceshareassociations']]);
  });

  test('count as active and open to all where RAM does not list the share', async () => {
    const { client } = await ramOf(twoShares({ getresourceshares: { resourceShares: [] } }));
    expect(await readShares(client)).toMatchObject({
      value: [{ arn: SHARE, name: SHARE, allowsExternal: true, pipelineArns: [FRAUD] }],
    });
  });

  test.each(['getresourceshareassociations', 'getresourceshares'])(
    'are a gap where %s is denied',
    async (call) => {
      const { client } = await ramOf(twoShares({ [call]: 'AccessDeniedException' }));
      expect(unreadOf(await readShares(client)).code).toBe('AccessDeniedException');
    },
  );

  test('have a gap where their permissions are denied', async () => {
    const { client } = await ramOf(twoShares({ listresourcesharepermissions: 'AccessDeniedException' }));
    const read = await readShares(client);
    expect(read.ok && read.value[0] && unreadOf(read.value[0].permissions)).toMatchObject({
      call: 'ListResourceSharePermissions',
      code: 'AccessDeniedException',
    });
  });

  test.each<[string, Json, string]>([
    ['denied', 'AccessDeniedException', 'AccessDeniedException'],
    ['empty', { permission: {} }, 'Incomplete'],
  ])('have a gap where the content of a permission is %s', async (_, answer, code) => {
    const { client } = await ramOf(twoShares({ getpermission: answer }));
    const read = await readShares(client);
    const permissions = read.ok && read.value[0]?.permissions.ok ? read.value[0].permissions.value : [];
    expect(permissions.map(({ actions }) => (actions.ok ? 'known' : actions.unread.code))).toEqual([
      'known',
      code,
    ]);
  });
});
