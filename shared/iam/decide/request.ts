import type { Principal } from '../policy/principal.ts';
import type { Context } from './context.ts';

/** One request to AWS. The action may be in any letter case. */
export type Request = {
  principal: Principal;
  /** `sagemaker:CreatePipeline` */
  action: string;
  /** An ARN, or `*` for an action that takes no resource. */
  resource: string;
  /**
   * The owner of a resource whose ARN names no account, such as a bucket. See `ownershipOf` for what holds without
   * it.
   */
  resourceAccount?: string;
  /** Says that the resource belongs to an account other than the principal's, without saying which. */
  isForeign?: true;
  context: Context;
};

/** The part before the colon in the name of an action or a condition key. */
export const serviceOf = (name: string): string => name.slice(0, name.indexOf(':'));
