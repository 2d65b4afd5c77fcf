import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import type { PolicyDocument } from './least-policy.ts';

/** An action that an audit needs, and its resource in the syntax of CloudFormation. */
export type ReadAction = { action: string; resource: string };

/** The account and Region that a policy is for; one that is missing means any. */
export type Place = Pick<Scope, 'partition'> & Partial<Scope>;

/**
 * The identity policy for whoever audits: all that the command reads, and nothing that writes. Actions of one service
 * share a statement with the types of resources that they read, of which each action knows its own alone.
 */
export const auditPolicy = (
  read: readonly ReadAction[],
  { partition, region = '*', account = '*' }: Place,
): PolicyDocument => {
  const arnOf = (resource: string): string =>
    resource
      .replaceAll('${AWS::Partition}', partition)
      .replaceAll('${AWS::Region}', region)
      .replaceAll('${AWS::AccountId}', account);
  const statement = (sid: string, actions: readonly ReadAction[]): PolicyDocument['Statement'][number] => ({
    Sid: sid,
    Effect: 'Allow',
    Action: [...new Set(actions.map(({ action }) => action))].toSorted(),
    Resource: [...new Set(actions.map(({ resource }) => arnOf(resource)))].toSorted(),
  });
  const listings = read.filter(({ resource }) => resource === '*');
  const others = read.filter(({ resource }) => resource !== '*');
  const byService = groupBy(others, ({ action }) => action.slice(0, action.indexOf(':')));
  return {
    Version: '2012-10-17',
    Statement: [
      statement('Lists', listings),
      ...[...byService].map(([service, of]) =>
        statement(`Reads${service[0]?.toUpperCase()}${service.slice(1)}`, of),
      ),
    ],
  };
};
