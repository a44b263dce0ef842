/** Trial mode: a tunnel over a localtunnel server, without encryption up to that server and without an account. */
import { createHmac } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Tunnel, TunnelBackend } from '../../ports/tunnel.ts';

export type LocaltunnelOptions = {
  /** Base address of the tunnel server. */
  readonly host: string;
  /** Asked for; the server may give another one. */
  readonly subdomain: string;
  /** The client's own file, and what else it is told; for tests of its network. */
  readonly worker?: URL;
  readonly tell?: Readonly<Record<string, unknown>>;
};

const usualWorker = new URL('./localtunnel-worker.ts', import.meta.url);
/** The client holds a few sockets; more is a fault of it, which must not take the hub's memory. */
const clientMemory = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 4 };
const urlLengthMost = 200;
const saidByClient = z.union([
  z.object({ url: z.url({ protocol: /^https?$/ }).max(urlLengthMost) }),
  z.object({ trouble: z.string() }),
]);

/** A name that stays with this hub, and that nobody can guess and take before it. */
export const subdomainOf = (hubKey: Uint8Array): string =>
  `hub-${createHmac('sha256', hubKey).update('localtunnel name').digest('hex').slice(0, 16)}`;

/** Opens the client in a thread of its own. An abandoned one would go on and take the name later. */
export const localtunnelBackend = (options: LocaltunnelOptions): TunnelBackend => ({
  name: 'localtunnel',
  knownUrl: undefined,
  open: async (port, signal) => {
    signal.throwIfAborted();
    const { host, subdomain, worker = usualWorker, tell } = options;
    const client = new Worker(worker, {
      workerData: { port, local_host: '127.0.0.1', host, subdomain, ...tell },
      // A library of others needs none of the hub's secrets.
      env: {},
      execArgv: [],
      resourceLimits: clientMemory,
    });
    const opened = Promise.withResolvers<string>();
    const gone = Promise.withResolvers<string>();
    const end = (why: string) => {
      opened.reject(new Error(why));
      gone.resolve(why);
    };
    const giveUp = () => end('the tunnel server does not answer');
    signal.addEventListener('abort', giveUp, { once: true });
    client.on('error', (error) => end(`the client failed (${error.name})`));
    client.on('exit', () => end('the client has lost its connections'));
    client.on('message', (message) => {
      const said = saidByClient.safeParse(message);
      if (!said.success) end('the tunnel server gave no address');
      else if ('url' in said.data) opened.resolve(said.data.url);
      else end(said.data.trouble);
    });
    try {
      return tunnelOf(await opened.promise, client, gone.promise);
    } catch (error) {
      await client.terminate();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  },
});

const tunnelOf = (url: string, client: Worker, gone: Promise<string>): Tunnel => ({
  url,
  close: async () => void (await client.terminate()),
  onDown: (hear) => void gone.then(hear),
});
