import { startCountingProxy } from '../../test/support/emulators/counting-proxy.ts';

/**
 * The counting proxy as a process of its own, so that its work does not count as the bench's. It sends its endpoint
 * to the parent process, and answers each message with the calls since the last one. Usage: counting-process.ts URL,
 * with an IPC channel.
 */

const [upstreamUrl = ''] = process.argv.slice(2);
const proxy = await startCountingProxy(upstreamUrl);
process.on('message', () => process.send?.(proxy.take()));
process.on('disconnect', () => process.exit());
process.send?.(proxy.endpoint);
