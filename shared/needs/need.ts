import type { ContextValue } from '../iam/decide/context.ts';

/** One thing that a principal must be allowed to do, so that something works. */
export type Need = {
  /** As policies write it: `sagemaker:CreateTrainingJob`. */
  action: string;
  /** ARN, or the pattern of all ARNs that it must be allowed for. */
  resource: string;
  /** So many of the resource’s first stars stand for names, which contain no slash. */
  nameStars?: number;
  /** Condition keys of the request, those alone: the value that an Allow may insist on. */
  context?: Readonly<Record<string, string>>;
  /** The pattern that a policy that is made allows in its place: the next update of the pipeline brings another name. */
  lasting?: string;
  /** One resource of the pattern is meant, and only a run tells which. Without it, all of them are. */
  isOneOf?: true;
  /**
   * What else is known of the request, on which no Allow that is made here insists: by condition key, the values that it
   * may carry, of which nobody tells which (null: it does not carry the key).
   */
  request?: Readonly<Record<string, readonly ContextValue[]>>;
  /**
   * A policy that is made allows it, and nobody fails for the lack of it: AWS does not document it, or a job does its
   * work without it.
   */
  isOptional?: true;
  /** What it reads is code to whoever runs it. */
  isCode?: true;
  /** The alias of a KMS key, whose policy decides with the role's; the key behind it is not in the definition. */
  alias?: string;
  /** What does as well: a file where a folder was meant, or an older form of the permission. */
  or?: readonly Pick<Need, 'action' | 'resource' | 'context' | 'request'>[];
};

/**
 * The condition key that tells the alias of a need’s key, with the alias as policies write it. A policy cannot name an alias
 * as a resource. https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
export const aliasKey = ({ alias }: Pick<Need, 'alias'>): Record<string, string> =>
  alias === undefined ? {} : { 'kms:ResourceAliases': alias.slice(alias.indexOf('alias/')) };

/**
 * Whether only a run tells which resources of the pattern are meant, so that a role which may do it for some of them
 * is neither right nor wrong: a star anywhere but behind a name that is known, or in place of the whole name.
 */
export const isPartial = ({ resource, isOneOf }: Pick<Need, 'resource' | 'isOneOf'>): boolean => {
  const unescaped = resource.replaceAll(/\$\{[*?$]\}/g, '');
  if (isOneOf) return unescaped.includes('*');
  const pattern = unescaped.replaceAll(/-\*(?=\/)/g, '');
  return (
    /\*./.test(pattern) ||
    /:[^:/]+\/\*$/.test(pattern.replace(/^arn:[^:]*:s3:.*$/, '')) ||
    /[^-/]\*$/.test(pattern)
  );
};

/** What could not be told, and so is in no need. */
export type UnknownNeed = { pointer: string; reason: string; isCode?: true };

/** What a need is for, or what a role must not do: each kind is one control's matter, but for what a job's container needs. */
export type NeedKind = 'pass-role' | 'job' | 'json-get' | 'data' | 'runtime' | 'isolation';
