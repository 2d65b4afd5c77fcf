import { parseArn } from '../shared/domain/arn.ts';
import { type ContextValue, contextOf } from '../shared/iam/decide/context.ts';
import { partitionOf } from '../shared/iam/decide/ownership.ts';
import type { Request } from '../shared/iam/decide/request.ts';
import { takesNoResource } from '../shared/iam/lint/lint-request.ts';
import { type Principal, principalOf } from '../shared/iam/policy/principal.ts';
import { UsageError } from './errors.ts';

/** The options of `simulate` that describe the request. */
export type RequestOptions = {
  principal: string;
  action: string;
  resource: string;
  resourceAccount?: string;
  endpointPolicy?: string;
  context?: string[];
};

const ACTION = /^[a-z0-9-]+:[a-z0-9]+$/i;
const ACCOUNT = /^\d{12}$/;

/**
 * The request that the options describe. An action that takes no resource is asked with `*`, as AWS does.
 * @throws {UsageError} naming the wrong option and what to give instead.
 */
export const requestOf = (options: RequestOptions): Request => {
  const { action, resource, resourceAccount } = options;
  if (!ACTION.test(action))
    throw new UsageError(
      `--action ${JSON.stringify(action)}: give one action, such as sagemaker:CreatePipeline`,
    );
  if (resource !== '*' && !resource.startsWith('arn:'))
    throw new UsageError(
      `--resource ${JSON.stringify(resource)}: give an ARN, or "*" for an action without resources`,
    );
  const values = contextValues(options.context ?? []);
  // AWS: a request through a VPC endpoint has no aws:SourceIp.
  if (options.endpointPolicy !== undefined && !values.has('aws:sourceip')) values.set('aws:sourceip', null);
  if (resourceAccount !== undefined) checkOwner(resourceAccount, resource, values.get('aws:resourceaccount'));
  return {
    principal: principalIn(options),
    action,
    resource: takesNoResource(action) ? '*' : resource,
    ...(resourceAccount !== undefined && !takesNoResource(action) && { resourceAccount }),
    context: contextOf(Object.fromEntries(values), options.context?.includes('*') ? 'absent' : 'unknown'),
  };
};

/** A bare account id means an account in the resource's partition. */
const principalIn = ({ principal, resource }: RequestOptions): Principal => {
  const partition = partitionOf(resource);
  const isId = ACCOUNT.test(principal) && partition !== undefined;
  const found = principalOf(isId ? `arn:${partition}:iam::${principal}:root` : principal);
  if (found) return found;
  throw new UsageError(
    `--principal ${JSON.stringify(principal)}: give the ARN of a user, role, session or account, a service such as sagemaker.amazonaws.com, or "*" for nobody`,
  );
};

/**
 * Checks the owner.
 * @throws {UsageError} if it is not an account id, or the ARN or the context names another owner.
 */
const checkOwner = (account: string, resource: string, stated: ContextValue | undefined): void => {
  const refuse = (why: string): never => {
    throw new UsageError(`--resource-account ${JSON.stringify(account)}: ${why}`);
  };
  if (!ACCOUNT.test(account)) refuse('give the 12 digits of the account that owns the resource');
  if (resource === '*') refuse('say by --resource what that account owns');
  const inArn = parseArn(resource)?.account;
  if (inArn && inArn !== account)
    refuse(`the ARN of the resource names ${JSON.stringify(inArn)} as its owner; leave one of the two out`);
  if (stated !== undefined && [stated].flat().join() !== account)
    refuse('--context aws:ResourceAccount says otherwise; leave one of the two out');
};

/** The values of each key. Keys are in lower case, because condition keys are compared without letter case. */
const contextValues = (entries: readonly string[]): Map<string, ContextValue> => {
  const values = new Map<string, ContextValue>();
  for (const entry of entries.filter((text) => text !== '*')) {
    const equals = entry.indexOf('=');
    const key = (equals < 0 ? entry : entry.slice(0, equals)).toLowerCase();
    if (!/^[^\s:]+:\S/.test(key))
      throw new UsageError(
        `--context ${JSON.stringify(entry)}: give KEY=VALUE, such as aws:SourceIp=203.0.113.7`,
      );
    const before = values.get(key);
    const known = before === undefined || before === null ? [] : [before].flat();
    values.set(key, equals < 0 ? null : [...known, entry.slice(equals + 1)]);
  }
  return values;
};
