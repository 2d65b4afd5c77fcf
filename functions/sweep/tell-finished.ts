import type { Scope } from '../../shared/domain/scope.ts';
import type { SweepConnection } from './connection.ts';

/** Tells the history, where one is kept, of a sweep whose looks were all sent. `part`: the folder of its lists. */
export const tellFinished = async (
  part: string,
  scope: Scope,
  connection: SweepConnection,
): Promise<void> => {
  const { historyUrl: queueUrl } = connection;
  if (queueUrl === undefined) return;
  const { tellSwept } = await import('./history.ts');
  await tellSwept({ part, scope, queueUrl }, connection);
};

/** Tells the history, where one is kept, of an account that could not be swept. */
export const tellNotMade = async (
  scope: Scope,
  because: string,
  connection: SweepConnection,
): Promise<void> => {
  const { historyUrl: queueUrl } = connection;
  if (queueUrl === undefined) return;
  const { tellUnswept } = await import('./history.ts');
  await tellUnswept({ scope, queueUrl }, because, connection);
};
