import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A bundled Lambda function in a process of its own. */
export type Lambda = {
  /** Sends the bodies as one SQS batch, and returns the indexes of the messages that come again. */
  deliver(...bodies: (object | string)[]): Promise<number[]>;
  /** Calls the function with an event, with this many milliseconds left. Rejects if the function does. */
  invoke(event: object, remainingMillis?: number): Promise<object>;
  /** Sends records in the form of SQS, and returns the ids of those that come again. */
  handle(records: readonly object[], remainingMillis?: number): Promise<string[]>;
  /** The function's log so far, a JSON object a line. */
  log(): Record<string, unknown>[];
  stop(): Promise<void>;
  /** Ends the process at once, as if its machine were lost: its work stays unfinished. */
  kill(): void;
};

/**
 * Starts `dist/functions/<name>/index.mjs` with Node 24, as Lambda would. `isQuiet`: its errors are only in its log.
 */
export const startLambda = (
  name: string,
  functionArn: string,
  env: Record<string, string>,
  { isQuiet = false } = {},
): Lambda => {
  const bundle = join(import.meta.dirname, '../../../dist/functions', name, 'index.mjs');
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'lambda-process.mjs'), bundle, functionArn],
    {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['pipe', 'pipe', isQuiet ? 'pipe' : 'inherit', 'pipe'],
    },
  );
  child.stdin?.on('error', () => {}); // a killed process cannot read; its caller learns that it has ended
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answers = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const invoke: Lambda['invoke'] = async (event, remainingMillis) => {
    child.stdin?.write(`${JSON.stringify({ event, remainingMillis })}\n`);
    const { value: line } = (await answers.next()) as { value: string | undefined };
    if (line === undefined) throw new Error('the function has ended');
    const answer = JSON.parse(line) as { error?: string; value?: object };
    if (!answer.value) throw new Error(answer.error);
    return answer.value;
  };
  const handle: Lambda['handle'] = async (records, remainingMillis) => {
    const answer = await invoke({ Records: records }, remainingMillis);
    const { batchItemFailures } = answer as { batchItemFailures: { itemIdentifier: string }[] };
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return {
    invoke,
    handle,
    deliver: async (...bodies) => {
      const messages = bodies.map((body) => ({
        messageId: randomUUID(),
        receiptHandle: randomUUID(),
        body: typeof body === 'string' ? body : JSON.stringify(body),
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
      }));
      const failed = await handle(messages);
      return failed.map((id) => messages.findIndex(({ messageId }) => messageId === id));
    },
    log: () =>
      lines.flatMap((line): Record<string, unknown>[] => {
        try {
          return [JSON.parse(line) as Record<string, unknown>];
        } catch {
          return [];
        }
      }),
    stop: async () => {
      child.stdin?.end();
      await exited;
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};
