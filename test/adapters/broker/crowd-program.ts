/** A crowd of meters in a process of its own: connects them all, then each says one reading, then all wait. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { aReading, readingTopic } from './given.ts';
import { connectSaid, publishSaid } from './said.ts';

const [port, count, turnedAwayMost] = process.argv.slice(2).map(Number) as [number, number, number];
/** Dialled at once; more would wait in the system's queue. */
const atOnce = 200;
const connack = '20020000';

const answered = (socket: Socket, bytes: string): Promise<boolean> =>
  new Promise((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.toString('hex').startsWith(bytes)));
    socket.once('close', () => resolve(false));
  });

async function arrive(name: string): Promise<Socket | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const isIn = answered(socket, connack);
  socket.write(connectSaid(name));
  return (await isIn) ? socket : undefined;
}

const inside: [string, Socket][] = [];
for (let from = 0; from < count; from += atOnce) {
  const names = Array.from({ length: Math.min(atOnce, count - from) }, (_, n) => `m-${from + n}`);
  const came = await Promise.all(names.map(async (name) => [name, await arrive(name)] as const));
  for (const [name, socket] of came) if (socket !== undefined) inside.push([name, socket]);
}
process.send?.({ connected: inside.length });
await once(process, 'message');
const acknowledged = await Promise.all(
  inside.map(([name, socket]) => {
    const isKept = answered(socket, '40020001');
    socket.write(publishSaid(readingTopic(name), aReading(1), { qos: 1, id: 1 }));
    return isKept;
  }),
);
process.send?.({ acknowledged: acknowledged.filter(Boolean).length });
await once(process, 'message');
process.exit(count - inside.length > turnedAwayMost ? 1 : 0);
