import type { Principal } from '../policy/principal.ts';
import type { Context } from './context.ts';

/** One request. The action may be written in any case. */
export type Request = {
  principal: Principal;
  /** `sagemaker:CreatePipeline` */
  action: string;
  /** An ARN, or `*` for an action without resources. */
  resource: string;
  /** The owner of the resource, where its ARN names none (a bucket); without it, see `ownershipOf`. */
  resourceAccount?: string;
  /** Whether the resource is of another account than the principal's, whichever that is. */
  isForeign?: true;
  context: Context;
};

/** The prefix of an action or a condition key. */
export const serviceOf = (name: string): string => name.slice(0, name.indexOf(':'));
