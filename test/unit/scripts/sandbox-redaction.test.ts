import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redacted } from '../../../scripts/sandbox-redaction.ts';
import type { Json } from '../../../shared/json/json.ts';

const ACCOUNT = '987654321098';
const id = fc
  .stringMatching(/^[0-9]{12}$/)
  .filter((text) => text !== '111122223333' && text !== '444455556666');
const show = (value: Json): string => JSON.stringify(redacted(value, [ACCOUNT]));

describe('no account id is left', () => {
  test('of the sandbox, wherever it is, also among digits and in names of members', () => {
    const text = fc
      .tuple(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789') }))
      .map(([a, b]) => a + b);
    const around = fc.tuple(id, text, text);
    fc.assert(
      fc.property(around, fc.json(), ([account, before, after], other) => {
        const hidden = `${before}${account}${after}`;
        const value: Json = {
          [hidden]: [hidden, { deep: [Number(account), JSON.parse(other)] }],
          userName: hidden,
        };
        expect(JSON.stringify(redacted(value, [account]))).not.toContain(account);
      }),
      { numRuns: 2000 },
    );
  });

  test('of anybody else, where it is a number of twelve digits', () => {
    const edge = fc.stringMatching(/^[^0-9]*$/);
    fc.assert(
      fc.property(id, edge, edge, (account, before, after) => {
        expect(show({ text: `${before}${account}${after}`, number: Number(account) })).not.toContain(account);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a record of CloudTrail', () => {
  const record: Json = {
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAABCDEFGHIJKLMNOPQ:jane.doe@example.org',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane.doe@example.org`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAABCDEFGHIJKLMNOP',
      sessionContext: { sessionIssuer: { userName: 'Jane', accountId: ACCOUNT } },
    },
    sourceIPAddress: '203.0.113.7',
    requestID: '1b2c3d4e-0000-4111-8222-123456789012',
    vpcEndpointId: 'vpce-0123456789abcdef0',
    requestParameters: {
      pipelineName: 'pipewarden-smoke',
      roleArn: `arn:aws:iam::${ACCOUNT}:role/pipewarden-smoke-execution`,
    },
  };

  test('tells no account, person, session, address, key or request', () => {
    const text = show(record);
    for (const secret of [
      'jane',
      'Jane',
      'doe',
      ACCOUNT,
      '203.0.113.7',
      'ABCDEFGHIJKL',
      '1b2c3d4e',
      'vpce-0',
    ])
      expect(text).not.toContain(secret);
  });

  test('still tells what was asked', () => {
    expect(redacted(record, [ACCOUNT])).toMatchObject({
      requestParameters: {
        pipelineName: 'pipewarden-smoke',
        roleArn: 'arn:aws:iam::111122223333:role/pipewarden-smoke-execution',
      },
    });
  });

  test.each([
    ['sagemaker.amazonaws.com'],
    [
      `arn:aws:sts::111122223333:assumed-role/pipewarden-smoke-execution/sagemaker-pipeline-abcdefghijkl-Under_score`,
    ],
    ['2026-11-30T12:30:00Z'],
    ['aws-cli/2.31.4 md/awscrt#0.27.6'],
    ['pipelines-abcdefghijkl-Under-score-abcdefghij'],
  ])('leaves %s as it is', (text) => {
    expect(redacted(text, [ACCOUNT])).toBe(text);
  });

  const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/jane`;
  test.each<[string, Json]>([
    [
      'in JSON within a text',
      { policy: JSON.stringify({ userName: 'jane', arn: ARN, UserId: 'AROAABCDEFGHIJKLMNOPQ:jane' }) },
    ],
    ['in JSON within that', { event: JSON.stringify({ body: JSON.stringify({ sourceIdentity: 'jane' }) }) }],
    ['in a message', { errorMessage: `AROAABCDEFGHIJKLMNOPQ:jane may not call it` }],
    [
      'by what calls answer',
      { UserName: 'jane', RoleSessionName: 'jane', SecretAccessKey: 'jane', SessionToken: 'jane' },
    ],
    ['as a federated user', { principalId: `${ACCOUNT}:jane` }],
    [
      'in a URL',
      {
        url: `https://example.com/?arn=${encodeURIComponent(ARN)}&by=${encodeURIComponent('jane@example.org')}`,
      },
    ],
    ['in a URL after a space', { url: `?q=%20123456789012` }],
    [
      'in base64',
      { token: Buffer.from(ARN).toString('base64'), url: Buffer.from(ARN).toString('base64url') },
    ],
    ['as the host that called', { sourceIPAddress: 'jane.corp.example.org' }],
  ])('tells no person and no account %s', (_, value) => {
    const text = show(value);
    for (const secret of ['jane', ACCOUNT, '123456789012', Buffer.from(ARN).toString('base64').slice(8, 24)])
      expect(text).not.toContain(secret);
  });

  test.each([
    ['o-a1b2c3d4e5'],
    ['ou-ab12-1a2b3c4d'],
    ['vpce-0123456789abcdef0'],
    ['subnet-0123456789abcdef0'],
    ['ip-10-1-2-3'],
    ['IQoJb3JpZ2luX2VjEBQaCWV1LXdlc3QtMSJHMEUCIQ'],
  ])('hides %s in a message', (id) => {
    expect(show({ errorMessage: `not allowed in ${id}: denied` })).not.toContain(id);
  });

  test.each([['from ADDRESS: denied'], ['ip:ADDRESS'], ['[ADDRESS]:443']])(
    'hides an address in %s',
    (text) => {
      expect(show(text.replace('ADDRESS', '2001:db8:85a3::8a2e:370:7334'))).not.toContain('85a3');
    },
  );

  test.each([['2001:db8:85a3::8a2e:370:7334'], ['::ffff:203.0.113.7'], ['fe80::1']])(
    'hides the address %s',
    (address) => {
      expect(show({ sourceIPAddress: address })).not.toContain(address);
    },
  );
});
