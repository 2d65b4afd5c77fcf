/** Messages for whoever watches: always stderr, as stdout is data. */
export type Progress = {
  say: (message: string) => void;
  count: (done: number, total: number) => void;
  /** Ends the line of the count, which whatever is written next would be appended to. */
  endCount: () => void;
};

const SILENT: Progress = { say: () => {}, count: () => {}, endCount: () => {} };

/**
 * Progress on stderr; on a terminal the count is one line that is written over, elsewhere only its end is said. The
 * total may grow after it was reached (pipelines lead to buckets), so that only `endCount` knows the end.
 */
export const progressOn = (
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  isQuiet: boolean,
): Progress => {
  if (isQuiet) return SILENT;
  let counted = '';
  return {
    say: (message) => void stream.write(`${message}\n`),
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
