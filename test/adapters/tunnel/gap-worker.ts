/** The client's thread on a mobile network with gaps: connecting fails as it does there, with no refusal. */
import net from 'node:net';
import { workerData } from 'node:worker_threads';

const { gap } = workerData as { readonly gap: Int32Array };
const connect = net.connect.bind(net) as (...args: unknown[]) => net.Socket;
const inGaps = (...args: unknown[]): net.Socket => {
  if (Atomics.load(gap, 0) === 0) return connect(...args);
  const dead = new net.Socket();
  queueMicrotask(() =>
    dead.destroy(Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' })),
  );
  return dead;
};
Object.assign(net, { connect: inGaps });
await import('../../../gateway/adapters/tunnel/localtunnel-worker.ts');
