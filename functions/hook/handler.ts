import '../v8-flags.ts';

import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { keptIndex } from '../../shared/account-index/kept-index.ts';
import { unreadableObservation } from '../../shared/audit/observe.ts';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { askForInventory } from '../../shared/aws/keep/inventory-request.ts';
import { makeSqsClient } from '../../shared/aws/keep/queue-calls.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { readDetailsOf } from '../../shared/aws/read/principal-calls.ts';
import { answeringReaders } from '../../shared/aws/read/refusing-region.ts';
import { DEFAULT_CONFIG } from '../../shared/config/schema.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { SEVERITIES } from '../../shared/domain/finding.ts';
import { configurationDigest } from '../../shared/findings/configuration-digest.ts';
import { once } from '../../shared/memo.ts';
import type { AccountContext } from '../account-context.ts';
import { accountContexts } from '../account-contexts.ts';
import { connected } from '../connected.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { organizationGiven } from '../organization-given.ts';
import { declaredAccount } from './declared-account.ts';
import { unjudgedAnswer } from './hook-answer.ts';
import { tokenIn } from './hook-event.ts';
import {
  type HookDependencies,
  type HookFunction,
  type HookSettings,
  hookFunction,
} from './hook-function.ts';
import { judgeTemplate } from './judge-template.ts';
import { readPayload } from './payload.ts';
import { within } from './within.ts';

/** CloudFormation waits for 30 seconds. Within this time (milliseconds) a hook judges, and in the rest of ten seconds it tells what it could not. */
const JUDGE_MILLIS = 8_000;
const FETCH_MILLIS = 4_000;
const TELL_MILLIS = 1_500;

/** With these limits one call that hangs leaves time for an answer. */
const IN_TIME = { maxAttempts: 2, requestMillis: 3_000 };

const settingsOf = (env: NodeJS.ProcessEnv): HookSettings => {
  const severity = SEVERITIES.find((each) => each === required(env, 'HOOK_SEVERITY'));
  if (!severity) throw new Error(`HOOK_SEVERITY must be one of ${SEVERITIES.join(', ')}`);
  return {
    severity,
    isStrict: isStrict(env),
    ownStacks: required(env, 'OWN_STACKS').split(','),
  };
};

const isStrict = (env: NodeJS.ProcessEnv): boolean => env.HOOK_UNJUDGED === 'refuse';

/** Connects everything that lives as long as the execution environment. */
const connect = async (env: NodeJS.ProcessEnv, lambda: Context): Promise<HookFunction> => {
  const logger = safeLogger();
  const metrics = new Metrics();
  const scope = scopeOf(lambda);
  const now = () => new Date();
  const settings = settingsOf(env);
  const clients = awsClients(IN_TIME);
  const stored = await readStoredConfig(await clients.s3(), deployedConfig(env));
  const client = namingActions('dynamodb', new DynamoDBClient(clientConfig(IN_TIME)));
  const findings = { client, table: required(env, 'FINDINGS_TABLE') };
  const contexts = accountContexts({
    scope,
    stored,
    clients,
    options: IN_TIME,
    now,
    uploaded: organizationGiven(env, { s3: clients.s3, findings, now }),
  });
  const index = dynamodbIndex({ ...findings, account: scope.account });
  const sqs = once(() => makeSqsClient(clientConfig(IN_TIME)));
  const store = dynamodbStore({ ...findings, now });

  /** What judges declared resources with the index of the account. */
  const openAccount = async ({ readers, config, clients: own }: AccountContext, checkTime: () => void) => {
    const configuration = configurationDigest(config);
    const regions = readers.map((reader) => reader.scope.region);
    const outline = await keptIndex({ store: index, now, configuration, regions }).outline();
    if (!outline) {
      const queue = { client: sqs(), queueUrl: required(env, 'INVENTORY_QUEUE_URL') };
      await askForInventory(queue, { account: scope.account, unlessIndexed: true }, now());
      throw new Error(
        'the account has no index yet; an inventory of it was asked for, which takes some minutes',
      );
    }
    return declaredAccount({
      readers: answeringReaders(readers),
      config,
      outline,
      store: index,
      readDetails: async (thing, isKnown) => readDetailsOf(await own.iam(), thing, isKnown),
      controls: CONTROLS,
      now,
      checkTime,
    });
  };

  const judgeUntil =
    (endsAt: number): HookDependencies['judge'] =>
    async (declared, origin) => {
      const checkTime = (): void => {
        if (now().valueOf() > endsAt) throw tooLate();
      };
      const answer = await contexts(scope.account, (kept) => kept.forgetBefore(now().valueOf()));
      if (answer.is !== 'watched') throw new Error(`the account ${scope.account} cannot be read`);
      // Most stacks have nothing that is judged: nothing of the account is read for them.
      const account = once(() => openAccount(answer.context, checkTime));
      return judgeTemplate(declared, origin, answer.context.config, account, checkTime);
    };

  const tell: HookDependencies['tell'] = async (of, reason) => {
    const record = { at: `CloudFormation hook, ${of}`, reason: 'a hook could not judge it', excerpt: reason };
    const context = { reader: { scope }, config: DEFAULT_CONFIG, controls: CONTROLS, now };
    await store.observe(unreadableObservation(record, context));
  };

  return async (event, context) => {
    const endsAt = now().valueOf() + JUDGE_MILLIS;
    const left = () => endsAt - now().valueOf();
    const answer = hookFunction({
      ...settings,
      scope,
      readPayload: (url) =>
        readPayload(url, {
          endpoint: env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL,
          millis: Math.min(FETCH_MILLIS, left()),
        }),
      judge: (...asked) => within(left(), () => judgeUntil(endsAt)(...asked), tooLate),
      tell: (...told) =>
        within(
          TELL_MILLIS,
          () => tell(...told),
          () => new Error(`it took longer than ${TELL_MILLIS} ms`),
        ),
      logger,
      metrics,
    });
    return answer(event, context);
  };
};

const tooLate = (): Error => new Error('it would take longer than a hook may take');

const judging = connected<unknown, Awaited<ReturnType<HookFunction>>>(connect);

/**
 * The Lambda function: answers a hook of CloudFormation. Where it cannot even begin, as without its configuration, it answers that as well:
 * an error would refuse every stack of the account in the mode FAIL.
 */
export const handler: HookFunction = async (event, context) => {
  try {
    return await judging(event, context);
  } catch (error) {
    safeLogger().error('the hook could not begin', { error: error as Error });
    const token = tokenIn(event);
    return {
      ...unjudgedAnswer(error instanceof Error ? error.message : String(error), {
        isStrict: isStrict(process.env),
        isOfCloudControl: true,
      }),
      ...(token !== undefined && { clientRequestToken: token }),
    };
  }
};
