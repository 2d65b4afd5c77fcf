import '../v8-flags.ts';

import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { CONTROLS_OF_JOBS } from '../../shared/audit/controls-of-jobs.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { noteHandled } from '../../shared/aws/keep/handled-events.ts';
import { noteHeartbeats } from '../../shared/aws/keep/heartbeats.ts';
import { readDeployedConfig } from '../../shared/aws/keep/stored-config.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { answeringReaders } from '../../shared/aws/read/refusing-region.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import { hangsOnPlace } from '../../shared/config/watched-accounts.ts';
import { accountScope, type Scope } from '../../shared/domain/scope.ts';
import { sinceWhen } from '../../shared/domain/trigger.ts';
import { accountStore } from '../../shared/findings/account-state.ts';
import { wholeDigest } from '../../shared/findings/configuration-digest.ts';
import type { Store } from '../../shared/findings/store.ts';
import { once, onceDone } from '../../shared/memo.ts';
import { insistentReader } from '../../shared/reader/insistent-reader.ts';
import { rememberingTooLarge } from '../../shared/reader/listing-bound.ts';
import { found } from '../../shared/reader/read-result.ts';
import { VERSION } from '../../shared/version.ts';
import type { AccountContext } from '../account-context.ts';
import { accountContexts } from '../account-contexts.ts';
import { connected } from '../connected.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { organizationGiven } from '../organization-given.ts';
import { ofOwnSources } from '../own-sources.ts';
import type { AccountIndex } from './account-index.ts';
import { type AuditBatch, type AuditedAccount, auditBatch, type BatchDependencies } from './audit-batch.ts';
import { settleFailures } from './dead-letter.ts';
import { noticingHeartbeats } from './heartbeats.ts';
import { lazyEvidence } from './lazy-evidence.ts';
import { listingAfter } from './listing-turns.ts';
import type { BatchContext } from './look.ts';
import { openIndexes } from './open-indexes.ts';
import { connectQueues } from './queues.ts';
import { LISTED_BY_LOOKS, waitingForIndex } from './waiting-for-index.ts';

/** The same number as in the stack’s queue. */
const MAX_RECEIVES = 5;

/** With these limits all attempts end before the function does. */
const IN_TIME = { maxAttempts: 4, requestMillis: 8_000 };

