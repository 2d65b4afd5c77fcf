/**
 * What a policy is attached to, which says what it may hold and what it can do.
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
 * Something wrong with a policy, and where. An `error` is what AWS refuses to store: nothing can be decided by such a
 * policy. A `warning` is stored, and does something else than it seems to.
 */
export type PolicyProblem = {
  /** A short name of the kind of problem, such as `unknown-action`; stable. */
  code: string;
  severity: 'error' | 'warning';
  /** What is wrong, with the value found, and what to write instead. */
  message: string;
  /** JSON pointer into the document; empty for the whole. */
  pointer: string;
  /** Where the text cannot be parsed; both count from 1. */
  line?: number;
  column?: number;
};

/** A scalar or a list of texts, and where it stands. */
export type TextElement = { texts: readonly string[]; pointer: string; isList: boolean };

/** JSON pointer to one text of an element. */
export const textPointer = ({ pointer, isList }: Omit<TextElement, 'texts'>, index: number): string =>
  isList ? `${pointer}/${index}` : pointer;

/** Patterns as they are written; with `isNot` the element is NotAction or NotResource: all but these. */
export type PatternElement = TextElement & { isNot: boolean };

export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';

/** Principal or NotPrincipal; `"*"` alone stands as `{ type: 'AWS', value: '*' }`. */
export type PrincipalElement = {
  isNot: boolean;
  principals: readonly { type: PrincipalType; value: string; pointer: string }[];
};

/** The operators without `IfExists` and set qualifier, in lower case (IAM compares them without case). */
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

/** One key of one operator of a Condition element; its texts are the values, numbers and booleans written out. */
export type Condition = TextElement & {
  /** As it is written, for messages: `ForAllValues:StringLikeIfExists`. */
  operator: string;
  base: BaseOperator;
  set?: 'any' | 'all';
  isIfExists: boolean;
  /** As it is written; `keyName` is the same in lower case. */
  key: string;
  keyName: string;
};

/** One statement of a policy, checked; nothing in it is compiled yet. */
export type Statement = {
  /** Its place in the document, from 0. */
  index: number;
  sid?: string;
  /** JSON pointer to it: `/Statement/0`, or `/Statement` where the document holds one statement without a list. */
  pointer: string;
  effect: Effect;
  actions: PatternElement;
  /** None in a trust policy: the role itself. */
  resources?: PatternElement;
  principals?: PrincipalElement;
  conditions: readonly Condition[];
};

/** A policy document that was read. `isReadable` is false where a problem is an error: then it decides nothing. */
export type Policy = {
  /** How a person finds it: its name, ARN or file. */
  name: string;
  kind: PolicyKind;
  /** With 2008-10-17 (also where Version is missing) policy variables are plain text. */
  version: '2012-10-17' | '2008-10-17';
  statements: readonly Statement[];
  problems: readonly PolicyProblem[];
  isReadable: boolean;
};
