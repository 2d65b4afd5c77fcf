/** Messages for whoever watches: always stderr, as stdout is data. */
export type Progress = { say: (message: string) => void; count: (done: number, total: number) => void };

/** Progress on stderr; on a terminal the count is one line that is written over, elsewhere only its end is said. */
export const progressOn = (stream: NodeJS.WriteStream, isQuiet: boolean): Progress => {
  if (isQuiet) return { say: () => {}, count: () => {} };
  return {
    say: (message) => void stream.write(`${message}\n`),
    count: (done, total) => {
      const text = `audited ${done} of ${total} resources`;
      if (stream.isTTY) stream.write(`\r${text}${done === total ? '\n' : ''}`);
      else if (done === total) stream.write(`${text}\n`);
    },
  };
};
