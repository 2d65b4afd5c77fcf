import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Calls, callOf, passOn } from '../../test/support/emulators/counting-proxy.ts';
import type { Role, ScaleAccount } from './scale-account.ts';

/** How the stand-in behaves like a network and a service. */
export type Behaviour = {
  /** The time of each call, in milliseconds. */
  latencyMs: number;
  /** Of the pages of IAM’s listing, each so-and-so-many-th is refused as throttled; none without it. */
  failsEvery?: number;
  /** The time of a page of IAM’s listing, if it is another one. */
  pageMs?: number;
  /** How many users and roles a page of IAM’s listing holds. */
  pageSize?: number;
};

/** What answers calls of AWS’s APIs for one account, and counts them. */
export type AwsStandIn = {
  endpoint: string;
  take(): Calls;
  /** The bodies of the messages that were sent in batches since the last call. */
  takeMessages(): string[];
  stop(): Promise<void>;
};

export type Answer = { status?: number; type?: string; body: string };
/** What AWS answers to a call (`service.Operation`) with that body and path. */
export type Answers = (call: string, body: string, path: string) => Answer;

type SentMessage = { Id: string; MessageBody: string };

const CREATED = 1772442847.5;
const JSON_TYPE = 'application/x-amz-json-1.1';
const PAGE = 100;

/** The answers to the calls by which functions read an account of the benchmark. */
export const answersOf = (
  account: ScaleAccount,
  {
    pipelines,
    config,
    failsEvery,
    pageSize = PAGE,
  }: { pipelines: number; config: object } & Pick<Behaviour, 'failsEvery' | 'pageSize'>,
): Answers => {
  let pages = 0;
  const roles = new Map(account.roles.map((role) => [role.name, role]));
  const buckets = new Map(account.buckets.map((bucket) => [bucket.name, bucket]));
  const names = Array.from({ length: pipelines }, (_, index) => account.pipelineAt(index).name);
  const indexOf = new Map(names.map((name, index) => [name.toLowerCase(), index]));

  const iam = (operation: string, form: URLSearchParams): Answer => {
    const ok = (result: object) => xmlAnswer(operation, result);
    const role = roles.get(form.get('RoleName') ?? '');
    const policyArn = form.get('PolicyArn') ?? '';
    switch (operation) {
      case 'GetAccountAuthorizationDetails': {
        pages++;
        if (failsEvery !== undefined && pages % failsEvery === 0)
          return xmlError(400, 'Throttling', 'Rate exceeded');
        const from = Number(form.get('Marker') ?? 0);
        const of = account.roles.slice(from, from + pageSize);
        const isLast = from + pageSize >= account.roles.length;
        return ok({
          IsTruncated: String(!isLast),
          ...(!isLast && { Marker: String(from + pageSize) }),
          UserDetailList: [],
          GroupDetailList: [],
          RoleDetailList: of.map((each) => ({
            ...roleXml(each),
            InstanceProfileList: [],
            RolePolicyList: Object.entries(each.policies).map(([PolicyName, document]) => ({
              PolicyName,
              PolicyDocument: encoded(document),
            })),
            AttachedManagedPolicies: attachedTo(each),
          })),
          Policies: isLast
            ? Object.entries(account.managed).map(([Arn, document]) => ({
                PolicyName: nameOf(Arn),
                Arn,
                PolicyVersionList: [
                  { Document: encoded(document), VersionId: 'v1', IsDefaultVersion: 'true' },
                ],
              }))
            : [],
        });
      }
      case 'GetRole':
        return role ? ok({ Role: roleXml(role) }) : xmlError(404, 'NoSuchEntity', 'no such role');
      case 'ListRolePolicies':
        return ok({ PolicyNames: Object.keys(role?.policies ?? {}), IsTruncated: 'false' });
      case 'GetRolePolicy': {
        const PolicyName = form.get('PolicyName') ?? '';
        return ok({
          RoleName: role?.name ?? '',
          PolicyName,
          PolicyDocument: encoded(role?.policies[PolicyName] ?? {}),
        });
      }
      case 'ListAttachedRolePolicies':
        return ok({ AttachedPolicies: role ? attachedTo(role) : [], IsTruncated: 'false' });
      case 'ListInstanceProfilesForRole':
        return ok({ InstanceProfiles: [], IsTruncated: 'false' });
      case 'GetPolicy':
        return ok({ Policy: { PolicyName: nameOf(policyArn), Arn: policyArn, DefaultVersionId: 'v1' } });
      case 'GetPolicyVersion':
        return ok({
          PolicyVersion: {
            Document: encoded(account.managed[policyArn as keyof typeof account.managed] ?? {}),
            VersionId: 'v1',
            IsDefaultVersion: 'true',
          },
        });
      default:
        return xmlError(400, 'InvalidAction', operation);
    }
  };

  const sageMaker = (operation: string, input: Record<string, unknown>): Answer => {
    const at = indexOf.get(String(input.PipelineName ?? '').toLowerCase());
    const arnOf = (name: string) =>
      `arn:aws:sagemaker:${account.place.region}:${account.place.account}:pipeline/${name.toLowerCase()}`;
    switch (operation) {
      case 'ListPipelines': {
        const from = Number(input.NextToken ?? 0);
        return json({
          PipelineSummaries: names.slice(from, from + PAGE).map((name) => ({
            PipelineName: name,
            PipelineArn: arnOf(name),
            CreationTime: CREATED,
            LastModifiedTime: CREATED,
          })),
          ...(from + PAGE < names.length && { NextToken: String(from + PAGE) }),
        });
      }
      case 'DescribePipeline': {
        if (at === undefined) return jsonError('ResourceNotFound', 'no such pipeline');
        const { name, roleArn, definitionText } = account.pipelineAt(at);
        return json({
          PipelineArn: arnOf(name),
          PipelineName: name,
          PipelineDefinition: definitionText,
          RoleArn: roleArn,
          PipelineStatus: 'Active',
          CreationTime: CREATED,
          LastModifiedTime: CREATED,
        });
      }
      case 'ListPipelineVersions':
        return json({ PipelineVersionSummaries: [] });
      default:
        return jsonError('ValidationException', operation);
    }
  };

  const s3 = (path: string): Answer => {
    const [name = '', rest = ''] = path.slice(1).split(/[/?]/, 2);
    if (name === CONFIG.bucket && rest === CONFIG.key)
      return { type: 'application/json', body: JSON.stringify(config) };
    const bucket = buckets.get(name);
    if (!bucket) return xmlError(404, 'NoSuchBucket', name);
    if (/[?&]policy/.test(path)) return { type: 'application/json', body: JSON.stringify(bucket.policy) };
    return xmlError(404, 'NoSuchTagSet', path);
  };

  return (call, body, path) => {
    const [service, operation = ''] = call.split('.');
    switch (service) {
      case 'iam':
        return iam(operation, new URLSearchParams(body));
      case 'sagemaker':
        return sageMaker(operation, JSON.parse(body || '{}'));
      case 's3':
        return s3(path);
      case 'organizations':
        return jsonError('AWSOrganizationsNotInUseException', 'the account is in no organization');
      case 'ram':
        return { type: 'application/json', body: '{"resourceShares":[],"resourceShareAssociations":[]}' };
      case 'sqs': {
        const taken = ({ MessageBody = '' }: Partial<SentMessage>) => ({
          MessageId: 'm',
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        });
        const sent = JSON.parse(body) as Partial<SentMessage> & { Entries?: SentMessage[] };
        return json(
          sent.Entries
            ? { Successful: sent.Entries.map((entry) => ({ Id: entry.Id, ...taken(entry) })) }
            : taken(sent),
        );
      }
      default:
        return jsonError('AccessDeniedException', `${call} is not answered here`);
    }
  };
};

