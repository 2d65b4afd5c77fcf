import type { JobKindId } from '../definition/job-kinds.ts';
import type { Scope } from '../domain/scope.ts';
import type { Json } from '../json/json.ts';
import type { TextPosition } from '../json/json-text.ts';

/**
 * A value that only a deployment gives: a parameter without a value, a name that AWS makes up, an output of another stack. It has
 * one name, so that two references to it are the same value.
 */
export type Hole = {
  /** What the source calls it: `BucketName`, `MyRole` (its generated name), `aws_iam_role.train.name`, `AWS::AccountId`. Unique in a run. */
  name: string;
  /** Under which name a user gives its value, where it has one: a parameter of several stacks has the same one in each. */
  parameter?: string;
  /** The values that the source allows, where it tells them. */
  values?: readonly string[];
  /** The value that it has if nobody says otherwise. */
  byDefault?: string;
  /** Texts with which the source compares it, so that each of them may decide what is declared. */
  compared?: readonly string[];
  /** A pattern (`*`, `?`) that each of its values matches, where the source tells it: `*-MyRole-*`. */
  like?: string;
  /**
   * `generated`: AWS makes the value up anew, so that nothing else has it. `given`: somebody gives it, and it may be equal to any
   * other text.
   */
  by: 'generated' | 'given';
  /** What tells the value before the deployment, as a sentence without its full stop: `give --parameter BucketName=…`. */
  tell: string;
};

/** The value of a hole in one of the ways to fill all holes. The same hole gets the same value each time. */
export type Fill = (hole: Hole) => string;

/** A text that was read, and where the values of JSON pointers into its tree stand. */
export type SourceFile = {
  /** The path as the user gave it, or below what the user gave. */
  path: string;
  /** The places of pointers; of a pointer to a missing value, the place of the nearest container. */
  places: (pointers: Iterable<string>) => ReadonlyMap<string, TextPosition>;
};

/** Where a value was written: a JSON pointer into a file’s tree. */
export type Origin = { file: SourceFile; pointer: string };

/**
 * The origins of the objects and lists in what is declared, by the objects themselves, so that an object that moves from a
 * template into AWS’s answer keeps its own.
 */
export type Origins = WeakMap<object, Origin>;

/** A line of a comment that speaks to Pipewarden, without the signs of the comment. */
export type Note = { text: string; origin: Origin };

/** Something that a source says wrongly or that cannot be told, with its place. The rest is judged. */
export type DeclaredProblem = Origin & { message: string };

/** The construct of the CDK that a resource comes from. `writtenAt`: where the code makes it, as `file:line:column`. */
export type Construct = { path: string; writtenAt?: string };

/** What every declared resource has. `address`: the logical id with its stack, or Terraform’s address. Unique in a run. */
type DeclaredOf<Type extends string, Fields> = {
  type: Type;
  address: string;
  scope: Scope;
  origin: Origin;
  /** What the source notes of the resource, as CloudFormation’s Metadata: suppressions stand there. */
  metadata?: Json;
  construct?: Construct;
  /** What comments in its source and directly above it say to Pipewarden. */
  notes?: readonly Note[];
  /** The macro that AWS runs on all of its source at the deployment, so that it may become anything else. */
  rewrittenBy?: string;
} & Fields;

/** To what a policy is attached that is declared apart from its principals. */
export type PolicyHolder = { type: 'role' | 'user' | 'group'; name: string };

/**
 * A resource as AWS would describe it once it is deployed, with all holes filled. `entry` has the form of the AWS CLI’s output, and
 * keeps as many objects of the source as can be, because these have origins.
 */
export type DeclaredResource =
  /** An entry of RoleDetailList, UserDetailList or GroupDetailList: name, Arn, trust, inline and attached policies, boundary, tags. */
  | DeclaredOf<'role' | 'user' | 'group', { name: string; arn: string; entry: Json }>
  /** An entry of Policies: PolicyName, Arn, PolicyVersionList with one default version. */
  | DeclaredOf<'managed-policy', { arn: string; entry: Json }>
  /** A policy that is attached to a principal which another resource declares, or none: inline by its document, or by its ARN. */
  | DeclaredOf<
      'attached-policy',
      { holder: PolicyHolder; policy: { arn: string } | { name: string; document: Json } }
    >
  /** A user of a group, both of which other resources declare, or none. */
  | DeclaredOf<'membership', { user: string; group: string }>
  /** Says that a principal has no policies of the kind but those of these names, or ARNs, and those that are declared. */
  | DeclaredOf<'exclusive', { holder: PolicyHolder; kind: 'inline' | 'attached'; names: readonly string[] }>
  /** What DescribePipeline would answer. A definition that only the deployment tells is missing, and `why` says so. */
  | DeclaredOf<'pipeline', { name: string; entry: Json; why?: string }>
  | DeclaredOf<'job', { kind: JobKindId; name: string; entry: Json }>
  /** `cors`: the output of get-bucket-cors, null where there is none. `tags`: that of get-bucket-tagging. */
  | DeclaredOf<'bucket', { name: string; cors: Json | null; tags: Json }>
  /** CORS rules that a resource of their own declares, as Terraform has them. */
  | DeclaredOf<'bucket-cors', { bucket: string; cors: Json }>
  | DeclaredOf<'bucket-policy', { bucket: string; policy: Json }>
  /** `names`: its ARN, id and aliases. */
  | DeclaredOf<'key', { names: readonly string[]; policy: Json }>;

/** A text that is shown to nobody, and the name that is shown in its place. */
export type Secret = { name: string; value: string };

/** What sources declare in one way to fill their holes. */
export type Declared = {
  resources: readonly DeclaredResource[];
  /**
   * What the source says was declared before, and what of it is not among `resources` is taken away. Missing where it does not say: then
   * what is declared stands in place of all that the account has under its name.
   */
  earlier?: readonly DeclaredResource[];
  problems: readonly DeclaredProblem[];
  /** Texts that are shown to nobody, as the source wants it. */
  secrets?: readonly Secret[];
  origins: Origins;
  /** The conditions of the sources on which this hangs, and which of them are true. Missing where sources have none. */
  outcomes?: ReadonlyMap<string, boolean>;
};

/** Evaluates parsed sources with the given values. Pure: the same values give the same declarations. Never throws on a source. */
export type Declare = (fill: Fill) => Declared;
