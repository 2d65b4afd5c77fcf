import { actionNameOf } from '../domain/refusal.ts';
import { CHANGED_ACTIONS, FACT_ACTIONS, type FactAction } from './fact-actions.ts';

const listing = (action: string, reason: string): FactAction => ({ action, resource: '*', reason });

/** What is listed to know what to audit. None of these actions takes a resource that could be named beforehand. */
const LISTINGS: readonly FactAction[] = [
  ...['TrainingJobs', 'ProcessingJobs', 'TransformJobs', 'HyperParameterTuningJobs', 'AutoMLJobs'].map(
    (jobs) => listing(`sagemaker:List${jobs}`, 'the jobs in progress'),
  ),
  listing('s3:ListAllMyBuckets', 'the buckets, to find image buckets by tag or pattern'),
  listing('kms:ListAliases', 'the keys that aliases lead to, for a snapshot'),
  ...[
    'ListAccounts',
    'ListAccountsForParent',
    'ListOrganizationalUnitsForParent',
    'DescribeOrganizationalUnit',
  ].map((operation) =>
    listing(`organizations:${operation}`, 'the accounts of the organization, to audit all of them'),
  ),
  ...['ListPolicies', 'ListTargetsForPolicy'].map((operation) =>
    listing(`organizations:${operation}`, 'the policies of all accounts of the organization, for a snapshot'),
  ),
];

/** All that the command reads of an account: the facts of all controls, and the listings, each once. */
export const READ_ACTIONS: readonly FactAction[] = [
  ...new Map(
    [...Object.values(FACT_ACTIONS).flat(), ...LISTINGS].map((each) => [
      `${each.action} ${each.resource}`,
      each,
    ]),
  ).values(),
];

/** The IAM action that allows a call of the reader; undefined where the text is no such call. */
export const actionOfCall = (call: string): string | undefined =>
  [...READ_ACTIONS, ...CHANGED_ACTIONS].find(
    ({ action }) => action.slice(action.indexOf(':') + 1) === actionNameOf(call),
  )?.action;
