import { accountSources } from './accounts.ts';
import { subjectsOf } from './subjects.ts';
let n=0; const t=Date.now(); const counts: Record<string, number> = {};
for (const s of accountSources()) {
  const t1=Date.now();
  const subjects = await subjectsOf(s);
  n+=subjects.length;
  for (const x of subjects) for (const [k,v] of x.before) counts[`${k} ${v.status}`]=(counts[`${k} ${v.status}`]??0)+1;
  if (Date.now()-t1>1500 || !s.name.startsWith('corpus')) console.log(s.name, subjects.length, Date.now()-t1,'ms');
}
console.log(n, Date.now()-t); console.log(counts); console.log(process.cpuUsage(), process.memoryUsage().heapUsed/1e6);