const everything = once(() => import('./everything.ts'));

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context): Promise<AuditBatch> => {
  const logger = safeLogger();
  const metrics = new Metrics();
  const scope = scopeOf(lambda);
  const now = () => new Date();
  const clients = awsClients(IN_TIME);
  const place = deployedConfig(env);
  const read = await readDeployedConfig(await clients.s3(), place);
  const stored = read.config;
  const dynamodb = namingActions('dynamodb', new DynamoDBClient(clientConfig()));
  const findings = { client: dynamodb, table: required(env, 'FINDINGS_TABLE') };
  const store = dynamodbStore({ ...findings, now });
  const history = await openHistory(env, scope, stored);
  // A failure neither fails a batch, which would take the batch’s messages with it, nor is forgotten.
  const ofConfiguration = onceDone(async () => {
    const { sha256, copiesIn } = place;
    if (sha256 === undefined || copiesIn === undefined) return;
    const { dayOf, readInForce } = await import('../../shared/aws/keep/configuration-in-force.ts');
    const before = await readInForce(findings);
    if (read.copy === undefined && before?.sha256 === sha256 && before.day === dayOf(now())) return;
    const { tellConfiguration } = await import('./tell-configuration.ts');
    const told = { read, place: { ...place, sha256, copiesIn }, findings, s3: await clients.s3() };
    await tellConfiguration({ ...told, store, scope, now, logger, metrics, ...history }, before);
  });
  const uploaded = organizationGiven(env, { s3: clients.s3, findings, now });
  const inventoriesUrl = env.INVENTORY_QUEUE_URL;
  const contexts = accountContexts({
    scope,
    stored,
    clients,
    options: IN_TIME,
    now,
    withReader: (reader) => insistentReader(rememberingTooLarge(reader, now)),
    // Where nobody makes an index, looks list what there is.
    bound: inventoriesUrl === undefined ? undefined : LISTED_BY_LOOKS,
    uploaded,
    externalId: env.EXTERNAL_ID,
    memberRolesBegin: env.MEMBER_ROLES_BEGIN,
  });
  const isAlone = env.EXTERNAL_ID === undefined;
  const indexOf =
    inventoriesUrl === undefined
      ? undefined
      : openIndexes(async () => {
          const { accountIndex } = await everything();
          return (context) => accountIndex(context, { ...findings, queueUrl: inventoriesUrl, now });
        });
  const coverage: BatchContext['coverage'] = async (place) => {
    const { readCoverage } = await import('../../shared/aws/keep/coverage.ts');
    return found((await readCoverage(findings, place)) ?? null);
  };
  const notePlace = async ({ scope: { account }, readers }: AccountContext): Promise<void> => {
    const own = await readers[0].readOwnOrganization();
    const path = own.ok ? own.value?.path : undefined;
    if (path === undefined) return;
    const { noteCoverage } = await import('../../shared/aws/keep/coverage.ts');
    for (const { scope: place } of readers)
      await noteCoverage(findings, { account, region: place.region }, { at: now(), path });
  };
  /** When the account last came to another place, as whoever handled the event of it has noted. This container has heard of no event. */
  const movedAt = async (account: string): Promise<number> => {
    if (!hangsOnPlace(stored, { ...scope, account }, scope.account)) return 0;
    const { readOrganizationChanges } = await import('../../shared/aws/keep/organization-changes.ts');
    const { all, byId } = await readOrganizationChanges(findings);
    return Math.max(all, byId.get(account) ?? 0);
  };
  const accounts: BatchDependencies['accounts'] = async (account, drop) => {
    const moved = await movedAt(account);
    const answer = await contexts(account, (kept) => {
      drop(kept);
      kept.forgetBefore(moved);
    });
    if (answer.is !== 'watched') return answer;
    const { readers } = answer.context;
    drop({
      forget: () => {},
      forgetBefore: (time) => indexOf?.known(answer.context)?.forgetBefore(time),
    });
    return {
      is: 'watched',
      context: {
        audit: (how) =>
          batchContext(answer.context, {
            now,
            store,
            tellsHistory: history !== undefined,
            index: indexOf?.open,
            ...how,
            ...(!isAlone && { coverage, notePlace: () => notePlace(answer.context) }),
          }),
        cache: {
          forgetBefore: (time) => {
            for (const each of readers) each.forgetBefore(time);
            indexOf?.known(answer.context)?.forgetBefore(time);
          },
        },
        store: isAlone ? store : accountStore(store, account, scope.account),
      },
    };
  };
  const deadLetterQueueUrl = env.DEAD_LETTER_QUEUE_URL;
  const queues = deadLetterQueueUrl ? connectQueues(deadLetterQueueUrl) : undefined;
  const ownQueue = once(() => requestsQueue(env));
  const maxReceives = Number(env.MAX_RECEIVES) || MAX_RECEIVES;
  const batch = auditBatch({
    own: scope.account,
    accounts,
    controls: async (type) =>
      type === 'job' || type === 'event' ? CONTROLS_OF_JOBS : (await everything()).CONTROLS,
    now,
    store,
    logger,
    metrics,
    maxReceives,
    ...(history && { tellHistory: history.tellHistory, sendHistory: history.send }),
    ...(env.REQUESTS_QUEUE_URL !== undefined && {
      askOthers: async (of, requests) => {
        const { askOthers } = await import('./looks-of-others.ts');
        return askOthers(requests, { scope: of, queue: await ownQueue(), now: now() });
      },
    }),
    ...(indexOf && {
      unsettle: async (account, arns) => {
        const { dynamodbIndex } = await import('../../shared/aws/keep/dynamodb-index.ts');
        const nothing = { asOf: now().valueOf(), value: null };
        const notes = new Map(arns.map((arn) => [arn, nothing]));
        await dynamodbIndex({ ...findings, account }).merge('settled', notes, true);
      },
    }),
    settleFailures: (failures) =>
      settleFailures(failures, { ...(queues && { queues }), maxReceives, now, logger, metrics }),
    spread: async (change, reach) => {
      const { noteOrganizationChange } = await import('../../shared/aws/keep/organization-changes.ts');
      await noteOrganizationChange(findings, reach, sinceWhen(change.trigger, now()));
      uploaded?.forgetBefore(now().valueOf());
      if (isAlone) return;
      const { spreadChange } = await import('./spread.ts');
      await spreadChange(change, reach, {
        own: scope,
        named: stored.organization?.accounts ?? [],
        findings,
        queue: await ownQueue(),
        reaches: async (of) => {
          if (uploaded) return uploaded.reaches(of);
          const { reachedAccounts } = await import('../../shared/aws/read/reached-accounts.ts');
          return reachedAccounts(await clients.organizations(), of);
        },
        onUnknown: (unread) =>
          logger.warn('which accounts a change reaches is not known, so that all are looked at', { unread }),
      });
    },
    ...(!isAlone && {
      noteUnread: async (account, regions, unread) => {
        const { noteCoverage } = await import('../../shared/aws/keep/coverage.ts');
        for (const region of regions)
          await noteCoverage(findings, { account, region }, { at: now(), unread });
      },
    }),
    noteHandled: (handled) =>
      noteHandled(
        findings,
        now(),
        handled.map(({ account, ...events }) => ({
          ...events,
          ...(account !== scope.account && !isAlone && { member: account }),
        })),
      ),
  });
  const noticing = noticingHeartbeats(batch, {
    own: scope,
    // As long as it cannot be told what the configuration excepts, an alarm tells that heartbeats are missing.
    note: async (heartbeats) => {
      await ofConfiguration();
      await noteHeartbeats(findings, heartbeats, now());
      await history?.tellHeartbeats(heartbeats);
    },
    now,
    logger,
  });
  return async (event, context) => {
    // Looks do not wait for it, and a batch is not done before it is.
    const told = ofConfiguration().catch((error: unknown) =>
      logger.error('what the configuration excepts could not be told', { error: error as Error }),
    );
    const answer = await noticing(event, context);
    await told;
    return answer;
  };
};

