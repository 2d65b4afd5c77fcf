import { isSharedWith } from '../authorised/shared-with.ts';
import { withoutRoot } from '../authorised/trusted.ts';
import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { Evidence } from '../domain/finding.ts';
import { unreadText } from '../domain/gap.ts';
import type { PipelineShare, SharePrincipal } from '../reader/reader.ts';

/**
 * What a share lets its principals do with its pipelines: `read` them and their executions, `run` them (start, stop
 * and retry), or `more`, such as to change or delete them. `unknown`: a permission could not be read.
 */
type Access = 'more' | 'run' | 'unknown' | 'read';

/** A principal outside of the account that a share gives access to a pipeline, and by which permission. */
export type Grant = {
  share: PipelineShare;
  principal: SharePrincipal;
  isNamed: boolean;
  access: Access;
  by: string;
};

/** The access to a pipeline that shares give to others than the account itself. */
export const grantsOf = (
  { name, arn }: { name: string; arn: string },
  shares: readonly PipelineShare[],
  config: Pick<Config, 'sharedWith'>,
): Grant[] => {
  const own = parseArn(arn)?.account ?? '';
  return shares.flatMap((share) => {
    const given = accessBy(share);
    return share.principals
      .filter(({ id }) => accountOfPrincipal(id) !== own)
      .map((principal) => ({
        share,
        principal,
        isNamed: isSharedWith(principal.id, name, config),
        ...given,
      }));
  });
};

const MAY: Record<Grant['access'], string> = {
  more: 'may do more with it than read, start, stop and retry it',
  run: 'may start, stop and retry it',
  unknown: 'may do what is not known',
  read: 'may read it and its executions',
};

/** What a grant is, for a person who looks it up in the share. */
export const evidenceOf = ({
  share,
  principal: { id, isExternal },
  access,
  by,
  isNamed,
}: Grant): Evidence => ({
  at: share.arn,
  found: `${id}${isExternal ? ' (outside of the organization)' : ''} ${MAY[access]}, by ${by}`,
  expected: isNamed ? 'no more than to read, start, stop and retry it' : 'one of those whom sharedWith names',
});

/** The account of a principal that is one, or is a role or user of one. */
export const accountOfPrincipal = (id: string): string | undefined => {
  const named = withoutRoot(id);
  const arn = parseArn(named);
  return arn?.service === 'iam' ? arn.account : named;
};

/**
 * The widest access that the permissions of a share give. What could not be read counts as wider than reading, and as
 * less than what is known to be more.
 */
const accessBy = ({ permissions }: PipelineShare): Pick<Grant, 'access' | 'by'> => {
  if (!permissions.ok) {
    return { access: 'unknown', by: `permissions that were not read: ${unreadText(permissions.unread)}` };
  }
  const all = permissions.value.map(({ name, actions, isConditional }): Pick<Grant, 'access' | 'by'> => {
    if (!actions.ok)
      return {
        access: 'unknown',
        by: `${name}, which was not read: ${unreadText(actions.unread)}`,
      };
    const found = new Set(actions.value.map(accessOf));
    const access = WIDEST_FIRST.find((each) => found.has(each)) ?? 'unknown';
    return { access, by: isConditional ? `${name}, under a condition` : name };
  });
  const [widest] = WIDEST_FIRST.flatMap((each) => all.filter(({ access }) => access === each));
  return widest ?? { access: 'unknown', by: 'no permission' };
};

const WIDEST_FIRST: readonly Access[] = ['more', 'run', 'unknown', 'read'];

/** A pattern is judged by what stands before its first wildcard, because all that it matches must only read. */
const accessOf = (action: string): Access => {
  const [service, operation = ''] = action.toLowerCase().split(':');
  if (service !== 'sagemaker') return 'more';
  if (RUNS.includes(operation)) return 'run';
  return READS.test(operation) ? 'read' : 'more';
};

const RUNS: readonly string[] = ['startpipelineexecution', 'stoppipelineexecution', 'retrypipelineexecution'];

const READS = /^(?:describe|list|get|search|batchget|batchdescribe)/;
