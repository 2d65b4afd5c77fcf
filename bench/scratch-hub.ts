import { startDynamodbLocal } from '../test/support/emulators/dynamodb-local.ts';
import { createFindingsTable } from './accounts/account.ts';
import { CONFIG, startAwsStandIn } from './accounts/aws-standin.ts';
import { changeEvent, eventBatches } from './accounts/events.ts';
import { scaleAccount } from './accounts/scale-account.ts';
import { ACCOUNT, REGION } from './accounts/training-job.ts';
import { callsPerEvent } from './processes/figures.ts';
import { startMeasured } from './processes/measured-process.ts';
import { awsEnvironment } from './processes/servers.ts';
import { fileURLToPath } from 'node:url'; import { sizes } from './scratch-size.ts';
const SIZES: Record<string, any> = { s: { roles: 100, pipelines: 100, buckets: 200, teams: 28 }, l: { roles: 5000, pipelines: 1000, buckets: 200, teams: 142 } };
const which = process.argv[2] ?? 'l'; const prof = process.argv[3];
const size = SIZES[which]; const TABLE = 'findings';
const account = scaleAccount(size, { account: ACCOUNT, region: REGION });
const dynamodb = await startDynamodbLocal();
await createFindingsTable(dynamodb.endpoint, TABLE);
const standIn = await startAwsStandIn(account, { pipelines: size.pipelines, config: { ...account.config, versionFloors: [] } as any, dynamodb: dynamodb.endpoint, behaviour: { latencyMs: 30 } });
const QUEUE = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/inventories.fifo`;
const start = (fn: string, memory: number, p?: string) => startMeasured(process.execPath, [...(p ? ['-r', '/tmp/w/prof/term.cjs', ] : []), fileURLToPath(import.meta.resolve('./processes/handler-process.mjs')), `${process.cwd()}/dist/functions/${fn}/index.mjs`, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bench`], {
  ...awsEnvironment(standIn.endpoint), FINDINGS_TABLE: TABLE, CONFIG_BUCKET: CONFIG.bucket, CONFIG_KEY: CONFIG.key, AWS_LAMBDA_FUNCTION_NAME: 'bench', AWS_LAMBDA_FUNCTION_VERSION: '$LATEST', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory), POWERTOOLS_SERVICE_NAME: 'pipewarden', POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden', POWERTOOLS_LOG_LEVEL: 'INFO', INVENTORY_QUEUE_URL: QUEUE, ...(p ? { PROF_OUT: `/tmp/w/prof/${p}` } : {}) });
const used = account.roles.filter(({ arn }) => arn.includes(':role/pipelines/'));
const role = (i: number) => changeEvent('iam', 'PutRolePolicy', { roleName: used[i % used.length]?.name ?? '', policyName: 'Jobs', policyDocument: '{}' });
const pipeline = (i: number) => { const { name, roleArn, definitionText } = account.pipelineAt(i); return changeEvent('sagemaker', 'UpdatePipeline', { pipelineName: name, pipelineDefinition: definitionText, roleArn }); };
try {
  const inv = start('inventory', 1536); const r = await inv.run([{ Records: [{ body: JSON.stringify({ account: ACCOUNT }) }] }], 600); console.log('inventory', Math.round(r.processCpuMs), await inv.peakRssMiB()); await inv.stop(); if (process.env.SIZES) await sizes(dynamodb.endpoint, ACCOUNT);
  const kinds: [string, (i: number) => object][] = [['pipeline', pipeline], ['role first', role], ['role again', role]];
  for (const [kind, at] of kinds) {
    if (process.argv[4] && !kind.includes(process.argv[4]) && !(process.argv[4] === 'again' && kind === 'role first')) continue;
    const h = start('audit', 256, prof && `${which}-${kind.replace(' ', '-')}`);
    standIn.take();
    const cold = await h.run(eventBatches([at(0)], 1)); const c = callsPerEvent(standIn.take(), 1);
    const N = +(process.env.WARM ?? 5); const warm = await h.run(eventBatches(Array.from({ length: N }, (_, i) => at(i + 1)), 1)); const w = callsPerEvent(standIn.take(), N);
    console.log(which, kind, 'cold', Math.round(cold.processCpuMs), 'reads', c.reads, 'warm', Math.round(warm.cpuMs / N), 'reads', w.reads, 'rss', await h.peakRssMiB(), 'fail', cold.failures + warm.failures, JSON.stringify(c.operations));
    await h.stop();
  }
} finally { await standIn.stop(); await dynamodb.stop(); }
process.exit(0);
