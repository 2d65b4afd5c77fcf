import { arnName } from '../domain/arn.ts';
import type { Finding } from '../domain/finding.ts';
import type { DeclaredResource } from './declared.ts';
import { holderOf } from './undeclared-holders.ts';

/** Finds the macro that may change what a finding is about: its source, or a part of it that another source declares. */
export const macrosOn = (
  resources: readonly DeclaredResource[],
): ((finding: Finding, on: DeclaredResource | undefined) => string | undefined) => {
  const macros = new Map(
    resources.flatMap((each): [string, string][] => {
      const changed = changedBy(each);
      return each.rewrittenBy === undefined || changed === undefined ? [] : [[changed, each.rewrittenBy]];
    }),
  );
  return ({ resource: { type, arn } }, on) => on?.rewrittenBy ?? macros.get(keyOf(type, arnName(arn)));
};

/** What a resource changes that is declared apart from it. */
const changedBy = (resource: DeclaredResource): string | undefined => {
  if (resource.type === 'bucket-policy' || resource.type === 'bucket-cors')
    return keyOf('bucket', resource.bucket);
  const holder = holderOf(resource);
  return holder && keyOf(holder.type, holder.name);
};

const keyOf = (type: string, name: string): string => `${type} ${name.toLowerCase()}`;

const SETTLED: readonly Finding['status'][] = ['PASSED', 'NOT_APPLICABLE'];

/**
 * What passes as it is written, or does not apply to it, is not told before a macro of its source has run.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html
 */
export const asRewritten = (finding: Finding, macro: string | undefined): Finding =>
  macro === undefined || !SETTLED.includes(finding.status)
    ? finding
    : {
        ...finding,
        status: 'NOT_AVAILABLE',
        evidence: [
          {
            at: 'Transform',
            found: `${finding.status} as it is written, but the macro ${macro} may change it`,
            expected: 'what the macro makes of it',
          },
        ],
        remediation: {
          text: 'Not told until deployed, because AWS runs the macro then. To know it before, make a change set, and audit the template that aws cloudformation get-template with --change-set-name and --template-stage Processed prints.',
        },
      };
