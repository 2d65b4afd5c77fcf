import type { Json } from '../json/json.ts';

/** A policy document as people attach it, with whatever elements a statement may have. */
export type PolicyText = {
  Version: '2012-10-17';
  Statement: readonly {
    Sid?: string;
    Effect: 'Allow' | 'Deny';
    Action: readonly string[];
    Resource?: readonly string[];
    NotResource?: readonly string[];
    Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }[];
};

/** A change of a user or role that a remediation proposes: as a command for a person, and for the engine to try. */
export type RoleChange =
  | { type: 'put-policy'; name: string; document: PolicyText }
  /** Instead of all that it has. */
  | { type: 'replace-policies'; name: string; document: PolicyText }
  | { type: 'detach-policy'; policyArn: string }
  | { type: 'trust'; document: Json }
  | { type: 'tag'; key: string; value: string }
  | { type: 'untag'; key: string };
