import { UNIT_UNKNOWN } from '../config/config-for.ts';
import type { Verdict } from '../domain/finding.ts';
import { isDenied, type Unread } from '../domain/gap.ts';
import { actionOfCall } from '../facts/read-actions.ts';
import { TOO_LARGE_TO_LIST } from '../reader/listing-bound.ts';
import { NOT_DECLARED } from '../reader/read-result.ts';

const UPLOAD_AGAIN =
  'Take the policies again with pipewarden snapshot --organization, and give the file to pipewarden deploy (or audit) by --organization-policies.';

const NO_INDEX =
  'See with pipewarden index show whether the account has an index by now. If it has none, the log of the inventory function says why. Once it has one, have the look made again with pipewarden dlq replay, or wait for the next sweep.';

const DECLARED_ALONE =
  'Audit the template or plan together with --snapshot or --live of the account that it is deployed to, which tells what is not declared.';

const REMEDIES: Readonly<Record<string, string>> = {
  NotInFile: UPLOAD_AGAIN,
  NotCurrent: UPLOAD_AGAIN,
  NotChecked: 'Check this step yourself: the part named here is not judged.',
  Absent: 'Nothing to do if it was deleted on purpose; otherwise find out who deleted it.',
  NotNamed:
    'Audit it together with the StartPipelineExecution event of its execution, which names the pipeline.',
  TooMany: 'Reduce their number in the pipeline, or check the others by hand.',
  TooManySteps: 'Split the pipeline: SageMaker takes 50 steps of one.',
  [UNIT_UNKNOWN]:
    'Let whoever audits call organizations:DescribeOrganization and organizations:DescribeAccount, or name the account in accounts beside organizationalUnits.',
  [TOO_LARGE_TO_LIST]: NO_INDEX,
  [NOT_DECLARED]: DECLARED_ALONE,
  NotUnderstood: 'Mend the source at this place, or see for yourself: what hangs on it is not judged.',
  OutsideScope: 'Audit it with the credentials (or the snapshot) of its own account and Region.',
};

/**
 * What Organizations answers in its management account, to delegated administrators, and to accounts that the organization’s
 * resource policy names, whatever a policy of their own allows.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListPoliciesForTarget.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
 */
const OF_MANAGEMENT: readonly string[] = [
  'organizations:DescribeAccount',
  'organizations:DescribePolicy',
  'organizations:ListParents',
  'organizations:ListPolicies',
  'organizations:ListPoliciesForTarget',
  'organizations:ListTargetsForPolicy',
];

/** Advice to allow actions that AWS refused; `again` says what to do then. */
export const allow = (actions: readonly string[], again = 'audit again'): string => {
  const limit = actions.some((action) => OF_MANAGEMENT.includes(action))
    ? ' Organizations answers its management account and delegated administrators alone, and accounts that its resource policy names, which pipewarden generate delegation-policy writes; an audit without these takes the policies from a file by --organization-policies, and so does deploy.'
    : '';
  return `Allow ${actions.join(', ')} to whoever audits, and see that no Deny stands against it, and ${again}.${limit} pipewarden generate audit-policy writes all that an audit reads.`;
};

/** The IAM actions of those calls that AWS refused for want of a permission, each once. */
export const deniedActions = (unread: readonly Pick<Unread, 'call' | 'code'>[]): string[] => [
  ...new Set(unread.flatMap(({ call, code }) => (isDenied(code) ? (actionOfCall(call) ?? []) : []))),
];

/** A call, its error code and the message, as reasons quote them. */
const QUOTED = /(?:^|: )([A-Z][A-Za-z0-9]{2,80}): ([A-Za-z]{3,80}): /;

const quotedIn = (reasons: readonly string[]): Pick<Unread, 'call' | 'code'>[] =>
  reasons.map((reason) => {
    const [, call = '', code = ''] = QUOTED.exec(reason) ?? [];
    return { call, code };
  });

/**
 * Advice by reasons that quote a call and its error code: the action to allow if one of the calls was denied, or how a look gets the
 * index that it lacks.
 */
export const quotedUnreadRemedy = (reasons: readonly string[], otherwise: string): string => {
  const actions = actionsQuoted(reasons);
  if (actions.length > 0) return allow(actions);
  const codes = quotedIn(reasons).map(({ code }) => code);
  if (codes.includes(NOT_DECLARED)) return DECLARED_ALONE;
  return codes.includes(TOO_LARGE_TO_LIST) ? NO_INDEX : otherwise;
};

/** The IAM actions of the denied calls that reasons quote, each once. */
export const actionsQuoted = (reasons: readonly string[]): string[] => deniedActions(quotedIn(reasons));

/**
 * A verdict that hangs on a call which AWS refused, with the action to allow first in its advice, whatever its control
 * advises besides.
 */
export const namingDenied = (verdict: Verdict): Verdict => {
  if (verdict.status !== 'NOT_AVAILABLE') return verdict;
  const { remediation, evidence } = verdict;
  const missing = actionsQuoted(evidence.map(({ found }) => found)).filter(
    (action) => !remediation.text.includes(action),
  );
  return missing.length === 0
    ? verdict
    : { ...verdict, remediation: { ...remediation, text: `${allow(missing)} ${remediation.text}` } };
};

/** Advice on how to make facts readable. What AWS refused comes first, as a permission mends all of it at once. */
export const unreadRemedy = (
  first: Pick<Unread, 'call' | 'code'>,
  ...others: readonly Pick<Unread, 'call' | 'code'>[]
): string => {
  const actions = deniedActions([first, ...others]);
  return actions.length > 0
    ? allow(actions)
    : (REMEDIES[first.code] ?? `See to it that ${first.call} can be read, and audit again.`);
};
