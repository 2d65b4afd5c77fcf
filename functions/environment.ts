import type { Context } from 'aws-lambda';
import { parseArn } from '../shared/domain/arn.ts';
import type { Scope } from '../shared/domain/scope.ts';

/** The value of an environment variable that the function needs. */
export const required = (env: NodeJS.ProcessEnv, name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`the environment variable ${name} is not set`);
  return value;
};

/** The account, Region and partition of the function, which are those that it audits. */
export const scopeOf = ({ invokedFunctionArn }: Context): Scope => {
  const arn = parseArn(invokedFunctionArn);
  if (!arn) throw new Error(`the function's ARN cannot be read: ${invokedFunctionArn}`);
  const { account, region, partition } = arn;
  return { account, region, partition };
};
