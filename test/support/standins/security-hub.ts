import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A finding in Security Hub: what was imported, and what the service adds. */
export type StoredFinding = { [member: string]: unknown; Id: string; UpdatedAt: string };

/** One answered request: `bytes` is the size of its body, `findings` the number of findings in it. */
export type ImportRequest = { path: string; bytes: number; findings: number; status: number };

export type SecurityHubStandIn = {
  endpoint: string;
  /** Findings by id, both active and archived records. */
  findings(): Map<string, StoredFinding>;
  requests(): ImportRequest[];
  /** Updates that were answered as successful but changed nothing, because their UpdatedAt was not later. */
  ignoredUpdates(): number;
  /** Refuses single findings (FailedFindings): the named one, or the next ones. */
  failNext(refusal?: { id?: string; times?: number; code?: string; message?: string }): void;
  throttleNext(requests: number): void;
  /** Answers with InternalException (500). */
  breakNext(requests: number): void;
  /** 10 requests a second, 30 in a burst. */
  limitRate(): void;
  disable(): void;
  enable(): void;
  /** Does what a customer does with BatchUpdateFindings. */
  setWorkflow(id: string, status: 'NEW' | 'NOTIFIED' | 'RESOLVED' | 'SUPPRESSED'): void;
  stop(): Promise<void>;
};

/**
 * Security Hub for the tests, over the REST-JSON protocol of its SDK clients: BatchImportFindings, GetFindings by what a few filters say,
 * and BatchUpdateFindings of the workflow. Where AWS's pages leave a limit open it takes the strictest reading, and it refuses members of the format that
 * it does not model, so that nothing passes here unjudged. Its rules and their sources:
 * botocore's securityhub/2018-10-26 model;
 * https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html;
 * https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html;
 * https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html.
 */
