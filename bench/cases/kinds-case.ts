import { startMoto } from '../../test/support/emulators/moto-server.ts';
import { createAccount } from '../accounts/account.ts';
import { s3Put } from '../accounts/aws-call.ts';
import { changeEvent, eventBatches } from '../accounts/events.ts';
import { scaleAccount } from '../accounts/scale-account.ts';
import { loadIntoMoto } from '../accounts/scale-moto.ts';
import { ACCOUNT, REGION } from '../accounts/training-job.ts';
import type { World } from '../accounts/world.ts';
import { callsPerEvent, rounded } from '../processes/figures.ts';
import { startCountingProcess } from '../processes/servers.ts';
import { withHandler } from './handler-case.ts';

const SIZE = { pipelines: 100, roles: 100, buckets: 40 };
const EVENTS = 5;

type Line = Record<string, unknown>;

/**
 * What an event costs that changes a pipeline or a role, of an account with 100 pipelines and 100 roles: the calls and the
 * CPU of all looks that it leads to. Each event is handled alone, by a process that has handled one before.
 */
export const measureKinds = async (bundle: string, print: (line: Line) => void): Promise<void> => {
  const moto = await startMoto();
  const proxy = await startCountingProcess(moto.endpoint);
  try {
    const scale = scaleAccount(SIZE, { account: ACCOUNT, region: REGION });
    const account = await createAccount(moto.endpoint);
    await loadIntoMoto(moto.endpoint, scale, SIZE.pipelines);
    const { bucket, key } = account.config;
    // moto has no versions of pipelines, so that no floor asks for them.
    const config = { ...scale.config, versionFloors: [] };
    await s3Put(moto.endpoint, `/${bucket}/${key}`, JSON.stringify(config));
    const world: World = {
      account,
      motoUrl: moto.endpoint,
      proxies: { handler: proxy, custodian: proxy },
      bundle,
    };
    const at = <T>(of: readonly T[], index: number): T => of[index % of.length] as T;
    const kinds = {
      pipeline: (index: number) => {
        const { name, roleArn, definitionText } = scale.pipelineAt(index);
        return changeEvent('sagemaker', 'UpdatePipeline', {
          pipelineName: name,
          pipelineDefinition: definitionText,
          roleArn,
        });
      },
      role: (index: number) => {
        const { name } = at(scale.roles, index);
        return changeEvent('iam', 'PutRolePolicy', {
          roleName: name,
          policyName: 'Jobs',
          policyDocument: '{}',
        });
      },
    };
    for (const [kind, eventAt] of Object.entries(kinds))
      await withHandler(world, proxy.url, async (handler) => {
        await handler.run(eventBatches([eventAt(0)], 1));
        await proxy.takeCalls();
        const events = Array.from({ length: EVENTS }, (_, index) => eventAt(index + 1));
        const { cpuMs, failures } = await handler.run(eventBatches(events, 1));
        const { reads, writes, operations } = callsPerEvent(await proxy.takeCalls(), EVENTS);
        print({
          case: 'handler-kind',
          kind,
          ...SIZE,
          failures,
          cpuMsPerEvent: rounded(cpuMs / EVENTS),
          readsPerEvent: reads,
          writesPerEvent: writes,
          callsPerEvent: operations,
          rssMiB: await handler.peakRssMiB(),
        });
      });
  } finally {
    await moto.stop();
  }
};
