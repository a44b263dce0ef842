/** The simulator's own socket on loopback, which can vanish in an outage and come back on the same port. */
import { createServer, type RequestListener, type Server } from 'node:http';

const host = '127.0.0.1';
const connectionsMax = 256;
/** How long a client may take for its request, in machine ms. */
const requestTimeoutMs = 10_000;

export type Listener = {
  port(): number;
  /** Listens again where it listened before; rejects when another program took the port. */
  open(): Promise<void>;
  /** Stops listening and breaks every connection. */
  close(): Promise<void>;
};

/** Listens on `firstPort` of 127.0.0.1; 0 takes any free one, once. Rejects when the port is taken. */
export async function startListener(firstPort: number, serve: RequestListener): Promise<Listener> {
  let port = firstPort;
  let server: Server | undefined;

  async function open(): Promise<void> {
    if (server !== undefined) return;
    const opening = createServer({ requestTimeout: requestTimeoutMs }, serve);
    opening.maxConnections = connectionsMax;
    await new Promise<void>((resolve, reject) => {
      opening.once('error', reject);
      opening.listen(port, host, resolve);
    });
    const address = opening.address();
    if (typeof address === 'object' && address !== null) port = address.port;
    server = opening;
  }

  async function close(): Promise<void> {
    const closing = server;
    if (closing === undefined) return;
    server = undefined;
    await new Promise<void>((resolve) => {
      closing.close(() => resolve());
      closing.closeAllConnections();
    });
  }

  await open();
  return { port: () => port, open, close };
}
