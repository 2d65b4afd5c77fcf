import {
  CloudFormationClient,
  paginateListStackInstances,
  type StackInstanceSummary,
} from '@aws-sdk/client-cloudformation';
import { found, type Read } from '../../reader/read-result.ts';
import type { StackInstance } from '../../sweep/covered-members.ts';
import { allPages, call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/**
 * The instances of a StackSet for an organization. The management account asks for itself, any other account as a delegated
 * administrator.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html
 */
export const listStackInstances = async (
  options: ClientOptions,
  StackSetName: string,
): Promise<Read<StackInstance[]>> => {
  const client = namingActions('cloudformation', new CloudFormationClient(clientConfig(options)));
  const listAs = (CallAs: 'SELF' | 'DELEGATED_ADMIN'): Promise<Read<StackInstanceSummary[]>> =>
    call('ListStackInstances', () =>
      allPages(
        paginateListStackInstances({ client }, { StackSetName, CallAs }),
        ({ Summaries }) => Summaries,
      ),
    );
  try {
    const own = await listAs('SELF');
    const listed = own.ok ? own : await listAs('DELEGATED_ADMIN');
    return listed.ok ? found(listed.value.flatMap(instanceOf)) : listed;
  } finally {
    client.destroy();
  }
};

const instanceOf = ({
  Account: account,
  Region: region,
  Status,
  StatusReason,
  StackInstanceStatus,
  DriftStatus,
}: StackInstanceSummary): StackInstance[] => {
  if (account === undefined || region === undefined) return [];
  const detailed = StackInstanceStatus?.DetailedStatus ?? Status ?? 'unknown';
  return [
    {
      account,
      region,
      isCurrent: Status === 'CURRENT',
      isDrifted: DriftStatus === 'DRIFTED',
      status: StatusReason ? `${detailed}: ${StatusReason}` : detailed,
    },
  ];
};
