import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// Runs a bundled Lambda function: `{event, remainingMillis?}` as a line of JSON on stdin, its answer a line on file descriptor 3.

const [bundle, functionArn] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);
const context = (remainingMillis = 60_000, startedAt = Date.now()) => ({
  functionName: functionArn.split(':').at(-1),
  functionVersion: '$LATEST',
  invokedFunctionArn: functionArn,
  memoryLimitInMB: '256',
  awsRequestId: randomUUID(),
  getRemainingTimeInMillis: () => startedAt + remainingMillis - Date.now(),
});

for await (const line of createInterface({ input: process.stdin })) {
  const { event, remainingMillis } = JSON.parse(line);
  const answer = await handler(event, context(remainingMillis)).then(
    (value) => ({ value }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  );
  writeSync(3, `${JSON.stringify(answer)}\n`);
}
