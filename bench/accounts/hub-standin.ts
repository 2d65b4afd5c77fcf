import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { oncePer } from '../../shared/memo.ts';
import { callOf, passOn } from '../../test/support/emulators/counting-proxy.ts';
import { type Answer, answersOf, CONFIG, json, xmlAnswer } from './aws-standin.ts';
import { accountIn, HUB_CONFIG, HUB_REGIONS, jobOf, PIPELINES } from './hub.ts';
import { ACCOUNT, REGION } from './training-job.ts';

/** AWS for a hub: every account in every Region, from memory. */
export type HubStandIn = {
  endpoint: string;
  /** By account, when it was asked for something (milliseconds since 1970). */
  asked: ReadonlyMap<string, readonly number[]>;
  /** By id, when Security Hub took a finding for the first time. */
  imported: ReadonlyMap<string, number>;
  /** The bodies of the messages that were sent to a queue since the last call; of a queue with groups, those of one (`QUEUE GROUP`). */
  takeMessages(queue: string): string[];
  /** The text of an object that a sweep has written. */
  objectAt(key: string): string;
  stop(): Promise<void>;
};

export const SWEEPS = 'bench-sweeps';

/** Calls that ask an account for facts. */
const FACTS = new Set(['iam', 'sagemaker', 's3', 'ram', 'cloudtrail', 'kms', 'organizations']);

const TRAIL = {
  Name: 'all',
  TrailARN: `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/all`,
  HomeRegion: REGION,
  IsMultiRegionTrail: true,
  IncludeGlobalServiceEvents: true,
};

/** `latencyMs`: what each call takes. */
export const startHubStandIn = async ({
  dynamodb,
  latencyMs,
}: {
  dynamodb: string;
  latencyMs: number;
}): Promise<HubStandIn> => {
  const asked = new Map<string, number[]>();
  const imported = new Map<string, number>();
  const queues = new Map<string, string[]>();
  const objects = new Map<string, string>();
  const answersIn = oncePer((place: string) =>
    answersOf(accountIn(place), { pipelines: PIPELINES, config: HUB_CONFIG }),
  );

  const send = (url: string, body: string, group: string | undefined): Answer => {
    const queue = [url.slice(url.lastIndexOf('/') + 1), ...(group === undefined ? [] : [group])].join(' ');
    queues.set(queue, [...(queues.get(queue) ?? []), body]);
    return json({ MessageId: 'm', MD5OfMessageBody: createHash('md5').update(body).digest('hex') });
  };

  const own = (call: string, body: string, path: string, method: string): Answer | undefined => {
    const [bucket = '', key = ''] =
      path
        .slice(1)
        .split('?', 1)[0]
        ?.split(/\/(.*)/s, 2) ?? [];
    if (call.startsWith('s3.') && bucket === SWEEPS) {
      if (method === 'PUT') objects.set(key, unchunked(body));
      return { body: method === 'PUT' ? '' : (objects.get(key) ?? '') };
    }
    switch (call) {
      case 'sts.AssumeRole':
        return assumedIn(new URLSearchParams(body).get('RoleArn')?.split(':')[4] ?? '');
      case 'sqs.SendMessage': {
        const { QueueUrl, MessageBody, MessageGroupId } = JSON.parse(body) as Record<
          'QueueUrl' | 'MessageBody',
          string
        > & { MessageGroupId?: string };
        return send(QueueUrl, MessageBody, MessageGroupId);
      }
      case 'securityhub.BatchImportFindings': {
        const { Findings } = JSON.parse(body) as { Findings: { Id: string }[] };
        for (const { Id } of Findings) if (!imported.has(Id)) imported.set(Id, Date.now());
        return json({ FailedCount: 0, SuccessCount: Findings.length, FailedFindings: [] });
      }
      case 'cloudtrail.DescribeTrails':
        return json({ trailList: [TRAIL] });
      case 'cloudtrail.GetTrailStatus':
        return json({ IsLogging: true });
      case 'cloudtrail.GetEventSelectors':
        return json({
          TrailARN: TRAIL.TrailARN,
          EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
        });
      case 'cloudtrail.LookupEvents':
        return json({ Events: [] });
      case 'sagemaker.ListPipelineExecutionSteps': {
        const { arn } = jobOf((JSON.parse(body) as { PipelineExecutionArn: string }).PipelineExecutionArn);
        const Metadata = { TrainingJob: { Arn: arn } };
        const step = { StepName: 'Train', StepStatus: 'Executing', AttemptCount: 1, Metadata };
        return json({ PipelineExecutionSteps: [step] });
      }
      case 'sagemaker.DescribePipelineDefinitionForExecution': {
        const { PipelineExecutionArn } = JSON.parse(body) as { PipelineExecutionArn: string };
        const { place } = jobOf(PipelineExecutionArn);
        const name = PipelineExecutionArn.split('/')[1] ?? '';
        const { definitionText } = accountIn(`${place.account} ${place.region}`).pipelineAt(
          Number(name.slice(-5)),
        );
        return json({ PipelineDefinition: definitionText, CreationTime: 1772442847.5 });
      }
      default:
        return undefined;
    }
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const received = Buffer.concat(await incoming.toArray());
    const call = callOf(incoming, received);
    const [, key = '', region = REGION] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
    const account = /^ASIA(\d{12})/.exec(key)?.[1] ?? ACCOUNT;
    const { url = '/', method = 'GET' } = incoming;
    const isOwnBucket = url.startsWith(`/${SWEEPS}/`) || url.startsWith(`/${CONFIG.bucket}/`);
    if (FACTS.has(call.split('.', 1)[0] ?? '') && !isOwnBucket) {
      const times = asked.get(account) ?? [];
      times.push(Date.now());
      asked.set(account, times);
    }
    await sleep(latencyMs);
    if (call.startsWith('dynamodb.')) return passOn(dynamodb, incoming, received, outgoing);
    const body = received.toString();
    const place = `${account} ${HUB_REGIONS.includes(region) ? region : REGION}`;
    const {
      status = 200,
      type = 'application/x-amz-json-1.1',
      body: answer,
    } = own(call, body, url, method) ?? answersIn(place)(call, body, url);
    outgoing.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'bench' });
    outgoing.end(answer);
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    imported,
    takeMessages: (queue) => {
      const taken = queues.get(queue) ?? [];
      queues.set(queue, []);
      return taken;
    },
    objectAt: (key) => objects.get(key) ?? '',
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const assumedIn = (account: string): Answer =>
  xmlAnswer('AssumeRole', {
    Credentials: {
      AccessKeyId: `ASIA${account}`,
      SecretAccessKey: 'bench',
      SessionToken: 'bench',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    },
  });

/** The SDK sends bodies to S3 in chunks, each with its length in hexadecimal digits before it, and a checksum after them. */
const unchunked = (body: string): string => {
  const match = /^[0-9a-f]+\r\n/.exec(body);
  if (!match) return body;
  const bytes = Buffer.from(body);
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const length = Number.parseInt(bytes.subarray(at, end).toString(), 16);
    if (!(length > 0)) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
};
