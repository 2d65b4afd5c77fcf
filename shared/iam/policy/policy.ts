/**
 * What a policy is attached to. The kind decides what the policy may contain and what it can do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
 */
export type PolicyKind =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'scp'
  | 'rcp'
  | 'resource'
  | 'trust'
  | 'endpoint';

export type Effect = 'Allow' | 'Deny';

/**
 * A problem in a policy, with its place. AWS refuses to store a document with an `error`, so no decision rests on
 * such a policy. AWS stores a document with a `warning`, but the policy does something else than it seems to do.
 */
export type PolicyProblem = {
  /** A short, stable name of the kind of problem, such as `unknown-action`. */
  code: string;
  severity: 'error' | 'warning';
  /** What is wrong, with the value found, and what to write instead. */
  message: string;
  /** JSON pointer into the document; empty for the whole document. */
  pointer: string;
  /** The place where parsing failed; lines and columns count from 1. */
  line?: number;
  column?: number;
};

/** One text or a list of texts, and the place of the element. */
export type TextElement = { texts: readonly string[]; pointer: string; isList: boolean };

/** JSON pointer to one text of an element. */
export const textPointer = ({ pointer, isList }: Omit<TextElement, 'texts'>, index: number): string =>
  isList ? `${pointer}/${index}` : pointer;

/** Patterns as written. `isNot` marks NotAction or NotResource, which means everything except these patterns. */
export type PatternElement = TextElement & { isNot: boolean };

export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';

/** Principal or NotPrincipal. A bare `"*"` is stored as `{ type: 'AWS', value: '*' }`. */
export type PrincipalElement = {
  isNot: boolean;
  principals: readonly { type: PrincipalType; value: string; pointer: string }[];
};

/** Operators in lower case, without `IfExists` and set qualifier. IAM compares operators without letter case. */
export type BaseOperator =
  | 'stringequals'
  | 'stringnotequals'
  | 'stringequalsignorecase'
  | 'stringnotequalsignorecase'
  | 'stringlike'
  | 'stringnotlike'
  | 'numericequals'
  | 'numericnotequals'
  | 'numericlessthan'
  | 'numericlessthanequals'
  | 'numericgreaterthan'
  | 'numericgreaterthanequals'
  | 'dateequals'
  | 'datenotequals'
  | 'datelessthan'
  | 'datelessthanequals'
  | 'dategreaterthan'
  | 'dategreaterthanequals'
  | 'bool'
  | 'binaryequals'
  | 'ipaddress'
  | 'notipaddress'
  | 'arnequals'
  | 'arnlike'
  | 'arnnotequals'
  | 'arnnotlike'
  | 'null';

/** One key under one operator of a Condition element. Numbers and booleans among the values are written as texts. */
export type Condition = TextElement & {
  /** As written in the policy, for messages: `ForAllValues:StringLikeIfExists`. */
  operator: string;
  base: BaseOperator;
  set?: 'any' | 'all';
  isIfExists: boolean;
  /** As written in the policy; `keyName` is the key in lower case. */
  key: string;
  keyName: string;
};

/** One statement of a policy, after its grammar was checked. */
export type Statement = {
  /** The statement's position in the document, from 0. */
  index: number;
  sid?: string;
  /**
   * JSON pointer to the statement: `/Statement/0`, or `/Statement` if the document holds one statement without a
   * list.
   */
  pointer: string;
  effect: Effect;
  actions: PatternElement;
  /** Absent in a trust policy, which is always about its own role. */
  resources?: PatternElement;
  principals?: PrincipalElement;
  conditions: readonly Condition[];
};

/**
 * A policy document after reading. `isReadable` is false if any problem is an error; then no decision rests on the
 * policy.
 */
export type Policy = {
  /** How a person finds the policy: its name, ARN or file. */
  name: string;
  kind: PolicyKind;
  /** In Version 2008-10-17, which also applies if Version is missing, policy variables are plain text. */
  version: '2012-10-17' | '2008-10-17';
  statements: readonly Statement[];
  problems: readonly PolicyProblem[];
  isReadable: boolean;
};
