/** Mosquitto in a folder of its own, on a port of this machine. */
import { writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type Child, startProgram } from '../children.ts';

/** `default` is what Debian's package does; `best` is what its manual offers to those who want to be quick. */
export type MosquittoSettings = 'default' | 'best';

const best = `max_inflight_messages 0
max_queued_messages 0
persistence false
log_type none
set_tcp_nodelay true
`;
/** Debian's own mosquitto.conf keeps what is queued on disk, every half hour. */
const usual = (folder: string): string => `persistence true
persistence_location ${folder}/
`;

export type Mosquitto = Child & { readonly port: number };

/** Rejects when there is no Mosquitto. */
export async function startMosquitto(
  folder: string,
  settings: MosquittoSettings,
): Promise<Mosquitto> {
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  const asked = settings === 'best' ? best : usual(folder);
  // As root it would become the user `mosquitto`, who may not write to our folder.
  const user = process.getuid?.() === 0 ? 'user root\n' : '';
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n${user}${asked}`);
  // Debian keeps daemons in /usr/sbin, which is not in the PATH of an ordinary user.
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin`;
  const child = await startProgram('mosquitto', ['-c', file], () => answers(port), { PATH: path });
  return { ...child, port };
}

/** Free a moment ago, at least. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