/**
 * Answers the calls by which functions read an account of the benchmark, from memory: moto takes minutes to make an account with
 * thousands of roles. Calls of DynamoDB and SQS go to emulators.
 */
export const startAwsStandIn = async (
  account: ScaleAccount,
  {
    pipelines,
    config,
    dynamodb,
    behaviour,
  }: { pipelines: number; config: object; dynamodb: string; behaviour: Behaviour },
): Promise<AwsStandIn> => {
  let calls: Calls = {};
  let messages: string[] = [];
  const { latencyMs, pageMs = latencyMs } = behaviour;
  const answerTo = answersOf(account, { pipelines, config, ...behaviour });

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const received = Buffer.concat(await incoming.toArray());
    const call = callOf(incoming, received);
    calls[call] = (calls[call] ?? 0) + 1;
    await sleep(call === 'iam.GetAccountAuthorizationDetails' ? pageMs : latencyMs);
    if (call === 'sqs.SendMessageBatch') {
      const { Entries = [] } = JSON.parse(received.toString()) as { Entries?: SentMessage[] };
      messages.push(...Entries.map(({ MessageBody }) => MessageBody));
    }
    if (call.startsWith('dynamodb.')) return passOn(dynamodb, incoming, received, outgoing);
    const { status = 200, type = JSON_TYPE, body } = answerTo(call, received.toString(), incoming.url ?? '/');
    outgoing.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'bench' });
    outgoing.end(body);
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = calls;
      calls = {};
      return taken;
    },
    takeMessages: () => {
      const taken = messages;
      messages = [];
      return taken;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Where functions find the configuration. */
export const CONFIG = { bucket: 'bench-assets', key: 'pipewarden.json' };

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const encoded = (document: object): string => encodeURIComponent(JSON.stringify(document));

const attachedTo = ({ managed }: Role) =>
  managed.map((PolicyArn) => ({ PolicyName: nameOf(PolicyArn), PolicyArn }));

const roleXml = ({ name, path, arn, trust, tags }: Role) => ({
  Path: path,
  RoleName: name,
  RoleId: `AROA${name.toUpperCase()}`,
  Arn: arn,
  CreateDate: '2026-03-02T09:14:07Z',
  AssumeRolePolicyDocument: encoded(trust),
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});

export const json = (body: object): Answer => ({ body: JSON.stringify(body) });

const jsonError = (type: string, message: string): Answer => ({
  status: 400,
  body: JSON.stringify({ __type: type, message }),
});

export const xmlAnswer = (operation: string, result: object): Answer => ({
  type: 'text/xml',
  body: `<${operation}Response><${operation}Result>${xmlOf(result)}</${operation}Result></${operation}Response>`,
});

const xmlError = (status: number, code: string, message: string): Answer => ({
  status,
  type: 'text/xml',
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

/** An object as elements; members of a list are elements `member`. Names and documents of the benchmark need no escaping. */
const xmlOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((each) => `<member>${xmlOf(each)}</member>`).join('');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `<${name}>${xmlOf(each)}</${name}>`)
    .join('');
};
