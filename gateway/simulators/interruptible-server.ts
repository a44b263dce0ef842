/** A loopback HTTP server that can be away for a while and come back on the same port. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface InterruptibleServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Refuses connections and cuts those that are open, as an outage does. */
  stop(): Promise<void>;
  resume(): Promise<void>;
}

const loopback = '127.0.0.1';
const connectionsMax = 64;

/** `port` 0 is any free port. Throws when the port is taken. */
export async function listenInterruptibly(
  answer: RequestListener,
  port = 0,
): Promise<InterruptibleServer> {
  const server = createServer(answer);
  server.maxConnections = connectionsMax;
  const listen = async (wanted: number): Promise<void> => {
    server.listen(wanted, loopback);
    await once(server, 'listening');
  };
  await listen(port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${loopback}:${taken}`,
    port: taken,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    async resume() {
      if (!server.listening) await listen(taken);
    },
  };
}
