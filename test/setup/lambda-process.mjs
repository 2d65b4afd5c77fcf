// Runs a bundled Lambda function: a JSON event a line on stdin, its answer a line on file descriptor 3.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [bundle, functionArn] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);
const context = () => ({
  functionName: functionArn.split(':').at(-1),
  functionVersion: '$LATEST',
  invokedFunctionArn: functionArn,
  memoryLimitInMB: '256',
  awsRequestId: randomUUID(),
  getRemainingTimeInMillis: () => 60_000,
});

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handler(JSON.parse(line), context()).then(
    (value) => ({ value }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  );
  writeSync(3, `${JSON.stringify(answer)}\n`);
}
