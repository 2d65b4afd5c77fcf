import { join, relative, sep } from 'node:path';
import { type HistorySource, historyName } from '../shared/history/history-days.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { readBytesInFolder } from './bounded-file.ts';
import { UsageError } from './errors.ts';
import { filesInFolder } from './event-folder.ts';

/**
 * A folder that holds what the bucket of a history holds, as `aws s3 sync` copies it. `refuse` is told what in it is no file of a history.
 * @throws {UsageError} where there is none.
 */
export const historyFolder = async (root: string, refuse: (text: string) => void): Promise<HistorySource> => {
  const { files, problems } = await filesInFolder(root);
  const [first] = problems;
  if (files.length === 0 && first !== undefined) throw new UsageError(first);
  for (const problem of problems) refuse(problem);
  const names = files
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter((name) => historyName(name) !== undefined);
  if (names.length === 0)
    throw new UsageError(
      `${visibleText(root)}: holds no history: it must hold folders such as verdicts/region=eu-west-1/account=111122223333/day=2026-11-30, as \`aws s3 sync s3://BUCKET ${visibleText(root)}\` copies them`,
    );
  return {
    names: async function* () {
      yield* names;
    },
    read: async (name) => {
      try {
        return await readBytesInFolder(join(root, name), 'history');
      } catch (error) {
        if (error instanceof UsageError) return error.message;
        throw error;
      }
    },
  };
};
