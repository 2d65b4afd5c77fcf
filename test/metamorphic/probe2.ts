import { accountSources } from './accounts.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { accountEvidence } from '../../shared/facts/account-evidence.ts';
import { gather } from '../../shared/facts/gather.ts';
import { evaluate } from '../../shared/judging/evaluate.ts';
import { principalRequest } from '../../shared/requests/resource-requests.ts';
for (const s of accountSources()) {
  if (!s.name.includes(process.argv[2] ?? 'enterprise')) continue;
  await s.use(async ({reader, config}) => {
    const evidence = accountEvidence(reader, config);
    const ids = await evidence.identities(); if (!ids.ok) return;
    for (const i of ids.value.identities) {
      const [request] = principalRequest(i.principal.arn);
      let t = process.cpuUsage().user;
      const { facts } = await gather(request!, { reader, config, evidence, recallExecution: async () => undefined });
      let d = process.cpuUsage().user - t; if (d > 3e5) console.log('gather', i.principal.arn, d/1e6);
      for (const c of CONTROLS.filter((c) => c.on === 'any' || c.on.includes('role') || c.on.includes('user'))) {
        t = process.cpuUsage().user;
        const v = evaluate([c], request!.type as 'role', facts, config);
        d = process.cpuUsage().user - t; if (d > 3e5) console.log(c.id, i.principal.arn, d/1e6, v.map((x) => x.verdict.status));
      }
    }
  });
}