export const startSecurityHub = async ({
  account,
  region,
  partition = 'aws',
}: {
  account: string;
  region: string;
  partition?: string;
}): Promise<SecurityHubStandIn> => {
  const stored = new Map<string, StoredFinding>();
  const requests: ImportRequest[] = [];
  const refusals: { id?: string; times: number; code: string; message: string }[] = [];
  const bucket = tokenBucket({ perSecond: 10, burst: 30 });
  let isEnabled = true;
  let isRateLimited = false;
  let throttled = 0;
  let broken = 0;
  let ignored = 0;

  const refusalOf = (id: string) => {
    const refusal = refusals.find((one) => one.times > 0 && (one.id === undefined || one.id === id));
    if (refusal) refusal.times--;
    return refusal;
  };

  const importFindings = (findings: unknown): object => {
    if (!Array.isArray(findings) || findings.length < 1 || findings.length > 100) {
      throw apiError(400, 'InvalidInputException', 'Findings must have 1 to 100 items.');
    }
    for (const finding of findings) {
      const arn: unknown = isRecord(finding) ? finding.ProductArn : undefined;
      if (typeof arn === 'string' && !PRODUCT_ARN.test(arn)) {
        throw apiError(400, 'InvalidInputException', `productArn: ${JSON.stringify(arn)}`);
      }
    }
    const failed: object[] = [];
    for (const finding of findings) {
      const id = isRecord(finding) && typeof finding.Id === 'string' ? finding.Id : 'unknown';
      const faults = faultsOf(finding);
      const refusal = refusalOf(id);
      if (faults.length > 0) {
        const message = `Finding does not adhere to Amazon Finding Format. ${faults.join(', ')}.`;
        failed.push({ Id: id, ErrorCode: 'InvalidInput', ErrorMessage: message });
      } else if (!isOwn(finding as StoredFinding, { account, region, partition })) {
        failed.push({
          Id: id,
          ErrorCode: 'InvalidAccess',
          ErrorMessage: 'Not a product of this account and Region.',
        });
      } else if (refusal) {
        failed.push({ Id: id, ErrorCode: refusal.code, ErrorMessage: refusal.message });
      } else if (!store(stored, finding as StoredFinding, region)) {
        ignored++;
      }
    }
    return {
      FailedCount: failed.length,
      SuccessCount: findings.length - failed.length,
      FailedFindings: failed,
    };
  };

  /** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html */
  const updateFindings = (identifiers: unknown, workflow: unknown): object => {
    if (!Array.isArray(identifiers) || identifiers.length < 1 || identifiers.length > 100) {
      throw apiError(400, 'InvalidInputException', 'FindingIdentifiers must have 1 to 100 items.');
    }
    const wrong = [
      ...faults(workflow, WORKFLOW, 'Workflow'),
      ...identifiers.flatMap((one, index) => faults(one, IDENTIFIER, `FindingIdentifiers[${index}]`)),
    ];
    if (wrong.length > 0) throw apiError(400, 'InvalidInputException', wrong.join(', '));
    const keys = identifiers.map(({ Id, ProductArn }) => JSON.stringify([Id, ProductArn]));
    if (new Set(keys).size < keys.length)
      throw apiError(400, 'InvalidInputException', 'An identifier comes twice.');
    const unprocessed: object[] = [];
    const processed = identifiers.filter((identifier: { Id: string; ProductArn: string }) => {
      const finding = stored.get(identifier.Id);
      const isKnown = finding?.ProductArn === identifier.ProductArn;
      const refusal = isKnown
        ? refusalOf(identifier.Id)
        : { code: 'FindingNotFound', message: 'There is no such finding.' };
      if (finding && !refusal) finding.Workflow = workflow;
      else
        unprocessed.push({
          FindingIdentifier: identifier,
          ErrorCode: refusal?.code,
          ErrorMessage: refusal?.message,
        });
      return !refusal;
    });
    return { ProcessedFindings: processed, UnprocessedFindings: unprocessed };
  };

  const answer = (request: IncomingMessage, body: string): object => {
    if (!isSigned(request, region))
      throw apiError(403, 'UnrecognizedClientException', 'Not signed for this Region.');
    if (throttled > 0 || (isRateLimited && !bucket())) {
      throttled = Math.max(0, throttled - 1);
      throw apiError(429, 'TooManyRequestsException', 'Too Many Requests');
    }
    if (broken > 0) {
      broken--;
      throw apiError(500, 'InternalException', 'Internal server error');
    }
    if (!isEnabled) throw apiError(401, 'InvalidAccessException', `Account ${account} is not subscribed.`);
    if (Buffer.byteLength(body) > 6_000_000)
      throw apiError(400, 'InvalidInputException', 'Request over 6 MB.');
    const input = parseRecord(body);
    if (request.method === 'POST' && request.url === '/findings/import') {
      refuseOthers(input, ['Findings']);
      return importFindings(input.Findings);
    }
    if (request.method === 'POST' && request.url === '/findings') {
      refuseOthers(input, ['Filters', 'MaxResults']);
      const { MaxResults = 100 } = input;
      if (!Number.isInteger(MaxResults) || Number(MaxResults) < 1 || Number(MaxResults) > 100) {
        throw apiError(400, 'InvalidInputException', 'MaxResults must be from 1 to 100.');
      }
      const found = [...stored.values()].filter(matches(input.Filters));
      if (found.length > Number(MaxResults))
        throw apiError(400, 'InvalidInputException', 'Pages are not modelled here.');
      return { Findings: found };
    }
    if (request.method === 'PATCH' && request.url === '/findings/batchupdate') {
      refuseOthers(input, ['FindingIdentifiers', 'Workflow']);
      return updateFindings(input.FindingIdentifiers, input.Workflow);
    }
    throw apiError(
      404,
      'ResourceNotFoundException',
      `${request.method} ${request.url} is not modelled here.`,
    );
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const status = respond(response, () => answer(request, body));
      requests.push({
        path: request.url ?? '',
        bytes: Buffer.byteLength(body),
        findings: countOf(body),
        status,
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    findings: () => stored,
    requests: () => requests,
    ignoredUpdates: () => ignored,
    failNext: ({ id, times = 1, code = 'InternalError', message = 'Refused on request' } = {}) => {
      refusals.push({ ...(id !== undefined && { id }), times, code, message });
    },
    throttleNext: (count) => {
      throttled = count;
    },
    breakNext: (count) => {
      broken = count;
    },
    limitRate: () => {
      isRateLimited = true;
    },
    disable: () => {
      isEnabled = false;
    },
    enable: () => {
      isEnabled = true;
    },
    setWorkflow: (id, status) => {
      const finding = stored.get(id);
      if (!finding) throw new Error(`There is no finding ${id}`);
      finding.Workflow = { Status: status };
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};

type ApiError = Error & { status: number };

const apiError = (status: number, code: string, message: string): ApiError =>
  Object.assign(new Error(message), { name: code, status });

const respond = (response: ServerResponse, compute: () => object): number => {
  const send = (status: number, body: object, code?: string): number => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': '00000000-0000-4000-8000-000000000000',
      ...(code && { 'x-amzn-errortype': code }),
    });
    response.end(JSON.stringify(body));
    return status;
  };
  try {
    return send(200, compute());
  } catch (error) {
    const { status = 500, name, message } = error as Partial<ApiError> & Error;
    return send(status, { Message: message, Code: name }, name);
  }
};

const isSigned = ({ headers }: IncomingMessage, region: string): boolean =>
  (headers.authorization ?? '').startsWith('AWS4-HMAC-SHA256 ') &&
  (headers.authorization ?? '').includes(`/${region}/securityhub/aws4_request`);

const parseRecord = (body: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(body);
    if (isRecord(value)) return value;
  } catch {
    // Handled below, as for any other body that is not a JSON object.
  }
  throw apiError(400, 'InvalidInputException', 'The body is not a JSON object.');
};

