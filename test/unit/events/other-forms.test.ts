import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readEventFile } from '../../../shared/events/event-file.ts';
import { cloudTrail, roleArn, session } from '../../support/builders/events.ts';
import { only, read } from '../../support/builders/reading.ts';

const record = cloudTrail(
  'UpdatePipeline',
  { pipelineName: 'fraud', roleArn: roleArn('pipelines/fraud') },
  { responseElements: { pipelineArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud' } },
);
const text = JSON.stringify(record);
const packed = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');
const batch = {
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: 'trail',
  logStream: 's',
  subscriptionFilters: ['all'],
  logEvents: [{ id: '1', timestamp: 1795255200000, message: text }],
};

describe('CloudTrail by way of CloudWatch Logs', () => {
  test.each<[string, unknown]>([
    ['aws logs filter-log-events', { events: [{ logStreamName: 's', message: text, eventId: '3' }] }],
    ['aws logs get-log-events', { events: [{ timestamp: 1, message: text, ingestionTime: 2 }] }],
    ['a subscription to a Lambda function', { awslogs: { data: packed(batch) } }],
    ['a subscription by way of Kinesis', { Records: [{ kinesis: { data: packed(batch) } }] }],
    ['a subscription by way of Firehose', { records: [{ recordId: '1', data: packed(batch) }] }],
    ['what a subscription holds', batch],
    [
      'a query of Logs Insights',
      {
        results: [
          [
            { field: '@timestamp', value: 'x' },
            { field: '@message', value: text },
          ],
        ],
        status: 'Complete',
      },
    ],
  ])('%s', (_, wrapped) => {
    expect(only(wrapped)).toEqual(only(record));
  });

  test('a control message of a subscription is ignored, with the reason', () => {
    const control = {
      ...batch,
      messageType: 'CONTROL_MESSAGE',
      logEvents: [{ message: 'CWL CONTROL MESSAGE' }],
    };
    expect(read({ awslogs: { data: packed(control) } })).toMatchObject({
      requests: [],
      ignored: [{ reason: expect.stringContaining('control message') }],
      unreadable: [],
    });
  });

  test('a log line of something else is unreadable, and takes no other with it', () => {
    const { requests, unreadable } = read({ events: [{ message: 'START RequestId' }, { message: text }] });
    expect([requests.length, unreadable.length]).toEqual([1, 1]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no Base64', { awslogs: { data: '{}' } }, /not Base64/],
    ['a truncated archive', { awslogs: { data: packed(batch).slice(0, 40) } }, /cannot be unpacked/],
    [
      'an archive that unpacks to far more than it holds',
      { awslogs: { data: gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20)).toString('base64') } },
      /cannot be unpacked/,
    ],
    [
      'an archive that is full of brackets',
      { awslogs: { data: gzipSync(Buffer.alloc(8 * 1024 * 1024, 0x5b)).toString('base64') } },
      /more values than can be read/,
    ],
  ])('%s is unreadable', (_, input, reason) => {
    expect(read(input)).toMatchObject({
      requests: [],
      ignored: [],
      unreadable: [{ reason: expect.stringMatching(reason) }],
    });
  });

  test('many small archives of much are unpacked up to a total', () => {
    const data = gzipSync(Buffer.alloc(15 * 1024 * 1024, 0x20)).toString('base64');
    const { unreadable } = read({ Records: Array.from({ length: 12 }, () => ({ kinesis: { data } })) });
    expect(unreadable).toHaveLength(12);
    expect(unreadable.at(-1)?.reason).toMatch(/all messages together/);
  });
});

const MAYA = session('data-scientist', 'maya');
const IDENTITY =
  '{type=AssumedRole, principalid=AROA:maya, arn=arn:aws:sts::111122223333:assumed-role/data-scientist/maya, ' +
  'accountid=111122223333, invokedby=null, accesskeyid=ASIA, username=null, ' +
  'sessioncontext={attributes={mfaauthenticated=false, creationdate=2026-11-20T10:00:00Z}, ' +
  'sessionissuer={type=Role, principalid=AROA, arn=arn:aws:iam::111122223333:role/data-scientist, ' +
  'accountid=111122223333, username=data-scientist}}}';

const START = cloudTrail(
  'StartPipelineExecution',
  { pipelineName: 'fraud', pipelineVersionId: 2 },
  {
    userIdentity: MAYA,
    eventTime: '2026-11-20T10:00:00Z',
    eventID: 'e-1',
    responseElements: {
      pipelineExecutionArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud/execution/a1b2c3d4e5f6',
    },
  },
);
const ROW = {
  eventversion: '1.11',
  useridentity: IDENTITY,
  eventtime: '2026-11-20T10:00:00Z',
  eventsource: 'sagemaker.amazonaws.com',
  eventname: 'StartPipelineExecution',
  awsregion: 'eu-west-1',
  errorcode: '',
  errormessage: '',
  requestparameters: JSON.stringify(START.requestParameters),
  responseelements: JSON.stringify(START.responseElements),
  eventid: 'e-1',
  eventtype: 'AwsApiCall',
  recipientaccountid: '111122223333',
};
const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const csv = (...rows: object[]): string =>
  [Object.keys(ROW), ...rows.map((row) => Object.values(row) as string[])]
    .map((cells) => cells.map(quoted).join(','))
    .join('\r\n');
const fromFile = (content: string) => readEventFile(Buffer.from(content), 'rows.csv');

describe('CloudTrail by way of Athena', () => {
  const results = {
    ResultSet: {
      Rows: [Object.keys(ROW), Object.values(ROW)].map((cells) => ({
        Data: cells.map((cell) => (cell === '' ? {} : { VarCharValue: cell })),
      })),
    },
  };
  const upper = {
    ...Object.fromEntries(Object.entries(ROW).map(([key, value]) => [key.toUpperCase(), value])),
  };

  test.each<[string, unknown]>([
    ['a row', ROW],
    ['a row whose objects are objects', { ...START, eventname: START.eventName, eventName: undefined }],
    ['a row whose identity is JSON', { ...ROW, useridentity: JSON.stringify(MAYA) }],
    ['rows of other letters', upper],
    ['aws athena get-query-results', results],
  ])('%s', (_, input) => {
    expect(only(JSON.parse(JSON.stringify(input)))).toEqual(only(START));
  });

  test('a CSV file, with line ends in its cells', () => {
    const long = {
      ...ROW,
      requestparameters: JSON.stringify(START.requestParameters, null, 2),
      eventid: 'e-2',
    };
    const file = fromFile(`${csv(ROW, long)}\r\n`);
    expect(file).toMatchObject({ ok: true, events: { ignored: [], unreadable: [] } });
    expect(file.ok && file.events.requests).toHaveLength(2);
    expect(file.ok && file.events.requests[0]).toMatchObject(only(START));
  });

  test('a CSV file whose rows are not understood says which', () => {
    const file = fromFile(csv({ ...ROW, requestparameters: '{"pipelineName": ' }, ROW));
    expect(file).toMatchObject({
      events: {
        requests: [{}],
        unreadable: [{ at: 'rows.csv:2', reason: expect.stringContaining('not JSON') }],
      },
    });
  });

  test('a CSV file of something else is no file of events', () => {
    expect(fromFile('name,size\nx,1\n')).toMatchObject({ ok: false });
    expect(fromFile('eventname,eventsource,eventname\na,b,c\n')).toMatchObject({ ok: false });
  });

  test('an identity that names a field twice, or does not close, is unreadable: it might name another caller', () => {
    const twice = IDENTITY.replace('invokedby=null', 'arn=arn:aws:iam::111122223333:role/release');
    for (const useridentity of [
      twice,
      IDENTITY.slice(0, -1),
      `${IDENTITY}}`,
      '{type}',
      `{a=${'{a='.repeat(20)}`,
    ])
      expect(read({ ...ROW, useridentity })).toMatchObject({
        requests: [],
        unreadable: [{ reason: expect.stringContaining('useridentity') }],
      });
  });

  test('a failed call is ignored, and an empty error code is none', () => {
    expect(read({ ...ROW, errorcode: 'AccessDenied' })).toMatchObject({ requests: [], ignored: [{}] });
    expect(read(ROW)).toMatchObject({ requests: [{}], ignored: [] });
  });

  test('a row without its request is unreadable', () => {
    const { requestparameters: _, responseelements: __, ...cut } = ROW;
    expect(read(cut)).toMatchObject({ requests: [], unreadable: [{}] });
  });
});

describe('CloudTrail by way of Security Lake', () => {
  const OCSF = {
    metadata: {
      product: { name: 'CloudTrail', vendor_name: 'AWS', version: '1.11' },
      version: '1.1.0',
      uid: 'e-1',
      event_code: 'AwsApiCall',
    },
    class_uid: 6003,
    class_name: 'API Activity',
    time: Date.parse('2026-11-20T10:00:00Z'),
    cloud: { region: 'eu-west-1', provider: 'AWS' },
    api: {
      operation: 'StartPipelineExecution',
      service: { name: 'sagemaker.amazonaws.com' },
      request: { uid: 'r', data: JSON.stringify(START.requestParameters) },
      response: { data: JSON.stringify(START.responseElements) },
    },
    actor: {
      user: { type: 'AssumedRole', uid: MAYA.arn, account: { uid: '111122223333' } },
      session: { issuer: roleArn('data-scientist') },
    },
    status: 'Success',
    unmapped: { recipientAccountId: '111122223333' },
  };

  test.each<[string, unknown]>([
    ['an event', OCSF],
    ['an event among others', { events: [OCSF] }],
    [
      'an event whose data are objects',
      { ...OCSF, api: { ...OCSF.api, request: { data: START.requestParameters } } },
    ],
    [
      'an event of the older mapping',
      {
        ...OCSF,
        actor: { ...OCSF.actor, user: { ...OCSF.actor.user, uid: 'AROA:maya', uuid: MAYA.arn } },
        unmapped: [
          { key: 'recipientAccountId', value: '111122223333' },
          { key: 'other', value: 'x' },
        ],
      },
    ],
  ])('%s', (_, input) => {
    expect(only(input)).toEqual(only(START));
  });

  test('an event that failed is ignored', () => {
    const denied = { ...OCSF, api: { ...OCSF.api, response: { error: 'AccessDenied' } } };
    expect(read(denied)).toMatchObject({
      requests: [],
      ignored: [{ reason: expect.stringContaining('AccessDenied') }],
    });
    expect(read({ ...OCSF, status: 'Failure' })).toMatchObject({ requests: [], ignored: [{}] });
  });

  test('an event of another product is ignored, with its name', () => {
    const flow = { ...OCSF, metadata: { product: { name: 'Amazon VPC' } } };
    expect(read(flow)).toMatchObject({
      requests: [],
      ignored: [{ reason: expect.stringContaining('Amazon VPC') }],
      unreadable: [],
    });
  });

  test('an event whose request is cut is unreadable', () => {
    const cut = { ...OCSF, api: { ...OCSF.api, request: { data: '{"pipelineName": "fra' } } };
    expect(read(cut)).toMatchObject({ requests: [], ignored: [], unreadable: [{}] });
  });
});
