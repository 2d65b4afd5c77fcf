import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Severity } from '../../shared/domain/finding.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import {
  type DeclaredByHook,
  declaredByPayload,
  declaredByResource,
  type StackOrigin,
  unreadIn,
} from './declared-in.ts';
import { answerTo, type HookAnswer, unjudgedAnswer } from './hook-answer.ts';
import { hookRequest, tokenIn } from './hook-event.ts';
import type { Judged } from './judge-template.ts';
import type { HookPayload } from './payload.ts';

export type HookSettings = {
  /** From which severity on a FAILED finding refuses. */
  severity: Severity;
  /** Whether what cannot be judged is refused. */
  isStrict: boolean;
  /** The names of the deployment’s own stacks, of which nothing is judged. */
  ownStacks: readonly string[];
};

export type HookDependencies = HookSettings & {
  scope: Scope;
  readPayload: (url: string) => Promise<HookPayload>;
  /** Judges within the time of a hook. Rejects where it cannot. */
  judge: (declared: DeclaredByHook, origin: StackOrigin) => Promise<Judged>;
  /** Tells the channels of the deployment what could not be judged. `of`: the stack or resource. */
  tell: (of: string, reason: string) => Promise<void>;
  logger: Logger;
  metrics: Metrics;
};

export type HookFunction = (event: unknown, context: Context) => Promise<HookAnswer>;

/** Of a stack that is deleted CloudFormation tells no template. */
const DELETED =
  'Pipewarden did not judge this deletion: CloudFormation does not tell what it takes away. The look that follows it judges what it leaves.';

/** Answers CloudFormation. Never rejects: an error of a hook in the mode FAIL would refuse every stack of the account. */
export const hookFunction =
  (connected: HookDependencies): HookFunction =>
  async (event, context) => {
    const { logger, metrics, scope, ownStacks, isStrict, severity } = connected;
    logger.addContext(context);
    const request = hookRequest(event);
    const token = tokenIn(event);
    const answered = (answer: HookAnswer): HookAnswer => {
      logger.info('hook', { target: nameOf(request), status: answer.hookStatus });
      return { ...answer, ...(token !== undefined && { clientRequestToken: token }) };
    };
    const pass = (message: string): HookAnswer => answered({ hookStatus: 'SUCCESS', message });
    const isDeletion = 'target' in request && request.target === 'RESOURCE' && !request.properties;
    const isOfCloudControl = 'misunderstood' in request || request.stackName === undefined;
    try {
      if ('misunderstood' in request) throw new Error(request.misunderstood);
      const { account, region = scope.region, stackName } = request;
      if (account !== scope.account || region !== scope.region)
        throw new Error(`the hook judges the account ${scope.account} in ${scope.region} alone`);
      if (stackName !== undefined && ownStacks.includes(stackName))
        return pass('It is a stack of Pipewarden itself, which its hook does not judge.');
      if (request.target === 'NONE') return pass(DELETED);
      const origin = { account, region, ...(stackName !== undefined && { stackName }) };
      const declared =
        request.target === 'RESOURCE'
          ? declaredByResource(request, origin)
          : declaredByPayload(await connected.readPayload(request.payloadUrl), origin, request);
      const unread = unreadIn(declared.templates);
      if (unread) throw new Error(unread.message);
      const judged = await connected.judge(declared, origin);
      return answered(answerTo(judged, { severity, isOfCloudControl, isDeletion }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      metrics.addMetric('HooksUnjudged', MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
      logger.warn('a hook could not judge', { target: nameOf(request), error: error as Error });
      await connected
        .tell(nameOf(request), reason)
        .catch((failure: unknown) =>
          logger.error('what a hook could not judge could not be told', { error: failure as Error }),
        );
      return answered(unjudgedAnswer(reason, { isStrict: isStrict && !isDeletion, isOfCloudControl }));
    }
  };

/** What the operation is about, for logs and findings. */
const nameOf = (request: ReturnType<typeof hookRequest>): string => {
  if ('misunderstood' in request) return 'an event that is none of a hook';
  if (request.stackName !== undefined) return `the stack ${request.stackName}`;
  return request.target === 'RESOURCE' ? `a resource of the type ${request.resourceType}` : 'a resource';
};