const countOf = (body: string): number => {
  try {
    const { Findings, FindingIdentifiers } = JSON.parse(body) as Record<string, unknown>;
    const list = Findings ?? FindingIdentifiers;
    return Array.isArray(list) ? list.length : 0;
  } catch {
    return 0;
  }
};

const refuseOthers = (input: Record<string, unknown>, known: readonly string[]): void => {
  const other = Object.keys(input).find((key) => !known.includes(key));
  if (other) throw apiError(400, 'InvalidInputException', `Unknown or not modelled here: ${other}`);
};

/** What a finding has, that a filter asks for. */
const FILTERED: Readonly<Record<string, (finding: StoredFinding) => unknown[]>> = {
  Id: ({ Id }) => [Id],
  GeneratorId: ({ GeneratorId }) => [GeneratorId],
  RecordState: ({ RecordState }) => [RecordState],
  ResourceId: ({ Resources }) => (Resources as { Id: string }[]).map(({ Id }) => Id),
};

const matches = (filters: unknown): ((finding: StoredFinding) => boolean) => {
  if (filters === undefined) return () => true;
  refuseOthers(filters as Record<string, unknown>, Object.keys(FILTERED));
  const all = Object.entries(filters as Record<string, { Value: string; Comparison: string }[]>);
  for (const [, wanted] of all) {
    if (wanted.length > 20) throw apiError(400, 'InvalidInputException', 'A filter takes at most 20 values.');
    if (wanted.some(({ Comparison }) => Comparison !== 'EQUALS'))
      throw apiError(400, 'InvalidInputException', 'Only EQUALS is modelled here.');
  }
  return (finding) =>
    all.every(
      ([name, wanted]) =>
        wanted.length === 0 || wanted.some(({ Value }) => FILTERED[name]?.(finding).includes(Value)),
    );
};

