import type { Json } from '../json/json.ts';

/** A policy document as people attach it. */
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

/** A change of a user or role that a remediation proposes. A person gets it as a command, and the engine can try it. */
export type RoleChange =
  | { type: 'put-policy'; name: string; document: PolicyText }
  | { type: 'trust'; document: Json }
  | { type: 'tag'; key: string; value: string }
  | { type: 'untag'; key: string };
