import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { isOfS3, readPayload } from '../../../functions/hook/payload.ts';

describe('the URL of a payload', () => {
  test.each([
    'https://s3.amazonaws.com/bucket/key?X-Amz-Signature=x',
    'https://s3.eu-west-1.amazonaws.com/bucket/key',
    'https://s3-eu-west-1.amazonaws.com/bucket/key',
    'https://bucket.s3.eu-west-1.amazonaws.com/key',
    'https://a.bucket.s3.us-gov-west-1.amazonaws.com/key',
    'https://bucket.s3.dualstack.eu-west-1.amazonaws.com/key',
    'https://bucket.s3.cn-north-1.amazonaws.com.cn/key',
    'https://bucket.s3.eusc-de-east-1.amazonaws.eu/key',
    'https://bucket.s3.amazonaws.com:443/key',
  ])('%s is one of S3', (url) => expect(isOfS3(new URL(url), undefined)).toBe(true));

  test.each([
    'http://bucket.s3.eu-west-1.amazonaws.com/key',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/bucket/key',
    'https://example.com/?s3.amazonaws.com',
    'https://s3.amazonaws.com.example.com/key',
    'https://bucket.s3.eu-west-1.amazonaws.com@example.com/key',
    'https://user:secret@bucket.s3.eu-west-1.amazonaws.com/key',
    'https://bucket.s3.eu-west-1.amazonaws.com:8443/key',
    'https://s3-website-eu-west-1.amazonaws.com/key',
    'https://abc.execute-api.eu-west-1.amazonaws.com/s3',
    'https://s3.evil-amazonaws.com/key',
    'https://evils3.amazonaws.com/key',
    'https://bucket.s3.eu-west-1.vpce.amazonaws.com/key',
    'file:///etc/passwd',
    'data:application/json,{}',
  ])('%s is not', (url) => expect(isOfS3(new URL(url), undefined)).toBe(false));

  test('may lead to the endpoint that the deployment gives in place of S3, and then to no other', () => {
    const endpoint = 'http://127.0.0.1:5000';
    expect(isOfS3(new URL('http://127.0.0.1:5000/bucket/key'), endpoint)).toBe(true);
    expect(isOfS3(new URL('http://127.0.0.1:5001/bucket/key'), endpoint)).toBe(false);
    expect(isOfS3(new URL('https://bucket.s3.amazonaws.com/key'), endpoint)).toBe(false);
  });
});

const withServer = async (listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
};

/** What becomes of an answer of S3. */
const readOf = async (listener: RequestListener, millis = 5_000): Promise<unknown> => {
  let read: unknown;
  await withServer(listener, async (endpoint) => {
    read = await readPayload(`${endpoint}/bucket/key?X-Amz-Signature=secret`, { endpoint, millis }).catch(
      (error: Error) => error.message,
    );
  });
  return read;
};

const answering =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

describe('a payload', () => {
  test('is read with the template and what a change set changes', async () => {
    const changed = {
      logicalResourceId: 'Role',
      resourceType: 'AWS::IAM::Role',
      action: 'CREATE',
      lineNumber: 3,
      beforeContext: null,
      afterContext: '{"Properties":{}}',
    };
    expect(await readOf(answering({ template: 'Resources: {}', previousTemplate: null }))).toEqual({
      template: 'Resources: {}',
    });
    expect(await readOf(answering({ template: 'Resources: {}', changedResources: [changed] }))).toEqual({
      template: 'Resources: {}',
      changedResources: [
        {
          logicalResourceId: 'Role',
          resourceType: 'AWS::IAM::Role',
          action: 'CREATE',
          beforeContext: null,
          afterContext: '{"Properties":{}}',
        },
      ],
    });
  });

  test.each([
    [{ template: 'Resources: {}', previousTemplate: 'Resources: {A: {}}' }, 'Resources: {A: {}}'],
    [{ template: 'Resources: {}', previousTemplate: '' }, undefined],
    [{ template: '', previousTemplate: null }, undefined],
  ])('%j tells as the earlier template %j', async (body, earlier) => {
    expect(await readOf(answering(body))).toEqual({
      template: body.template,
      ...(earlier !== undefined && { previousTemplate: earlier }),
    });
  });

  test.each<[string, RequestListener, RegExp]>([
    ['is denied', answering('<Error/>', 403), /HTTP 403/],
    ['is no JSON', answering('<html>'), /no payload of a hook/],
    ['is other JSON', answering({ template: 7 }), /no payload of a hook/],
    ['has changes without end', answering({ changedResources: Array(3000).fill({}) }), /no payload/],
    [
      'leads elsewhere',
      (_, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      },
      /could not be fetched/,
    ],
    [
      'does not end',
      (_, response) => {
        const more = () => {
          while (response.write('x'.repeat(1024 * 1024)));
        };
        response.on('drain', more);
        more();
      },
      /larger than CloudFormation allows/,
    ],
  ])('that %s is refused', async (_, listener, reason) => {
    expect(await readOf(listener)).toMatch(reason);
  });

  test('that never comes is not waited for', async () => {
    expect(await readOf(() => {}, 50)).toMatch(/could not be fetched from Amazon S3: TimeoutError/);
  });

  test.each(['http://example.com/x', 'nothing', ''])(
    'of the URL %j is not asked for, and nothing of it is told',
    async (url) => {
      const read = readPayload(url, { endpoint: undefined, millis: 1000 });
      await expect(read).rejects.toThrow(/^the URL of the template is not one of Amazon S3$/);
    },
  );
});