const tokenBucket = ({ perSecond, burst }: { perSecond: number; burst: number }): (() => boolean) => {
  let tokens = burst;
  let filledAt = Date.now();
  return () => {
    const now = Date.now();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
};

const isOwn = (
  finding: StoredFinding,
  { account, region, partition }: { account: string; region: string; partition: string },
): boolean =>
  finding.AwsAccountId === account &&
  finding.ProductArn === `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;

/** False if the update was ignored. */
const store = (stored: Map<string, StoredFinding>, finding: StoredFinding, region: string): boolean => {
  const before = stored.get(finding.Id);
  if (before && Date.parse(finding.UpdatedAt) <= Date.parse(before.UpdatedAt)) return false;
  const provided = finding.FindingProviderFields as { Severity?: object; Types?: string[] } | undefined;
  const after: StoredFinding = {
    RecordState: 'ACTIVE',
    ...finding,
    Region: region,
    ...(provided?.Severity && { Severity: provided.Severity }),
    ...(provided?.Types && { Types: provided.Types }),
    ProcessedAt: new Date().toISOString(),
    Workflow: finding.Workflow ?? { Status: 'NEW' },
  };
  if (before) {
    for (const own of ['Note', 'UserDefinedFields', 'VerificationState', 'Workflow']) {
      if (own in before) after[own] = before[own];
      else delete after[own];
    }
    if (isReset(before, after)) after.Workflow = { Status: 'NEW' };
  }
  stored.set(finding.Id, after);
  return true;
};

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_WorkflowUpdate.html */
const isReset = (before: StoredFinding, after: StoredFinding): boolean => {
  const { Status: workflow } = before.Workflow as { Status: string };
  const compliance = (finding: StoredFinding) =>
    (finding.Compliance as { Status?: string } | undefined)?.Status;
  const isBack = before.RecordState === 'ARCHIVED' && after.RecordState === 'ACTIVE';
  const fails = ['FAILED', 'WARNING', 'NOT_AVAILABLE'].includes(compliance(after) ?? '');
  return (
    ['NOTIFIED', 'RESOLVED'].includes(workflow) && (isBack || (compliance(before) === 'PASSED' && fails))
  );
};

type Rule =
  | { is: 'text'; min?: number; max?: number; pattern?: RegExp; oneOf?: readonly string[] }
  | { is: 'integer'; min: number; max: number }
  | { is: 'list'; min?: number; max?: number; of: Rule }
  | { is: 'map'; max: number; key: Rule; value: Rule }
  | { is: 'object'; required?: readonly string[]; members: Readonly<Record<string, Rule>> };

const text = (
  max?: number,
  extra: { min?: number; pattern?: RegExp; oneOf?: readonly string[] } = {},
): Rule => ({
  is: 'text',
  ...(max !== undefined && { max }),
  ...extra,
});

const PRODUCT_ARN = /^arn:aws[a-z-]*:securityhub:[a-z0-9-]+:\d{12}:product\/[^/]+\/[^/]+$/;
const TIMESTAMP =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d\d(:?\d\d)?)$/;
const TYPE =
  /^(Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)(\/[^/]+){0,2}$/;
const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

const timestamp = text(undefined, { pattern: TIMESTAMP });
const types: Rule = { is: 'list', max: 50, of: text(undefined, { pattern: TYPE }) };
const percentage: Rule = { is: 'integer', min: 0, max: 100 };
const severity: Rule = {
  is: 'object',
  members: { Label: text(undefined, { oneOf: SEVERITIES }), Original: text(64) },
};

const RESOURCE: Rule = {
  is: 'object',
  required: ['Type', 'Id'],
  members: {
    Type: text(256),
    Id: text(512),
    Partition: text(undefined, { oneOf: ['aws', 'aws-cn', 'aws-us-gov', 'aws-us-iso', 'aws-us-iso-b'] }),
    Region: text(16),
    Tags: { is: 'map', max: 50, key: text(128), value: text(256) },
    Details: {
      is: 'object',
      members: { Other: { is: 'map', max: 50, key: text(127), value: text(1023) } },
    },
  },
};

const WORKFLOW: Rule = {
  is: 'object',
  members: { Status: text(undefined, { oneOf: ['NEW', 'NOTIFIED', 'RESOLVED', 'SUPPRESSED'] }) },
};

const IDENTIFIER: Rule = {
  is: 'object',
  required: ['Id', 'ProductArn'],
  members: { Id: text(512), ProductArn: text(2048, { min: 12, pattern: PRODUCT_ARN }) },
};

const FINDING: Rule = {
  is: 'object',
  required: [
    ...['SchemaVersion', 'Id', 'ProductArn', 'GeneratorId', 'AwsAccountId', 'CreatedAt', 'UpdatedAt'],
    ...['Title', 'Description', 'Resources', 'FindingProviderFields'],
  ],
  members: {
    SchemaVersion: text(undefined, { oneOf: ['2018-10-08'] }),
    Id: text(512),
    ProductArn: text(2048, { min: 12, pattern: PRODUCT_ARN }),
    ProductName: text(128),
    CompanyName: text(128),
    GeneratorId: text(512),
    AwsAccountId: text(12, { pattern: /^\d{12}$/ }),
    FirstObservedAt: timestamp,
    LastObservedAt: timestamp,
    CreatedAt: timestamp,
    UpdatedAt: timestamp,
    Title: text(256),
    Description: text(1024),
    SourceUrl: text(2048, { pattern: /^https?:\/\/\S+$/ }),
    Remediation: {
      is: 'object',
      members: {
        Recommendation: {
          is: 'object',
          members: { Text: text(512), Url: text(2048, { pattern: /^https?:\/\/\S+$/ }) },
        },
      },
    },
    ProductFields: { is: 'map', max: 50, key: text(128, { pattern: /^(?!aws\/)/ }), value: text(2048) },
    UserDefinedFields: { is: 'map', max: 50, key: text(128), value: text(1024) },
    Resources: { is: 'list', min: 1, max: 32, of: RESOURCE },
    Compliance: {
      is: 'object',
      members: {
        Status: text(undefined, { oneOf: ['PASSED', 'WARNING', 'FAILED', 'NOT_AVAILABLE'] }),
        RelatedRequirements: { is: 'list', max: 32, of: text(64) },
      },
    },
    RecordState: text(undefined, { oneOf: ['ACTIVE', 'ARCHIVED'] }),
    VerificationState: text(undefined, {
      oneOf: ['UNKNOWN', 'TRUE_POSITIVE', 'FALSE_POSITIVE', 'BENIGN_POSITIVE'],
    }),
    Workflow: WORKFLOW,
    Note: {
      is: 'object',
      required: ['Text', 'UpdatedBy', 'UpdatedAt'],
      members: { Text: text(512), UpdatedBy: text(512), UpdatedAt: timestamp },
    },
    FindingProviderFields: {
      is: 'object',
      required: ['Severity', 'Types'],
      members: { Confidence: percentage, Criticality: percentage, Severity: severity, Types: types },
    },
  },
};

/** All faults of a finding's form, in Security Hub's words. */
export const faultsOf = (finding: unknown): string[] => {
  const size = Buffer.byteLength(JSON.stringify(finding) ?? '');
  return [
    ...(size > 240_000 ? [`data is ${size} bytes, more than 240 KB`] : []),
    ...faults(finding, FINDING, 'data'),
  ];
};

const faults = (value: unknown, rule: Rule, at: string): string[] => {
  switch (rule.is) {
    case 'text':
      return textFaults(value, rule, at);
    case 'integer':
      return Number.isInteger(value) && Number(value) >= rule.min && Number(value) <= rule.max
        ? []
        : [`${at} should be an integer from ${rule.min} to ${rule.max}`];
    case 'list':
      if (!Array.isArray(value)) return [`${at} should be array`];
      return [
        ...countFaults(value.length, rule, at),
        ...value.flatMap((item, index) => faults(item, rule.of, `${at}[${index}]`)),
      ];
    case 'map':
      if (!isRecord(value)) return [`${at} should be object`];
      return [
        ...countFaults(Object.keys(value).length, { min: 1, max: rule.max }, at),
        ...Object.entries(value).flatMap(([key, item]) => [
          ...faults(key, rule.key, `${at} key`),
          ...faults(item, rule.value, `${at}['${key}']`),
        ]),
      ];
    case 'object':
      if (!isRecord(value)) return [`${at} should be object`];
      return [
        ...(rule.required ?? [])
          .filter((name) => !Object.hasOwn(value, name))
          .map((name) => `${at} should have required property '${name}'`),
        ...Object.entries(value).flatMap(([name, item]) => {
          const member = Object.hasOwn(rule.members, name) ? rule.members[name] : undefined;
          return member
            ? faults(item, member, `${at}.${name}`)
            : [`${at} should NOT have additional properties: ${name} is unknown, or not modelled here`];
        }),
      ];
  }
};

const textFaults = (value: unknown, rule: Extract<Rule, { is: 'text' }>, at: string): string[] => {
  if (typeof value !== 'string') return [`${at} should be string`];
  const { min = 1, max = Number.POSITIVE_INFINITY, pattern = /\S/, oneOf } = rule;
  return [
    ...(value.isWellFormed() ? [] : [`${at} has half of a surrogate pair`]),
    ...(value.length < min ? [`${at} should NOT be shorter than ${min} characters`] : []),
    ...(value.length > max ? [`${at} should NOT be longer than ${max} characters`] : []),
    ...(pattern.test(value) && /\S/.test(value) ? [] : [`${at} should match pattern ${pattern}`]),
    ...(pattern === TIMESTAMP && Number.isNaN(Date.parse(value)) ? [`${at} is not a point in time`] : []),
    ...(oneOf && !oneOf.includes(value) ? [`${at} should be equal to one of ${oneOf.join(', ')}`] : []),
  ];
};

const countFaults = (
  count: number,
  { min = 0, max }: { min?: number; max?: number },
  at: string,
): string[] => [
  ...(count < min ? [`${at} should NOT have fewer than ${min} items`] : []),
  ...(max !== undefined && count > max ? [`${at} should NOT have more than ${max} items`] : []),
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
