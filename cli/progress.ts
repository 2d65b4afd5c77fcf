import { visibleText } from '../shared/text/visible-text.ts';
import { withoutWorkflowCommands } from '../shared/text/workflow-text.ts';

/** Messages for a person who watches. They go to stderr, because stdout is for data. */
export type Progress = {
  say: (message: string) => void;
  count: (done: number, total: number) => void;
  /** Ends the line of the count, so that the next output begins on a new line. */
  endCount: () => void;
};

export const SILENT: Progress = { say: () => {}, count: () => {}, endCount: () => {} };

/**
 * Progress on stderr. A terminal shows the count in one line that is overwritten; other streams get the final count
 * only. Only `endCount` marks the end, because the total may grow again (pipelines lead to buckets).
 */
export const progressOn = (
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  isQuiet: boolean,
): Progress => {
  if (isQuiet) return SILENT;
  let counted = '';
  return {
    say: (message) => void stream.write(messageText(message)),
    count: (done, total) => {
      counted = `audited ${done} of ${total} resources`;
      if (stream.isTTY) stream.write(`\r${counted}`);
    },
    endCount: () => {
      if (counted !== '') stream.write(stream.isTTY ? '\n' : `${counted}\n`);
      counted = '';
    },
  };
};

/** A message as it goes to stderr: its characters move nothing, and a workflow that reads the log obeys nothing of it. */
export const messageText = (message: string): string =>
  `${withoutWorkflowCommands(message.split('\n').map(visibleText).join('\n'))}\n`;