/** What tells the history; undefined, and nothing of it loaded, where none is kept. */
const openHistory = async (env: NodeJS.ProcessEnv, own: Scope, stored: FileConfig) => {
  const queueUrl = env.HISTORY_QUEUE_URL;
  if (queueUrl === undefined) return undefined;
  const [{ auditHistory }, { makeSqsClient }] = await Promise.all([
    import('./history.ts'),
    import('../../shared/aws/keep/queue-calls.ts'),
  ]);
  const madeBy = { version: VERSION, configuration: wholeDigest(stored) };
  return auditHistory({ client: makeSqsClient(clientConfig(IN_TIME)), queueUrl }, own, madeBy);
};

/** The function’s own queue, from which it gets its messages. Its client is loaded with the first message that is sent. */
const requestsQueue = async (env: NodeJS.ProcessEnv) => {
  const { makeSqsClient } = await import('../../shared/aws/keep/queue-calls.ts');
  return { client: makeSqsClient(clientConfig()), queueUrl: required(env, 'REQUESTS_QUEUE_URL') };
};

/** What the looks of one batch at an account share. */
const batchContext = (
  context: AccountContext,
  {
    now,
    store,
    tellsHistory,
    coverage,
    notePlace,
    index,
    waits,
    beforeListing,
  }: Pick<BatchContext, 'now' | 'tellsHistory' | 'coverage' | 'notePlace'> &
    Parameters<AuditedAccount['audit']>[0] & {
      store: Store;
      index: ((of: AccountContext) => Promise<AccountIndex>) | undefined;
    },
): BatchContext => {
  const { scope, readers, config, known } = context;
  const answering = listingAfter(answeringReaders(readers), beforeListing);
  const [reader, ...others] = waits ? waitingForIndex(answering) : answering;
  // All looks of a batch must hear what one of them has told the index.
  const opened = index && once(() => index(context));
  const batch = opened && once(async () => (await opened()).batch());
  return {
    readers,
    config,
    now,
    countsPasses: true,
    ...(tellsHistory && { tellsHistory }),
    ...(coverage && { coverage }),
    ...(notePlace && { notePlace }),
    recallExecution: (executionId) => store.recallExecution(executionId),
    evidence: lazyEvidence(
      accountScope(
        scope,
        others.map((each) => each.scope.region),
      ),
      async () => {
        const { accountEvidence, readRoster } = await everything();
        const base = accountEvidence(
          reader,
          config,
          () => readRoster(reader, config, known(), others),
          others,
        );
        return batch ? (await batch()).evidence(base) : base;
      },
    ),
    // A look at a job tells others nothing, and must load nothing of this.
    ...(opened && {
      learn: async (request, audited) => {
        if (request.type === 'pipeline') await (await opened()).learn(request, audited);
      },
      settle: async (requests) => {
        if (requests.some(({ type }) => type === 'role' || type === 'user'))
          await (await batch?.())?.settle(requests);
      },
      leading: async (requests) => (await batch?.())?.leading(requests) ?? [],
    }),
  };
};

/** The Lambda function: takes an SQS batch of events, and returns the messages that must come again. */
export const handler = ofOwnSources(connected<SQSEvent, SQSBatchResponse>(connect));
