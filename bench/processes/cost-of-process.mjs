import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Preloaded into a process whose cost is measured: at its end it writes its CPU time and the highest resident size (VmHWM) to
// file descriptor 3. The threads of a process are in its CPU time. What a process inherits of its parent's size (ru_maxrss) is not in VmHWM.

if (isMainThread)
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const status = readFileSync('/proc/self/status', 'utf8');
    const kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
    writeSync(3, JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMiB: kib / 1024 }));
  });
