/** Ports at which a hub is found again after it was away. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

export type Ports = {
  readonly httpPort: number;
  readonly callbackPort: number;
  readonly mqttPort: number;
  readonly chainPort: number;
};
/** Below the range from which Linux takes ports for whoever asks for any: nobody gets them while the hub is away. */
const portsFrom = { least: 20_000, most: 32_000 };

export async function choosePorts(): Promise<Ports> {
  const [httpPort, callbackPort] = [await freePort(), await freePort()];
  const [mqttPort, chainPort] = [await freePort(), await freePort()];
  return { httpPort, callbackPort, mqttPort, chainPort };
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(portsFrom.least, portsFrom.most);
    const server = createServer();
    const listening = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (!(await listening)) continue;
    server.close();
    return port;
  }
}
