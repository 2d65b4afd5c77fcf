// Runs the bundled handler as Lambda would. A line on stdin: {batches, maxSeconds}; its figures: a line on file descriptor 3.
// Plain JavaScript, so that stripping types is no part of a cold start. Nor is it what Node does for an ES module that imports
// its modules, as Lambda's runtime takes them by require.

const { randomUUID } = process.getBuiltinModule('node:crypto');
const { writeSync } = process.getBuiltinModule('node:fs');
const { createInterface } = process.getBuiltinModule('node:readline');
const { pathToFileURL } = process.getBuiltinModule('node:url');

const importStart = performance.now();
const { handler } = await import(pathToFileURL(process.argv[2]).href);
const importMs = performance.now() - importStart;

const lambdaContext = () => {
  const deadline = Date.now() + (Number(process.env.BENCH_TIMEOUT_MS) || 60_000);
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: process.argv[3],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: randomUUID(),
    logGroupName: '/aws/lambda/bench',
    logStreamName: 'bench',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
};

const run = async ({ batches, maxSeconds }) => {
  const latenciesMs = [];
  const answers = [];
  let [events, failures] = [0, 0];
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  for (const batch of batches) {
    const batchStart = performance.now();
    const answer = (await handler(batch, lambdaContext())) ?? {};
    latenciesMs.push(performance.now() - batchStart);
    answers.push(answer);
    events += batch.Records?.length ?? 1;
    failures += answer.batchItemFailures?.length ?? 0;
    if (performance.now() - start > maxSeconds * 1000) break;
  }
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuStart);
  const whole = process.cpuUsage();
  const processCpuMs = (whole.user + whole.system) / 1000;
  return {
    importMs,
    events,
    failures,
    wallMs,
    cpuMs: (user + system) / 1000,
    processCpuMs,
    latenciesMs,
    answers,
  };
};

for await (const line of createInterface({ input: process.stdin })) {
  writeSync(3, `${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
